//! The thread that writes: all that waits becomes one group.

use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use shardbrook::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::entry::{Entry, Input};
use super::files::Watermark;
use super::store::Store;
use super::{Fsync, JournalFailure, JournalOptions, JournalStats, MAX_WAITING_BYTES, closed};

/// How far the writer has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// All entries before this one are durable.
    pub(super) durable: u64,
    pub(super) failure: Option<JournalFailure>,
}

/// What waits for the writer, and who waits for it.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Mutex<Queue>,
    /// Told when the queue has something for the writer.
    work: Condvar,
    /// Told when a snapshot is due, and when one can be finished.
    snapshots: Condvar,
    /// The number of the next entry.
    next: AtomicU64,
    progress: watch::Sender<Progress>,
    snapshot_after_bytes: u64,
}

#[derive(Debug, Default)]
struct Queue {
    entries: Vec<Entry>,
    rooms: Vec<OwnedSemaphorePermit>,
    /// About how many bytes the entries take.
    bytes: usize,
    /// Entries before this one are part of a snapshot.
    drop_before: Option<u64>,
    is_closing: bool,
    /// A snapshot waits for what is there.
    is_awaited: bool,
    is_snapshot_due: bool,
    /// Bytes that were written since the last snapshot was begun.
    since_snapshot: u64,
    stats: JournalStats,
}

impl Writer {
    /// A writer whose first entry is `next`; so many bytes of entries are not part of a snapshot.
    pub(super) fn new(next: u64, since_snapshot: u64, options: &JournalOptions) -> Self {
        let progress = watch::Sender::new(Progress { durable: next, failure: None });
        Self {
            queue: Mutex::new(Queue { since_snapshot, ..Queue::default() }),
            work: Condvar::new(),
            snapshots: Condvar::new(),
            next: AtomicU64::new(next),
            progress,
            snapshot_after_bytes: options.snapshot_after_bytes,
        }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    pub(super) fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    pub(super) fn append(&self, now: Timestamp, input: Input, room: Option<OwnedSemaphorePermit>) {
        let mut queue = self.lock();
        // It counts even if nobody writes it: then what it did is never acknowledged.
        self.next.fetch_add(1, Ordering::AcqRel);
        if queue.is_closing || self.progress.borrow().failure.is_some() {
            // What came before is written still.
            self.progress.send_modify(|progress| {
                progress.failure.get_or_insert_with(closed);
            });
            drop(queue);
            self.snapshots.notify_all();
            return;
        }
        queue.bytes += input.size();
        queue.entries.push(Entry { now: now.as_millis(), input });
        queue.rooms.extend(room);
        drop(queue);
        self.work.notify_one();
    }

    /// Writes until the queue is closed and empty, or something fails.
    pub(super) fn run(&self, mut store: Store, mut watermark: Watermark, fsync: Fsync) {
        while let Some((entries, rooms, drop_before)) = self.take() {
            let write = || self.write(&mut store, &mut watermark, &entries, drop_before);
            // The store panics when its file was changed behind its back.
            let written = catch_unwind(AssertUnwindSafe(write))
                .unwrap_or_else(|_| Err("the store is damaged".to_owned()));
            if let Err(error) = written {
                self.fail(&format!("{}: {error}", store.path().display()));
                return;
            }
            drop(rooms);
            if let Fsync::Interval(interval) = fsync {
                self.rest(interval);
            }
        }
        if let Err(error) = watermark.sync() {
            self.fail(&error.to_string());
        }
    }

    fn take(&self) -> Option<(Vec<Entry>, Vec<OwnedSemaphorePermit>, Option<u64>)> {
        let mut queue = self.lock();
        loop {
            if !queue.entries.is_empty() || queue.drop_before.is_some() {
                queue.bytes = 0;
                queue.is_awaited = false;
                let Queue { entries, rooms, drop_before, .. } = &mut *queue;
                return Some((core::mem::take(entries), core::mem::take(rooms), drop_before.take()));
            }
            if queue.is_closing {
                return None;
            }
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write(
        &self,
        store: &mut Store,
        watermark: &mut Watermark,
        entries: &[Entry],
        drop_before: Option<u64>,
    ) -> Result<(), String> {
        if !entries.is_empty() {
            let first = self.progress.borrow().durable;
            let next = first + entries.len() as u64;
            let bytes = store.commit(first, entries).map_err(|error| error.to_string())?;
            watermark.set(next).map_err(|error| error.to_string())?;
            self.progress.send_modify(|progress| progress.durable = next);
            self.count(entries.len() as u64, bytes);
        }
        if let Some(base) = drop_before {
            let has_more = store.drop_before(base).map_err(|error| error.to_string())?;
            let mut queue = self.lock();
            queue.stats.syncs += 1;
            if has_more {
                queue.drop_before.get_or_insert(base);
            }
        }
        Ok(())
    }

    fn count(&self, entries: u64, bytes: u64) {
        let mut queue = self.lock();
        queue.stats.entries += entries;
        queue.stats.bytes += bytes;
        queue.stats.syncs += 1;
        queue.since_snapshot += bytes;
        if queue.since_snapshot > self.snapshot_after_bytes.max(queue.stats.snapshot_bytes) {
            queue.is_snapshot_due = true;
        }
        drop(queue);
        self.snapshots.notify_all();
    }

    /// Lets entries come together, as long as there is room for more and nobody waits.
    fn rest(&self, interval: Duration) {
        let may_rest =
            |queue: &mut Queue| !queue.is_closing && !queue.is_awaited && queue.bytes < MAX_WAITING_BYTES / 2;
        let rested = self.work.wait_timeout_while(self.lock(), interval, may_rest);
        drop(rested.unwrap_or_else(PoisonError::into_inner));
    }

    /// From now on nothing is acknowledged.
    pub(super) fn fail(&self, why: &str) {
        tracing::error!("the journal cannot be written, and nothing is acknowledged any more: {why}");
        let message = format!(
            "The journal cannot be written: {why}. Nothing is acknowledged until the server is started again."
        );
        self.fail_with(JournalFailure(message.into()));
    }

    fn fail_with(&self, failure: JournalFailure) {
        self.progress.send_modify(|progress| {
            progress.failure.get_or_insert(failure);
        });
        let mut queue = self.lock();
        queue.entries.clear();
        queue.rooms.clear();
        drop(queue);
        self.snapshots.notify_all();
    }

    /// Waits until a snapshot is due; gives nothing when none ever will be.
    pub(super) fn wait_for_snapshot(&self) -> Option<()> {
        let mut queue = self.lock();
        while !queue.is_snapshot_due {
            if queue.is_closing || self.progress.borrow().failure.is_some() {
                return None;
            }
            queue = self.snapshots.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.is_snapshot_due = false;
        queue.since_snapshot = 0;
        Some(())
    }

    pub(super) fn wait_until_durable(&self, next: u64) -> Result<(), JournalFailure> {
        let mut queue = self.lock();
        loop {
            let progress = self.progress.borrow().clone();
            if progress.durable >= next {
                return Ok(());
            }
            if let Some(failure) = progress.failure {
                return Err(failure);
            }
            if !core::mem::replace(&mut queue.is_awaited, true) {
                self.work.notify_one();
            }
            queue = self.snapshots.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A snapshot of this size has all entries before `next`.
    pub(super) fn drop_before(&self, next: u64, size: u64) {
        let mut queue = self.lock();
        queue.drop_before = Some(next);
        queue.stats.snapshots += 1;
        queue.stats.snapshot_bytes = size;
        drop(queue);
        self.work.notify_one();
    }

    pub(super) fn stats(&self) -> JournalStats {
        let waiting_entries = self.next().saturating_sub(self.progress.borrow().durable);
        JournalStats { waiting_entries, ..self.lock().stats }
    }

    pub(super) fn close(&self) {
        self.lock().is_closing = true;
        self.work.notify_all();
        self.snapshots.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread of a writer.
pub(super) fn spawn(
    writer: &Arc<Writer>,
    store: Store,
    watermark: Watermark,
    fsync: Fsync,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let writer = Arc::clone(writer);
    std::thread::Builder::new().name("journal".into()).spawn(move || writer.run(store, watermark, fsync))
}
