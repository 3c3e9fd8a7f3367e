//! `cargo xtask bench`: how fast the engine is and what it keeps, beside the goals.
//!
//! The benchmarks are `tests/benches`. Criterion runs them and prints a line for each; the table at the end is made of
//! the quickest round of each, because other programs on the machine can only make a round slower. What a start of the
//! server takes is measured by its own benchmark.

mod instructions;
mod samples;
mod table;

use std::time::SystemTime;

use anyhow::{Result, ensure};
use clap::Args;
use xshell::cmd;

use self::samples::Samples;
use crate::demo::flights;
use crate::tools;
use crate::workspace::Workspace;

/// What to measure, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// A fifth of the time, and less certain figures.
    #[arg(long)]
    quick: bool,
    /// Count instructions with callgrind instead of taking times: the same on a busy machine.
    #[arg(long)]
    instructions: bool,
    /// Only the benchmarks whose name contains this, or `server/replay`, as a whole, for the server's.
    filter: Option<String>,
}

/// The name of what the server's benchmark measures.
const REPLAY: &str = "server/replay";

/// Runs the benchmarks and prints the table.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<()> {
    flights::provide(ws)?;
    if options.instructions {
        return instructions::run(ws);
    }
    let filter = options.filter.as_deref();
    if filter == Some(REPLAY) {
        return table::print_replay(&replay(ws)?);
    }
    let replay = if filter.is_none() { Some(replay(ws)?) } else { None };
    let (warm_up, measurement) = if options.quick { ("0.2", "1") } else { ("1", "5") };
    let start = SystemTime::now();
    cmd!(ws.sh, "cargo bench --locked --package shardbrook-tests --bench engine -- --noplot --warm-up-time {warm_up} --measurement-time {measurement} {filter...}")
        .run()?;
    let memory =
        cmd!(ws.sh, "cargo bench --locked --quiet --package shardbrook-tests --bench memory").read()?;
    let samples = Samples::read(&ws.target.join("criterion"), start)?;
    ensure!(!samples.is_empty(), "no benchmark has this name");
    println!();
    table::print(&samples, &memory);
    replay.map_or(Ok(()), |replay| table::print_replay(&replay))
}

/// What the server's benchmark says of a start.
fn replay(ws: &Workspace) -> Result<String> {
    tools::make()?;
    let said =
        cmd!(ws.sh, "cargo bench --locked --quiet --package shardbrook-server --bench durability -- replay");
    Ok(said.read()?)
}
