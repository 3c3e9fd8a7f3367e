//! The proof that core needs no standard library: a build for a target that has none.
//!
//! A wasm build proves nothing here, since `wasm32-unknown-unknown` comes with one.

use anyhow::Result;

use crate::target::{StandardLibrary, Target};
use crate::workspace::Workspace;

const CORE_AND_ALLOC: StandardLibrary = StandardLibrary { crates: "core,alloc", features: "", flags: "" };

/// Builds core for bare metal.
pub(crate) fn build(ws: &Workspace) -> Result<()> {
    let target = Target::find(ws, "x86_64-unknown-none", CORE_AND_ALLOC)?;
    target.cargo_build(ws).args(["--package", "shardbrook", "--no-default-features"]).run()?;
    Ok(())
}
