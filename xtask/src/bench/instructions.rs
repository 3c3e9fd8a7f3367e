//! Instruction counts by callgrind: the same whatever else the machine does.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::cmd;

use crate::tools::{debian, find};
use crate::workspace::Workspace;

/// The jobs that `repeat` knows, and how often each is done. A run of half as many is taken away, so that what comes
/// before the first does not count.
const JOBS: [(&str, u64); 3] = [("put_records", 80), ("get_records", 80), ("stream_path", 4)];

pub(super) fn run(ws: &Workspace) -> Result<()> {
    if find("valgrind").is_none() {
        debian::install(&["valgrind"])?;
    }
    let program = build(ws)?;
    for (name, count) in JOBS {
        let (few, records) = measure(ws, &program, name, count / 2)?;
        let (many, _) = measure(ws, &program, name, count)?;
        let each = (many - few) as f64 / (count - count / 2) as f64 / records as f64;
        println!("{name}: {each:.0} instructions a record");
    }
    Ok(())
}

/// Builds the benchmarks and says where they are.
fn build(ws: &Workspace) -> Result<PathBuf> {
    let messages = cmd!(
        ws.sh,
        "cargo bench --locked --package shardbrook-tests --bench engine --no-run --message-format=json"
    )
    .read()?;
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_bench = message["target"]["name"] == "engine" && message["target"]["kind"][0] == "bench";
        is_bench.then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    programs.next_back().context("cargo built no benchmark")
}

/// The instructions of a whole run, and the records of one round.
fn measure(ws: &Workspace, program: &PathBuf, name: &str, count: u64) -> Result<(u64, u64)> {
    let profile = ws.target.join(format!("callgrind.{name}"));
    let count = count.to_string();
    let output = cmd!(
        ws.sh,
        "valgrind --tool=callgrind --callgrind-out-file={profile} {program} repeat {name} {count}"
    )
    .quiet()
    .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let number = |text: &str, label: &str| -> Option<u64> {
        text.lines().find_map(|line| line.split_once(label)?.1.trim().parse().ok())
    };
    let collected =
        number(&said, "Collected :").with_context(|| format!("callgrind says no count: {said}"))?;
    let records =
        number(&String::from_utf8_lossy(&output.stdout), "records:").context("no number of records")?;
    Ok((collected, records))
}
