//! A disk that forgets what was not synced.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use super::Rng;
use crate::journal::OpenBackend;

/// What is written at once or not at all.
const SECTOR: usize = 512;

#[derive(Clone, Debug)]
enum Write {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

impl Write {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Length(len) => content.resize(*len as usize, 0),
            Self::Bytes(at, bytes) => {
                let (at, end) = (*at as usize, *at as usize + bytes.len());
                content.resize(content.len().max(end), 0);
                content[at..end].copy_from_slice(bytes);
            }
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// What is read back while the disk works.
    content: Vec<u8>,
    /// What outlives a crash for sure.
    synced: Vec<u8>,
    unsynced: Vec<Write>,
    /// Writes and syncs until the disk stops.
    left: Option<u64>,
    /// What it has room for.
    capacity: Option<u64>,
    /// Syncs do nothing: for tests of the tests.
    forgets_syncs: bool,
}

/// A disk with one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Opens the file at any path, and leaves an empty one there.
    pub(super) fn backend(&self) -> OpenBackend {
        let disk = self.clone();
        Arc::new(move |path: &Path| {
            std::fs::OpenOptions::new().create(true).append(true).open(path)?;
            Ok(Box::new(disk.clone()))
        })
    }

    /// Stops the disk after so many more writes and syncs.
    pub(super) fn stop_after(&self, operations: u64) {
        self.state().left = Some(operations);
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.state().left == Some(0)
    }

    /// Has room for so many bytes in all.
    pub(super) fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    pub(super) fn forgets_syncs(&self) -> bool {
        self.state().forgets_syncs
    }

    pub(super) fn forget_syncs(&self) {
        self.state().forgets_syncs = true;
    }

    pub(super) fn content(&self) -> Vec<u8> {
        self.state().content.clone()
    }

    pub(super) fn set_content(&self, content: Vec<u8>) {
        *self.state() = State { synced: content.clone(), content, ..State::default() };
    }

    /// The disk after a crash: of what was not synced, some is there, some is not, some in part.
    pub(super) fn recover(&self, rng: &mut Rng) {
        let mut state = self.state();
        let mut content = core::mem::take(&mut state.synced);
        let keeps_all = rng.chance(10);
        for write in core::mem::take(&mut state.unsynced) {
            if keeps_all || rng.chance(50) {
                write.apply(&mut content);
            } else if let Write::Bytes(at, bytes) = &write {
                for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                    if rng.chance(50) {
                        let at = at + (number * SECTOR) as u64;
                        Write::Bytes(at, sector.to_vec()).apply(&mut content);
                    }
                }
            }
        }
        *state = State { content: content.clone(), synced: content, ..State::default() };
    }

    /// Something else is written or synced on the same disk.
    pub(super) fn count_step(&self) -> io::Result<()> {
        self.step().map(drop)
    }

    fn step(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        match &mut state.left {
            Some(0) => return Err(io::Error::other("the machine is off")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }

    fn write(&self, write: Write) -> io::Result<()> {
        let mut state = self.step()?;
        let end = match &write {
            Write::Length(len) => *len,
            Write::Bytes(at, bytes) => at + bytes.len() as u64,
        };
        if state.capacity.is_some_and(|capacity| end > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        write.apply(&mut state.content);
        state.unsynced.push(write);
        Ok(())
    }
}

impl redb::StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let wanted = usize::try_from(offset).ok().and_then(|at| state.content.get(at..)?.get(..out.len()));
        out.copy_from_slice(wanted.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.write(Write::Length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.step()?;
        if !state.forgets_syncs {
            state.synced = state.content.clone();
            state.unsynced.clear();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write(Write::Bytes(offset, data.to_vec()))
    }
}
