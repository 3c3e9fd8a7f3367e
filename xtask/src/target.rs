//! Building for targets other than this machine's.
//!
//! A toolchain that has the target's standard library is used as it is. Where rustup cannot fetch one, Debian's
//! packages bring a compiler together with the library's sources, and Cargo builds the library on the way.

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
    compiler: Compiler,
}

/// Who compiles for the target.
enum Compiler {
    /// The toolchain in use; it has the target's standard library.
    Toolchain,
    /// Debian's compiler, which builds these crates of the standard library too.
    Debian { std: &'static str },
}

impl Target {
    /// Sees to a compiler for `triple`; `std` are the crates of the standard library that the build needs.
    pub(crate) fn find(ws: &Workspace, triple: &'static str, std: &'static str) -> Result<Self> {
        let libraries = cmd!(ws.sh, "rustc --print target-libdir --target {triple}").quiet().read()?;
        if Path::new(&libraries).exists() {
            return Ok(Self { triple, compiler: Compiler::Toolchain });
        }
        if !debian::is_debian() {
            bail!("run this, then try again: rustup target add {triple}");
        }
        debian::install(DEBIAN_PACKAGES)?;
        Ok(Self { triple, compiler: Compiler::Debian { std } })
    }

    /// `cargo build` for this target; the caller adds packages and the profile.
    pub(crate) fn cargo_build<'a>(&self, ws: &'a Workspace) -> Cmd<'a> {
        let (triple, folder) = (self.triple, self.target_folder(ws));
        let build = ws.cargo("build").args(["--target", triple, "--target-dir"]).arg(folder);
        let build = build.env("RUSTFLAGS", without_machine_paths(ws));
        match self.compiler {
            Compiler::Toolchain => build,
            Compiler::Debian { std } => build
                .arg(format!("-Zbuild-std={std}"))
                .env("RUSTC", "/usr/bin/rustc")
                // Debian's compiler is a stable one; this lets it build the standard library.
                .env("RUSTC_BOOTSTRAP", "1")
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
fn without_machine_paths(ws: &Workspace) -> String {
    let root = ws.root.display();
    let mut flags = format!("--remap-path-prefix={root}=shardbrook");
    if let Some(cargo_home) = std::env::var_os("CARGO_HOME") {
        flags += &format!(" --remap-path-prefix={}=cargo", Path::new(&cargo_home).display());
    } else if let Some(home) = std::env::var_os("HOME") {
        flags += &format!(" --remap-path-prefix={}=cargo", Path::new(&home).join(".cargo").display());
    }
    flags
}
