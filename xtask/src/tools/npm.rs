//! The npm packages of the committed lock.

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::cmd;

use crate::workspace::Workspace;

/// Installs what `package-lock.json` names, unless `node_modules` holds just that.
pub(crate) fn install_node_modules(ws: &Workspace) -> Result<()> {
    install_lock(ws, &ws.root)
}

/// The same in another folder that has a lock.
pub(crate) fn install_lock(ws: &Workspace, folder: &Path) -> Result<()> {
    let stamp = folder.join("node_modules/.installed-lock");
    let lock = ws.sh.read_file(folder.join("package-lock.json"))?;
    if ws.sh.read_file(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!(
        "installing the npm packages of package-lock.json into {}",
        folder.join("node_modules").display()
    );
    let _here = ws.sh.push_dir(folder);
    cmd!(ws.sh, "npm ci --no-audit --no-fund --loglevel=error").run()?;
    ws.sh.write_file(stamp, lock)?;
    Ok(())
}

/// A program that one of the npm packages brings, such as `tsc`.
pub(crate) fn node_bin(ws: &Workspace, name: &str) -> Result<PathBuf> {
    install_node_modules(ws)?;
    Ok(ws.root.join("node_modules/.bin").join(name))
}
