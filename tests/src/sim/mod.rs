//! The simulated world: an engine on a virtual clock, and beside it a model of one stream that is too simple to be
//! wrong. Every answer is compared with what the model says.

mod model;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, RecordReader, Timestamp};

use self::model::{Change, Model, ModelRecord, ModelShard, is_greater};
use crate::client::{Answer, call};

const STREAM: &str = "s";
const RETENTION_MS: u64 = 86_400_000;
const ITERATOR_LIFE_MS: u64 = 300_000;
const COUNT_UPDATES_PER_DAY: usize = 10;
/// Scaling up ends here, so that worlds stay small.
const MAX_OPEN: usize = 24;
/// When a world begins: 2013-01-01.
const START: u64 = 1_356_998_400_000;

/// Something that happens in the world. Numbers choose among what there is at the moment.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "tests make them")]
pub enum Op {
    /// Puts one record.
    Put(Entry),
    /// Puts several records in one request.
    PutRecords(Vec<Entry>),
    /// Splits an open shard at so many 256ths of its range.
    Split {
        /// Chooses the shard, also closed ones.
        shard: u8,
        /// Where.
        at: u8,
    },
    /// Merges an open shard with another.
    Merge {
        /// Chooses the shard with the lower keys.
        shard: u8,
        /// Whether the other is its neighbour, or any shard.
        other: Option<u8>,
    },
    /// Scales to so many 16ths of the open shards.
    Scale(u8),
    /// Reads on in a shard.
    Read {
        /// Chooses the shard.
        shard: u8,
        /// The most records.
        limit: u16,
    },
    /// Reads on in the whole stream, in order.
    ReadInOrder,
    /// Moves the clock.
    Wait(u32),
}

/// A record to put.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests make them")]
pub struct Entry {
    /// Chooses the partition key.
    pub key: u8,
    /// The explicit hash key.
    pub hash: Option<u128>,
}

/// Where the world reads in a shard.
#[derive(Debug, Default)]
struct Cursor {
    next: usize,
    iterator: Option<(u64, String)>,
}

/// The engine, the model, and those who read.
#[derive(Debug)]
pub struct World {
    engine: Engine,
    now: u64,
    update_ms: u64,
    model: Model,
    serial: u64,
    cursors: BTreeMap<usize, Cursor>,
    reader: RecordReader,
    /// For each shard, how far the reader in order is.
    read: BTreeMap<usize, usize>,
    /// For each hash key, the last record that was read in order.
    last_read: BTreeMap<u128, u64>,
    last_iterator: String,
}

type Outcome = Result<(), String>;

impl World {
    /// A world with one stream of `shards` shards, in which UPDATING lasts `update_ms`.
    pub fn new(shards: u32, update_ms: u64) -> Result<Self, String> {
        let options = json!({
            "now": START,
            "initializeStreams": format!("{STREAM}:{shards}"),
            "durations": {"updateStream": update_ms},
        });
        let config = EngineConfig::from_json(&options.to_string()).map_err(|error| error.to_string())?;
        let mut engine = Engine::new(config).map_err(|error| error.to_string())?;
        let reader =
            engine.records(Timestamp::from_millis(START), STREAM).map_err(|error| error.to_string())?;
        let count = u128::from(shards.max(1));
        // 2^128 / count, rounded down; 2^128 itself wraps to 0.
        let width = ((u128::MAX - (count - 1)) / count).wrapping_add(1);
        let shards = (0..count).map(|index| ModelShard {
            start: width.wrapping_mul(index),
            end: if index + 1 == count { u128::MAX } else { width * (index + 1) - 1 },
            parents: Vec::new(),
            closed_at: None,
            records: Vec::new(),
        });
        Ok(Self {
            engine,
            now: START,
            update_ms,
            model: Model { shards: shards.collect(), ..Model::default() },
            serial: 0,
            cursors: BTreeMap::new(),
            reader,
            read: BTreeMap::new(),
            last_read: BTreeMap::new(),
            last_iterator: String::new(),
        })
    }

    /// Lets `op` happen and compares the engine with the model.
    pub fn run(&mut self, op: &Op) -> Outcome {
        self.settle()?;
        match op {
            Op::Put(entry) => self.put(entry),
            Op::PutRecords(entries) => self.put_records(entries),
            Op::Split { shard, at } => self.split(*shard, *at),
            Op::Merge { shard, other } => self.merge(*shard, *other),
            Op::Scale(sixteenths) => self.scale(*sixteenths),
            Op::Read { shard, limit } => {
                let shard = usize::from(*shard) % self.model.shards.len();
                self.read(shard, usize::from(*limit).max(1)).map(drop)
            }
            Op::ReadInOrder => self.read_in_order().map(drop),
            Op::Wait(millis) => {
                self.now += u64::from(*millis);
                Ok(())
            }
        }
    }

    /// Reads everything to its end, in both ways, and compares the shards.
    pub fn finish(&mut self) -> Outcome {
        self.now += self.update_ms;
        self.settle()?;
        self.compare_shards()?;
        while self.read_in_order()? > 0 {}
        for (index, shard) in self.model.shards.iter().enumerate() {
            let read = self.read.get(&index).copied().unwrap_or(0);
            let left = shard.records[read..].iter().filter(|record| self.is_kept(record)).count();
            let place = format!("shard {index}: {left} records were not read in order");
            ensure(left == 0, || place)?;
        }
        for index in 0..self.model.shards.len() {
            while self.read(index, 7)? > 0 {}
        }
        Ok(())
    }

    fn call(&mut self, operation: &str, input: &Value) -> Answer {
        call(&mut self.engine, Timestamp::from_millis(self.now), operation, input)
    }

    fn is_kept(&self, record: &ModelRecord) -> bool {
        record.arrival + RETENTION_MS >= self.now
    }

    fn is_visible(&self, shard: usize) -> bool {
        self.model.shards[shard].closed_at.is_none_or(|closed| closed + RETENTION_MS >= self.now)
    }

    // ---- putting

    fn put(&mut self, entry: &Entry) -> Outcome {
        let (mut input, key, hash) = self.record(entry, self.serial);
        input["StreamName"] = STREAM.into();
        let answer = self.call("PutRecord", &input);
        ensure(answer.status == 200, || format!("PutRecord: {answer:?}"))?;
        self.placed(&answer.body, key, hash)
    }

    fn put_records(&mut self, entries: &[Entry]) -> Outcome {
        let records: Vec<_> =
            (self.serial..).zip(entries).map(|(serial, entry)| self.record(entry, serial)).collect();
        let inputs: Vec<&Value> = records.iter().map(|(input, ..)| input).collect();
        let answer = self.call("PutRecords", &json!({"StreamName": STREAM, "Records": inputs}));
        let placed = answer.body["Records"].as_array().cloned().unwrap_or_default();
        let is_whole =
            answer.status == 200 && answer.body["FailedRecordCount"] == 0 && placed.len() == records.len();
        ensure(is_whole, || format!("PutRecords: {answer:?}"))?;
        placed.iter().zip(records).try_for_each(|(placed, (_, key, hash))| self.placed(placed, key, hash))
    }

    fn record(&self, entry: &Entry, serial: u64) -> (Value, String, u128) {
        let key = format!("key-{}", entry.key);
        let mut input = json!({"PartitionKey": key, "Data": STANDARD.encode(serial.to_be_bytes())});
        let hash = entry.hash.unwrap_or_else(|| u128::from_be_bytes(Md5::digest(key.as_bytes()).into()));
        if let Some(explicit) = entry.hash {
            input["ExplicitHashKey"] = explicit.to_string().into();
        }
        (input, key, hash)
    }

    /// Checks where a record went, and keeps it.
    fn placed(&mut self, placed: &Value, key: String, hash: u128) -> Outcome {
        let shard = self.model.shard_of(hash);
        let number = placed["SequenceNumber"].as_str().unwrap_or_default().to_owned();
        ensure(placed["ShardId"] == shard_id(shard), || {
            format!("hash key {hash} belongs to {}: {placed}", shard_id(shard))
        })?;
        let before = self.model.highest_number(shard);
        ensure(is_greater(&number, &before), || {
            format!("{number} is not above {before} in shard {shard} and its ancestors")
        })?;
        let record = ModelRecord { serial: self.serial, number, key, hash, arrival: self.now };
        self.model.shards[shard].records.push(record);
        self.serial += 1;
        Ok(())
    }

    // ---- changing shards

    fn split(&mut self, shard: u8, at: u8) -> Outcome {
        let shard = usize::from(shard) % self.model.shards.len();
        let ModelShard { start, end, closed_at, .. } = self.model.shards[shard];
        let at = start + (end - start) / 256 * u128::from(at) + u128::from(at);
        let expected = if !self.is_visible(shard) {
            Some("ResourceNotFoundException")
        } else if closed_at.is_some() || at <= start.saturating_add(1) || at >= end {
            Some("InvalidArgumentException")
        } else {
            None
        };
        let input = json!({
            "StreamName": STREAM, "ShardToSplit": shard_id(shard), "NewStartingHashKey": at.to_string(),
        });
        self.change("SplitShard", &input, expected, Change::Split { shard, at })
    }

    fn merge(&mut self, shard: u8, other: Option<u8>) -> Outcome {
        let count = self.model.shards.len();
        let shard = usize::from(shard) % count;
        let end = self.model.shards[shard].end;
        let neighbour =
            self.model.open().find(|&other| end.checked_add(1) == Some(self.model.shards[other].start));
        let other = match other {
            Some(other) => usize::from(other) % count,
            None => neighbour.unwrap_or(shard),
        };
        let is_closed = |index: usize| self.model.shards[index].closed_at.is_some();
        let expected = if !self.is_visible(shard) || !self.is_visible(other) {
            Some("ResourceNotFoundException")
        } else if is_closed(shard) || is_closed(other) || neighbour != Some(other) {
            Some("InvalidArgumentException")
        } else {
            None
        };
        let input = json!({
            "StreamName": STREAM, "ShardToMerge": shard_id(shard), "AdjacentShardToMerge": shard_id(other),
        });
        self.change("MergeShards", &input, expected, Change::Merge { shard, other })
    }

    fn scale(&mut self, sixteenths: u8) -> Outcome {
        let open = self.model.open().count();
        let target = (open * usize::from(sixteenths) / 16).max(1);
        if target > MAX_OPEN {
            return Ok(());
        }
        self.model.count_updates.retain(|accepted| self.now - accepted < RETENTION_MS);
        let is_spent = self.model.count_updates.len() >= COUNT_UPDATES_PER_DAY;
        let is_refused = target > open * 2 || target * 2 < open || is_spent;
        let expected = is_refused.then_some("LimitExceededException");
        let input =
            json!({"StreamName": STREAM, "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"});
        self.change("UpdateShardCount", &input, expected, Change::Scale { target })
    }

    /// Asks for a change, which is refused with the `expected` error, or due later.
    fn change(&mut self, operation: &str, input: &Value, expected: Option<&str>, change: Change) -> Outcome {
        let expected = if self.model.pending.is_some() { Some("ResourceInUseException") } else { expected };
        let answer = self.call(operation, input);
        ensure(answer.error_code() == expected && (answer.status == 200) == expected.is_none(), || {
            format!("{operation} {input}: {expected:?} expected, {answer:?}")
        })?;
        if expected.is_none() {
            if matches!(change, Change::Scale { .. }) {
                self.model.count_updates.push(self.now);
            }
            self.model.pending = Some((self.now + self.update_ms, change));
            self.settle()?;
        }
        Ok(())
    }

    /// Carries out what is due.
    fn settle(&mut self) -> Outcome {
        let now = self.now;
        let Some((due, change)) = self.model.pending.take_if(|(due, _)| *due <= now) else { return Ok(()) };
        match change {
            Change::Split { shard, at } => {
                let ModelShard { start, end, .. } = self.model.shards[shard];
                self.model.replace(due, vec![shard], &[(start, at - 1), (at, end)]);
            }
            Change::Merge { shard, other } => {
                let range = (self.model.shards[shard].start, self.model.shards[other].end);
                self.model.replace(due, vec![shard, other], &[range]);
            }
            Change::Scale { target } => self.adopt_shards(due, target)?,
        }
        self.compare_shards()
    }

    fn list_shards(&mut self) -> Result<Vec<Value>, String> {
        let answer = self.call("ListShards", &json!({"StreamName": STREAM}));
        ensure(answer.status == 200 && answer.body.get("NextToken").is_none(), || {
            format!("ListShards: {answer:?}")
        })?;
        Ok(answer.body["Shards"].as_array().cloned().unwrap_or_default())
    }

    /// Takes over the shards that scaling made: the model does not say which ones, only that each continues its
    /// parents and that `target` of them are open.
    fn adopt_shards(&mut self, due: u64, target: usize) -> Outcome {
        for listed in self.list_shards()? {
            let index = index_of(&listed["ShardId"])?;
            if index < self.model.shards.len() {
                continue;
            }
            ensure(index == self.model.shards.len(), || format!("a shard before {listed} is not listed"))?;
            let parents = parents_of(&listed)?;
            for &parent in &parents {
                let parent = &mut self.model.shards[parent];
                ensure(parent.closed_at.is_none_or(|closed| closed == due), || {
                    format!("{listed} has an old parent")
                })?;
                parent.closed_at = Some(due);
            }
            let (start, end) = range_of(&listed)?;
            let within = |index: &usize| {
                let parent = &self.model.shards[*index];
                parent.start <= end && start <= parent.end
            };
            ensure(parents.iter().all(within), || format!("{listed} does not continue its parents"))?;
            self.model.shards.push(ModelShard { start, end, parents, closed_at: None, records: Vec::new() });
        }
        let open = self.model.open().count();
        ensure(open == target, || format!("{open} shards are open, not {target}"))
    }

    /// Compares the shards that the stream lists with the model's, and checks that the open ones have every hash key
    /// once.
    fn compare_shards(&mut self) -> Outcome {
        let listed = self.list_shards()?;
        let visible: Vec<usize> =
            (0..self.model.shards.len()).filter(|&index| self.is_visible(index)).collect();
        ensure(listed.len() == visible.len(), || {
            format!("{} shards are visible: {listed:?}", visible.len())
        })?;
        for (listed, index) in listed.iter().zip(visible) {
            let shard = &self.model.shards[index];
            let is_same = index_of(&listed["ShardId"])? == index
                && range_of(listed)? == (shard.start, shard.end)
                && parents_of(listed)? == shard.parents
                && listed["SequenceNumberRange"].get("EndingSequenceNumber").is_some()
                    == shard.closed_at.is_some();
            ensure(is_same, || format!("shard {index} is {shard:?}, listed is {listed}"))?;
            let numbers = &listed["SequenceNumberRange"];
            let starting = numbers["StartingSequenceNumber"].as_str().unwrap_or_default();
            let before = shard.parents.iter().map(|&parent| self.model.highest_number(parent));
            let follows = before.into_iter().all(|number| is_greater(starting, &number));
            let ends = shard.records.first().is_none_or(|first| is_greater(&first.number, starting))
                && numbers["EndingSequenceNumber"].as_str().is_none_or(|ending| {
                    shard.records.last().is_none_or(|last| is_greater(ending, &last.number))
                });
            ensure(follows && ends, || format!("numbers of shard {index} do not fit: {listed}"))?;
        }
        let mut ranges: Vec<_> = self.model.open().map(|index| &self.model.shards[index]).collect();
        ranges.sort_by_key(|shard| shard.start);
        let is_whole = ranges.first().is_some_and(|first| first.start == 0)
            && ranges.last().is_some_and(|last| last.end == u128::MAX)
            && ranges.windows(2).all(|pair| pair[0].end.checked_add(1) == Some(pair[1].start));
        ensure(is_whole, || format!("the open shards do not have every hash key once: {ranges:?}"))
    }

    // ---- reading

    /// Reads on in a shard through the API and gives how many records came.
    fn read(&mut self, index: usize, limit: usize) -> Result<usize, String> {
        let mut cursor = self.cursors.remove(&index).unwrap_or_default();
        let count = self.read_at(index, limit, &mut cursor);
        self.cursors.insert(index, cursor);
        count
    }

    fn read_at(&mut self, index: usize, limit: usize, cursor: &mut Cursor) -> Result<usize, String> {
        let is_visible = self.is_visible(index);
        let (issued, iterator) = match cursor.iterator.take() {
            Some(iterator) => iterator,
            None => {
                let mut input = json!({"StreamName": STREAM, "ShardId": shard_id(index), "ShardIteratorType": "TRIM_HORIZON"});
                if let Some(last) = cursor.next.checked_sub(1) {
                    input["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER".into();
                    input["StartingSequenceNumber"] =
                        self.model.shards[index].records[last].number.as_str().into();
                }
                let answer = self.call("GetShardIterator", &input);
                if !is_visible {
                    return self.expect_gone(&answer);
                }
                ensure(answer.status == 200, || format!("GetShardIterator {input}: {answer:?}"))?;
                (self.now, answer.body["ShardIterator"].as_str().unwrap_or_default().to_owned())
            }
        };
        ensure(iterator != self.last_iterator, || "an iterator came twice".into())?;
        self.last_iterator.clone_from(&iterator);
        let answer = self.call("GetRecords", &json!({"ShardIterator": iterator, "Limit": limit.min(10_000)}));
        if self.now - issued > ITERATOR_LIFE_MS {
            let code = answer.error_code();
            ensure(code == Some("ExpiredIteratorException"), || format!("an expired iterator: {answer:?}"))?;
            return Ok(0);
        }
        if !is_visible {
            return self.expect_gone(&answer);
        }
        self.compare_records(index, limit, cursor, &answer)
    }

    fn expect_gone(&self, answer: &Answer) -> Result<usize, String> {
        let code = answer.error_code();
        ensure(code == Some("ResourceNotFoundException"), || format!("a shard past retention: {answer:?}"))?;
        Ok(0)
    }

    fn compare_records(
        &self,
        index: usize,
        limit: usize,
        cursor: &mut Cursor,
        answer: &Answer,
    ) -> Result<usize, String> {
        ensure(answer.status == 200, || format!("GetRecords: {answer:?}"))?;
        let shard = &self.model.shards[index];
        let from = cursor.next;
        let first = (from..shard.records.len()).find(|&at| self.is_kept(&shard.records[at]));
        let first = first.unwrap_or(shard.records.len());
        let end = (first + limit).min(shard.records.len());
        let expected: Vec<Value> = shard.records[first..end].iter().map(ModelRecord::to_json).collect();
        let found = answer.body["Records"].as_array().cloned().unwrap_or_default();
        ensure(found == expected, || {
            format!("shard {index} from {from} at {}: expected {expected:?}, found {found:?}", self.now)
        })?;
        let next = answer.body.get("NextShardIterator").and_then(Value::as_str);
        let is_end = shard.closed_at.is_some() && end == shard.records.len();
        ensure(next.is_none() == is_end, || format!("shard {index} ends: {is_end}; {answer:?}"))?;
        let children: Vec<_> = self.model.children(index).map(shard_id).collect();
        let named = answer.body["ChildShards"].as_array().cloned().unwrap_or_default();
        let named: Vec<_> = named.iter().map(|child| child["ShardId"].as_str().unwrap_or_default()).collect();
        ensure(if is_end { named == children } else { named.is_empty() }, || {
            format!("children of shard {index} at its end: {children:?}, named are {named:?}")
        })?;
        cursor.next = end;
        cursor.iterator = next.map(|next| (self.now, next.to_owned()));
        Ok(end - first)
    }

    /// Reads a batch in order and gives how many records it had.
    fn read_in_order(&mut self) -> Result<usize, String> {
        let now = Timestamp::from_millis(self.now);
        let batch = self.reader.next_batch(&mut self.engine, now).map_err(|error| error.to_string())?;
        let mut records = Vec::with_capacity(batch.len());
        for record in batch {
            let record = record.map_err(|error| error.to_string())?;
            let index = record.shard_id.index() as usize;
            records.push((index, record.sequence_number.to_string(), record.data.to_vec()));
        }
        let count = records.len();
        records.into_iter().try_for_each(|(index, number, data)| self.was_read(index, &number, &data))?;
        Ok(count)
    }

    fn was_read(&mut self, index: usize, number: &str, data: &[u8]) -> Outcome {
        let shard = &self.model.shards[index];
        let mut at = self.read.get(&index).copied().unwrap_or(0);
        while shard.records.get(at).is_some_and(|record| !self.is_kept(record)) {
            at += 1;
        }
        let record = shard.records.get(at).filter(|record| record.number == number);
        let Some(record) = record.filter(|record| record.serial.to_be_bytes() == data) else {
            return Err(format!("shard {index}: {number} was read in place of record {at}"));
        };
        for &parent in &shard.parents {
            let read = self.read.get(&parent).copied().unwrap_or(0);
            let is_read =
                !self.model.shards[parent].records[read..].iter().any(|record| self.is_kept(record));
            ensure(is_read, || format!("shard {index} was read before its parent {parent}"))?;
        }
        let last = self.last_read.insert(record.hash, record.serial);
        ensure(last.is_none_or(|last| last < record.serial), || {
            format!("records of hash key {} were read out of order", record.hash)
        })?;
        self.read.insert(index, at + 1);
        Ok(())
    }
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Outcome {
    if condition { Ok(()) } else { Err(message()) }
}

fn shard_id(index: usize) -> String {
    format!("shardId-{index:012}")
}

fn index_of(id: &Value) -> Result<usize, String> {
    let digits = id.as_str().and_then(|id| id.strip_prefix("shardId-"));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| format!("{id} is no shard id"))
}

fn parents_of(listed: &Value) -> Result<Vec<usize>, String> {
    let parents = ["ParentShardId", "AdjacentParentShardId"];
    parents.iter().filter_map(|name| listed.get(name)).map(index_of).collect()
}

fn range_of(listed: &Value) -> Result<(u128, u128), String> {
    let key = |name: &str| {
        let key = &listed["HashKeyRange"][name];
        key.as_str().and_then(|key| key.parse().ok()).ok_or_else(|| format!("{key} is no hash key"))
    };
    Ok((key("StartingHashKey")?, key("EndingHashKey")?))
}
