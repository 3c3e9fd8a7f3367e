//! The server: one binary.

use anyhow::{Result, ensure};
use xshell::cmd;

use crate::build::Profile;
use crate::tools;
use crate::workspace::Workspace;

/// Where a binary without libraries is built for.
const STATIC_TARGET: &str = "x86_64-unknown-linux-gnu";

/// Builds the binary `shardbrook`; for `is_static`, with all that it needs inside.
pub(crate) fn build(ws: &Workspace, profile: Profile, is_static: bool) -> Result<()> {
    tools::make()?;
    let cargo = ws.cargo("build").args(["--package", "shardbrook-server", "--profile", profile.name()]);
    if !is_static {
        cargo.run()?;
        println!("built {}", ws.target.join(profile.folder()).join("shardbrook").display());
        return Ok(());
    }
    // The target is named although it is the host's: build scripts can't be static.
    cargo.args(["--target", STATIC_TARGET]).env("RUSTFLAGS", "-C target-feature=+crt-static").run()?;
    let binary = ws.target.join(STATIC_TARGET).join(profile.folder()).join("shardbrook");
    let needed = cmd!(ws.sh, "readelf --dynamic {binary}").read()?;
    ensure!(!needed.contains("(NEEDED)"), "the binary needs libraries:\n{needed}");
    println!("built {}", binary.display());
    Ok(())
}
