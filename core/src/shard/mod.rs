//! One shard: its hash key range, its lineage and its records.

mod iterator;
mod log;
mod usage;

use alloc::boxed::Box;
use alloc::vec::Vec;

pub(crate) use self::iterator::{ITERATOR_LIFE_MS, ShardIterator};
pub(crate) use self::log::{Log, StoredRecord};
pub(crate) use self::usage::Usage;
use crate::hash::HashRange;
use crate::sequence::SequenceNumber;
use crate::shard_id::ShardId;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// A shard, open for records or closed by a split or merge.
#[derive(Debug, Persist)]
pub(crate) struct Shard {
    id: ShardId,
    range: HashRange,
    parents: Parents,
    opened: Timestamp,
    /// The second that the shard's sequence numbers name as its creation: later than every number of its parents.
    created_secs: u64,
    closed: Option<Closed>,
    log: Log,
    /// Nothing until somebody writes or reads; most shards of a large stream wait for that.
    usage: Option<Box<Usage>>,
}

/// The shards that this one was split off or merged from.
#[derive(Clone, Copy, Debug, Default, Persist)]
pub(crate) struct Parents {
    pub(crate) parent: Option<ShardId>,
    pub(crate) adjacent: Option<ShardId>,
}

impl Parents {
    pub(crate) fn iter(self) -> impl Iterator<Item = ShardId> {
        self.parent.into_iter().chain(self.adjacent)
    }
}

#[derive(Debug, Persist)]
struct Closed {
    at: Timestamp,
    ending: SequenceNumber,
    children: Vec<ShardId>,
}

impl Shard {
    /// An open shard. `created_secs` is the creation second of its sequence numbers.
    pub(crate) fn new(
        id: ShardId,
        range: HashRange,
        parents: Parents,
        opened: Timestamp,
        created_secs: u64,
    ) -> Self {
        Self { id, range, parents, opened, created_secs, closed: None, log: Log::default(), usage: None }
    }

    pub(crate) fn id(&self) -> ShardId {
        self.id
    }

    pub(crate) fn range(&self) -> HashRange {
        self.range
    }

    pub(crate) fn parents(&self) -> Parents {
        self.parents
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// Whether what was read from a snapshot that was taken at `now` can be.
    pub(crate) fn is_sound(&self, now: Timestamp) -> bool {
        let closed = self.closed.as_ref().map_or(Timestamp::EPOCH, |closed| closed.at);
        self.opened.max(closed).max(self.log.last_arrival()) <= now
            && self.parents.iter().all(|parent| parent < self.id)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    pub(crate) fn children(&self) -> &[ShardId] {
        self.closed.as_ref().map_or(&[], |closed| &closed.children)
    }

    /// Whether the shard took records at `time`.
    pub(crate) fn was_open_at(&self, time: Timestamp) -> bool {
        self.opened <= time && self.ends_at_or_after(time)
    }

    /// Whether the shard is open, or was closed at `time` or later.
    pub(crate) fn ends_at_or_after(&self, time: Timestamp) -> bool {
        self.closed.as_ref().is_none_or(|closed| closed.at >= time)
    }

    /// Milliseconds since the shard was closed; `None` while it is open.
    pub(crate) fn millis_since_closed(&self, now: Timestamp) -> Option<u64> {
        // The ending sequence number has whole seconds, and so has what the service reports at a shard's end.
        self.closed
            .as_ref()
            .map(|closed| now.millis_since(Timestamp::from_millis(closed.at.as_secs() * 1000)))
    }

    pub(crate) fn created_secs(&self) -> u64 {
        self.created_secs
    }

    pub(crate) fn starting_sequence_number(&self) -> SequenceNumber {
        SequenceNumber::first(self.created_secs, self.id.index())
    }

    pub(crate) fn ending_sequence_number(&self) -> Option<SequenceNumber> {
        self.closed.as_ref().map(|closed| closed.ending)
    }

    /// The sequence number of the record at `index` that arrived at `arrival`. Counters start at 1, so that the
    /// first record's number is greater than the shard's starting number also within one second.
    pub(crate) fn sequence_number(&self, index: u64, arrival: Timestamp) -> SequenceNumber {
        SequenceNumber::record(self.created_secs, self.id.index(), index + 1, self.sequence_secs(arrival))
    }

    /// The second that a number issued at `time` carries; never before the shard's own creation second.
    fn sequence_secs(&self, time: Timestamp) -> u64 {
        time.as_secs().max(self.created_secs)
    }

    /// The index of the first record whose number is `number` or greater.
    pub(crate) fn index_at_or_after(&self, number: SequenceNumber) -> u64 {
        number.counter().saturating_sub(1).min(self.log.next_index())
    }

    /// The index of the first record whose number is greater than `number`.
    pub(crate) fn index_after(&self, number: SequenceNumber) -> u64 {
        number.counter().min(self.log.next_index())
    }

    /// What was used of the shard, if anything was.
    pub(crate) fn usage(&self) -> Option<&Usage> {
        self.usage.as_deref()
    }

    pub(crate) fn usage_mut(&mut self) -> &mut Usage {
        self.usage.get_or_insert_default()
    }

    /// Appends a record and returns its index.
    pub(crate) fn append(
        &mut self,
        now: Timestamp,
        partition_key: Option<&str>,
        is_encrypted: bool,
        data: &[u8],
    ) -> u64 {
        self.log.append(now, partition_key, is_encrypted, data)
    }

    /// Closes the shard in favour of `children` and returns the creation second of their sequence numbers: one
    /// second after this shard's end, as the service does it.
    pub(crate) fn close(&mut self, now: Timestamp, children: Vec<ShardId>) -> u64 {
        let secs = self.sequence_secs(now);
        let ending = SequenceNumber::end(self.created_secs, self.id.index(), secs);
        self.closed = Some(Closed { at: now, ending, children });
        secs.saturating_add(1)
    }

    /// What the shard takes in memory.
    pub(crate) fn stored_bytes(&self) -> u64 {
        size_of::<Self>() as u64 + self.log.stored_bytes()
    }

    /// Drops what arrived before `horizon`.
    pub(crate) fn trim_exactly(&mut self, horizon: Timestamp) {
        self.log.trim_exactly(horizon);
    }

    /// Drops what arrived before `horizon`, by whole segments.
    pub(crate) fn trim(&mut self, horizon: Timestamp) {
        self.log.trim(horizon);
    }
}
