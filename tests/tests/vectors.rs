//! Every scenario vector on the engine itself. `SHARDBROOK_VECTORS` runs those whose name contains its value.
#![allow(clippy::unwrap_used, clippy::std_instead_of_alloc, reason = "a panic fails the test, which has std")]

use std::collections::BTreeSet;
use std::env;

use shardbrook_tests::runner::{self, Skip};
use shardbrook_tests::{replay, scenario, twin};

/// The fewest scenarios that the suite may have.
const MIN_SCENARIOS: usize = 120;

/// The fewest answers that are compared with their twins in CBOR.
const MIN_ANSWERS_IN_CBOR: usize = 400;

/// The fewest answers to mutations that are compared with those of an engine that saw no reads.
const MIN_ANSWERS_ALONE: usize = 1_000;

/// Scenarios that cannot run here, each with a sentence that says why.
const SKIPS: &[Skip] = &[];

#[test]
fn every_scenario_holds() {
    let scenarios =
        scenario::load(&scenario::folder()).unwrap_or_else(|errors| panic!("{}", errors.join("\n")));
    let filter = env::var("SHARDBROOK_VECTORS").unwrap_or_default();
    match runner::run_all(&scenarios, SKIPS, &filter) {
        Ok(0) => panic!("SHARDBROOK_VECTORS={filter} chooses no scenario"),
        Ok(_) => {}
        Err(failures) => panic!("{failures}"),
    }
}

#[test]
fn every_scenario_means_the_same_in_cbor() {
    let scenarios = scenario::load(&scenario::folder()).unwrap();
    let filter = env::var("SHARDBROOK_VECTORS").unwrap_or_default();
    let mut compared = 0;
    let mut failures = Vec::new();
    for scenario in scenarios.iter().filter(|scenario| scenario.name.contains(&filter)) {
        match twin::run(scenario) {
            Ok(answers) => compared += answers,
            Err(error) => failures.push(error),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(!filter.is_empty() || compared >= MIN_ANSWERS_IN_CBOR, "{compared} answers compared");
}

#[test]
fn mutations_get_the_same_answers_without_the_reads() {
    let scenarios = scenario::load(&scenario::folder()).unwrap();
    let (compared, failures): (Vec<_>, Vec<_>) = scenarios.iter().map(replay::run).partition(Result::is_ok);
    let failures: Vec<_> = failures.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    let compared: usize = compared.into_iter().filter_map(Result::ok).sum();
    assert!(compared >= MIN_ANSWERS_ALONE, "{compared} answers compared");
}

#[test]
fn there_are_enough_scenarios_and_half_are_errors() {
    let scenarios = scenario::load(&scenario::folder()).unwrap();
    let errors = scenarios.iter().filter(|scenario| scenario.expects_error()).count();
    assert!(scenarios.len() >= MIN_SCENARIOS, "{} scenarios", scenarios.len());
    assert!(2 * errors >= scenarios.len(), "{errors} of {} scenarios expect an error", scenarios.len());
    let names: BTreeSet<_> = scenarios.iter().map(|scenario| &scenario.name).collect();
    assert_eq!(names.len(), scenarios.len());
}

/// What `docs/clients.md` says the libraries rely on is proved by the vectors that it names.
#[test]
fn the_vectors_that_the_guide_names_are_there() {
    let folder = scenario::folder();
    let vectors = folder.parent().unwrap();
    let guide = std::fs::read_to_string(vectors.join("../../docs/clients.md")).unwrap();
    let rows =
        guide.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "));
    let mut named = 0;
    for (what, proofs) in rows.skip(1) {
        let names: Vec<_> = proofs.split(", ").map(|name| name.trim_matches('`')).collect();
        for name in &names {
            let is_there = folder.join(format!("{name}.json")).is_file()
                || vectors.join(format!("{name}.json")).is_file()
                || vectors.join(name).is_dir();
            assert!(is_there, "{what}: there is no vector {name}");
        }
        named += names.len();
    }
    assert!(named >= 40, "{named} vectors are named");
}

#[test]
fn skips_need_a_sentence_a_case_and_a_failure() {
    let scenarios = scenario::load(&scenario::folder()).unwrap();
    let passing = &scenarios.iter().find(|scenario| scenario.name == "wire/minimal").unwrap().name;
    let passing: &'static str = String::leak(passing.clone());
    for (skips, complaint) in [
        (&[(passing, "it cannot run here")][..], "it is skipped, but it passes"),
        (&[(passing, "")], "the skip does not say why"),
        (&[("no/such-case", "it cannot run here")], "the skip names no scenario"),
    ] {
        let error = runner::run_all(&scenarios, skips, "wire/minimal").unwrap_err();
        assert!(error.contains(complaint), "{error}");
    }
}
