//! From a directory to an engine that goes on where it stopped.

use std::path::Path;
use std::sync::{Arc, Mutex};

use shardbrook::{Engine, EngineConfig, Timestamp};
use tokio::sync::Semaphore;

use super::entry::{Entry, Input};
use super::error::{JournalError, VERSION};
use super::files::{Directory, Watermark};
use super::replay::{Chunk, Failure, drain, replay};
use super::store::Store;
use super::writer::{self, Writer};
use super::{Journal, JournalOptions, MAX_WAITING_BYTES};

/// What was read of a directory.
struct Recovered {
    engine: Engine,
    /// The number of the next entry.
    next: u64,
    /// About how many bytes of entries no snapshot has.
    replayed_bytes: u64,
    is_new: bool,
}

impl Journal {
    /// Opens the journal in a directory, which is made if it is not there, and gives the engine as it was when the last
    /// durable entry was written, moved on to `now`.
    ///
    /// The settings that quotas, durations and limits have may differ from those before. An option that the state depends
    /// on may not: the seed, the account, the region, the clock and where objects go.
    ///
    /// # Errors
    /// When not every entry that was ever acknowledged can be had back, and in the other cases of [`JournalError`].
    pub fn open(
        path: &Path,
        options: &JournalOptions,
        config: &EngineConfig,
        now: Timestamp,
    ) -> Result<(Self, Engine), JournalError> {
        let directory = Directory::open(path, &options.files)?;
        directory.remove_unfinished().map_err(JournalError::io(path))?;
        let mut store = open_store(&directory, options)?;
        let Recovered { mut engine, mut next, replayed_bytes, is_new } = recover(&directory, &store, config)?;
        let now = now.max(engine.now());
        // Those who waited are gone.
        engine.release_receivers(now);
        let is_changed = engine.reconfigure(now, config)?;
        drain(&mut engine);
        let failed = |error: redb::Error| JournalError::Damaged(directory.store(), error.to_string());
        if store.head().version != VERSION {
            store.set_version(VERSION).map_err(failed)?;
        }
        if replayed_bytes > 0 {
            let release = Entry { now: now.as_millis(), input: Input::Release };
            store.commit(next, &[release]).map_err(failed)?;
            next += 1;
        }
        let watermark = directory.watermark();
        let watermark = Watermark::create(&watermark, next).map_err(JournalError::io(&watermark))?;
        let is_complete = is_new || is_changed;
        let writer = Writer::new(next, if is_complete { 0 } else { replayed_bytes }, options);
        if is_complete {
            // The entries to come depend on what no entry says.
            let mut snapshot = || {
                let mut file = directory.begin_snapshot()?;
                engine.snapshot(now, &mut |piece| file.write(piece));
                file.finish(&directory, next)
            };
            let size = snapshot().map_err(JournalError::io(&directory.snapshot(next)))?;
            writer.drop_before(next, size);
        }
        directory.sync().map_err(JournalError::io(path))?;
        let writer = Arc::new(writer);
        let thread =
            writer::spawn(&writer, store, watermark, options.fsync).map_err(JournalError::io(path))?;
        let journal = Self {
            progress: writer.subscribe(),
            writer,
            fsync: options.fsync,
            room: Arc::new(Semaphore::new(MAX_WAITING_BYTES)),
            directory,
            snapshots: Mutex::new(()),
            threads: Mutex::new(vec![thread]),
        };
        Ok((journal, engine))
    }
}

/// Opens the store; makes one in a directory without a journal.
fn open_store(directory: &Directory, options: &JournalOptions) -> Result<Store, JournalError> {
    let path = directory.store();
    let path = path.as_path();
    if !path.try_exists().map_err(JournalError::io(path))? {
        let snapshots = directory.snapshots().map_err(JournalError::io(directory.path()))?;
        if !snapshots.is_empty() || Watermark::read(&directory.watermark())?.is_some() {
            return Err(JournalError::damaged(
                path,
                "it is missing, and other files of the journal are there",
            ));
        }
        let unfinished = directory.unfinished_store();
        Store::create(&unfinished, &options.backend)?;
        std::fs::rename(&unfinished, path).map_err(JournalError::io(path))?;
        directory.sync().map_err(JournalError::io(directory.path()))?;
    }
    Store::open(path, &options.backend)
}

/// Makes the engine from the newest snapshot and the entries after it.
fn recover(directory: &Directory, store: &Store, config: &EngineConfig) -> Result<Recovered, JournalError> {
    let watermark_path = directory.watermark();
    let watermark = Watermark::read(&watermark_path)?;
    let base = store.head().base;
    let snapshots = directory.snapshots().map_err(JournalError::io(directory.path()))?;
    let Some(&taken) = snapshots.last() else {
        let mut entries = store.entries()?;
        entries.by_ref().try_for_each(|chunk| chunk.map(drop))?;
        let next = entries.next_number();
        if next > 0 || watermark.is_some_and(|next| next > 0) {
            return Err(JournalError::damaged(directory.path(), "the snapshot is missing"));
        }
        // The process that made the store died before anything else.
        return Ok(Recovered { engine: Engine::new(config.clone())?, next, replayed_bytes: 0, is_new: true });
    };
    let path = directory.snapshot(taken);
    if taken < base {
        let what = format!("the snapshot of entry {base} or a later one is missing: this is the newest");
        return Err(JournalError::damaged(&path, what));
    }
    let bytes = std::fs::read(&path).map_err(JournalError::io(&path))?;
    // Time goes on only as the entries say.
    let engine = Engine::restore(Timestamp::from_millis(0), &bytes)
        .map_err(|error| JournalError::Snapshot(path.clone(), error))?;
    drop(bytes);
    let is_same_version = store.head().version == VERSION;
    let mut entries = store.entries()?;
    let (mut count, mut replayed_bytes) = (0, 0);
    let chunks = entries.by_ref().map(|chunk| {
        let Chunk { first, mut entries } = chunk?;
        // Those before are part of the snapshot.
        let skipped =
            usize::try_from(taken.saturating_sub(first)).map_or(entries.len(), |n| n.min(entries.len()));
        entries.drain(..skipped);
        count += entries.len() as u64;
        replayed_bytes += entries.iter().map(|entry| entry.input.size() as u64 + 1).sum::<u64>();
        if !is_same_version {
            entries.clear();
        }
        Ok(Chunk { first: first + skipped as u64, entries })
    });
    let engine = replay(engine, chunks).map_err(|failure| match failure {
        Failure::Source(error) => error,
        Failure::Entry(number, error) => {
            let what = format!("entry {number} cannot be executed again: {error}");
            JournalError::damaged(store.path(), what)
        }
    })?;
    let next = entries.next_number();
    if count > 0 && !is_same_version {
        return Err(JournalError::OtherVersion {
            directory: directory.path().to_owned(),
            found: store.head().version.clone(),
            entries: count,
        });
    }
    let known = watermark.unwrap_or_default().max(taken);
    if next < known {
        let what = format!(
            "it ends before entry {next}, and entries up to {known} were written: its end is damaged, or it is an older \
             copy"
        );
        return Err(JournalError::damaged(store.path(), what));
    }
    Ok(Recovered { engine, next, replayed_bytes, is_new: false })
}
