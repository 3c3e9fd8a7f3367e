//! `cargo xtask peers`: the same work given to shardbrook, to its peers and to bare servers, in one run.
//!
//! Peers come from the registries, in pinned versions, and are started by `tests/peers`, which gives each the same load
//! in turns. The quickest round of each counts, because other programs on the machine can only make a round slower.

mod figures;
mod servers;
mod table;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use serde_json::json;
use xshell::cmd;

use self::figures::Report;
use self::servers::SERVERS;
use crate::build::Profile;
use crate::server;
use crate::workspace::Workspace;

/// What to compare.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The server of data streams, over loopback with 8 connections.
    Streams(Streams),
}

#[derive(Args)]
struct Streams {
    /// Two short rounds, and less certain figures.
    #[arg(long)]
    quick: bool,
    /// Only servers whose name contains this; may be given more than once.
    #[arg(long, value_name = "PEER")]
    only: Vec<String>,
    /// How long each work is measured in a round.
    #[arg(long)]
    seconds: Option<f64>,
    /// How often each server has its turn.
    #[arg(long)]
    rounds: Option<usize>,
}

/// Installs the peers, measures and prints the tables.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<()> {
    let What::Streams(options) = &options.what;
    let (seconds, rounds) = if options.quick { (0.5, 2) } else { (8.0, 2) };
    let (seconds, rounds) = (options.seconds.unwrap_or(seconds), options.rounds.unwrap_or(rounds));
    let is_chosen =
        |name: &str| options.only.is_empty() || options.only.iter().any(|part| name.contains(&**part));
    let chosen: Vec<_> = SERVERS.iter().filter(|server| is_chosen(server.name)).collect();
    ensure!(!chosen.is_empty(), "no server has such a name");

    // One by one: together, each would be built with what the other wants of their dependencies.
    server::build(ws, Profile::Release, false)?;
    ws.cargo("build").args(["--package", "shardbrook-peers", "--profile", Profile::Release.name()]).run()?;
    let folder = ws.target.join("peers");
    ws.sh.create_dir(&folder)?;
    let mut absent = Vec::new();
    let mut servers = Vec::new();
    for server in chosen {
        match server.plan(ws) {
            Ok(plan) => servers.push(plan),
            Err(error) => absent.push((server.name, format!("{error:#}"))),
        }
    }
    let plan = folder.join("plan.json");
    let plan_text = json!({ "rounds": rounds, "seconds": seconds, "folder": folder, "servers": servers });
    ws.sh.write_file(&plan, plan_text.to_string())?;
    let figures = folder.join("streams.json");
    let program = program(ws, "shardbrook-peers");
    cmd!(ws.sh, "{program} run {plan} {figures}").run()?;
    let report = ws.sh.read_file(&figures)?;
    let report: Report = serde_json::from_str(&report).context("what tests/peers wrote")?;
    println!();
    table::print(&report, &absent);
    Ok(())
}

/// A program that this built.
fn program(ws: &Workspace, name: &str) -> std::path::PathBuf {
    ws.target.join(Profile::Release.folder()).join(name)
}
