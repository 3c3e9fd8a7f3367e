//! Debian's packages: installed if this is root on a Debian, else asked for.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use super::find;

/// Whether Debian's package tools are here.
pub(crate) fn is_debian() -> bool {
    find("apt-get").is_some() && find("dpkg-query").is_some()
}

/// Sees to it that these packages are installed.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let wanted = missing.join(" ");
    if !is_debian() {
        bail!("these are needed, under the names that Debian gives them: {wanted}");
    }
    if !is_root() {
        bail!("run this, then try again: sudo apt-get install --no-install-recommends {wanted}");
    }
    println!("installing Debian's packages {wanted}");
    let sh = Shell::new()?;
    sh.set_var("DEBIAN_FRONTEND", "noninteractive");
    cmd!(sh, "apt-get update --quiet=2").run()?;
    cmd!(sh, "apt-get install --yes --quiet=2 --no-install-recommends {missing...}").run()?;
    Ok(())
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output();
    query.is_ok_and(|answer| answer.stdout == b"installed")
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}
