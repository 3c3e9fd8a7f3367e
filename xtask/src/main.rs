//! The project's task runner: `cargo xtask demo | test | build | bench | peers | size | codegen | soak`.
//!
//! Every check and every build is a function here, so that a developer's machine and CI run the same commands.
//! Each outside tool is found or installed by [`tools`], which says what it installs.
#![allow(
    clippy::std_instead_of_alloc,
    reason = "a program with a standard library has no need of the alloc crate"
)]
#![allow(clippy::print_stdout, reason = "a task runner talks to the person who started it")]

mod bench;
mod build;
mod clients;
mod codegen;
mod demo;
mod figures;
mod node;
mod nostd;
mod peers;
mod python;
mod server;
mod size;
mod soak;
mod target;
mod test;
mod tools;
mod tree;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, checks and shows shardbrook.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Put a year of real flights into a stream, read them back, have them delivered as objects.
    Demo(demo::Options),
    /// Run every check that CI runs; a failing one does not stop the others.
    Test(test::Options),
    /// Build the packages for JavaScript and Python, or the server, ready to use.
    Build(build::Options),
    /// Measure how fast the engine is, beside bare work and the goals.
    Bench(bench::Options),
    /// Give shardbrook and its peers the same work, and compare.
    Peers(peers::Options),
    /// Print the size of the wasm module that was built last.
    Size,
    /// Write the wire tables anew from the official service models.
    Codegen,
    /// Run the fuzzers, the property tests, crashes and a server under load for much longer than CI does.
    Soak(soak::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let ws = Workspace::open()?;
    match cli.task {
        Task::Demo(options) => return demo::run(&ws, &options),
        Task::Test(options) => return test::run(&ws, &options),
        Task::Build(options) => build::run(&ws, &options)?,
        Task::Bench(options) => bench::run(&ws, &options)?,
        Task::Peers(options) => peers::run(&ws, &options)?,
        Task::Size => size::report(&ws)?,
        Task::Codegen => codegen::regenerate(&ws)?,
        Task::Soak(options) => soak::run(&ws, &options)?,
    }
    Ok(ExitCode::SUCCESS)
}
