//! `cargo xtask build`: the packages, ready to use.

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::workspace::Workspace;
use crate::{node, python, server, wasm};

/// What to build.
#[derive(Args)]
pub(crate) struct Options {
    package: Package,
    /// Skip the optimiser: builds faster, and checks overflow and debug assertions (not for wasm).
    #[arg(long)]
    dev: bool,
    /// Of the server, a binary that needs no library of the machine it runs on. For Linux on x86-64.
    #[arg(long = "static")]
    is_static: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Package {
    /// npm `shardbrook`: the wasm module, its glue and the shared JavaScript.
    Wasm,
    /// npm `shardbrook-node`: the native add-on and the shared JavaScript.
    Node,
    /// PyPI `shardbrook`, installed in the environment under target/tools.
    Python,
    /// The wheel of PyPI `shardbrook`, in target/wheels.
    Wheel,
    /// The binary `shardbrook`.
    Server,
}

/// How Rust is compiled.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Fast to build, with every check.
    Dev,
    /// What users get.
    Release,
}

impl Profile {
    /// The profile's name for `--profile`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// The profile's folder in the target folder.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds one package.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<()> {
    ensure!(
        !options.is_static || matches!(options.package, Package::Server),
        "--static is for the server alone"
    );
    let profile = if options.dev { Profile::Dev } else { Profile::Release };
    match options.package {
        Package::Wasm => {
            wasm::build(ws)?;
            node::compile_typescript(ws)
        }
        Package::Node => {
            node::build_addon(ws, profile)?;
            node::compile_typescript(ws)
        }
        Package::Python => python::develop(ws, profile).map(|_| ()),
        Package::Wheel => python::wheel(ws),
        Package::Server => server::build(ws, profile, options.is_static),
    }
}
