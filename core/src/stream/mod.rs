//! One data stream: its shards, its status machine and where a record goes.

mod consumer;
mod lifecycle;
mod progress;
mod reshard;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::Serialize;

pub use self::consumer::ConsumerStatus;
pub(crate) use self::consumer::{Consumer, Consumers};
pub(crate) use self::lifecycle::{Outcome, Transition};
pub(crate) use self::progress::Progress;
pub(crate) use self::reshard::Reshard;
use crate::arn::StreamArn;
use crate::hash::{HashKey, HashRange};
use crate::shard::{Parents, Shard, ShardId};
use crate::time::Timestamp;
use crate::timers::Timer;

/// How long records are kept unless the stream says otherwise.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html>
const DEFAULT_RETENTION_HOURS: u32 = 24;
/// The largest record, data and partition key together, unless the stream says otherwise.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
const DEFAULT_MAX_RECORD_KIB: u32 = 1024;
const HOUR_MS: u64 = 3_600_000;
/// Sequence numbers of a new stream's shards say that they were created this much earlier, as the service's do.
const CREATED_BEFORE_MS: u64 = 2_000;

/// What a stream does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum StreamStatus {
    /// Reads, writes and changes are accepted.
    Active,
    /// Not usable yet.
    Creating,
    /// On its way out.
    Deleting,
    /// Its shards are changing; reads and writes are accepted.
    Updating,
}

impl StreamStatus {
    /// The status as the service writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Creating => "CREATING",
            Self::Deleting => "DELETING",
            Self::Updating => "UPDATING",
        }
    }
}

/// Who plans the capacity of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum StreamMode {
    /// The service.
    OnDemand,
    /// The user, in shards.
    Provisioned,
}

/// A data stream.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Never used again for another stream of the same engine.
    pub(crate) id: u64,
    pub(crate) arn: StreamArn,
    pub(crate) mode: StreamMode,
    pub(crate) created: Timestamp,
    /// The largest record, data and partition key together.
    pub(crate) max_record_kib: u32,
    status: StreamStatus,
    transition: Option<(Timestamp, Transition)>,
    /// Whether CREATING ended: the shards are shown, and take records, from then on.
    is_born: bool,
    retention_hours: u32,
    /// Every shard the stream ever had; a shard's index is its place here.
    shards: Vec<Shard>,
    /// The closed shards whose records may be kept, in the order in which they were closed.
    closed: VecDeque<ShardId>,
    /// The open shards in order of their ranges, which cover the whole hash key space.
    open: Vec<OpenShard>,
    /// When UpdateShardCount was accepted in the last 24 hours.
    count_updates: Vec<Timestamp>,
    /// Who is registered for enhanced fan-out.
    pub(crate) consumers: Consumers,
    /// What is to be woken when there is something new to read.
    pub(crate) readers: Vec<Timer>,
    /// How many iterators were handed out.
    iterators: u64,
}

#[derive(Clone, Copy, Debug)]
struct OpenShard {
    start: HashKey,
    shard: ShardId,
}

impl Stream {
    /// A stream in CREATING, with its shards in place but not shown until it is ACTIVE at `active_at`.
    pub(crate) fn new(
        id: u64,
        arn: StreamArn,
        mode: StreamMode,
        shard_count: u32,
        now: Timestamp,
        active_at: Timestamp,
    ) -> Self {
        let created_secs = now.minus_millis(CREATED_BEFORE_MS).as_secs();
        let shards = (0u32..).zip(HashRange::uniform(shard_count)).map(|(index, range)| {
            Shard::new(ShardId::new(index), range, Parents::default(), now, created_secs)
        });
        let mut stream = Self {
            id,
            arn,
            mode,
            created: now,
            max_record_kib: DEFAULT_MAX_RECORD_KIB,
            status: StreamStatus::Creating,
            transition: Some((active_at, Transition::Activate)),
            is_born: false,
            retention_hours: DEFAULT_RETENTION_HOURS,
            shards: shards.collect(),
            closed: VecDeque::new(),
            open: Vec::new(),
            count_updates: Vec::new(),
            consumers: Consumers::default(),
            readers: Vec::new(),
            iterators: 0,
        };
        stream.index_open_shards();
        stream
    }

    pub(crate) fn name(&self) -> &str {
        self.arn.name()
    }

    pub(crate) fn status(&self) -> StreamStatus {
        self.status
    }

    /// Whether the stream was ACTIVE ever: only then it has shards that can be seen and used.
    pub(crate) fn is_born(&self) -> bool {
        self.is_born
    }

    pub(crate) fn retention_hours(&self) -> u32 {
        self.retention_hours
    }

    /// Records that arrived before this point are gone.
    pub(crate) fn trim_horizon(&self, now: Timestamp) -> Timestamp {
        now.minus_millis(u64::from(self.retention_hours) * HOUR_MS)
    }

    /// The shards that can still be seen: the open ones, and the closed ones whose records may be kept.
    pub(crate) fn shards(&self, now: Timestamp) -> impl Iterator<Item = &Shard> {
        self.shards_from(ShardId::new(0), now)
    }

    /// Those of them from `first` on.
    pub(crate) fn shards_from(&self, first: ShardId, now: Timestamp) -> impl Iterator<Item = &Shard> {
        let horizon = self.trim_horizon(now);
        let shards = self.shards.get(first.index() as usize..).unwrap_or_default();
        shards.iter().filter(move |shard| shard.ends_at_or_after(horizon))
    }

    /// The shard with this id, if it can still be seen.
    pub(crate) fn shard(&self, now: Timestamp, id: ShardId) -> Option<&Shard> {
        self.shards.get(id.index() as usize).filter(|shard| shard.ends_at_or_after(self.trim_horizon(now)))
    }

    /// The shard with this id, also when its records are long gone.
    pub(crate) fn shard_of_any_age(&self, id: ShardId) -> Option<&Shard> {
        self.shards.get(id.index() as usize)
    }

    /// Whether this shard takes records.
    pub(crate) fn is_open(&self, id: ShardId) -> bool {
        self.shards.get(id.index() as usize).is_some_and(Shard::is_open)
    }

    pub(crate) fn open_shard_count(&self) -> usize {
        self.open.len()
    }

    /// The open shard whose range holds `key`.
    pub(crate) fn place(&self, key: HashKey) -> ShardId {
        let after = self.open.partition_point(|open| open.start <= key);
        // The first range starts at 0, so at least one starts at or before any key.
        self.open[after.saturating_sub(1)].shard
    }

    /// Appends a record to an open shard and returns the shard with the record's index.
    pub(crate) fn append(
        &mut self,
        now: Timestamp,
        shard: ShardId,
        partition_key: &str,
        data: &[u8],
    ) -> (&Shard, u64) {
        let horizon = self.trim_horizon(now);
        self.trim_closed(horizon);
        let shard = &mut self.shards[shard.index() as usize];
        shard.trim(horizon);
        let index = shard.append(now, partition_key, data);
        (shard, index)
    }

    /// Frees the records of shards that were closed before `horizon`; no put comes to them that would.
    fn trim_closed(&mut self, horizon: Timestamp) {
        while let Some(id) = self.closed.front()
            && let Some(shard) = self.shards.get_mut(id.index() as usize)
            && !shard.ends_at_or_after(horizon)
        {
            shard.trim(horizon);
            self.closed.pop_front();
        }
    }

    /// A number for the next iterator, so that no two are alike.
    pub(crate) fn next_iterator_serial(&mut self) -> u64 {
        self.iterators += 1;
        self.iterators
    }

    fn index_open_shards(&mut self) {
        self.open = self
            .shards
            .iter()
            .filter(|shard| shard.is_open())
            .map(|shard| OpenShard { start: shard.range().start(), shard: shard.id() })
            .collect();
        self.open.sort_unstable_by_key(|open| open.start);
    }
}
