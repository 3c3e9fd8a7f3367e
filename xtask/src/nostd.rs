//! The proof that core needs no standard library: a build for a target that has none.
//!
//! A wasm build proves nothing here, since `wasm32-unknown-unknown` comes with one.

use anyhow::Result;

use crate::target::Target;
use crate::workspace::Workspace;

/// Builds core for bare metal.
pub(crate) fn build(ws: &Workspace) -> Result<()> {
    let target = Target::find(ws, "x86_64-unknown-none", "core,alloc")?;
    target.cargo_build(ws).args(["--package", "shardbrook", "--no-default-features"]).run()?;
    Ok(())
}
