//! What delivery streams are told, and what they say.

use alloc::string::String;

use crate::objects::{Body, CONTENT_TYPE, Handling};
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// Bytes of sealed objects that may wait for their delivery before a stream takes no more records. Ours: AWS
/// has no such bound, but memory has.
pub(crate) const DEFAULT_BACKLOG_BYTES: u64 = 64 << 20;

/// Durations and bounds of delivery streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How long CREATING lasts.
    pub(crate) creating_ms: u64,
    /// How long DELETING lasts.
    pub(crate) deleting_ms: u64,
    /// Bytes that may wait for their delivery before records are refused.
    pub(crate) backlog_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { creating_ms: 0, deleting_ms: 0, backlog_bytes: DEFAULT_BACKLOG_BYTES }
    }
}

/// Where a delivery stream is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub(crate) enum Status {
    Creating {
        until: Timestamp,
    },
    Active,
    Deleting {
        until: Timestamp,
    },
    /// Gone; the owner of the machine drops it.
    Deleted,
}

impl Status {
    /// The name in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Creating { .. } => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting { .. } | Self::Deleted => "DELETING",
        }
    }
}

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PutError {
    /// The stream is not active yet, or no longer.
    NotActive,
    /// The stream takes its records from Kinesis.
    WrongSource,
    /// Too many bytes wait for their delivery.
    Backlogged,
}

/// An object: its sender's number (a delivery stream's in its region, or a channel's), and its number there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
pub(crate) struct ObjectId {
    pub(crate) stream: u64,
    pub(crate) object: u64,
}

/// Something to do, or to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Put an object, and answer with `handle_object_result`.
    PutObject(PutObject),
    /// Deliveries of an object failed for too long; its records are lost.
    Dropped(Dropped),
    /// Aggregated records of the source had members that cannot be read; those are lost, the others are not.
    BadMembers { stream: u64, at: Timestamp, members: u64 },
    /// Nothing to do until then, or until the next call if there is no time.
    Timeout(Option<Timestamp>),
}

/// One attempt to put an object.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub(crate) struct PutObject {
    #[persist(skip)]
    pub(crate) id: ObjectId,
    /// When this attempt is made: when the buffer was sealed, or when the retry came due.
    pub(crate) due: Timestamp,
    /// 1 for the first attempt.
    pub(crate) attempt: u32,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) body: Body,
    pub(crate) content_type: &'static str,
    pub(crate) content_encoding: Option<&'static str>,
    /// Records in the object.
    pub(crate) records: u64,
    /// Their bytes, before compression.
    pub(crate) record_bytes: u64,
    pub(crate) handling: Handling,
}

impl PutObject {
    /// The first attempt to put an object that is empty.
    pub(crate) fn new(due: Timestamp, bucket: String, key: String) -> Self {
        Self {
            id: ObjectId::default(),
            due,
            attempt: 1,
            bucket,
            key,
            body: Body::default(),
            content_type: CONTENT_TYPE,
            content_encoding: None,
            records: 0,
            record_bytes: 0,
            handling: Handling::default(),
        }
    }
}

/// An object that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) id: ObjectId,
    pub(crate) at: Timestamp,
    pub(crate) attempts: u32,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) records: u64,
    pub(crate) record_bytes: u64,
}

/// What a host says of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub(crate) enum ObjectResult {
    Stored,
    Failed,
}

/// A result for an object that is not on its way: it never was, or it was answered already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownObject;

/// What a delivery stream did so far. Bytes are those of the records, before compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub(crate) struct Counters {
    pub(crate) accepted_records: u64,
    pub(crate) accepted_bytes: u64,
    pub(crate) refused_records: u64,
    /// Members of aggregated source records that cannot be read.
    pub(crate) bad_members: u64,
    pub(crate) delivered_objects: u64,
    pub(crate) delivered_records: u64,
    pub(crate) delivered_bytes: u64,
    pub(crate) failed_attempts: u64,
    pub(crate) dropped_objects: u64,
    pub(crate) dropped_records: u64,
}

/// Counts more. A counter that a snapshot starts at the end of the numbers stays there.
pub(super) const fn count(counter: &mut u64, more: u64) {
    *counter = counter.saturating_add(more);
}

/// A record read from the source stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceRecord<'a> {
    pub(crate) data: &'a [u8],
    /// Its approximate arrival in the source stream.
    pub(crate) arrival: Timestamp,
}
