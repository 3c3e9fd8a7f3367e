//! `cargo xtask soak`: the tests that look for rare things, given hours instead of seconds.

use anyhow::Result;
use clap::Args;
use xshell::cmd;

use crate::workspace::Workspace;

/// How long to look.
#[derive(Args)]
pub(crate) struct Options {
    /// Minutes for each of the long tests.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Only the long tests whose name contains this.
    filter: Option<String>,
}

/// Runs the ignored tests, which are the long forms, optimised; they read their time from `SHARDBROOK_SOAK_SECONDS`.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<()> {
    let filter = &options.filter;
    let seconds = (options.minutes * 60).to_string();
    cmd!(ws.sh, "cargo test --locked --release --workspace --tests -- --ignored --nocapture {filter...}")
        .env("SHARDBROOK_SOAK_SECONDS", seconds)
        .run()?;
    Ok(())
}
