//! The JavaScript packages: the TypeScript that both share, the native add-on, and their tests.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use xshell::{Cmd, cmd};

use crate::build::Profile;
use crate::tools;
use crate::workspace::Workspace;

/// The two npm packages; each gets its own copy of the shared code, so that neither depends on the other.
const PACKAGES: &[&str] = &["bindings-wasm", "bindings-node"];

/// Compiles the shared TypeScript and copies the result into both packages, then checks the tests' own types.
///
/// Strictness stands in the `tsconfig.json` files, where editors see it too.
pub(crate) fn compile_typescript(ws: &Workspace) -> Result<()> {
    ws.sh.remove_path(ws.root.join("bindings-js/dist"))?;
    // What needs Node.js is compiled apart, so that nothing else can.
    compile(ws, "bindings-js")?;
    compile(ws, "bindings-js/node")?;
    for package in PACKAGES {
        copy_folder(&ws.root.join("bindings-js/dist"), &ws.root.join(package).join("dist"))?;
        compile(ws, package)?;
    }
    for tests in ["tests/node", "tests/browser"] {
        compile(ws, tests)?;
    }
    Ok(())
}

/// Builds the native add-on as `bindings-node/dist/shardbrook.node`.
pub(crate) fn build_addon(ws: &Workspace, profile: Profile) -> Result<()> {
    ws.cargo("build").args(["--package", "shardbrook-node", "--profile", profile.name()]).run()?;
    let library = format!("{DLL_PREFIX}shardbrook_node{DLL_SUFFIX}");
    let built = ws.target.join(profile.folder()).join(library);
    let dist = ws.root.join("bindings-node/dist");
    ws.sh.create_dir(&dist)?;
    ws.sh.copy_file(built, dist.join("shardbrook.node"))?;
    Ok(())
}

/// Runs the JavaScript tests against one of the two packages, which they import by the name given here.
pub(crate) fn test(ws: &Workspace, package: &str) -> Result<()> {
    tools::install_node_modules(ws)?;
    node_test(ws, "tests/node")?.env("SHARDBROOK_PACKAGE", package).run()?;
    Ok(())
}

/// Runs the tests of the wasm package in headless Chromium.
pub(crate) fn test_browser(ws: &Workspace) -> Result<()> {
    tools::install_node_modules(ws)?;
    node_test(ws, "tests/browser")?.env("CHROMIUM", tools::chromium()?).run()?;
    Ok(())
}

/// `node --test` over the test files of a folder. They are named here because Node 20 expands no patterns.
fn node_test<'a>(ws: &'a Workspace, folder: &str) -> Result<Cmd<'a>> {
    let files: Vec<PathBuf> = files_below(&ws.root.join(folder))?;
    let tests = files.iter().filter(|file| file.to_string_lossy().ends_with(".test.mjs"));
    let tests: Vec<&Path> = tests.map(|file| file.strip_prefix(&ws.root).unwrap_or(file)).collect();
    ensure!(!tests.is_empty(), "no *.test.mjs below {folder}");
    // The limit, in ms, turns a test that waits for ever into one that fails.
    Ok(cmd!(ws.sh, "node --test --test-timeout=300000 {tests...}"))
}

fn compile(ws: &Workspace, folder: &str) -> Result<()> {
    let config = format!("{folder}/tsconfig.json");
    if ws.has(&config) {
        let tsc = tools::node_bin(ws, "tsc")?;
        cmd!(ws.sh, "{tsc} --project {config}").run()?;
    }
    Ok(())
}

/// Every file below a folder, in the order of names.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.append(&mut files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let target = to.join(file.strip_prefix(from)?);
        std::fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        std::fs::copy(&file, &target).with_context(|| format!("copying {}", file.display()))?;
    }
    Ok(())
}
