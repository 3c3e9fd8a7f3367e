//! Writes the tables of the two services' inputs from the official models that botocore installs.
//!
//! Only what a request can carry is kept: operations, error codes, and the closure of the input shapes with their
//! names and constraints. No prose is copied. The output is deterministic, and `rustfmt` leaves it as it is.

mod java;
mod operations;
mod pattern;
mod tables;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::tools::Venv;
use crate::workspace::Workspace;

/// Names botocore in the version below.
const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// The version of botocore whose models are the truth. Change it together with the generated files.
const BOTOCORE_VERSION: &str = "1.44.5";

/// A service, where its model lies in botocore, and what its tables are called.
struct Source {
    file: &'static str,
    model: &'static str,
    service: &'static str,
}

const SOURCES: [Source; 2] = [
    Source { file: "kinesis.rs", model: "kinesis/2013-12-02", service: "Kinesis" },
    Source { file: "firehose.rs", model: "firehose/2015-08-04", service: "Firehose" },
];

/// Writes the tables from the botocore of the task runner's Python environment.
pub(crate) fn regenerate(ws: &Workspace) -> Result<()> {
    let venv = Venv::with(ws, &[REQUIREMENTS])?;
    run(venv.root(), &ws.root)
}

/// Reads the models below `botocore_dir` (the package's own folder, or the virtual environment it is installed in)
/// and writes `core/src/wire/model/{kinesis,firehose}.rs` below `workspace`.
fn run(botocore_dir: &Path, workspace: &Path) -> Result<()> {
    let package = find_package(botocore_dir)?;
    let version = installed_version(&package)?;
    ensure!(
        version == BOTOCORE_VERSION,
        "the tables are made from botocore {BOTOCORE_VERSION}, but {} holds {version}",
        package.display()
    );
    let mut models = Vec::new();
    for source in &SOURCES {
        let path = package.join("data").join(source.model).join("service-2.json.gz");
        let model = read_model(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = tables::write(source.service, source.model, BOTOCORE_VERSION, &model)?;
        let target = workspace.join("core/src/wire/model").join(source.file);
        fs::write(&target, text).with_context(|| format!("cannot write {}", target.display()))?;
        format_file(&target, workspace)?;
        models.push((source.service, model));
    }
    let missing = operations::write(workspace, &models)?;
    for gap in &missing {
        println!("not proved: {gap}");
    }
    let count = missing.iter().filter(|gap| gap.starts_with("Kinesis ")).count();
    ensure!(count == 0, "{count} errors or members of Kinesis are in no scenario; see above");
    Ok(())
}

/// The folder of the package, given itself or a virtual environment.
fn find_package(dir: &Path) -> Result<PathBuf> {
    if dir.join("data/kinesis").is_dir() {
        return Ok(dir.to_owned());
    }
    let mut found = Vec::new();
    for lib in ["lib", "Lib"] {
        let Ok(entries) = fs::read_dir(dir.join(lib)) else { continue };
        found.push(dir.join(lib).join("site-packages/botocore"));
        for entry in entries {
            found.push(entry?.path().join("site-packages/botocore"));
        }
    }
    found.sort();
    let package = found.into_iter().find(|path| path.join("data/kinesis").is_dir());
    package.with_context(|| format!("no botocore below {}", dir.display()))
}

fn installed_version(package: &Path) -> Result<String> {
    let text = fs::read_to_string(package.join("__init__.py"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("__version__ = "));
    let Some(version) = line else { bail!("botocore does not say its version") };
    Ok(version.trim().trim_matches(['\'', '"']).to_owned())
}

fn read_model(path: &Path) -> Result<Value> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path)?).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

fn format_file(target: &Path, workspace: &Path) -> Result<()> {
    let status = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(workspace.join("rustfmt.toml"))
        .arg(target)
        .status()
        .context("cannot run rustfmt")?;
    ensure!(status.success(), "rustfmt failed on {}", target.display());
    Ok(())
}
