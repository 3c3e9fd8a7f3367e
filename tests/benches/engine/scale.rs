//! How little it matters how many streams an engine has and how many records a shard, and what quotas cost.

use core::fmt::Write as _;

use criterion::{Criterion, SamplingMode, Throughput};
use shardbrook::{
    Engine, EngineConfig, GetRecords, GetShardIterator, PutRecords, PutRecordsEntry, ShardIteratorType,
    StreamRef, Timestamp,
};

use crate::put_records::{Job, RECORDS, request};
use crate::{quickest, quickest_with};

const NOW: Timestamp = Timestamp::from_millis(1_356_998_400_000);
const YEAR_MS: u64 = 365 * 86_400_000;
const SHARDS: usize = 10;
/// Streams of the large engine.
const STREAMS: usize = 1000;
/// What the benchmarks are called, how many streams their engine has, and how many of these are called.
const USES: [(&str, usize, usize); 3] =
    [("10", 10, 10), ("10_of_1000", STREAMS, 10), ("1000", STREAMS, STREAMS)];
/// Calls of a round.
const CALLS: usize = 200;

pub(crate) fn bench(criterion: &mut Criterion) {
    streams(criterion);
    quotas(criterion);
    positions(criterion);
}

fn engine_with(streams: usize, shards: usize) -> Engine {
    let list: Vec<String> = (0..streams).map(|i| format!("stream-{i:04}:{shards}")).collect();
    let config = EngineConfig {
        initialize_streams: list.join(","),
        now: NOW.as_millis(),
        shard_limit: u32::MAX,
        ..EngineConfig::default()
    };
    Engine::new(config).expect("an engine")
}

/// Calls as clients send them, each to another stream. The engine of 1,000 is called on ten of them first: what differs
/// from the engine of ten is then the engine's own work. After that it is called on all in turn, so that a stream is cold
/// when its turn comes: that is what its memory costs beside.
fn streams(criterion: &mut Criterion) {
    let entry = r#"{"Data":"aGVsbG8gd29ybGQ=","PartitionKey":"customer-1234567"}"#;
    let records = vec![entry; 20].join(",");
    let calls = [
        ("DescribeStreamSummary", String::new()),
        ("ListShards", String::new()),
        ("AddTagsToStream", r#","Tags":{"team":"billing"}"#.to_owned()),
        ("ListTagsForStream", String::new()),
        ("PutRecord", format!(",{}", &entry[1..entry.len() - 1])),
        ("PutRecords", format!(r#","Records":[{records}]"#)),
    ];
    let mut group = criterion.benchmark_group("streams");
    group.throughput(Throughput::Elements(CALLS as u64));
    for (suffix, count, used) in USES {
        let mut engine = engine_with(count, SHARDS);
        let names: Vec<String> = (0..used).map(|i| format!("stream-{:04}", i * (count / used))).collect();
        let mut now = NOW;
        for (operation, rest) in &calls {
            let target = format!("Kinesis_20131202.{operation}");
            let body = |name: &String| format!(r#"{{"StreamName":"{name}"{rest}}}"#);
            let mut turns = Turns::new(names.iter().map(body).collect());
            group.bench_function(format!("{operation}_{suffix}"), |bencher| {
                quickest_with(
                    bencher,
                    || turns.next_calls(),
                    |bodies| {
                        now = now.plus_millis(60_000);
                        for body in &bodies {
                            request(&mut engine, now, &target, body.as_bytes());
                        }
                        bodies
                    },
                );
            });
        }
        let mut turns = Turns::new(names.iter().map(|name| reading(&mut engine, now, name)).collect());
        group.bench_function(format!("GetRecords_{suffix}"), |bencher| {
            quickest_with(
                bencher,
                || turns.next_calls(),
                |bodies| {
                    for body in &bodies {
                        request(&mut engine, now, "Kinesis_20131202.GetRecords", body.as_bytes());
                    }
                    bodies
                },
            );
        });
    }
    group.throughput(Throughput::Elements(1));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("year", |bencher| {
        quickest_with(
            bencher,
            || engine_with(STREAMS, SHARDS),
            |mut engine| {
                engine.handle_timeout(NOW.plus_millis(YEAR_MS));
                engine
            },
        );
    });
    group.finish();
}

/// Requests that take turns. Those of a round are copied before it is measured, so that only what the engine keeps may
/// be cold.
struct Turns {
    bodies: Vec<String>,
    next: usize,
}

impl Turns {
    fn new(bodies: Vec<String>) -> Self {
        Self { bodies, next: 0 }
    }

    fn next_calls(&mut self) -> Vec<String> {
        let calls: Vec<_> =
            (self.next..self.next + CALLS).map(|i| self.bodies[i % self.bodies.len()].clone()).collect();
        self.next = (self.next + CALLS) % self.bodies.len();
        calls
    }
}

/// A request that reads the first records of a stream's first shard.
fn reading(engine: &mut Engine, now: Timestamp, name: &str) -> String {
    let iterator = iterator(engine, now, name, ShardIteratorType::TrimHorizon, None, None);
    let mut body = String::new();
    let written = write!(body, r#"{{"ShardIterator":"{iterator}","Limit":20}}"#);
    written.map(|()| body).expect("memory")
}

fn iterator(
    engine: &mut Engine,
    now: Timestamp,
    name: &str,
    kind: ShardIteratorType,
    number: Option<&str>,
    timestamp: Option<Timestamp>,
) -> String {
    let input = GetShardIterator {
        stream: StreamRef::named(name),
        shard_id: "0",
        shard_iterator_type: kind,
        starting_sequence_number: number,
        timestamp,
        dry_run: false,
    };
    engine.get_shard_iterator(now, &input).expect("an iterator").shard_iterator
}

/// PutRecords as in `put_records`, with quotas that are counted and never reached.
fn quotas(criterion: &mut Criterion) {
    const LIMITS: &str = r#"{"shardWriteBytesPerSecond":4294967295,"shardWriteRecordsPerSecond":4294967295,
        "shardReadBytesPerSecond":4294967295,"consumerReadBytesPerSecond":4294967295}"#;
    let mut group = criterion.benchmark_group("quotas");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let mut off = Job::new();
    let mut on = Job::with_limits(LIMITS);
    group.bench_function("off", |bencher| quickest(bencher, || off.run()));
    group.bench_function("on", |bencher| quickest(bencher, || on.run()));
    group.finish();
}

/// Reading a hundred records, and asking for the position, in a shard of ten million.
fn positions(criterion: &mut Criterion) {
    const PUTS: usize = 20_000;
    let mut engine = engine_with(1, 1);
    let name = "stream-0000";
    let entry = PutRecordsEntry { data: &[7; 8], partition_key: Some("customer"), ..Default::default() };
    let input = PutRecords { stream: StreamRef::named(name), records: vec![entry; RECORDS], dry_run: false };
    // Half an hour or so, 100 ms between two puts.
    let at = |put: usize| NOW.plus_millis(put as u64 * 100);
    let mut places = Vec::new();
    for put in 0..PUTS {
        let reply = engine.put_records(at(put), &input).expect("taken");
        for (place, wanted) in [("start", 1), ("middle", PUTS / 2), ("end", PUTS - 2)] {
            if put == wanted {
                let placed = reply.records[7].placed().expect("taken");
                places.push((place, at(put), placed.sequence_number.to_string()));
            }
        }
    }
    let now = at(PUTS);
    let mut group = criterion.benchmark_group("ten_million");
    group.throughput(Throughput::Elements(1));
    for (place, time, number) in &places {
        let by_number = (ShardIteratorType::AtSequenceNumber, Some(number.as_str()), None);
        let by_time = (ShardIteratorType::AtTimestamp, None, Some(*time));
        for (what, (kind, number, time)) in [("at_number", by_number), ("at_time", by_time)] {
            group.bench_function(format!("{what}_{place}"), |bencher| {
                quickest(bencher, || {
                    (0..100)
                        .fold(0, |sum, _| sum + iterator(&mut engine, now, name, kind, number, time).len())
                });
            });
        }
        let (kind, number, time) = by_number;
        let iterator = iterator(&mut engine, now, name, kind, number, time);
        group.bench_function(format!("read_{place}"), |bencher| {
            quickest(bencher, || {
                let input =
                    GetRecords { shard_iterator: &iterator, limit: Some(100), ..GetRecords::default() };
                let reply = engine.get_records(now, &input).expect("records");
                assert_eq!(reply.records.len(), 100);
                reply
            });
        });
    }
    group.finish();
}
