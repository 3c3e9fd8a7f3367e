//! The first 20,000 flights give the digest that every host asserts.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::Path;

use shardbrook_flights::{Flights, Job, Report};

#[test]
fn the_first_flights_give_the_digest_of_every_host() {
    let Some(csv) = std::env::var_os("SHARDBROOK_FLIGHTS") else {
        eprintln!(
            "skipped: SHARDBROOK_FLIGHTS names no flights.csv; `cargo xtask test --only rust` fetches it"
        );
        return;
    };
    let expected = include_str!("../../flights_digest.json");
    let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
    let limit = expected["slice"]["flights"].as_u64().unwrap() as usize;
    let flights = Flights::open(Path::new(&csv), Some(limit)).unwrap();
    let mut job = Job::new(&flights).unwrap();
    job.put_all(|_| ()).unwrap();
    let report = Report::of(&mut job, |_| ()).unwrap();
    for check in report.checks() {
        assert!(check.passed, "{}: {}", check.name, check.detail);
    }
    assert_eq!(report.flights, limit);
    assert_eq!(expected["slice"]["digest"], report.digest);
}
