//! The simulated world: an engine on a virtual clock, and beside it a model of each of its streams that is too simple
//! to be wrong. Every answer is compared with what the model says.

mod changes;
mod model;
mod reads;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, RecordReader, Timestamp};

use self::model::{Model, ModelRecord, is_greater, shard_id};
use self::reads::Held;
use crate::client::{Answer, Message, Signer};

/// When a world begins: 2013-01-01.
const START: u64 = 1_356_998_400_000;
/// The account, by its access key id, and the name of each stream. Two have the same name.
const PLACES: [(&str, &str); 3] = [("000000000000", "s"), ("000000000000", "t"), ("123456789012", "s")];

/// Something that happens to a stream. Numbers choose among what there is at the moment.
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
    /// Changes how long records are kept.
    Retain {
        /// For so long.
        hours: u16,
        /// By the operation that makes it longer, or by the other one.
        increase: bool,
    },
    /// Asks for an iterator, and keeps it.
    Start {
        /// Chooses the shard.
        shard: u8,
        /// Where in the shard.
        start: Start,
    },
    /// Reads from an iterator that is kept.
    Read {
        /// Chooses the iterator, of any stream.
        iterator: u8,
        /// The most records.
        limit: u16,
        /// Whether the iterator is kept for another time, beside the next one.
        again: bool,
    },
    /// Reads on in the whole stream, in order.
    ReadInOrder,
    /// Lists shards, page by page.
    List {
        /// Which.
        filter: Filter,
        /// How many a page has.
        page: u8,
    },
    /// Moves the clock.
    Wait(u32),
    /// Goes on with the engine that a snapshot gives.
    Restore,
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

/// Where in a shard to start. A number chooses a record that the shard ever took.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "tests make them")]
pub enum Start {
    /// `TRIM_HORIZON`.
    TrimHorizon,
    /// `LATEST`.
    Latest,
    /// `AT_SEQUENCE_NUMBER`.
    AtNumber(u8),
    /// `AFTER_SEQUENCE_NUMBER`.
    AfterNumber(u8),
    /// `AT_TIMESTAMP`, so many milliseconds from the record's arrival.
    AtTime(u8, i8),
    /// The number of a record in another shard, which is refused.
    Foreign(u8),
}

/// Which shards to list. A time is so many milliseconds from the end of a shard, or from its begin if it is open.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "tests make them")]
pub enum Filter {
    /// All that can be seen.
    All,
    /// `FROM_TRIM_HORIZON`.
    FromTrimHorizon,
    /// `AT_TRIM_HORIZON`.
    AtTrimHorizon,
    /// `AT_LATEST`.
    AtLatest,
    /// `AFTER_SHARD_ID`.
    After(u8),
    /// `AT_TIMESTAMP`.
    AtTime(u8, i8),
    /// `FROM_TIMESTAMP`.
    FromTime(u8, i8),
}

/// The engine, the models of its streams, and those who read.
#[derive(Debug)]
pub struct World {
    engine: Engine,
    now: u64,
    update_ms: u64,
    streams: Vec<Stream>,
    /// How many records were put.
    serial: u64,
    iterators: Vec<Held>,
    /// All iterators there ever were.
    seen: BTreeSet<String>,
}

/// A stream, and how far it was read in order.
#[derive(Debug)]
struct Stream {
    account: &'static str,
    name: &'static str,
    model: Model,
    reader: RecordReader,
    /// For each shard, how far the reader is.
    read: BTreeMap<usize, usize>,
    /// For each hash key, the last record that was read.
    last_read: BTreeMap<u128, u64>,
}

type Outcome = Result<(), String>;

impl World {
    /// A world with a stream for each number of shards, three at most, in which UPDATING lasts `update_ms`.
    pub fn new(shards: &[u32], update_ms: u64) -> Result<Self, String> {
        let options = json!({"now": START, "durations": {"updateStream": update_ms}});
        let config = EngineConfig::from_json(&options.to_string()).map_err(|error| error.to_string())?;
        let mut engine = Engine::new(config).map_err(|error| error.to_string())?;
        let now = Timestamp::from_millis(START);
        let mut streams = Vec::new();
        for ((account, name), &count) in PLACES.into_iter().zip(shards) {
            let input = json!({"StreamName": name, "ShardCount": count});
            let created = call(&mut engine, START, account, "CreateStream", &input);
            ensure(created.status == 200, || format!("CreateStream: {created:?}"))?;
            let arn = format!("arn:aws:kinesis:us-east-1:{account}:stream/{name}");
            let reader = engine.records(now, &arn).map_err(|error| error.to_string())?;
            streams.push(Stream {
                account,
                name,
                model: Model::new(count, START),
                reader,
                read: BTreeMap::new(),
                last_read: BTreeMap::new(),
            });
        }
        let (serial, iterators, seen) = (0, Vec::new(), BTreeSet::new());
        Ok(Self { engine, now: START, update_ms, streams, serial, iterators, seen })
    }

    /// Lets `op` happen to a stream and compares the engine with the model.
    pub fn run(&mut self, stream: u8, op: &Op) -> Outcome {
        let at = usize::from(stream) % self.streams.len();
        self.settle()?;
        match op {
            Op::Put(entry) => self.put(at, entry),
            Op::PutRecords(entries) => self.put_records(at, entries),
            Op::Split { shard, at: key } => self.split(at, *shard, *key),
            Op::Merge { shard, other } => self.merge(at, *shard, *other),
            Op::Scale(sixteenths) => self.scale(at, *sixteenths),
            Op::Retain { hours, increase } => self.retain(at, u64::from(*hours), *increase),
            Op::Start { shard, start } => self.start(at, usize::from(*shard), *start),
            Op::Read { iterator, limit, again } => {
                self.read(usize::from(*iterator), usize::from(*limit).max(1), *again).map(drop)
            }
            Op::ReadInOrder => self.read_in_order(at).map(drop),
            Op::List { filter, page } => self.list_by(at, *filter, *page),
            Op::Wait(millis) => {
                self.now += u64::from(*millis);
                Ok(())
            }
            Op::Restore => self.restore(),
        }
    }

    /// Reads everything to its end, in both ways, and compares the shards.
    pub fn finish(&mut self) -> Outcome {
        self.now += self.update_ms;
        self.settle()?;
        for at in 0..self.streams.len() {
            self.compare_shards(at)?;
            self.read_to_the_end(at)?;
        }
        Ok(())
    }

    /// Calls an operation of a stream.
    fn call(&mut self, at: usize, operation: &str, mut input: Value) -> Answer {
        input["StreamName"] = self.streams[at].name.into();
        self.call_as(at, operation, &input)
    }

    /// Calls an operation by a stream's owner.
    fn call_as(&mut self, at: usize, operation: &str, input: &Value) -> Answer {
        call(&mut self.engine, self.now, self.streams[at].account, operation, input)
    }

    /// Lets happen what is due.
    fn settle(&mut self) -> Outcome {
        for at in 0..self.streams.len() {
            if self.streams[at].model.advance(self.now) {
                self.compare_shards(at)?;
            }
        }
        Ok(())
    }

    fn restore(&mut self) -> Outcome {
        let now = Timestamp::from_millis(self.now);
        let bytes = self.engine.snapshot_bytes(now);
        self.engine = Engine::restore(now, &bytes).map_err(|error| error.to_string())?;
        (0..self.streams.len()).try_for_each(|at| self.compare_shards(at))
    }

    // ---- putting

    fn put(&mut self, at: usize, entry: &Entry) -> Outcome {
        let (input, key, hash) = record(entry, self.serial);
        let answer = self.call(at, "PutRecord", input);
        ensure(answer.status == 200, || format!("PutRecord: {answer:?}"))?;
        self.placed(at, &answer.body, key, hash)
    }

    fn put_records(&mut self, at: usize, entries: &[Entry]) -> Outcome {
        let records: Vec<_> =
            (self.serial..).zip(entries).map(|(serial, entry)| record(entry, serial)).collect();
        let inputs: Vec<&Value> = records.iter().map(|(input, ..)| input).collect();
        let answer = self.call(at, "PutRecords", json!({"Records": inputs}));
        let placed = answer.body["Records"].as_array().cloned().unwrap_or_default();
        let is_whole =
            answer.status == 200 && answer.body["FailedRecordCount"] == 0 && placed.len() == records.len();
        ensure(is_whole, || format!("PutRecords: {answer:?}"))?;
        placed.iter().zip(records).try_for_each(|(placed, (_, key, hash))| self.placed(at, placed, key, hash))
    }

    /// Checks where a record went, and keeps it.
    fn placed(&mut self, at: usize, placed: &Value, key: String, hash: u128) -> Outcome {
        let model = &mut self.streams[at].model;
        let shard = model.shard_of(hash);
        let number = placed["SequenceNumber"].as_str().unwrap_or_default().to_owned();
        ensure(placed["ShardId"] == shard_id(shard), || {
            format!("hash key {hash} belongs to {}: {placed}", shard_id(shard))
        })?;
        let before = model.highest_number(shard);
        ensure(is_greater(&number, before), || {
            format!("{number} is not above {before} in shard {shard} and its ancestors")
        })?;
        let record = ModelRecord { serial: self.serial, number, key, hash, arrival: self.now };
        model.shards[shard].records.push(record);
        self.serial += 1;
        Ok(())
    }
}

/// A record as it is put, its partition key, and the hash key that decides where it goes.
fn record(entry: &Entry, serial: u64) -> (Value, String, u128) {
    let key = format!("key-{}", entry.key);
    let mut input = json!({"PartitionKey": key, "Data": STANDARD.encode(serial.to_be_bytes())});
    let hash = entry.hash.unwrap_or_else(|| u128::from_be_bytes(Md5::digest(key.as_bytes()).into()));
    if let Some(explicit) = entry.hash {
        input["ExplicitHashKey"] = explicit.to_string().into();
    }
    (input, key, hash)
}

fn call(engine: &mut Engine, now: u64, account: &str, operation: &str, input: &Value) -> Answer {
    let signer = Signer { access_key_id: account, ..Signer::default() };
    Message::call(operation, signer, input).send(engine, Timestamp::from_millis(now)).into()
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Outcome {
    if condition { Ok(()) } else { Err(message()) }
}

/// Whether an answer is the error that is expected, or a success when none is.
fn ensure_code(answer: &Answer, expected: Option<&str>, what: impl FnOnce() -> String) -> Outcome {
    ensure(answer.error_code() == expected && (answer.status == 200) == expected.is_none(), || {
        format!("{}: {expected:?} expected, {answer:?}", what())
    })
}
