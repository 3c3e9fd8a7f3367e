//! The npm packages of the committed lock.

use std::path::PathBuf;

use anyhow::Result;
use xshell::cmd;

use crate::workspace::Workspace;

/// Installs what `package-lock.json` names, unless `node_modules` holds just that.
pub(crate) fn install_node_modules(ws: &Workspace) -> Result<()> {
    let stamp = ws.root.join("node_modules/.installed-lock");
    let lock = ws.sh.read_file(ws.root.join("package-lock.json"))?;
    if ws.sh.read_file(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing the npm packages of package-lock.json into node_modules");
    cmd!(ws.sh, "npm ci --no-audit --no-fund --loglevel=error").run()?;
    ws.sh.write_file(stamp, lock)?;
    Ok(())
}

/// A program that one of the npm packages brings, such as `tsc`.
pub(crate) fn node_bin(ws: &Workspace, name: &str) -> Result<PathBuf> {
    install_node_modules(ws)?;
    Ok(ws.root.join("node_modules/.bin").join(name))
}
