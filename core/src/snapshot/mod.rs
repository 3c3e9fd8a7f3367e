//! Snapshots: the whole state of an engine as bytes, the same on every platform.
//!
//! A snapshot is a head, the state (every size is fixed or written out before what has it), and a digest of both. The
//! digest finds damage; what is read is checked all the same, so that no bytes whatever can make an engine
//! that contradicts itself. What is taken stays so: an engine that was restored writes snapshots that are taken too. So
//! no check sets a bound that going on may pass, and counters go on from anywhere.

mod persist;

use alloc::format;
use alloc::string::String;
use core::fmt;

use md5::{Digest, Md5};
pub(crate) use shardbrook_derive::Persist;

pub(crate) use self::persist::Persist;

/// What every snapshot starts with.
const MAGIC: &[u8; 16] = b"shardbrook state";
/// The form of the state. Other forms are refused: it changes whenever the state does.
const FORMAT: u32 = 3;
const HEAD_LEN: usize = MAGIC.len() + 4;
const DIGEST_LEN: usize = 16;

/// Why bytes are no snapshot that this engine can start from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They do not start as a snapshot does.
    NotASnapshot,
    /// They are a snapshot of another version.
    OtherFormat {
        /// The form of the snapshot.
        found: u32,
        /// The form that this version reads and writes.
        supported: u32,
    },
    /// They were cut off or changed: the digest does not fit.
    Damaged,
    /// The digest fits, but the state contradicts itself.
    Unsound(String),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASnapshot => f.write_str("these bytes are not a snapshot of an engine"),
            Self::OtherFormat { found, supported } => write!(
                f,
                "the snapshot has format {found}, and this version reads format {supported}: take it again with this version"
            ),
            Self::Damaged => f.write_str("the snapshot is damaged: it was cut off or changed"),
            Self::Unsound(what) => write!(f, "the snapshot contradicts itself: {what}"),
        }
    }
}

impl core::error::Error for SnapshotError {}

/// Takes the bytes of a snapshot and digests them on the way.
pub(crate) struct Writer<'o> {
    out: &'o mut dyn FnMut(&[u8]),
    digest: Md5,
}

impl<'o> Writer<'o> {
    /// A writer that has written the head.
    pub(crate) fn new(out: &'o mut dyn FnMut(&[u8])) -> Self {
        let mut writer = Self { out, digest: Md5::new() };
        writer.put(MAGIC);
        writer.put(&FORMAT.to_be_bytes());
        writer
    }

    /// Writes bytes whose number is known to who reads them.
    fn put(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        (self.out)(bytes);
    }

    /// Writes a number as this many bytes, the lowest first.
    fn number(&mut self, number: u64, size: usize) {
        self.put(&number.to_le_bytes()[..size]);
    }

    /// Writes how many of something follow.
    fn count(&mut self, count: usize) {
        count.save(self);
    }

    /// Writes bytes and before them how many they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.put(bytes);
    }

    /// Writes which variant of an enum follows.
    pub(crate) fn variant(&mut self, number: u8) {
        number.save(self);
    }

    /// Writes the digest.
    pub(crate) fn finish(self) {
        (self.out)(&self.digest.finalize());
    }
}

/// Gives what a [`Writer`] took, from bytes that may be anything.
pub(crate) struct Reader<'s> {
    rest: &'s [u8],
    failure: Option<&'static str>,
}

impl<'s> Reader<'s> {
    /// A reader of the state of this snapshot.
    pub(crate) fn open(snapshot: &'s [u8]) -> Result<Self, SnapshotError> {
        Ok(Self { rest: open(snapshot)?, failure: None })
    }

    /// Says that no engine wrote this. From here on all numbers are zero and all collections empty, so that reading
    /// comes to an end soon, and [`finish`](Self::finish) refuses what came of it.
    pub(crate) fn fail(&mut self, what: &'static str) {
        self.failure.get_or_insert(what);
        self.rest = &[];
    }

    /// Fails unless what was read is sound.
    pub(crate) fn check(&mut self, is_sound: bool, what: &'static str) {
        if !is_sound {
            self.fail(what);
        }
    }

    /// Whether there is no use in reading on.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// An error if anything was wrong up to here.
    pub(crate) fn so_far(&self) -> Result<(), SnapshotError> {
        self.failure.map_or(Ok(()), |what| Err(SnapshotError::Unsound(what.into())))
    }

    /// Ends reading: an error if anything was wrong.
    pub(crate) fn finish(mut self) -> Result<(), SnapshotError> {
        self.check(self.rest.is_empty(), "it goes on after its end");
        self.so_far()
    }

    fn take(&mut self, count: usize) -> &'s [u8] {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            self.fail("it ends too soon");
            return &[];
        };
        self.rest = rest;
        taken
    }

    /// A number of at most eight bytes, the lowest first.
    fn number(&mut self, size: usize) -> u64 {
        self.take(size).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// How many of something follow.
    fn count(&mut self) -> usize {
        usize::load(self)
    }

    /// Bytes that were written with their number.
    pub(crate) fn bytes(&mut self) -> &'s [u8] {
        let count = self.count();
        self.take(count)
    }

    /// Which of an enum's `count` variants follows.
    pub(crate) fn variant(&mut self, count: u8) -> u8 {
        let number = u8::load(self);
        if number < count {
            return number;
        }
        self.fail("a choice is none of those that there are");
        0
    }
}

/// The state between head and digest.
fn open(snapshot: &[u8]) -> Result<&[u8], SnapshotError> {
    let (head, _) = snapshot.split_at_checked(HEAD_LEN).ok_or(SnapshotError::NotASnapshot)?;
    let found = head.strip_prefix(MAGIC).ok_or(SnapshotError::NotASnapshot)?;
    let found = found.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    if found != FORMAT {
        return Err(SnapshotError::OtherFormat { found, supported: FORMAT });
    }
    let (content, digest) = snapshot
        .len()
        .checked_sub(DIGEST_LEN)
        .and_then(|end| snapshot.split_at_checked(end))
        .ok_or(SnapshotError::Damaged)?;
    if Md5::digest(content).as_slice() != digest {
        return Err(SnapshotError::Damaged);
    }
    content.get(HEAD_LEN..).ok_or(SnapshotError::Damaged)
}

/// What is wrong with a part of the state.
pub(crate) fn unsound(what: &str) -> SnapshotError {
    SnapshotError::Unsound(format!("{what} cannot be"))
}

#[cfg(test)]
pub(crate) mod tests;
