//! Finds each outside tool, or installs it and says so.
//!
//! What this installs goes under `target/tools` (and `node_modules`), in pinned versions. Only Debian's packages are
//! installed for the whole machine, and only as root; anyone else is told the command.

pub(crate) mod debian;
mod npm;
mod venv;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::cmd;

pub(crate) use self::npm::{install_lock, install_node_modules, node_bin};
pub(crate) use self::venv::Venv;
use crate::workspace::Workspace;

/// The program that the server's allocator is built with, where it has one of its own.
pub(crate) fn make() -> Result<()> {
    if cfg!(unix) && find("make").is_none() {
        debian::install(&["make"])?;
    }
    Ok(())
}

/// A browser for the page tests: the one that `CHROMIUM` names, one on the path, or Debian's.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    if let Some(found) = names.into_iter().find_map(find) {
        return Ok(found);
    }
    debian::install(&["chromium"])?;
    find("chromium").context("Debian's package chromium has no `chromium`")
}

/// The `wasm-bindgen` program, in exactly the version of the crate: the two share an unstable format.
pub(crate) fn wasm_bindgen(ws: &Workspace) -> Result<PathBuf> {
    let version = ws.locked_version("wasm-bindgen")?;
    let ours = ws.tools().join("bin/wasm-bindgen");
    let is_right = |program: &PathBuf| {
        let printed = cmd!(ws.sh, "{program} --version").quiet().ignore_stderr().read();
        printed.is_ok_and(|printed| printed.split_whitespace().nth(1) == Some(&version))
    };
    if let Some(found) = [Some(ours.clone()), find("wasm-bindgen")].into_iter().flatten().find(is_right) {
        return Ok(found);
    }
    println!("installing wasm-bindgen-cli {version} into target/tools");
    let root = ws.tools();
    // Without `--locked`: the program's own lock may name versions that have been withdrawn since.
    cmd!(
        ws.sh,
        "cargo install --quiet wasm-bindgen-cli --version ={version} --no-default-features --root {root}"
    )
    .run()?;
    Ok(ours)
}

/// The program with this name on the path.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
