//! Python environments, so that no task touches the machine's own packages: one for all tasks, and one for each program
//! that needs other versions.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::cmd;

use super::{debian, find};
use crate::workspace::Workspace;

/// An environment under `target/tools`.
pub(crate) struct Venv {
    root: PathBuf,
}

impl Venv {
    /// The environment of all tasks, holding at least what these requirements files (paths from the workspace root) name.
    pub(crate) fn with(ws: &Workspace, requirements: &[&str]) -> Result<Self> {
        Self::named(ws, "venv", requirements)
    }

    /// The environment with this name, likewise.
    pub(crate) fn named(ws: &Workspace, name: &str, requirements: &[&str]) -> Result<Self> {
        let venv = Self { root: ws.tools().join(name) };
        if !venv.python().exists() {
            venv.create(ws)?;
        }
        for file in requirements {
            venv.install(ws, file)?;
        }
        Ok(venv)
    }

    /// The interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program that a package brings, such as `maturin`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.root.join("bin").join(name)
    }

    /// The environment's folder, which tools expect in `VIRTUAL_ENV`.
    pub(crate) fn root(&self) -> &PathBuf {
        &self.root
    }

    fn create(&self, ws: &Workspace) -> Result<()> {
        if find("python3").is_none() {
            debian::install(&["python3"])?;
        }
        let root = &self.root;
        println!("creating a Python environment in {}", root.display());
        if cmd!(ws.sh, "python3 -m venv {root}").run().is_err() {
            // Debian's own Python keeps this module in a package apart.
            debian::install(&["python3-venv"])?;
            cmd!(ws.sh, "python3 -m venv --clear {root}").run()?;
        }
        Ok(())
    }

    /// Installs one requirements file, unless its present text was installed before.
    fn install(&self, ws: &Workspace, file: &str) -> Result<()> {
        let wanted =
            ws.sh.read_file(ws.root.join(file)).with_context(|| format!("no requirements in {file}"))?;
        let stamp = self.root.join("installed").join(file.replace('/', "-"));
        if ws.sh.read_file(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        println!("installing the Python packages of {file} into {}", self.root.display());
        let python = self.python();
        cmd!(ws.sh, "{python} -m pip install --quiet --disable-pip-version-check -r {file}").run()?;
        ws.sh.write_file(stamp, wanted)?;
        Ok(())
    }
}
