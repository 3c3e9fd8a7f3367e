//! Groups of entries in their embedded store.

use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use borsh::{BorshDeserialize, BorshSerialize};
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use super::OpenBackend;
use super::entry::Entry;
use super::error::{JournalError, VERSION};
use super::replay::Chunk;

/// The head alone.
const HEAD: TableDefinition<'_, (), &[u8]> = TableDefinition::new("head");
/// Groups under the number of their first entry.
const GROUPS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("groups");
/// What the store may keep in memory.
const CACHE_BYTES: usize = 16 << 20;
/// The most groups that one transaction drops, so that those who wait for the next one do not wait long.
const DROPPED_AT_ONCE: usize = 512;
/// About what entries take that are read together: several large requests, or many small ones.
const CHUNK_BYTES: usize = 256 << 10;
/// What an entry counts for beside its request.
const ENTRY_BYTES: usize = 64;
/// A group with more is divided: the store makes room for a large value by the next power of two.
const GROUP_BYTES: usize = 1 << 20;
const CHECKSUM_LEN: usize = 4;

/// What a store says of itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Head {
    /// The version of the engine that executed the entries.
    pub(super) version: String,
    /// The first entry that is kept; those before it are part of a snapshot.
    pub(super) base: u64,
}

/// The store.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    path: PathBuf,
    head: Head,
}

impl Store {
    /// Makes a store without entries, and closes it.
    pub(super) fn create(path: &Path, open: &OpenBackend) -> Result<(), JournalError> {
        let head = Head { version: VERSION.to_owned(), base: 0 };
        let backend = open(path).map_err(JournalError::io(path))?;
        let database = builder().create_with_backend(Boxed(backend)).map_err(|error| failed(path, error))?;
        let mut store = Self { database, path: path.to_owned(), head: head.clone() };
        store.write_head(head).map_err(|error| failed(path, error))
    }

    /// Opens a store, and checks all of it.
    pub(super) fn open(path: &Path, open: &OpenBackend) -> Result<Self, JournalError> {
        let backend = open(path).map_err(JournalError::io(path))?;
        if backend.len().map_err(JournalError::io(path))? == 0 {
            return Err(JournalError::damaged(path, "it is empty"));
        }
        careful(path, || {
            let mut database =
                builder().create_with_backend(Boxed(backend)).map_err(|error| failed(path, error))?;
            // What cannot be repaired is an error; what can may have lost entries, which their numbers tell.
            database.check_integrity().map_err(|error| failed(path, error))?;
            let head = read_head(&database).map_err(|error| failed(path, error))?;
            let head = head.ok_or_else(|| JournalError::damaged(path, "its head is damaged"))?;
            Ok(Self { database, path: path.to_owned(), head })
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    /// Reads all entries, in their order.
    pub(super) fn entries(&self) -> Result<Entries<'_>, JournalError> {
        let failed = |error: redb::Error| failed(&self.path, error);
        let groups = careful(&self.path, || {
            let table = self
                .database
                .begin_read()
                .map_err(redb::Error::from)
                .and_then(|transaction| transaction.open_table(GROUPS).map_err(redb::Error::from));
            match table {
                Ok(table) => table.range::<u64>(..).map(Some).map_err(|error| failed(error.into())),
                Err(redb::Error::TableDoesNotExist(_)) => Ok(None),
                Err(error) => Err(failed(error)),
            }
        })?;
        Ok(Entries { path: &self.path, groups, next: self.head.base, group: Vec::new().into_iter() })
    }

    /// Writes entries in one transaction, durably.
    pub(super) fn commit(&self, first: u64, entries: &[Entry]) -> Result<u64, redb::Error> {
        let transaction = self.database.begin_write()?;
        let mut table = transaction.open_table(GROUPS)?;
        let (mut next, mut bytes) = (first, 0);
        for group in divide(entries) {
            let packed = pack_group(next, group);
            table.insert(next, &*packed)?;
            next += group.len() as u64;
            bytes += packed.len() as u64;
        }
        drop(table);
        transaction.commit()?;
        Ok(bytes)
    }

    /// Drops groups without entries from `base` on; some at a time. Gives whether there are more.
    pub(super) fn drop_before(&mut self, base: u64) -> Result<bool, redb::Error> {
        let dropped: Vec<u64> = {
            let table = match self.database.begin_read()?.open_table(GROUPS) {
                Ok(table) => table,
                Err(redb::TableError::TableDoesNotExist(_)) => return self.move_base(base, &[]),
                Err(error) => return Err(error.into()),
            };
            // A group ends where the next one starts; the last one may go on for longer.
            let firsts: Result<Vec<u64>, _> = table
                .range(..=base)?
                .take(DROPPED_AT_ONCE + 1)
                .map(|group| group.map(|(first, _)| first.value()))
                .collect();
            let mut firsts = firsts?;
            let last = firsts.pop();
            // It is kept unless it ends at or before the base.
            if let Some(last) = last
                && firsts.len() < DROPPED_AT_ONCE
                && let Some(value) = table.get(last)?
                && last + count(value.value()) <= base
            {
                firsts.push(last);
            }
            firsts
        };
        self.move_base(base, &dropped)
    }

    fn move_base(&mut self, base: u64, dropped: &[u64]) -> Result<bool, redb::Error> {
        let has_more = dropped.len() == DROPPED_AT_ONCE;
        let transaction = self.database.begin_write()?;
        {
            let mut groups = transaction.open_table(GROUPS)?;
            for first in dropped {
                groups.remove(first)?;
            }
            // A group that goes on beyond the base is kept, and with it what is before the base.
            self.head.base = groups.first()?.map_or(base, |(first, _)| first.value().min(base));
            transaction.open_table(HEAD)?.insert((), &*pack_head(&self.head))?;
        }
        transaction.commit()?;
        Ok(has_more)
    }

    /// Says that entries from now on are executed by this version.
    pub(super) fn set_version(&mut self, version: &str) -> Result<(), redb::Error> {
        let head = Head { version: version.to_owned(), ..self.head.clone() };
        self.write_head(head)
    }

    fn write_head(&mut self, head: Head) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(HEAD)?.insert((), &*pack_head(&head))?;
        transaction.commit()?;
        self.head = head;
        Ok(())
    }
}

/// The entries of a store, some at a time.
pub(super) struct Entries<'s> {
    path: &'s Path,
    groups: Option<redb::Range<'static, u64, &'static [u8]>>,
    /// The number of the next entry.
    next: u64,
    /// What is left of the group that is being read.
    group: std::vec::IntoIter<Entry>,
}

impl Entries<'_> {
    /// The number of the entry that comes next; in the end, the one after the last.
    pub(super) fn next_number(&self) -> u64 {
        self.next
    }

    /// The next group, whose first entry must be the next one.
    fn next_group(&mut self) -> Result<Option<Vec<Entry>>, JournalError> {
        let (path, next) = (self.path, self.next);
        let Some(groups) = &mut self.groups else { return Ok(None) };
        careful(path, || {
            let Some(group) = groups.next() else { return Ok(None) };
            let (first, value) = group.map_err(|error| failed(path, error))?;
            let first = first.value();
            let entries = unpack_group(first, value.value()).ok_or_else(|| {
                JournalError::damaged(path, format!("the group of entry {first} is damaged"))
            })?;
            if first != next || entries.is_empty() {
                let what = format!("entry {next} is missing: the next one is {first}");
                return Err(JournalError::damaged(path, what));
            }
            Ok(Some(entries))
        })
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, JournalError> {
        if self.group.as_slice().is_empty() {
            let Some(group) = self.next_group()? else { return Ok(None) };
            self.group = group.into_iter();
        }
        let mut bytes = 0;
        let is_within = |entry: &&Entry| {
            let before = bytes;
            bytes += entry.input.size() + ENTRY_BYTES;
            before < CHUNK_BYTES
        };
        let len = self.group.as_slice().iter().take_while(is_within).count();
        let chunk = Chunk { first: self.next, entries: self.group.by_ref().take(len).collect() };
        self.next += len as u64;
        Ok(Some(chunk))
    }
}

/// Nothing comes after an error.
impl Iterator for Entries<'_> {
    type Item = Result<Chunk, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = self.next_chunk();
        if chunk.is_err() {
            self.groups = None;
        }
        chunk.transpose()
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn failed(path: &Path, error: impl Into<redb::Error>) -> JournalError {
    let error = error.into();
    if let redb::Error::Io(error) = error {
        return JournalError::Io(path.to_owned(), error);
    }
    JournalError::damaged(path, error.to_string())
}

/// Does what the store may answer with a panic when its file is damaged.
fn careful<T>(path: &Path, act: impl FnOnce() -> Result<T, JournalError>) -> Result<T, JournalError> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|_| Err(JournalError::damaged(path, "it is damaged: the store cannot read it")))
}

fn read_head(database: &Database) -> Result<Option<Head>, redb::Error> {
    let table = database.begin_read()?.open_table(HEAD)?;
    let head = table.get(())?;
    Ok(head.and_then(|head| Head::try_from_slice(open_sealed(0, head.value())?).ok()))
}

fn pack_head(head: &Head) -> Vec<u8> {
    let mut packed = Vec::new();
    let written = head.serialize(&mut packed);
    debug_assert!(written.is_ok(), "a vector takes everything");
    seal(0, packed)
}

/// Divides entries into groups: each has one that crosses the bound at most, and that is its last.
fn divide(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    let mut rest = entries;
    core::iter::from_fn(move || {
        let mut bytes = 0;
        let is_full = |entry: &Entry| {
            bytes += entry.input.size();
            bytes >= GROUP_BYTES
        };
        let end = rest.iter().position(is_full).map_or(rest.len(), |last| last + 1);
        let group;
        (group, rest) = rest.split_at(end);
        (!group.is_empty()).then_some(group)
    })
}

fn pack_group(first: u64, entries: &[Entry]) -> Vec<u8> {
    let size: usize = entries.iter().map(|entry| entry.input.size() + 32).sum();
    let mut packed = Vec::with_capacity(size + 16);
    let written = entries.serialize(&mut packed);
    debug_assert!(written.is_ok(), "a vector takes everything");
    seal(first, packed)
}

fn unpack_group(first: u64, value: &[u8]) -> Option<Vec<Entry>> {
    Vec::try_from_slice(open_sealed(first, value)?).ok()
}

/// How many entries a group has, which its bytes start with.
fn count(value: &[u8]) -> u64 {
    value.first_chunk().map_or(0, |count| u32::from_le_bytes(*count).into())
}

/// Adds a checksum over the number of the first entry and the bytes.
fn seal(first: u64, mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = checksum(first, &bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

fn open_sealed(first: u64, sealed: &[u8]) -> Option<&[u8]> {
    let (bytes, found) = sealed.split_last_chunk::<CHECKSUM_LEN>()?;
    (*found == checksum(first, bytes)).then_some(bytes)
}

fn checksum(first: u64, bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&first.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize().to_be_bytes()
}

/// A backend whose kind is not known.
#[derive(Debug)]
struct Boxed(Box<dyn redb::StorageBackend>);

impl redb::StorageBackend for Boxed {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> std::io::Result<()> {
        self.0.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::Input;

    #[test]
    fn entries_are_divided_into_groups_of_some_size() {
        let entry = |bytes| Entry { now: 0, input: Input::Call(vec![0; bytes], None) };
        let half = GROUP_BYTES / 2;
        for (sizes, groups) in [
            (&[][..], &[][..]),
            (&[0, 1], &[2]),
            (&[half, half, half], &[2, 1]),
            (&[3 * half, 1, half, half, 1], &[1, 3, 1]),
        ] {
            let entries: Vec<Entry> = sizes.iter().map(|size| entry(*size)).collect();
            let found: Vec<usize> = divide(&entries).map(<[Entry]>::len).collect();
            assert_eq!(found, groups, "{sizes:?}");
        }
    }
}
