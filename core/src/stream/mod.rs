//! One data stream: its shards, its status machine and where a record goes.

mod consumer;
mod encryption;
mod growth;
mod lifecycle;
mod monitoring;
mod progress;
mod reshard;
mod rolling;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

pub use self::consumer::ConsumerStatus;
pub(crate) use self::consumer::{Consumer, Consumers};
pub use self::encryption::EncryptionType;
pub(crate) use self::encryption::KmsKey;
pub(crate) use self::lifecycle::{Outcome, Transition};
pub use self::monitoring::{ShardLevelMetric, ShardLevelMetrics};
pub(crate) use self::progress::Progress;
pub(crate) use self::reshard::Reshard;
pub(crate) use self::rolling::Rolling;
use crate::arn::StreamArn;
use crate::hash::{HashKey, HashRange};
use crate::metrics::{Metric, Put, Read, ShardMetrics, StreamMetrics};
use crate::quota::{Limits, StreamCalls};
use crate::shard::{Parents, Shard};
use crate::shard_id::ShardId;
use crate::snapshot::{Persist, SnapshotError, unsound};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum StreamMode {
    /// The service.
    OnDemand,
    /// The user, in shards.
    Provisioned,
}

/// How a stream decides which shard takes a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum RecordDistributionStrategy {
    /// The stream places records evenly; keys count for nothing.
    Auto,
    /// By the hash of the record's partition key, or by its explicit hash key.
    #[default]
    UserPartitionKey,
}

/// A data stream.
#[derive(Debug, Persist)]
pub(crate) struct Stream {
    /// Never used again for another stream of the same engine.
    pub(crate) id: u64,
    pub(crate) arn: StreamArn,
    pub(crate) mode: StreamMode,
    pub(crate) created: Timestamp,
    /// The largest record, data and partition key together.
    pub(crate) max_record_kib: u32,
    pub(crate) distribution: RecordDistributionStrategy,
    /// The shard-level metrics that are switched on.
    pub(crate) metrics: ShardLevelMetrics,
    /// The write throughput in MiB a second that the stream was asked to be ready for.
    pub(crate) warm_throughput: Option<u32>,
    /// How the current state ends, which says what it is; none while the stream is ACTIVE.
    transition: Option<(Timestamp, Transition)>,
    /// Whether CREATING ended: the shards are shown, and take records, from then on.
    is_born: bool,
    retention_hours: u32,
    /// The trim horizon when the retention period was changed last: what was gone then stays gone.
    oldest_horizon: Timestamp,
    /// The key that new records are encrypted with.
    key_id: Option<String>,
    /// Every shard the stream ever had; a shard's index is its place here.
    shards: Vec<Shard>,
    /// The closed shards whose records may be kept, in the order in which they were closed.
    closed: VecDeque<ShardId>,
    /// The open shards in order of their ranges, which cover the whole hash key space.
    #[persist(skip)]
    open: Vec<OpenShard>,
    /// How many records found their shard by turns.
    turns: u64,
    /// Changes that are limited in number per day.
    pub(crate) count_updates: Rolling,
    pub(crate) mode_updates: Rolling,
    pub(crate) encryption_starts: Rolling,
    pub(crate) encryption_stops: Rolling,
    /// What is to be woken when there is something new to read, in order. The readers know it too.
    #[persist(skip)]
    readers: Vec<Timer>,
    /// The channels that deliver from the stream, until they are gone.
    #[persist(skip)]
    pub(crate) channels: Vec<u64>,
    /// How many channels there ever were.
    pub(crate) channels_created: u64,
    /// How many queues there are on the stream, those that are being created or deleted included.
    #[persist(skip)]
    pub(crate) queues: usize,
    /// How many queues were ever made on the stream.
    pub(crate) queues_made: u64,
    /// Who is registered for enhanced fan-out.
    pub(crate) consumers: Consumers,
    /// How many iterators were handed out.
    iterators: u64,
    /// When which shards are split because more came in than they are for; the first to split comes first.
    growing: Vec<(Timestamp, ShardId)>,
    counters: StreamMetrics,
    /// How many puts came.
    puts: u64,
    /// The calls that share a quota because they are about the stream.
    pub(crate) calls: StreamCalls,
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
            distribution: RecordDistributionStrategy::default(),
            metrics: ShardLevelMetrics::default(),
            warm_throughput: None,
            transition: Some((active_at, Transition::Activate)),
            is_born: false,
            retention_hours: DEFAULT_RETENTION_HOURS,
            oldest_horizon: Timestamp::EPOCH,
            key_id: None,
            shards: shards.collect(),
            closed: VecDeque::new(),
            open: Vec::new(),
            turns: 0,
            count_updates: Rolling::default(),
            mode_updates: Rolling::default(),
            encryption_starts: Rolling::default(),
            encryption_stops: Rolling::default(),
            consumers: Consumers::default(),
            readers: Vec::new(),
            channels: Vec::new(),
            channels_created: 0,
            queues: 0,
            queues_made: 0,
            iterators: 0,
            growing: Vec::new(),
            counters: StreamMetrics::default(),
            puts: 0,
            calls: StreamCalls::default(),
        };
        stream.index_open_shards();
        stream
    }

    pub(crate) fn name(&self) -> &str {
        self.arn.name()
    }

    /// Whether the stream was ACTIVE ever: only then it has shards that can be seen and used.
    pub(crate) fn is_born(&self) -> bool {
        self.is_born
    }

    pub(crate) fn retention_hours(&self) -> u32 {
        self.retention_hours
    }

    /// Records that arrived before this point are gone. It never moves back.
    pub(crate) fn trim_horizon(&self, now: Timestamp) -> Timestamp {
        now.minus_millis(u64::from(self.retention_hours) * HOUR_MS).max(self.oldest_horizon)
    }

    /// Keeps records for `hours` from now on. What is gone stays gone, also where it is not trimmed yet.
    pub(crate) fn set_retention_hours(&mut self, now: Timestamp, hours: u32) {
        self.oldest_horizon = self.trim_horizon(now);
        self.retention_hours = hours;
    }

    /// The key that new records are encrypted with, if they are.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
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

    /// The open shard that [`place_by_turns`](Self::place_by_turns) gives next.
    pub(crate) fn shard_in_turn(&self) -> ShardId {
        self.open[(self.turns % self.open.len().max(1) as u64) as usize].shard
    }

    /// The open shard whose turn it is, where keys count for nothing: as long as the shards stay as they are, none
    /// takes two records more than another.
    pub(crate) fn place_by_turns(&mut self) -> ShardId {
        let shard = self.shard_in_turn();
        self.turns = self.turns.wrapping_add(1);
        shard
    }

    /// Appends a record to an open shard and returns the shard with the record's index.
    pub(crate) fn append(
        &mut self,
        now: Timestamp,
        shard: ShardId,
        partition_key: Option<&str>,
        data: &[u8],
    ) -> (&Shard, u64) {
        let horizon = self.trim_horizon(now);
        self.trim_closed(horizon);
        let shard = &mut self.shards[shard.index() as usize];
        shard.trim(horizon);
        let size = partition_key.map_or(0, str::len) + data.len();
        let index = shard.append(now, partition_key, self.key_id.is_some(), data);
        shard.usage_mut().metrics.count_record(self.puts, size);
        (shard, index)
    }

    /// A put begins: what its records bring to a shard is one sample.
    pub(crate) fn start_put(&mut self) {
        self.puts = self.puts.wrapping_add(1);
    }

    /// Whether a shard can number one more record.
    pub(crate) fn has_room(&self, shard: ShardId) -> bool {
        !self.shards[shard.index() as usize].log().is_full()
    }

    /// Takes what a record needs of its shard's quota, if there is as much left.
    pub(crate) fn take_write(
        &mut self,
        limits: &Limits,
        now: Timestamp,
        shard: ShardId,
        bytes: usize,
    ) -> bool {
        if limits.are_writes_free() {
            return true;
        }
        let usage = self.shards[shard.index() as usize].usage_mut();
        let takes = usage.quota.take_write(limits, now, bytes);
        if !takes {
            usage.metrics.count_throttled_record(self.puts);
        } else if let Some(threshold) = limits.on_demand_split_bytes_per_second
            && self.mode == StreamMode::OnDemand
        {
            let is_much = usage.traffic.count(now, bytes) > threshold.get().into();
            if is_much && !core::mem::replace(&mut usage.traffic.is_reported, true) {
                self.plan_growth(now, shard);
            }
        }
        takes
    }

    pub(crate) fn count_put_record(&mut self, put: &Put) {
        self.counters.count_put_record(put);
    }

    pub(crate) fn count_put_records(&mut self, put: &Put) {
        self.counters.count_put_records(put);
    }

    /// Takes a reading call, if the shard's quota allows one.
    pub(crate) fn take_read(
        &mut self,
        limits: &Limits,
        now: Timestamp,
        shard: ShardId,
        latency_ms: u64,
    ) -> bool {
        let usage = self.shards[shard.index() as usize].usage_mut();
        let takes = usage.quota.take_read(limits, now);
        if !takes {
            usage.metrics.count_throttled_read();
            self.counters.count_throttled_read(latency_ms);
        }
        takes
    }

    /// Counts what a reading call gave.
    pub(crate) fn count_read(
        &mut self,
        limits: &Limits,
        now: Timestamp,
        shard: ShardId,
        read: &Read,
        latency_ms: u64,
    ) {
        let usage = self.shards[shard.index() as usize].usage_mut();
        usage.quota.charge_read(limits, now, read.bytes);
        usage.metrics.count_read(read);
        self.counters.count_read(read, latency_ms);
    }

    /// Takes a call that asks for a position in the shard, if the shard's quota allows one.
    pub(crate) fn take_iterator(&mut self, limits: &Limits, now: Timestamp, shard: ShardId) -> bool {
        self.shards[shard.index() as usize].usage_mut().quota.take_iterator(limits, now)
    }

    /// What the stream was used for, and its shards as far as their metrics are shown.
    pub(crate) fn metrics(&self, now: Timestamp) -> Vec<Metric> {
        let mut metrics = Vec::new();
        self.counters.list(&mut metrics);
        for shard in self.shards(now) {
            let is_shown = |name: &str| self.shows_shard_metric(name);
            match shard.usage() {
                Some(usage) => usage.metrics.list(shard.id(), is_shown, &mut metrics),
                None => ShardMetrics::default().list(shard.id(), is_shown, &mut metrics),
            }
        }
        metrics
    }

    /// Whether enhanced monitoring is switched on for this metric of the shards.
    fn shows_shard_metric(&self, name: &str) -> bool {
        self.metrics.iter().any(|metric| metric.as_str() == name)
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

    /// What is to be woken when there is something new to read.
    pub(crate) fn readers(&self) -> &[Timer] {
        &self.readers
    }

    pub(crate) fn add_reader(&mut self, reader: Timer) {
        if let Err(place) = self.readers.binary_search(&reader) {
            self.readers.insert(place, reader);
        }
    }

    pub(crate) fn remove_reader(&mut self, reader: Timer) {
        self.readers.retain(|other| *other != reader);
    }

    /// How many count against the limit of registered consumers, which queues share.
    pub(crate) fn registered_consumers(&self) -> usize {
        self.consumers.len() + self.queues
    }

    /// A number for the next iterator, so that no two are alike.
    pub(crate) fn next_iterator_serial(&mut self) -> u64 {
        self.iterators = self.iterators.wrapping_add(1);
        self.iterators
    }

    /// Frees what expired before `now`, by whole segments.
    pub(crate) fn trim(&mut self, now: Timestamp) {
        let horizon = self.trim_horizon(now);
        self.trim_closed(horizon);
        self.shards.iter_mut().for_each(|shard| shard.trim(horizon));
    }

    /// What the stream takes in memory.
    pub(crate) fn stored_bytes(&self) -> u64 {
        size_of::<Self>() as u64 + self.shards.iter().map(Shard::stored_bytes).sum::<u64>()
    }

    /// Frees what expired before `now`, down to the record.
    pub(crate) fn trim_exactly(&mut self, now: Timestamp) {
        let horizon = self.trim_horizon(now);
        self.trim_closed(horizon);
        self.shards.iter_mut().for_each(|shard| shard.trim_exactly(horizon));
    }

    /// Makes anew what follows from the shards of a snapshot taken at `now`; fails if it does not hold together.
    pub(crate) fn rebuild(&mut self, now: Timestamp) -> Result<(), SnapshotError> {
        self.index_open_shards();
        if self.is_sound(now) { Ok(()) } else { Err(unsound(self.arn.as_str())) }
    }

    fn is_sound(&self, now: Timestamp) -> bool {
        let range = |open: &OpenShard| self.shards[open.shard.index() as usize].range();
        let is_ending = self.status() == StreamStatus::Deleting;
        let are_numbered = (0u32..).zip(&self.shards).all(|(index, shard)| shard.id() == ShardId::new(index));
        are_numbered
            && self.open.first().is_some_and(|first| first.start == HashKey::MIN)
            && self.open.last().is_some_and(|last| range(last).end() == HashKey::MAX)
            && self.open.windows(2).all(|pair| range(&pair[0]).is_followed_by(&range(&pair[1])))
            && self.closed.iter().all(|id| self.shard_of_any_age(*id).is_some_and(|shard| !shard.is_open()))
            && self.growing.is_sorted_by_key(|(due, _)| *due)
            && self.growing.iter().all(|(_, id)| self.shard_of_any_age(*id).is_some())
            && self.transition.as_ref().is_none_or(|(_, transition)| self.can(transition))
            && (is_ending || self.is_born != (self.status() == StreamStatus::Creating))
            && self.created.max(self.oldest_horizon) <= now
            && self.shards.iter().all(|shard| shard.is_sound(now))
            && self.consumers.are_sound(now, is_ending)
            && self.calls.are_sound()
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
