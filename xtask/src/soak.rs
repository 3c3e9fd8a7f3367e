//! `cargo xtask soak`: fuzzers, property tests, crashes and a server under load, for much longer than CI has time for.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use clap::Args;
use xshell::cmd;

use crate::tools;
use crate::workspace::Workspace;

/// What stands for all property tests in `--only`.
const PROPERTIES: &str = "properties";
/// What stands there for the server's journal.
const JOURNAL: &str = "journal";
/// What stands there for the server under everything at once.
const SERVER: &str = "server";
/// Minutes for each fuzz target, and for the server, unless the command line says otherwise.
const FUZZ_MINUTES: f64 = 5.0;
const SERVER_MINUTES: f64 = 10.0;
/// What the programs of the fuzzers are built from.
pub(crate) const FUZZERS: &str = "fuzz/Cargo.toml";
/// Memory that a fuzzer may take.
const MEMORY_MB: u32 = 1024;
/// Longer inputs show no more, and slow the fuzzer down.
const MAX_INPUT_BYTES: u32 = 65_536;
/// An input that takes longer is a finding.
const MAX_SECONDS: u32 = 20;

/// Coverage for the fuzzer, which a stable compiler can give. Addresses are not watched: core has no unsafe code, and
/// base64-simd alone has some of what it uses on bytes of others.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// How much to try.
#[derive(Args)]
pub(crate) struct Options {
    /// Minutes for each fuzz target, and for the server. Default: 5 and 10.
    #[arg(long)]
    minutes: Option<f64>,
    /// Only this: the name of a fuzz target, `properties`, `journal` or `server`; may be given more than once.
    #[arg(long, value_name = "TARGET")]
    only: Vec<String>,
    /// Cases of each property; CI runs 256.
    #[arg(long, default_value_t = 20_000)]
    cases: u32,
    /// How often a server is killed under load; CI kills 3 times.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Seeds of the disks that crash under the journal; CI has 60.
    #[arg(long, default_value_t = 2_000)]
    crashes: u32,
    /// What the load of the server begins with: a failure names its seed.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Only the properties whose name contains this.
    filter: Option<String>,
}

/// Runs the fuzz targets, then the property tests, those of the journal and the server. A finding does not stop the others; its file is named.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<()> {
    let is_chosen = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let targets = targets(ws)?;
    for name in &options.only {
        let is_known = [PROPERTIES, JOURNAL, SERVER].contains(&&**name) || targets.contains(name);
        ensure!(
            is_known,
            "there is no {name}; there are {}, {PROPERTIES}, {JOURNAL}, {SERVER}",
            targets.join(", ")
        );
    }
    let chosen: Vec<_> = targets.iter().filter(|name| is_chosen(name)).collect();
    let mut findings = Vec::new();
    if !chosen.is_empty() && options.filter.is_none() {
        let programs = build(ws)?;
        for target in chosen {
            if let Err(error) = fuzz(ws, &programs, target, options.minutes.unwrap_or(FUZZ_MINUTES)) {
                findings.push(format!("{target}: {error:#}"));
            }
        }
    }
    if is_chosen(PROPERTIES)
        && let Err(error) = properties(ws, options)
    {
        findings.push(format!("{PROPERTIES}: {error:#}"));
    }
    if is_chosen(JOURNAL)
        && options.filter.is_none()
        && let Err(error) = journal(ws, options)
    {
        findings.push(format!("{JOURNAL}: {error:#}"));
    }
    if is_chosen(SERVER)
        && options.filter.is_none()
        && let Err(error) = server(ws, options)
    {
        findings.push(format!("{SERVER}: {error:#}"));
    }
    if findings.is_empty() { Ok(()) } else { bail!("{}", findings.join("\n")) }
}

/// The names of the fuzz targets.
fn targets(ws: &Workspace) -> Result<Vec<String>> {
    let files = ws.sh.read_dir("fuzz/fuzz_targets")?;
    let stem = |file: &Path| file.file_stem().map(|name| name.to_string_lossy().into_owned());
    Ok(files.iter().filter_map(|file| stem(file)).collect())
}

/// Builds the fuzzers, and gives the folder of their programs.
fn build(ws: &Workspace) -> Result<std::path::PathBuf> {
    let version = cmd!(ws.sh, "rustc -vV").quiet().read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let folder = ws.target.join("fuzz");
    // With a target named, the flags are not those of build scripts and macros.
    cmd!(
        ws.sh,
        "cargo build --locked --release --manifest-path {FUZZERS} --target {host} --target-dir {folder}"
    )
    .env("RUSTFLAGS", COVERAGE)
    .run()?;
    Ok(folder.join(host).join("release"))
}

/// Runs one fuzzer. What it learns stays under `target/fuzz` for the next run.
fn fuzz(ws: &Workspace, programs: &Path, target: &str, minutes: f64) -> Result<()> {
    let program = programs.join(target);
    let home = ws.target.join("fuzz").join("runs").join(target);
    let (corpus, seeds) = (home.join("corpus"), home.join("seeds"));
    ws.sh.create_dir(&corpus)?;
    ws.sh.create_dir(&seeds)?;
    let seconds = (minutes * 60.0).max(1.0) as u64;
    let findings = format!("{}/", home.display());
    let started = Instant::now();
    let flags = [
        format!("-max_total_time={seconds}"),
        format!("-rss_limit_mb={MEMORY_MB}"),
        format!("-max_len={MAX_INPUT_BYTES}"),
        format!("-timeout={MAX_SECONDS}"),
        format!("-artifact_prefix={findings}"),
        "-print_final_stats=1".into(),
        "-verbosity=0".into(),
    ];
    let run = cmd!(ws.sh, "{program} {corpus} {seeds} {flags...}").env("SHARDBROOK_FUZZ_SEEDS", &seeds).run();
    println!("{target}: {} s", started.elapsed().as_secs());
    if run.is_err() {
        bail!("a finding; its input is in {findings}");
    }
    Ok(())
}

/// Runs the tests of core and of the simulated world, optimised. A case that fails is printed in its smallest form.
fn properties(ws: &Workspace, options: &Options) -> Result<()> {
    let filter = &options.filter;
    cmd!(ws.sh, "cargo test --locked --release --package shardbrook --package shardbrook-tests --lib --tests {filter...}")
        .env("PROPTEST_CASES", options.cases.to_string())
        .run()?;
    Ok(())
}

/// Kills servers under load, and lets disks crash under the journal.
fn journal(ws: &Workspace, options: &Options) -> Result<()> {
    tools::make()?;
    cmd!(ws.sh, "cargo test --locked --release --package shardbrook-server --lib --test kill -- --nocapture journal:: kills")
        .env("SHARDBROOK_KILLS", options.kills.to_string())
        .env("SHARDBROOK_SEEDS", options.crashes.to_string())
        .run()?;
    Ok(())
}

/// Gives a server everything at once, one that stays and one that is killed again and again.
fn server(ws: &Workspace, options: &Options) -> Result<()> {
    tools::make()?;
    let seconds = options.minutes.unwrap_or(SERVER_MINUTES) * 60.0;
    cmd!(ws.sh, "cargo test --locked --release --package shardbrook-server --test soak -- --nocapture --test-threads=1")
        .env("SHARDBROOK_SOAK_SECONDS", seconds.to_string())
        .env("SHARDBROOK_SEED", options.seed.to_string())
        .run()?;
    Ok(())
}
