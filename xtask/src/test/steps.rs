//! The steps of `cargo xtask test`.

use anyhow::Result;
use xshell::cmd;

use super::Step;
use crate::build::Profile;
use crate::soak::FUZZERS;
use crate::workspace::Workspace;
use crate::{clients, codegen, demo, node, nostd, python, tools, tree, wasm};

/// Every step: cheap ones first, then Rust, then each language.
pub(super) const STEPS: &[Step] = &[
    Step { name: "fmt", about: "Rust is formatted", needs: &[], run: fmt },
    Step {
        name: "lengths",
        about: "no source file and no binding is too long",
        needs: &[],
        run: tree::check_lengths,
    },
    Step {
        name: "directions",
        about: "no room of core uses one above it",
        needs: &[],
        run: tree::check_directions,
    },
    Step {
        name: "npm-lock",
        about: "package-lock.json names no registry",
        needs: &[],
        run: tree::check_npm_lock,
    },
    Step {
        name: "fuzz-lock",
        about: "the lock file of the fuzzers, which are no part of the workspace, is up to date",
        needs: &[],
        run: |ws| {
            cmd!(ws.sh, "cargo fetch --locked --manifest-path {FUZZERS}").run()?;
            Ok(())
        },
    },
    Step { name: "clippy", about: "no lint has anything to say", needs: &[], run: clippy },
    Step { name: "rustdoc", about: "the documentation builds, its links hold", needs: &[], run: rustdoc },
    Step {
        name: "flights",
        about: "the real flights are at hand, for the tests in every language",
        needs: &[],
        run: demo::flights::provide,
    },
    Step { name: "rust", about: "the tests in Rust", needs: &["flights"], run: rust_tests },
    Step { name: "doctests", about: "the examples in the documentation", needs: &[], run: doctests },
    Step {
        name: "generated",
        about: "the tables from the service models are the committed ones",
        needs: &[],
        run: generated,
    },
    Step {
        name: "no-std",
        about: "core builds where there is no standard library",
        needs: &[],
        run: nostd::build,
    },
    Step {
        name: "wasm",
        about: "the wasm module builds, imports nothing strange, is small",
        needs: &[],
        run: wasm::build,
    },
    Step {
        name: "addon",
        about: "the native add-on for Node.js builds",
        needs: &[],
        run: |ws| node::build_addon(ws, Profile::Dev),
    },
    Step {
        name: "typescript",
        about: "the TypeScript compiles under --strict",
        needs: &["wasm"],
        run: node::compile_typescript,
    },
    Step {
        name: "node-wasm",
        about: "the tests in Node.js, with the wasm package",
        needs: &["flights", "wasm", "typescript"],
        run: |ws| node::test(ws, "shardbrook"),
    },
    Step {
        name: "node-native",
        about: "the tests in Node.js, with the native add-on",
        needs: &["flights", "addon", "typescript"],
        run: |ws| node::test(ws, "shardbrook-node"),
    },
    Step {
        name: "browser",
        about: "the tests in Chromium, with the wasm package",
        needs: &["flights", "wasm", "typescript"],
        run: node::test_browser,
    },
    Step { name: "python", about: "the tests in Python", needs: &["flights"], run: python::test },
    Step {
        name: "server-clients",
        about: "the AWS SDKs and the AWS CLI against the server, on one port",
        needs: &[],
        run: clients::test,
    },
    Step {
        name: "stubs",
        about: "the Python type stubs say what the module has",
        needs: &["python"],
        run: python::check_stubs,
    },
];

fn fmt(ws: &Workspace) -> Result<()> {
    cmd!(ws.sh, "cargo fmt --all --check").run()?;
    Ok(())
}

fn clippy(ws: &Workspace) -> Result<()> {
    tools::make()?;
    ws.cargo("clippy").args(["--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    // Core as it is without its features, which the workspace switches on.
    ws.cargo("clippy").args(["--package", "shardbrook", "--all-targets", "--", "-D", "warnings"]).run()?;
    Ok(())
}

fn rustdoc(ws: &Workspace) -> Result<()> {
    tools::make()?;
    ws.cargo("doc")
        .args(["--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(())
}

/// With nextest where it is installed: it runs all test programs at once and says which test is slow.
fn rust_tests(ws: &Workspace) -> Result<()> {
    tools::make()?;
    if tools::find("cargo-nextest").is_some() {
        cmd!(ws.sh, "cargo nextest run --workspace --no-fail-fast --locked").run()?;
    } else {
        cmd!(ws.sh, "cargo test --workspace --tests --no-fail-fast --locked").run()?;
    }
    // What core does otherwise without its features.
    ws.cargo("test").args(["--package", "shardbrook", "--lib", "blob::"]).run()?;
    Ok(())
}

fn doctests(ws: &Workspace) -> Result<()> {
    tools::make()?;
    ws.cargo("test").args(["--workspace", "--doc"]).run()?;
    Ok(())
}

fn generated(ws: &Workspace) -> Result<()> {
    codegen::regenerate(ws)?;
    tree::check_generated(ws)
}
