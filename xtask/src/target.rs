//! Building for targets other than this machine's.
//!
//! The standard library is built on the way, from its sources, with the flags of the build: for wasm that makes the
//! module a quarter smaller than the library that rustup ships. The sources are rustup's `rust-src` component; where
//! it is not there, Debian's packages bring a compiler together with them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use xshell::{Cmd, cmd};

use crate::tools::debian;
use crate::workspace::Workspace;

/// A compiler, the sources of its standard library and a linker for wasm.
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "rust-web-src", "lld-19"];

/// A target and how to build for it here.
pub(crate) struct Target {
    triple: &'static str,
    std: StandardLibrary,
    compiler: Compiler,
}

/// What to build of the standard library, and how.
#[derive(Clone, Copy)]
pub(crate) struct StandardLibrary {
    /// Its crates.
    pub(crate) crates: &'static str,
    /// Cargo features of the library.
    pub(crate) features: &'static str,
    /// Flags for the library and everything above it.
    pub(crate) flags: &'static str,
}

/// Who compiles for the target.
enum Compiler {
    /// The toolchain in use, which has the library's sources.
    Toolchain,
    /// Debian's.
    Debian,
}

impl Target {
    /// Sees to a compiler for `triple`.
    pub(crate) fn find(ws: &Workspace, triple: &'static str, std: StandardLibrary) -> Result<Self> {
        let sysroot = cmd!(ws.sh, "rustc --print sysroot").quiet().read()?;
        if Path::new(&sysroot).join("lib/rustlib/src/rust/library").exists() {
            return Ok(Self { triple, std, compiler: Compiler::Toolchain });
        }
        if !debian::is_debian() {
            bail!("run this, then try again: rustup component add rust-src");
        }
        debian::install(DEBIAN_PACKAGES)?;
        Ok(Self { triple, std, compiler: Compiler::Debian })
    }

    /// `cargo build` for this target; the caller adds packages and the profile.
    pub(crate) fn cargo_build<'a>(&self, ws: &'a Workspace) -> Cmd<'a> {
        let (triple, folder) = (self.triple, self.target_folder(ws));
        let StandardLibrary { crates, features, flags } = self.std;
        let build = ws
            .cargo("build")
            .args(["--target", triple, "--target-dir"])
            .arg(folder)
            .arg(format!("-Zbuild-std={crates}"))
            .arg(format!("-Zbuild-std-features={features}"))
            // The compiler is a stable one; this lets it build the standard library.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", format!("{flags} {}", without_machine_paths(ws)));
        match self.compiler {
            Compiler::Toolchain => build,
            Compiler::Debian => build
                .env("RUSTC", "/usr/bin/rustc")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19"),
        }
    }

    /// Where [`Self::cargo_build`] leaves what it built with `profile`.
    pub(crate) fn output(&self, ws: &Workspace, profile: &str) -> PathBuf {
        self.target_folder(ws).join(self.triple).join(profile)
    }

    /// Apart from the toolchain's own output: two compilers in one folder would rebuild everything in turn.
    fn target_folder(&self, ws: &Workspace) -> PathBuf {
        ws.target.join("cross")
    }
}

/// Panic messages name source files; those must not tell where a developer keeps them.
pub(crate) fn without_machine_paths(ws: &Workspace) -> String {
    let root = ws.root.display();
    let mut flags = format!("--remap-path-prefix={root}=shardbrook");
    if let Some(cargo_home) = std::env::var_os("CARGO_HOME") {
        flags += &format!(" --remap-path-prefix={}=cargo", Path::new(&cargo_home).display());
    } else if let Some(home) = std::env::var_os("HOME") {
        flags += &format!(" --remap-path-prefix={}=cargo", Path::new(&home).join(".cargo").display());
    }
    flags
}
