//! The Python package and its tests.

use anyhow::Result;
use xshell::cmd;

use crate::build::Profile;
use crate::target::without_machine_paths;
use crate::tools::Venv;
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "tests/python/requirements.txt";
const MANIFEST: &str = "bindings-python/Cargo.toml";

/// Builds the extension module and installs it into the environment, editable: Python sources are used in place.
pub(crate) fn develop(ws: &Workspace, profile: Profile) -> Result<Venv> {
    let venv = Venv::with(ws, &[REQUIREMENTS])?;
    let maturin = venv.program("maturin");
    let profile = profile.name();
    cmd!(ws.sh, "{maturin} develop --locked --manifest-path {MANIFEST} --profile {profile}")
        .env("VIRTUAL_ENV", venv.root())
        .run()?;
    Ok(venv)
}

/// Builds the wheel that users install, into `target/wheels`.
pub(crate) fn wheel(ws: &Workspace) -> Result<()> {
    let venv = Venv::with(ws, &[REQUIREMENTS])?;
    let (maturin, python) = (venv.program("maturin"), venv.python());
    cmd!(ws.sh, "{maturin} build --release --locked --manifest-path {MANIFEST} --interpreter {python}")
        .env("RUSTFLAGS", without_machine_paths(ws))
        .run()?;
    Ok(())
}

/// Runs the Python tests.
pub(crate) fn test(ws: &Workspace) -> Result<()> {
    let python = develop(ws, Profile::Dev)?.python();
    cmd!(ws.sh, "{python} -m pytest -q tests/python").run()?;
    Ok(())
}

/// Checks that the hand-written type stubs say what the compiled module has.
pub(crate) fn check_stubs(ws: &Workspace) -> Result<()> {
    let python = Venv::with(ws, &[REQUIREMENTS])?.python();
    cmd!(ws.sh, "{python} -m mypy.stubtest shardbrook").run()?;
    cmd!(ws.sh, "{python} -m mypy --strict bindings-python/python/shardbrook").run()?;
    Ok(())
}
