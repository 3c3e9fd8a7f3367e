//! What makes an engine outlive its process: a log of what changed it, and snapshots.
//!
//! The state of an engine is a function of pairs of a time and an input. The journal keeps those that can change it, in the
//! order in which the engine saw them, and hands out a number with each. Whoever waits for [`Journal::durable`] waits until
//! all that was handed out is on disk. A thread of its own writes: it takes all that waits, writes it as one group in one
//! transaction of the store, and lets go on all that waited for it.
//!
//! A directory holds
//! - `journal.redb`: the store with the groups since the last snapshot;
//! - `snapshot-<number>`: the state before the entry with that number;
//! - `watermark`: the number up to which entries were durable, to tell a store whose end was damaged from one whose last
//!   transaction was never finished;
//! - `lock`: held by the process that uses the directory.

mod entry;
mod error;
mod files;
mod open;
mod replay;
mod store;
#[cfg(test)]
mod tests;
mod writer;

use core::time::Duration;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use shardbrook::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

pub(crate) use self::entry::{Input, pack_request};
pub use self::error::JournalError;
use self::files::Directory;
pub(crate) use self::files::SnapshotFile;
use self::writer::{Progress, Writer};

/// Bytes of requests that may wait to be written. Who comes with more waits before the engine sees the request.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// When what the engine did is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// Before it is acknowledged.
    #[default]
    Always,
    /// So much later at most: what was acknowledged in this time is lost when the process or the machine dies.
    Interval(Duration),
}

/// Opens the store at a path; tests put one in that loses what was not synced.
pub type OpenBackend = Arc<dyn Fn(&Path) -> io::Result<Box<dyn redb::StorageBackend>> + Send + Sync>;

/// How a journal is kept.
#[derive(Clone)]
#[non_exhaustive]
pub struct JournalOptions {
    /// When it syncs.
    pub fsync: Fsync,
    /// A snapshot is taken when more than this, and more than the last snapshot has, was written since. Default: 64 MiB.
    pub snapshot_after_bytes: u64,
    /// Opens the store. Default: its file.
    pub backend: OpenBackend,
    /// Where snapshots are written.
    pub(crate) files: Arc<dyn files::Files>,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            fsync: Fsync::Always,
            snapshot_after_bytes: 64 << 20,
            backend: Arc::new(files::open_backend),
            files: Arc::new(files::SystemFiles),
        }
    }
}

impl core::fmt::Debug for JournalOptions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("JournalOptions")
            .field("fsync", &self.fsync)
            .field("snapshot_after_bytes", &self.snapshot_after_bytes)
            .finish_non_exhaustive()
    }
}

/// Nothing can be acknowledged any more, for this reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalFailure(Arc<str>);

impl JournalFailure {
    /// The engine panicked.
    pub(crate) fn of_engine() -> Self {
        Self(
            "the engine failed, and its state may be half of what it should be: start the server again"
                .into(),
        )
    }
}

impl core::fmt::Display for JournalFailure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for JournalFailure {}

/// What a journal did since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalStats {
    /// Entries that the engine has executed and that are not durable yet.
    pub waiting_entries: u64,
    /// Entries that were written.
    pub entries: u64,
    /// Bytes of entries that were written.
    pub bytes: u64,
    /// Transactions, each of which synced.
    pub syncs: u64,
    /// Snapshots that were taken.
    pub snapshots: u64,
    /// Bytes of the last snapshot.
    pub snapshot_bytes: u64,
}

/// The log of what changed an engine.
#[derive(Debug)]
pub struct Journal {
    writer: Arc<Writer>,
    progress: watch::Receiver<Progress>,
    fsync: Fsync,
    room: Arc<Semaphore>,
    directory: Directory,
    /// Held while a snapshot is taken.
    snapshots: Mutex<()>,
    /// The one that writes, and the one that takes snapshots.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Journal {
    /// Waits until there is room for a request of so many bytes. The room is taken until the request is written.
    pub(crate) async fn admit(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let permits = u32::try_from(bytes.min(MAX_WAITING_BYTES)).unwrap_or(u32::MAX);
        Arc::clone(&self.room).acquire_many_owned(permits).await.ok()
    }

    /// Takes an input that the engine has executed as if at `now`. Who calls holds the lock of the engine.
    pub(crate) fn append(&self, now: Timestamp, input: Input, room: Option<OwnedSemaphorePermit>) {
        self.writer.append(now, input, room);
    }

    /// Waits until all that was appended before is on disk, or can only be lost as [`Fsync`] allows.
    pub(crate) async fn durable(&self) -> Result<(), JournalFailure> {
        let next = self.writer.next();
        let mut progress = self.progress.clone();
        let is_done =
            |progress: &Progress| progress.durable >= next || progress.failure.is_some() || self.is_lax();
        let Ok(reached) = progress.wait_for(is_done).await else { return Err(closed()) };
        match &reached.failure {
            Some(failure) if reached.durable < next || self.is_lax() => Err(failure.clone()),
            _ => Ok(()),
        }
    }

    fn is_lax(&self) -> bool {
        self.fsync != Fsync::Always
    }

    /// Why nothing can be acknowledged any more, if so.
    pub fn failure(&self) -> Option<JournalFailure> {
        self.progress.borrow().failure.clone()
    }

    /// What it did so far.
    pub fn stats(&self) -> JournalStats {
        self.writer.stats()
    }

    /// Waits until a snapshot is due, again and again, and takes it, until the journal is closed or `take` gives nothing.
    pub(crate) fn take_snapshots(
        &self,
        take: impl Fn() -> Option<io::Result<()>> + Send + 'static,
    ) -> io::Result<()> {
        let writer = Arc::clone(&self.writer);
        let run = move || {
            while writer.wait_for_snapshot().is_some()
                && let Some(taken) = take()
            {
                if let Err(error) = taken {
                    // The entries are there, so nothing is lost; the next try is when as much was written again.
                    tracing::warn!("a snapshot could not be taken: {error}");
                }
            }
        };
        let thread = thread::Builder::new().name("snapshots".into()).spawn(run)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Waits until no other snapshot is taken.
    pub(crate) fn snapshot_turn(&self) -> MutexGuard<'_, ()> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file for a snapshot.
    pub(crate) fn begin_snapshot(&self) -> io::Result<SnapshotFile> {
        self.directory.begin_snapshot()
    }

    /// The number that the next entry gets.
    pub(crate) fn next(&self) -> u64 {
        self.writer.next()
    }

    /// Puts a snapshot, of the state before entry `next`, in the place of the entries before it. Blocks.
    pub(crate) fn finish_snapshot(&self, file: SnapshotFile, next: u64) -> io::Result<()> {
        // Entries that get lost must not be part of a snapshot: the numbers of others would follow.
        if let Err(failure) = self.writer.wait_until_durable(next) {
            file.discard();
            return Err(io::Error::other(failure));
        }
        let size = file.finish(&self.directory, next)?;
        self.writer.drop_before(next, size);
        Ok(())
    }

    /// Writes what waits and ends the threads. Nothing more can be appended.
    pub(crate) fn close(&self) {
        self.writer.close();
        let threads = core::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // The last one to let go of a host may be the thread that takes its snapshots.
        let others = threads.into_iter().filter(|thread| thread.thread().id() != thread::current().id());
        for thread in others {
            // They report what fails by themselves, and do not panic.
            drop(thread.join());
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

fn closed() -> JournalFailure {
    JournalFailure("the journal is closed: the server is stopping".into())
}
