//! `cargo xtask demo`: finds the flights, builds the job in release form, runs it.

pub(crate) mod flights;

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::workspace::Workspace;

/// The package of the job, and its program.
const PACKAGE: &str = "shardbrook-flights";

/// What to put, and where the objects go.
#[derive(Args)]
pub(crate) struct Options {
    /// Your own copy of the flights, or another CSV file with the columns `tailnum` and `time_hour`.
    #[arg(long, value_name = "FILE.csv")]
    input: Option<PathBuf>,
    /// Where the objects go, in a folder `flights`; by default `out`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only the first rows of the file.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// Runs the job. Its exit code says whether everything came through.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<ExitCode> {
    let input = match &options.input {
        Some(input) => absolute(input)?,
        None => flights::fetch(ws)?,
    };
    let out = match &options.out {
        Some(out) => absolute(out)?,
        None => ws.root.join("out"),
    };
    let program = build(ws)?;
    let mut command = Command::new(&program);
    command.arg("--input").arg(shown(ws, &input)).arg("--out").arg(shown(ws, &out)).current_dir(&ws.root);
    if let Some(limit) = options.limit {
        command.arg("--limit").arg(limit.to_string());
    }
    let status = command.status().with_context(|| format!("cannot run {}", program.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compiles the program; it is one of its own, so that the task runner needs no core that compiles.
fn build(ws: &Workspace) -> Result<PathBuf> {
    let program = ws.target.join("release").join(format!("{PACKAGE}{EXE_SUFFIX}"));
    if !program.exists() {
        println!("compiling the demo with all optimisations; this takes about a minute, once");
    }
    ws.cargo("build").args(["--quiet", "--release", "--package", PACKAGE]).quiet().run()?;
    Ok(program)
}

/// A path below the workspace as one would type it there, any other as it is.
fn shown<'p>(ws: &Workspace, path: &'p Path) -> &'p Path {
    path.strip_prefix(&ws.root).unwrap_or(path)
}
