//! The snapshots of a directory on a disk that forgets what was not synced: bytes of files, and names.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::Rng;
use super::disk::Disk;
use crate::journal::files::{Files, Output};

/// Something that was done with a name.
#[derive(Clone, Debug)]
enum Change {
    Create(PathBuf, usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl Change {
    fn apply(self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Create(path, file) => drop(names.insert(path, file)),
            Self::Remove(path) => drop(names.remove(&path)),
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(&from) {
                    names.insert(to, file);
                }
            }
        }
    }
}

/// A file, with or without a name.
#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<Content>,
    /// The names that outlive a crash for sure.
    names: BTreeMap<PathBuf, usize>,
    /// What happened to names since.
    unsynced: Vec<Change>,
}

/// Does everything on the system's files too, where it is read.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    /// Stops this too when it stops.
    disk: Disk,
    state: Arc<Mutex<State>>,
}

impl Folder {
    pub(super) fn new(disk: &Disk) -> Self {
        Self { disk: disk.clone(), state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn change(&self, change: Change) {
        self.state().unsynced.push(change);
    }

    /// The files after a crash: of what was not synced, some is there, some is not, some in part.
    pub(super) fn recover(&self, rng: &mut Rng) {
        let mut state = self.state();
        let mut names = core::mem::take(&mut state.names);
        for change in core::mem::take(&mut state.unsynced) {
            let (Change::Create(path, _) | Change::Rename(_, path) | Change::Remove(path)) = &change;
            // What the name is after the crash is written below.
            drop(fs::remove_file(path));
            if rng.chance(50) {
                change.apply(&mut names);
            }
        }
        for (path, file) in &names {
            let Content { bytes, synced } = &mut state.files[*file];
            if bytes != synced {
                let cut = rng.below(bytes.len() + 1);
                match rng.below(4) {
                    0 => bytes.clone_from(synced),
                    1 => bytes.truncate(cut),
                    // The length can be there before the bytes are.
                    2 => bytes[cut..].fill(0),
                    _ => {}
                }
            }
            fs::write(path, &*bytes).unwrap();
            synced.clone_from(bytes);
        }
        state.names = names;
    }
}

impl Files for Folder {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.disk.count_step()?;
        let number = self.state().files.len();
        self.state().files.push(Content::default());
        self.change(Change::Create(path.to_owned(), number));
        Ok(Box::new(Writing { folder: self.clone(), number, real: fs::File::create(path)? }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.count_step()?;
        self.change(Change::Rename(from.to_owned(), to.to_owned()));
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.count_step()?;
        self.change(Change::Remove(path.to_owned()));
        fs::remove_file(path)
    }

    fn sync_names(&self, _directory: &Path) -> io::Result<()> {
        self.disk.count_step()?;
        if !self.disk.forgets_syncs() {
            let mut state = self.state();
            for change in core::mem::take(&mut state.unsynced) {
                change.apply(&mut state.names);
            }
        }
        Ok(())
    }
}

/// A file that is written.
#[derive(Debug)]
struct Writing {
    folder: Folder,
    number: usize,
    real: fs::File,
}

impl io::Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.folder.disk.count_step()?;
        // Not all of it at a time, so that there are more steps to stop at.
        let bytes = &bytes[..bytes.len().min(2000)];
        self.folder.state().files[self.number].bytes.extend_from_slice(bytes);
        self.real.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Writing {
    fn sync(&mut self) -> io::Result<()> {
        self.folder.disk.count_step()?;
        if !self.folder.disk.forgets_syncs() {
            let content = &mut self.folder.state().files[self.number];
            content.synced.clone_from(&content.bytes);
        }
        Ok(())
    }
}
