//! `cargo xtask soak`: the property tests, with many times the cases that CI gives them.

use anyhow::Result;
use clap::Args;
use xshell::cmd;

use crate::workspace::Workspace;

/// How much to try.
#[derive(Args)]
pub(crate) struct Options {
    /// Cases of each property; CI runs 256.
    #[arg(long, default_value_t = 20_000)]
    cases: u32,
    /// Only the tests whose name contains this.
    filter: Option<String>,
}

/// Runs the tests of core and of the simulated world, optimised. A case that fails is printed in its smallest form.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<()> {
    let filter = &options.filter;
    cmd!(ws.sh, "cargo test --locked --release --package shardbrook --package shardbrook-tests --lib --tests {filter...}")
        .env("PROPTEST_CASES", options.cases.to_string())
        .run()?;
    Ok(())
}
