//! What is gathered for the next object, and how its bytes are packed.

use alloc::boxed::Box;

use super::buffer::{Buffer, Contents};
use super::gzip::Gzip;
use super::zstd;
use crate::objects::Body;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// How the bytes of an object are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub(crate) enum Compression {
    Uncompressed,
    Gzip,
    Zstd,
}

impl Compression {
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Uncompressed => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    pub(crate) const fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::Uncompressed => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// Records that wait for their object, and the compressor of those that are packed.
#[derive(Debug, Default, Persist)]
pub(crate) struct Batch {
    buffer: Buffer,
    #[persist(skip)]
    gzip: Option<Box<Gzip>>,
}

/// The content of an object.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) contents: Contents,
    /// Bytes of the records, before compression.
    pub(crate) record_bytes: u64,
    pub(crate) body: Body,
}

impl Batch {
    /// Adds a record; see [`Buffer::push`].
    pub(crate) fn push(
        &mut self,
        deadline: Timestamp,
        arrival: Timestamp,
        record: &[u8],
        size_bytes: usize,
    ) -> bool {
        self.buffer.push(deadline, arrival, record, size_bytes)
    }

    /// When the object is due; nothing while there is no record.
    pub(crate) const fn deadline(&self) -> Option<Timestamp> {
        self.buffer.deadline()
    }

    /// Moves the deadline of the records that wait, if some do: it becomes what `due` says of the oldest arrival.
    pub(crate) fn set_deadline(&mut self, due: impl FnOnce(Timestamp) -> Timestamp) {
        self.buffer.set_deadline(due);
    }

    /// Makes the content of an object of all that waits.
    ///
    /// A batch that is full belongs to a busy stream: it keeps the memory of buffer and compressor for the next
    /// object. One whose time has come gives it back, so that many quiet streams cost almost nothing.
    pub(crate) fn pack(&mut self, compression: Compression, full: bool) -> Packed {
        let contents = self.buffer.take_contents();
        let record_bytes = self.buffer.data().len() as u64;
        let body = match compression {
            Compression::Uncompressed => self.buffer.take_data(),
            Compression::Gzip => {
                let gzip = self.gzip.get_or_insert_with(|| Box::new(Gzip::new()));
                let body = gzip.compress(self.buffer.data());
                self.buffer.clear(full);
                if !full {
                    self.gzip = None;
                }
                body
            }
            Compression::Zstd => {
                let body = zstd::frame(self.buffer.data());
                self.buffer.clear(full);
                body
            }
        };
        Packed { contents, record_bytes, body: Body::from(body) }
    }

    /// Drops what waits, and the memory.
    pub(crate) fn clear(&mut self) {
        self.buffer.clear(false);
        self.gzip = None;
    }

    /// What the records take in memory that wait.
    pub(crate) const fn stored_bytes(&self) -> u64 {
        self.buffer.stored_bytes()
    }

    /// Whether what was read from a snapshot can be.
    pub(crate) fn is_sound(&self) -> bool {
        self.buffer.is_sound()
    }

    /// Records that wait.
    #[cfg(test)]
    pub(crate) const fn records(&self) -> u64 {
        self.buffer.records()
    }
}
