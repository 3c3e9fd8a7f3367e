//! The delivered objects as files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use shardbrook::ObjectStore;
use shardbrook_flights::BUCKET;

/// Marks a folder as one that may be replaced.
const MARKER: &str = ".written-by-demo";

/// Sees to it that the folder for the objects can be replaced, and gives it.
pub(crate) fn prepare(out: &Path) -> Result<PathBuf> {
    let folder = out.join(BUCKET);
    let shown = folder.display();
    if folder.exists() {
        let is_empty =
            fs::read_dir(&folder).with_context(|| format!("cannot read {shown}"))?.next().is_none();
        let is_ours = folder.join(MARKER).exists();
        ensure!(is_empty || is_ours, "{shown} holds something else; give another folder with --out");
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {shown}"))?;
    fs::write(folder.join(MARKER), "").with_context(|| format!("cannot write to {shown}"))?;
    Ok(folder)
}

/// Writes the objects, in place of those of an earlier run.
pub(crate) fn write(folder: &Path, objects: &ObjectStore) -> Result<()> {
    let shown = folder.display();
    fs::remove_dir_all(folder).with_context(|| format!("cannot empty {shown}"))?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join(MARKER), "")?;
    for (key, object) in objects.list(BUCKET, "") {
        let file = folder.join(key);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file, &object.body).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
