//! Checks of the tracked files themselves: sizes, generated files, the lock of npm.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use xshell::cmd;

use crate::workspace::Workspace;

/// No source file is longer; what grows becomes a folder.
const FILE_LIMIT: usize = 800;
/// No binding has more Rust: behaviour belongs in core.
const BINDING_LIMIT: usize = 800;
const BINDINGS: &[&str] = &["bindings-wasm", "bindings-node", "bindings-python"];
/// Tables that no person edits.
const GENERATED: &str = "core/src/wire/model/";
const GENERATED_DOCS: &str = "docs/operations.md";
const NPM_LOCKS: &[&str] = &["package-lock.json", "tests/peers/npm/package-lock.json"];
const SOURCES: &[&str] = &["*.rs", "*.ts", "*.mjs", "*.js", "*.py", "*.pyi"];

/// The rooms of core, from the ground up: each uses those before it and none after it.
const ROOMS: &[&str] = &[
    "snapshot",
    "blob",
    "decimal",
    "quoted",
    "json",
    "checksum",
    "unicode",
    "time",
    "rng",
    "hash",
    "sequence",
    "serialize",
    "error",
    "arn",
    "shard_id",
    "by_id",
    "timers",
    "regions",
    "token",
    "aggregate",
    "metrics",
    "quota",
    "shard",
    "stream",
    "queue",
    "objects",
    "firehose",
    "channel",
    "service",
    "wire",
    "engine",
    "reader",
];

/// Fails if a room of core uses one that is above it.
pub(crate) fn check_directions(ws: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    for file in source_files(ws, "core/src")? {
        let path = file.trim_start_matches("core/src/");
        let room = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if room == "lib" || path.contains("tests") {
            continue;
        }
        let Some(height) = ROOMS.iter().position(|known| *known == room) else {
            problems.push(format!("{file} is in no room that xtask knows"));
            continue;
        };
        let text = ws.sh.read_file(ws.root.join(&file))?;
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                if used != room && !ROOMS[..height].contains(&used) {
                    problems
                        .push(format!("{file} uses {used:?}, which is not below {room}: {}", line.trim()));
                }
            }
        }
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// Fails if a source file, or the Rust of a binding, is too long.
pub(crate) fn check_lengths(ws: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    let sources = source_files(ws, ".")?;
    for file in sources.iter().filter(|file| !file.starts_with(GENERATED)) {
        let lines = count_lines(ws, file)?;
        if lines > FILE_LIMIT {
            problems.push(format!("{file} has {lines} lines, over {FILE_LIMIT}"));
        }
    }
    for binding in BINDINGS {
        let mut lines = 0;
        for file in source_files(ws, binding)?.iter().filter(|file| file.ends_with(".rs")) {
            lines += count_lines(ws, file)?;
        }
        println!("{binding}: {lines} lines of Rust");
        if lines > BINDING_LIMIT {
            problems.push(format!("{binding} has {lines} lines of Rust, over {BINDING_LIMIT}"));
        }
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// Fails if running the code generator changes what is committed.
pub(crate) fn check_generated(ws: &Workspace) -> Result<()> {
    let changed = cmd!(ws.sh, "git status --porcelain -- {GENERATED} {GENERATED_DOCS}").read()?;
    ensure!(changed.is_empty(), "the generated files differ from the committed ones:\n{changed}");
    Ok(())
}

/// Fails if a lock of npm names a registry: anyone must be able to install from their own.
pub(crate) fn check_npm_lock(ws: &Workspace) -> Result<()> {
    for file in NPM_LOCKS {
        let lock = ws.sh.read_file(ws.root.join(file))?;
        let addresses: Vec<&str> =
            lock.lines().filter(|line| line.contains("\"resolved\": \"http")).map(str::trim).collect();
        ensure!(addresses.is_empty(), "{file} names a registry: {}", addresses.join(" "));
    }
    Ok(())
}

/// The tracked source files below a folder.
fn source_files(ws: &Workspace, folder: &str) -> Result<Vec<String>> {
    let patterns =
        SOURCES.iter().map(|name| format!(":(glob){}", Path::new(folder).join("**").join(name).display()));
    let listed = cmd!(ws.sh, "git ls-files -- {patterns...}").quiet().read()?;
    Ok(listed.lines().map(str::to_owned).collect())
}

fn count_lines(ws: &Workspace, file: &str) -> Result<usize> {
    let text = std::fs::read(ws.root.join(file)).with_context(|| format!("reading {file}"))?;
    Ok(text.iter().filter(|byte| **byte == b'\n').count())
}
