//! The engine against the model of a stream, under random interleavings; and: looking changes nothing.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "a panic fails the test")]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, Event, Output, Timestamp};
use shardbrook_tests::client::{Answer, Message, Signer};
use shardbrook_tests::sim::{Entry, Filter, Op, Start, World};

fn entry() -> impl Strategy<Value = Entry> {
    let hash = prop_oneof![Just(0), Just(u128::MAX), Just(1 << 127), any::<u128>()];
    (0..12u8, option::weighted(0.3, hash)).prop_map(|(key, hash)| Entry { key, hash })
}

/// Mostly none: right at the moment, and one more or less.
fn shift() -> impl Strategy<Value = i8> {
    prop_oneof![3 => Just(0), 2 => -1..=1i8, 1 => any::<i8>()]
}

fn start() -> impl Strategy<Value = Start> {
    prop_oneof![
        Just(Start::TrimHorizon),
        Just(Start::Latest),
        any::<u8>().prop_map(Start::AtNumber),
        any::<u8>().prop_map(Start::AfterNumber),
        (any::<u8>(), shift()).prop_map(|(record, shift)| Start::AtTime(record, shift)),
        any::<u8>().prop_map(Start::Foreign),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        Just(Filter::All),
        Just(Filter::FromTrimHorizon),
        Just(Filter::AtTrimHorizon),
        Just(Filter::AtLatest),
        any::<u8>().prop_map(Filter::After),
        (any::<u8>(), shift()).prop_map(|(shard, shift)| Filter::AtTime(shard, shift)),
        (any::<u8>(), shift()).prop_map(|(shard, shift)| Filter::FromTime(shard, shift)),
    ]
}

/// Hours that are allowed, and the ones beside them.
fn hours() -> impl Strategy<Value = u16> {
    prop_oneof![6 => 24..80u16, 1 => select(vec![0, 23, 24, 168, 8760, 8761])]
}

/// Operations and their streams; a wait has up to `longest` milliseconds.
fn op(longest: u32) -> impl Strategy<Value = (u8, Op)> {
    let op = prop_oneof![
        4 => entry().prop_map(Op::Put),
        4 => vec(entry(), 1..20).prop_map(Op::PutRecords),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(shard, at)| Op::Split { shard, at }),
        2 => (any::<u8>(), option::weighted(0.2, any::<u8>())).prop_map(|(shard, other)| Op::Merge { shard, other }),
        2 => (4..40u8).prop_map(Op::Scale),
        2 => (hours(), any::<bool>()).prop_map(|(hours, increase)| Op::Retain { hours, increase }),
        4 => (any::<u8>(), start()).prop_map(|(shard, start)| Op::Start { shard, start }),
        6 => (any::<u8>(), 1..12u16, any::<bool>())
            .prop_map(|(iterator, limit, again)| Op::Read { iterator, limit, again }),
        3 => Just(Op::ReadInOrder),
        2 => (filter(), 1..9u8).prop_map(|(filter, page)| Op::List { filter, page }),
        4 => prop_oneof![Just(0), Just(1), 0..3_000u32, 0..=longest].prop_map(Op::Wait),
        1 => Just(Op::Restore),
    ];
    (any::<u8>(), op)
}

/// Worlds of one to three streams.
fn shards() -> impl Strategy<Value = Vec<u32>> {
    vec(1..5u32, 1..=3)
}

fn run(shards: &[u32], update_ms: u64, ops: &[(u8, Op)]) -> Result<(), TestCaseError> {
    let mut world = World::new(shards, update_ms).map_err(TestCaseError::fail)?;
    for (number, (stream, op)) in (1..).zip(ops) {
        let failed = |error| TestCaseError::fail(format!("op {number}, {op:?} of {stream}: {error}"));
        world.run(*stream, op).map_err(failed)?;
    }
    world.finish().map_err(|error| TestCaseError::fail(format!("at the end: {error}")))
}

proptest! {
    #[test]
    fn nothing_is_lost_doubled_or_reordered(shards in shards(), ops in vec(op(30_000), 1..120)) {
        run(&shards, 0, &ops)?;
    }

    #[test]
    fn nor_while_shards_are_updating(shards in shards(), update_ms in 1..5_000u64, ops in vec(op(30_000), 1..120)) {
        run(&shards, update_ms, &ops)?;
    }

    #[test]
    fn nor_when_iterators_and_records_expire(shards in shards(), update_ms in 0..2_000u64, ops in vec(op(40_000_000), 1..120)) {
        run(&shards, update_ms, &ops)?;
    }

    #[test]
    fn nor_when_updating_lasts_for_days(shards in shards(), update_ms in 0..200_000_000u64, ops in vec(op(100_000_000), 1..120)) {
        run(&shards, update_ms, &ops)?;
    }
}

/// A request, and how long after the one before it comes.
#[derive(Clone, Debug)]
struct Timed {
    wait_ms: u64,
    operation: &'static str,
    input: Value,
}

/// Something that asks and must not change anything, and where in the time before the next request it happens.
#[derive(Clone, Debug)]
struct Look {
    before: usize,
    at: f64,
    kind: u8,
}

fn shard_id(index: u8) -> String {
    format!("shardId-{index:012}")
}

fn timed() -> impl Strategy<Value = Timed> {
    let stream = || (0..2u8).prop_map(|index| format!("s{index}"));
    let key = || (0..6u8).prop_map(|key| format!("key-{key}"));
    let delivery = || (0..3u8).prop_map(|index| format!("d{index}"));
    let request = prop_oneof![
        1 => (stream(), 1..4u8).prop_map(|(name, count)| ("CreateStream", json!({"StreamName": name, "ShardCount": count}))),
        1 => stream().prop_map(|name| ("DeleteStream", json!({"StreamName": name}))),
        6 => (stream(), key()).prop_map(|(name, key)| {
            ("PutRecord", json!({"StreamName": name, "PartitionKey": key, "Data": "cmVjb3JkCg=="}))
        }),
        3 => (stream(), vec(key(), 1..5)).prop_map(|(name, keys)| {
            let records: Vec<_> = keys.iter().map(|key| json!({"PartitionKey": key, "Data": "YmF0Y2gK"})).collect();
            ("PutRecords", json!({"StreamName": name, "Records": records}))
        }),
        2 => (stream(), 0..5u8).prop_map(|(name, shard)| {
            let middle = (1u128 << 127).to_string();
            ("SplitShard", json!({"StreamName": name, "ShardToSplit": shard_id(shard), "NewStartingHashKey": middle}))
        }),
        2 => (stream(), 0..5u8, 0..5u8).prop_map(|(name, shard, other)| {
            let (shard, other) = (shard_id(shard), shard_id(other));
            ("MergeShards", json!({"StreamName": name, "ShardToMerge": shard, "AdjacentShardToMerge": other}))
        }),
        1 => (stream(), 1..7u8).prop_map(|(name, count)| {
            ("UpdateShardCount", json!({"StreamName": name, "TargetShardCount": count, "ScalingType": "UNIFORM_SCALING"}))
        }),
        3 => (stream(), 0..6u8).prop_map(|(name, shard)| {
            ("GetShardIterator", json!({"StreamName": name, "ShardId": shard_id(shard), "ShardIteratorType": "TRIM_HORIZON"}))
        }),
        2 => (delivery(), option::of(stream()), 0..3u8, any::<bool>()).prop_map(|(name, source, interval, is_packed)| {
            ("Firehose.CreateDeliveryStream", delivery_stream(&name, source.as_deref(), interval, is_packed))
        }),
        4 => (delivery(), 1..200_000usize).prop_map(|(name, size)| {
            let data = "QUJD".repeat(size);
            ("Firehose.PutRecord", json!({"DeliveryStreamName": name, "Record": {"Data": data}}))
        }),
        1 => delivery().prop_map(|name| ("Firehose.DeleteDeliveryStream", json!({"DeliveryStreamName": name}))),
    ];
    let wait = prop_oneof![3 => 0..100u64, 2 => 0..5_000u64, 1 => 0..200_000u64];
    (wait, request).prop_map(|(wait_ms, (operation, input))| Timed { wait_ms, operation, input })
}

fn delivery_stream(name: &str, source: Option<&str>, interval: u8, is_packed: bool) -> Value {
    let role = "arn:aws:iam::000000000000:role/r";
    let mut input = json!({
        "DeliveryStreamName": name,
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::b",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": interval * 30},
            "CompressionFormat": if is_packed { "GZIP" } else { "UNCOMPRESSED" },
        },
    });
    if let Some(stream) = source {
        input["DeliveryStreamType"] = "KinesisStreamAsSource".into();
        input["KinesisStreamSourceConfiguration"] = json!({
            "KinesisStreamARN": format!("arn:aws:kinesis:us-east-1:000000000000:stream/{stream}"),
            "RoleARN": role,
        });
    }
    input
}

/// What a world comes to: every answer, every object, all news.
#[derive(Debug, PartialEq)]
struct Course {
    answers: Vec<Answer>,
    objects: Vec<(String, Vec<u8>, Timestamp)>,
    events: Vec<Event>,
}

struct Host {
    engine: Engine,
    now: u64,
    events: Vec<Event>,
}

impl Host {
    fn send(&mut self, operation: &str, input: &Value) -> Answer {
        let now = Timestamp::from_millis(self.now);
        Message::call(operation, Signer::default(), input).send(&mut self.engine, now).into()
    }

    fn drain(&mut self) {
        loop {
            match self.engine.poll_output() {
                Output::Timeout(_) => return,
                Output::Event(event) => self.events.push(event),
                other => panic!("an engine without faults and host gives {other:?}"),
            }
        }
    }

    /// Looks at the world at `at`, which may lie before the next request.
    fn look(&mut self, at: u64, kind: u8) {
        let now = Timestamp::from_millis(at);
        let ask = |host: &mut Self, operation: &str, input: Value| {
            let _answer: Answer =
                Message::call(operation, Signer::default(), &input).send(&mut host.engine, now).into();
        };
        match kind {
            0 => self.engine.handle_timeout(now),
            1 => self.drain(),
            2 => ask(self, "DescribeStream", json!({"StreamName": "s0"})),
            3 => ask(self, "DescribeStreamSummary", json!({"StreamName": "s1"})),
            4 => ask(self, "ListShards", json!({"StreamName": "s0", "MaxResults": 1})),
            5 => ask(self, "ListStreams", json!({"Limit": 1})),
            6 => ask(self, "Firehose.DescribeDeliveryStream", json!({"DeliveryStreamName": "d0"})),
            7 => ask(self, "Firehose.ListDeliveryStreams", json!({})),
            8 => ask(self, "NoSuchOperation", json!({})),
            _ => ask(self, "PutRecord", json!({"StreamName": "s0", "PartitionKey": ""})),
        }
    }
}

fn follow(requests: &[Timed], looks: &[Look], durations: u64) -> Course {
    let options = json!({
        "now": 1_356_998_400_000u64,
        "durations": {
            "createStream": durations, "deleteStream": durations, "updateStream": durations,
            "createDeliveryStream": durations, "deleteDeliveryStream": durations,
        },
        "initializeStreams": "s0:2",
    });
    let engine = Engine::new(EngineConfig::from_json(&options.to_string()).unwrap()).unwrap();
    let mut host = Host { engine, now: 1_356_998_400_000, events: Vec::new() };
    let mut answers = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        let before = host.now;
        let mut here: Vec<_> = looks.iter().filter(|look| look.before % requests.len() == index).collect();
        here.sort_by(|a, b| a.at.total_cmp(&b.at));
        for look in here {
            host.look(before + (request.wait_ms as f64 * look.at) as u64, look.kind);
        }
        host.now += request.wait_ms;
        let answer = host.send(request.operation, &request.input);
        if let Some(iterator) = answer.body.get("ShardIterator").cloned() {
            answers.push(host.send("GetRecords", &json!({"ShardIterator": iterator, "Limit": 3})));
        }
        answers.push(answer);
    }
    host.engine.handle_timeout(Timestamp::from_millis(host.now + 10_000_000));
    host.drain();
    let objects = host.engine.objects().list("b", "");
    let objects = objects.map(|(key, object)| (key.to_owned(), object.body.to_vec(), object.last_modified));
    Course { answers, objects: objects.collect(), events: host.events }
}

proptest! {
    #[test]
    fn looking_changes_nothing(
        requests in vec(timed(), 1..50),
        looks in vec((any::<usize>(), 0.0..=1.0f64, 0..10u8).prop_map(|(before, at, kind)| Look { before, at, kind }), 1..60),
        durations in prop_oneof![Just(0), 1..5_000u64],
    ) {
        let undisturbed = follow(&requests, &[], durations);
        let looked_at = follow(&requests, &looks, durations);
        prop_assert_eq!(&undisturbed.answers, &looked_at.answers);
        prop_assert_eq!(&undisturbed.events, &looked_at.events);
        prop_assert!(undisturbed == looked_at, "the objects differ");
    }

    #[test]
    fn the_same_inputs_give_the_same_course(requests in vec(timed(), 1..50), durations in 0..2_000u64) {
        prop_assert!(follow(&requests, &[], durations) == follow(&requests, &[], durations));
    }
}
