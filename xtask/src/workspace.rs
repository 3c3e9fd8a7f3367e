//! Where things are, and how commands are run: from the workspace root, each shown as one would type it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::{Cmd, Shell, cmd};

/// The checkout that this run works on.
pub(crate) struct Workspace {
    /// Runs commands in the root folder.
    pub(crate) sh: Shell,
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace that `cargo xtask` was started in.
    pub(crate) fn open() -> Result<Self> {
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR").context("start this with `cargo xtask`")?;
        let root = Path::new(&xtask).parent().context("xtask/ lies in the workspace")?.to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        let sh = Shell::new()?;
        sh.change_dir(&root);
        Ok(Self { sh, root, target })
    }

    /// The folder for everything that this program installs, so that `cargo clean` removes it.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// `cargo` with the given subcommand, holding to the committed `Cargo.lock`.
    pub(crate) fn cargo(&self, subcommand: &str) -> Cmd<'_> {
        cmd!(self.sh, "cargo {subcommand} --locked")
    }

    /// The version of a crate in `Cargo.lock`.
    pub(crate) fn locked_version(&self, name: &str) -> Result<String> {
        let lock = self.sh.read_file(self.root.join("Cargo.lock"))?;
        locked_version(&lock, name).with_context(|| format!("Cargo.lock has no package {name}"))
    }

    /// Whether a part of the workspace is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }
}

/// Cargo writes a package's version on the line after its name.
fn locked_version(lock: &str, name: &str) -> Option<String> {
    let name_line = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| **line != name_line).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn a_locked_version_is_the_one_of_the_exact_name() {
        let lock = "[[package]]\nname = \"ab-c\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"2.0.1\"\n";
        assert_eq!(locked_version(lock, "ab").as_deref(), Some("2.0.1"));
        assert_eq!(locked_version(lock, "a"), None);
    }
}
