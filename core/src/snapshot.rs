//! Snapshots: the whole state of an engine as bytes, the same on every platform.
//!
//! A snapshot is a head, the state in [Borsh](https://borsh.io) (every size is fixed or written out), and a digest of
//! both. The digest finds damage; what is read is checked all the same, so that no bytes whatever can make an engine
//! that contradicts itself.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use borsh::io;
use md5::{Digest, Md5};

/// What every snapshot starts with.
const MAGIC: &[u8; 16] = b"shardbrook state";
/// The form of the state. Other forms are refused: it changes whenever the state does.
const FORMAT: u32 = 1;
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

/// An error of what is read: it cannot have been written by an engine.
pub(crate) fn contradiction(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Refuses what is read unless it is sound.
pub(crate) fn check(is_sound: bool, what: &'static str) -> io::Result<()> {
    if is_sound { Ok(()) } else { Err(contradiction(what)) }
}

/// Where counters may stand in a snapshot: no engine gets as far, and none that starts there comes to the end of the
/// numbers.
const MAX_COUNT: u64 = 1 << 56;

/// Whether counters of a snapshot can go on.
pub(crate) fn can_go_on(counters: &[u64]) -> bool {
    counters.iter().all(|counter| *counter <= MAX_COUNT)
}

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

    fn put(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        (self.out)(bytes);
    }

    /// Writes the digest.
    pub(crate) fn finish(self) {
        (self.out)(&self.digest.finalize());
    }
}

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The state between head and digest.
pub(crate) fn open(snapshot: &[u8]) -> Result<&[u8], SnapshotError> {
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

impl From<io::Error> for SnapshotError {
    fn from(error: io::Error) -> Self {
        Self::Unsound(error.to_string())
    }
}

/// What is wrong with a part of the state.
pub(crate) fn unsound(what: &str) -> SnapshotError {
    SnapshotError::Unsound(format!("{what} cannot be"))
}
