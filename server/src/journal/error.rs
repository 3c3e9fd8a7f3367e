//! Why a journal cannot be opened.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use shardbrook::{ConfigError, SnapshotError};

/// Why a journal cannot be opened. The store may have undone its last transaction then, as far as it could read it; else
/// what the directory holds is as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process uses the directory.
    InUse(PathBuf),
    /// A file cannot be read or written.
    Io(PathBuf, io::Error),
    /// A file is damaged, or does not fit the others.
    Damaged(PathBuf, String),
    /// A snapshot cannot be read.
    Snapshot(PathBuf, SnapshotError),
    /// Another version of the engine left entries that only that version is sure to execute alike.
    OtherVersion {
        /// The directory.
        directory: PathBuf,
        /// The version that wrote the entries.
        found: String,
        /// How many entries there are.
        entries: u64,
    },
    /// The settings make no sense, or contradict those that the state was made with.
    Config(ConfigError),
}

/// The version of the engine, as the store names it.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

impl JournalError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |error| Self::Io(path.to_owned(), error)
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged(path.to_owned(), what.into())
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(directory) => write!(
                f,
                "another process uses {}: stop it, or give each its own directory",
                directory.display()
            ),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Damaged(path, what) => write!(
                f,
                "{}: {what}. Put the whole directory back from a copy, or start with an empty one",
                path.display()
            ),
            Self::Snapshot(path, SnapshotError::OtherFormat { found, supported }) => write!(
                f,
                "{}: the state has format {found}, and this version reads format {supported}: go on with the version that \
                 wrote it, or start with an empty directory",
                path.display()
            ),
            Self::Snapshot(path, error) => write!(
                f,
                "{}: {error}. Put the whole directory back from a copy, or start with an empty one",
                path.display()
            ),
            Self::OtherVersion { directory, found, entries } => write!(
                f,
                "{} has {entries} entries that version {found} wrote after its last snapshot, and this is version \
                 {VERSION}: start version {found} once more and stop it with SIGTERM, which takes a snapshot, then start \
                 this one",
                directory.display()
            ),
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for JournalError {}

impl From<ConfigError> for JournalError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_another_format_is_not_said_to_be_damaged() {
        let other = SnapshotError::OtherFormat { found: 2, supported: 3 };
        let said = JournalError::Snapshot("data/snapshot-1".into(), other).to_string();
        assert!(said.contains("go on with the version that wrote it") && !said.contains("copy"), "{said}");
        let damaged = JournalError::Snapshot("data/snapshot-1".into(), SnapshotError::Damaged).to_string();
        assert!(damaged.contains("from a copy"), "{damaged}");
    }
}
