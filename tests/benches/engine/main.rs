//! How fast the engine is, each figure beside the bare work that nobody can do without.
//!
//! `cargo xtask bench` runs this and compares with the goals. `cargo bench --bench engine -- repeat NAME COUNT` does one
//! job that often and measures nothing: that is what instruction counters want.
#![allow(clippy::print_stdout, reason = "this is what it is for")]

mod cost;
mod flights;
mod get_records;
mod pipeline;
mod put_records;
mod scale;
mod stream_path;

use core::time::Duration;
use std::time::Instant;

use criterion::{Bencher, Criterion};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, name, count, ..] = &arguments[..]
        && command == "repeat"
    {
        return repeat(name, count.parse().expect("how often"));
    }
    let mut criterion = Criterion::default().configure_from_args();
    put_records::bench(&mut criterion);
    get_records::bench(&mut criterion);
    stream_path::bench(&mut criterion);
    pipeline::bench(&mut criterion);
    cost::bench(&mut criterion);
    scale::bench(&mut criterion);
    criterion.final_summary();
}

fn repeat(name: &str, count: usize) {
    match name {
        "put_records" => put_records::repeat(count),
        "get_records" => get_records::repeat(count),
        "stream_path" => stream_path::repeat(count),
        _ => panic!("no job is called {name}"),
    }
}

/// Measures `work` by its quickest run in each sample: other programs on the machine can only make it slower.
fn quickest<T>(bencher: &mut Bencher<'_>, mut work: impl FnMut() -> T) {
    quickest_with(bencher, || (), |()| work());
}

/// As [`quickest`], for work on something that `prepare` makes and that is not measured.
fn quickest_with<S, T>(
    bencher: &mut Bencher<'_>,
    mut prepare: impl FnMut() -> S,
    mut work: impl FnMut(S) -> T,
) {
    bencher.iter_custom(|runs| {
        let mut best = Duration::MAX;
        for _ in 0..runs {
            let input = prepare();
            let start = Instant::now();
            let output = core::hint::black_box(work(input));
            best = best.min(start.elapsed());
            drop(output);
        }
        best * u32::try_from(runs).expect("fewer runs")
    });
}
