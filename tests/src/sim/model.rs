//! The model: a stream as a list of records for each shard that there ever was. It keeps everything for ever, walks
//! over everything, and shares nothing with the engine.

use core::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(super) const HOUR_MS: u64 = 3_600_000;
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;

#[derive(Debug)]
pub(super) struct Model {
    pub(super) shards: Vec<ModelShard>,
    pub(super) created: u64,
    /// What is due, and when.
    pub(super) pending: Option<(u64, Change)>,
    /// When UpdateShardCount was accepted.
    pub(super) count_updates: Vec<u64>,
    pub(super) retention_hours: u64,
    /// What arrived before is gone, and whatever is gone stays gone.
    pub(super) horizon: u64,
}

#[derive(Debug)]
pub(super) struct ModelShard {
    pub(super) start: u128,
    pub(super) end: u128,
    pub(super) parents: Vec<usize>,
    pub(super) opened: u64,
    pub(super) closed: Option<u64>,
    /// The highest number of all ancestors.
    pub(super) floor: String,
    pub(super) records: Vec<ModelRecord>,
}

#[derive(Debug)]
pub(super) struct ModelRecord {
    /// The record's place among all that were ever put; it is also the record's data.
    pub(super) serial: u64,
    pub(super) number: String,
    pub(super) key: String,
    pub(super) hash: u128,
    pub(super) arrival: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Split { shard: usize, at: u128 },
    Merge { low: usize, high: usize },
    Scale { target: usize },
}

impl Model {
    /// Each shard has floor(2^128 / `count`) hash keys, and the last one the rest.
    pub(super) fn new(count: u32, created: u64) -> Self {
        let count = u128::from(count.max(1));
        // 2^128 / count, rounded down; 2^128 itself wraps to 0.
        let width = ((u128::MAX - (count - 1)) / count).wrapping_add(1);
        let mut model = Self {
            shards: Vec::new(),
            created,
            pending: None,
            count_updates: Vec::new(),
            retention_hours: 24,
            horizon: 0,
        };
        for index in 0..count {
            let end = if index + 1 == count { u128::MAX } else { width * (index + 1) - 1 };
            model.open_shard(created, &[], width.wrapping_mul(index), end);
        }
        model
    }

    /// Lets everything happen that is due at `now`, and says whether the shards changed.
    pub(super) fn advance(&mut self, now: u64) -> bool {
        let due = self.pending.take_if(|(due, _)| *due <= now);
        match due {
            None => {}
            Some((at, Change::Split { shard, at: key })) => self.split(at, shard, key),
            Some((at, Change::Merge { low, high })) => self.merge(at, low, high),
            Some((at, Change::Scale { target })) => self.scale(at, target),
        }
        self.horizon = self.horizon.max(now - self.retention_hours * HOUR_MS);
        due.is_some()
    }

    // ---- shards

    /// The open shards in order of their hash keys.
    pub(super) fn open(&self) -> Vec<usize> {
        let mut open: Vec<_> = (0..self.shards.len()).filter(|&index| self.is_open(index)).collect();
        open.sort_by_key(|&index| self.shards[index].start);
        open
    }

    pub(super) fn is_open(&self, index: usize) -> bool {
        self.shards[index].closed.is_none()
    }

    /// Whether the shard is open, or was closed at `time` or later.
    pub(super) fn ends_at_or_after(&self, index: usize, time: u64) -> bool {
        self.shards[index].closed.is_none_or(|closed| closed >= time)
    }

    /// Whether the shard may still have something to read.
    pub(super) fn is_visible(&self, index: usize) -> bool {
        self.ends_at_or_after(index, self.horizon)
    }

    pub(super) fn shard_of(&self, hash: u128) -> usize {
        let holds = |shard: &ModelShard| shard.closed.is_none() && (shard.start..=shard.end).contains(&hash);
        self.shards.iter().position(holds).unwrap_or(usize::MAX)
    }

    pub(super) fn children(&self, index: usize) -> impl Iterator<Item = usize> {
        (0..self.shards.len()).filter(move |&child| self.shards[child].parents.contains(&index))
    }

    /// The highest number of a shard and all its ancestors.
    pub(super) fn highest_number(&self, index: usize) -> &str {
        let shard = &self.shards[index];
        shard.records.last().map_or(&shard.floor, |last| &last.number)
    }

    fn open_shard(&mut self, now: u64, parents: &[usize], start: u128, end: u128) {
        for &parent in parents {
            self.shards[parent].closed = Some(now);
        }
        let mut floor = "";
        for &parent in parents {
            let highest = self.highest_number(parent);
            floor = if is_greater(highest, floor) { highest } else { floor };
        }
        let (floor, parents) = (floor.to_owned(), parents.to_vec());
        let shard = ModelShard { start, end, parents, opened: now, closed: None, floor, records: Vec::new() };
        self.shards.push(shard);
    }

    fn split(&mut self, now: u64, shard: usize, at: u128) {
        let ModelShard { start, end, .. } = self.shards[shard];
        self.open_shard(now, &[shard], start, at - 1);
        self.open_shard(now, &[shard], at, end);
    }

    fn merge(&mut self, now: u64, low: usize, high: usize) {
        self.open_shard(now, &[low, high], self.shards[low].start, self.shards[high].end);
    }

    /// To grow, every shard is split in half first. Then the pair of neighbours with the fewest hash keys is merged,
    /// the first one among equals, until as many are left as were asked for.
    fn scale(&mut self, now: u64, target: usize) {
        if target > self.open().len() {
            for shard in self.open() {
                let ModelShard { start, end, .. } = self.shards[shard];
                if start < end {
                    self.split(now, shard, start + (end - start).div_ceil(2));
                }
            }
        }
        loop {
            let open = self.open();
            let width = |pair: &&[usize]| self.shards[pair[1]].end - self.shards[pair[0]].start;
            match open.windows(2).min_by_key(width) {
                Some(pair) if open.len() > target => self.merge(now, pair[0], pair[1]),
                _ => return,
            }
        }
    }

    // ---- records

    pub(super) fn is_kept(&self, record: &ModelRecord) -> bool {
        record.arrival >= self.horizon
    }

    /// The places of the records that a reader gets who stands at `from` and asks for `limit`.
    pub(super) fn read(&self, shard: usize, from: usize, limit: usize) -> Range<usize> {
        let records = &self.shards[shard].records;
        let kept = (from..records.len()).find(|&at| self.is_kept(&records[at]));
        let first = kept.unwrap_or(records.len());
        first..first.saturating_add(limit).min(records.len())
    }

    /// The answer of GetRecords when these records are read, but for the next iterator; and whether the shard is at
    /// its end, so that there is none.
    pub(super) fn answer(&self, now: u64, index: usize, read: &Range<usize>) -> (Value, bool) {
        let shard = &self.shards[index];
        let records = &shard.records[read.clone()];
        let is_at_tip = read.end == shard.records.len();
        let behind = match (is_at_tip, shard.closed) {
            // The service counts from the whole second in which the shard was closed.
            (true, Some(closed)) => now - closed / 1000 * 1000,
            (true, None) => 0,
            (false, _) => records.last().map_or(0, |last| now - last.arrival),
        };
        let records: Vec<_> = records.iter().map(ModelRecord::to_json).collect();
        let mut answer = json!({"Records": records, "MillisBehindLatest": behind});
        let ends = is_at_tip && shard.closed.is_some();
        if ends {
            let children = self.children(index).map(|child| {
                let parents = self.shards[child].parents.iter().copied().map(shard_id);
                json!({
                    "ShardId": shard_id(child),
                    "ParentShards": parents.collect::<Vec<_>>(),
                    "HashKeyRange": self.shards[child].range(),
                })
            });
            answer["ChildShards"] = children.collect();
        }
        (answer, ends)
    }
}

impl ModelShard {
    pub(super) fn range(&self) -> Value {
        json!({"StartingHashKey": self.start.to_string(), "EndingHashKey": self.end.to_string()})
    }
}

impl ModelRecord {
    fn to_json(&self) -> Value {
        json!({
            "SequenceNumber": self.number,
            "ApproximateArrivalTimestamp": seconds(self.arrival),
            "Data": STANDARD.encode(self.serial.to_be_bytes()),
            "PartitionKey": self.key,
        })
    }
}

pub(super) fn shard_id(index: usize) -> String {
    format!("shardId-{index:012}")
}

/// A time as JSON has it.
pub(super) fn seconds(millis: u64) -> Value {
    if millis.is_multiple_of(1000) { json!(millis / 1000) } else { json!(millis as f64 / 1000.0) }
}

/// Compares decimal numbers without leading zeros.
pub(super) fn is_greater(number: &str, other: &str) -> bool {
    (number.len(), number) > (other.len(), other)
}
