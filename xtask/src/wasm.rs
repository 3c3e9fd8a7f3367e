//! The wasm module: compiled for size, bound to JavaScript, shrunk, checked.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use xshell::cmd;

use crate::target::{StandardLibrary, Target};
use crate::workspace::Workspace;
use crate::{size, tools};

/// Where the module and its glue go; the npm package ships this folder. One glue serves browsers and Node.
pub(crate) const DIST: &str = "bindings-wasm/dist/wasm";

/// The standard library at its smallest. A panic ends in a trap without a text: core does not panic on any input, and
/// the texts and places of panics are a tenth of the module.
const SMALL_STD: StandardLibrary = StandardLibrary {
    crates: "std",
    features: "optimize_for_size",
    flags: "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none",
};

/// Builds the module with its JavaScript glue into [`DIST`].
pub(crate) fn build(ws: &Workspace) -> Result<()> {
    let compiled = compile(ws)?;
    bind(ws, &compiled)?;
    optimise(ws)?;
    check_imports(ws)?;
    size::check(ws)
}

/// The module after binding.
pub(crate) fn module(ws: &Workspace) -> PathBuf {
    ws.root.join(DIST).join("shardbrook_bg.wasm")
}

fn compile(ws: &Workspace) -> Result<PathBuf> {
    let target = Target::find(ws, "wasm32-unknown-unknown", SMALL_STD)?;
    target.cargo_build(ws).args(["--package", "shardbrook-wasm", "--profile", "wasm"]).run()?;
    Ok(target.output(ws, "wasm").join("shardbrook_wasm.wasm"))
}

fn bind(ws: &Workspace, compiled: &Path) -> Result<()> {
    let wasm_bindgen = tools::wasm_bindgen(ws)?;
    ws.sh.remove_path(ws.root.join(DIST))?;
    cmd!(ws.sh, "{wasm_bindgen} {compiled} --target web --out-dir {DIST} --out-name shardbrook").run()?;
    Ok(())
}

fn optimise(ws: &Workspace) -> Result<()> {
    let wasm_opt = tools::node_bin(ws, "wasm-opt")?;
    let module = module(ws);
    // Found by trying: what is not inlined once more, and control flow that is built anew, compress better.
    // The lowest kibibyte is the end of the stack: code that gets there traps a little earlier than it would.
    let flags = ["--low-memory-unused", "-Os", "--one-caller-inline-max-function-size=0"];
    let flags = flags.into_iter().chain(["--flatten", "--rereloop", "-Os", "--converge"]);
    let flags = flags.chain(["--dealign", "--strip-producers", "--strip-target-features"]);
    cmd!(ws.sh, "{wasm_opt} {flags...} {module} -o {module}").run()?;
    Ok(())
}

/// An import from `env` is a C function that somebody expected to find at run time; the page would fail to load.
fn check_imports(ws: &Workspace) -> Result<()> {
    const LIST: &str = "const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1])); \
        for (const {module: from, name} of WebAssembly.Module.imports(module)) console.log(from, name)";
    let module = module(ws);
    let imports = cmd!(ws.sh, "node -e {LIST} {module}").quiet().read()?;
    let strange: Vec<&str> = imports.lines().filter(|import| import.starts_with("env ")).collect();
    ensure!(strange.is_empty(), "the module imports what no JavaScript host has: {}", strange.join(", "));
    Ok(())
}
