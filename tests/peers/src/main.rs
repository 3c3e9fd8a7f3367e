//! Gives the same load to servers, in turns, and says how each did. `cargo xtask peers streams` runs this.
//!
//! Which servers there are stands in a plan, a file that xtask writes; the figures go to another file. The two bare
//! servers, which show what no server can do without, are subcommands.
#![allow(
    clippy::std_instead_of_alloc,
    reason = "a program with a standard library has no need of the alloc crate"
)]
#![allow(clippy::print_stdout, reason = "it tells how far it is")]

mod bare;
mod check;
mod load;
mod plan;
mod report;
mod rounds;
mod server;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Gives the same load to servers, in turns.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure the servers of a plan.
    Run {
        /// The servers, as JSON.
        plan: PathBuf,
        /// Where the figures go, as JSON.
        figures: PathBuf,
    },
    /// Be a bare server until killed.
    Bare {
        /// What it does with requests.
        work: bare::Work,
        /// The port of the loopback interface that it listens on.
        port: u16,
    },
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Run { plan, figures } => {
            let plan = serde_json::from_slice(&std::fs::read(plan)?)?;
            let report = rounds::run(&plan)?;
            Ok(std::fs::write(figures, serde_json::to_vec_pretty(&report)?)?)
        }
        Task::Bare { work, port } => bare::serve(work, port),
    }
}
