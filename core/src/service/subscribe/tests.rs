use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::wire::Request;
use crate::*;

const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const MINUTE_MS: u64 = 60_000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis)
}

/// An engine with a stream of one shard and one consumer.
struct World {
    engine: Engine,
    consumer: String,
}

impl World {
    fn new() -> Self {
        let mut engine =
            Engine::new(EngineConfig::from_json(r#"{"initializeStreams": "orders:1"}"#).unwrap()).unwrap();
        let consumer = register(&mut engine, 0, "billing");
        Self { engine, consumer }
    }

    fn subscribe(&mut self, now: u64, shard: &str, kind: ShardIteratorType) -> Result<ExchangeId, Error> {
        let starting_position = StartingPosition { kind, sequence_number: None, timestamp: None };
        let consumer_arn = &*self.consumer.clone();
        let input = SubscribeToShard { consumer_arn, shard_id: shard, starting_position, dry_run: false };
        self.engine.subscribe_to_shard(at(now), &input)
    }

    fn put(&mut self, now: u64, data: &[u8]) {
        let record = PutRecordsEntry { data, partition_key: Some("k"), ..Default::default() };
        let stream = StreamRef::named("orders");
        self.engine.put_record(at(now), &PutRecord { stream, record, ..Default::default() }).unwrap();
    }

    fn events(&mut self, now: u64, id: ExchangeId) -> Vec<SubscribeToShardEvent> {
        core::iter::from_fn(|| self.engine.poll_event(at(now), id).unwrap()).collect()
    }

    /// Subscribes over the wire.
    fn open(&mut self, now: u64) -> ExchangeId {
        let body = format!(
            r#"{{"ConsumerARN":"{}","ShardId":"0","StartingPosition":{{"Type":"TRIM_HORIZON"}}}}"#,
            self.consumer
        );
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "Kinesis_20131202.SubscribeToShard"),
            ("x-amz-date", "20130101T000000Z"),
            (
                "authorization",
                "A Credential=test/1/us-east-1/kinesis/aws4_request, SignedHeaders=a, Signature=b",
            ),
        ];
        let request = Request { method: "POST", path: "/", headers: &headers, body: body.as_bytes() };
        match self.engine.handle_request(at(now), &request) {
            Handled::Stream(head, id) => {
                assert_eq!(head.header("content-type"), Some("application/vnd.amazon.eventstream"));
                assert!(head.header("x-amzn-requestid").is_some());
                id
            }
            other @ (Handled::Done(_) | Handled::Pending(_)) => panic!("{other:?}"),
        }
    }

    fn outputs(&mut self) -> Vec<Output> {
        let is_output = |output: &Output| !matches!(output, Output::Timeout(_));
        core::iter::from_fn(|| Some(self.engine.poll_output()).filter(is_output)).collect()
    }
}

fn register(engine: &mut Engine, now: u64, consumer_name: &str) -> String {
    let input = RegisterStreamConsumer { stream_arn: STREAM, consumer_name, ..Default::default() };
    engine.register_stream_consumer(at(now), &input).unwrap().consumer.consumer_arn
}

#[test]
fn an_hour_in_one_step_gives_each_event_at_its_time() {
    let mut world = World::new();
    let id = world.subscribe(0, "0", ShardIteratorType::Latest).unwrap();
    world.engine.handle_timeout(at(60 * MINUTE_MS));
    let events = world.events(60 * MINUTE_MS, id);
    assert_eq!(events.len(), 59);
    for (number, event) in (1..).zip(&events) {
        let continuation = event.continuation_sequence_number.unwrap();
        assert_eq!(continuation.time_secs(), 1_700_000_000 + 5 * number);
        assert!(event.records.is_empty() && event.child_shards.is_empty());
    }
    assert!(!world.engine.is_open(id));
    assert_eq!(world.engine.poll_timeout(), None);
    assert!(!world.engine.awaits_host());
}

#[test]
fn records_are_pushed_when_they_are_put() {
    let mut world = World::new();
    world.put(0, b"before");
    let id = world.subscribe(100, "0", ShardIteratorType::Latest).unwrap();
    assert!(world.events(100, id).is_empty());
    world.put(200, b"after");
    let [event] = &world.events(200, id)[..] else { panic!("one event") };
    assert_eq!((&*event.records[0].data, event.millis_behind_latest), (&b"after"[..], 0));
    assert_eq!(event.continuation_sequence_number, Some(event.records[0].sequence_number));
    // The heartbeat counts from the last event.
    assert_eq!(world.engine.poll_timeout(), Some(at(5_200)));
    let heartbeat = world.events(5_200, id).pop().unwrap();
    assert!(heartbeat.continuation_sequence_number > event.continuation_sequence_number);
    world.engine.handle_disconnect(at(6_000), id);
    assert_eq!(world.engine.poll_timeout(), None);
    assert!(world.engine.poll_event(at(6_000), id).unwrap().is_none());
}

#[test]
fn continuation_numbers_go_on_where_they_say() {
    let mut world = World::new();
    let mut seen = Vec::new();
    let mut start = None;
    for round in 0..4u64 {
        let now = round * 100_000;
        let consumer_arn = &*world.consumer.clone();
        let number = start.map(|number: SequenceNumber| format!("{number}"));
        let kind = match number {
            None => ShardIteratorType::TrimHorizon,
            Some(_) => ShardIteratorType::AfterSequenceNumber,
        };
        let starting_position =
            StartingPosition { kind, sequence_number: number.as_deref(), timestamp: None };
        let input = SubscribeToShard { consumer_arn, shard_id: "0", starting_position, dry_run: false };
        let id = world.engine.subscribe_to_shard(at(now), &input).unwrap();
        if round == 2 {
            world.put(now, b"a");
            world.put(now, b"b");
        }
        for event in world.events(now + 7_000, id) {
            seen.extend(event.records.iter().map(|record| record.data.clone()));
            start = event.continuation_sequence_number;
        }
        world.engine.handle_disconnect(at(now + 7_000), id);
        world.put(now + 8_000, &[b'0' + round as u8]);
    }
    assert_eq!(seen, [&b"0"[..], b"1", b"a", b"b", b"2"]);
}

#[test]
fn a_shard_ends_with_its_children() {
    let mut world = World::new();
    let id = world.subscribe(0, "0", ShardIteratorType::TrimHorizon).unwrap();
    world.put(0, b"last");
    let split = SplitShard {
        stream: StreamRef::named("orders"),
        shard_to_split: "0",
        new_starting_hash_key: "170141183460469231731687303715884105728",
    };
    world.engine.split_shard(at(1_500), &split).unwrap();
    let events = world.events(1_500, id);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].records.len(), 1);
    let end = &events[1];
    assert_eq!((end.continuation_sequence_number, end.child_shards.len()), (None, 2));
    assert_eq!(end.child_shards[0].parent_shards, [ShardId::new(0)]);
    assert!(!world.engine.is_open(id));

    // Later, records and end come together.
    let id = world.subscribe(10_000, "0", ShardIteratorType::TrimHorizon).unwrap();
    let [event] = &world.events(10_000, id)[..] else { panic!("one event") };
    assert_eq!((event.records.len(), event.child_shards.len(), event.millis_behind_latest), (1, 2, 9_000));
}

#[test]
fn a_later_subscription_takes_over() {
    let mut world = World::new();
    let first = world.subscribe(0, "0", ShardIteratorType::Latest).unwrap();
    let early = world.subscribe(4_999, "0", ShardIteratorType::Latest).unwrap_err();
    assert_eq!(early.kind, ErrorKind::ResourceInUse);
    let second = world.subscribe(5_000, "0", ShardIteratorType::Latest).unwrap();
    assert!(world.engine.poll_event(at(5_000), first).unwrap().is_some());
    assert_eq!(world.engine.poll_event(at(5_000), first).unwrap_err().kind, ErrorKind::ResourceInUse);
    assert!(world.engine.poll_event(at(5_000), first).unwrap().is_none());
    assert!(world.engine.is_open(second) && !world.engine.is_open(first));
    // Another consumer has its own.
    world.consumer = register(&mut world.engine, 5_000, "audit");
    world.subscribe(5_000, "0", ShardIteratorType::Latest).unwrap();
    assert!(world.engine.is_open(second));
}

#[test]
fn consumers_and_streams_that_go_end_their_subscriptions() {
    for delete_stream in [false, true] {
        let mut world = World::new();
        let id = world.subscribe(0, "0", ShardIteratorType::Latest).unwrap();
        if delete_stream {
            let stream = StreamRef::named("orders");
            let mut delete = DeleteStream { stream, ..Default::default() };
            let error = world.engine.delete_stream(at(10), &delete).unwrap_err();
            assert_eq!(error.kind, ErrorKind::ResourceInUse);
            delete.enforce_consumer_deletion = true;
            world.engine.delete_stream(at(10), &delete).unwrap();
        } else {
            let consumer = ConsumerRef::with_arn(&world.consumer);
            world.engine.deregister_stream_consumer(at(10), &DeregisterStreamConsumer { consumer }).unwrap();
        }
        let error = world.engine.poll_event(at(10), id).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ResourceNotFound);
        assert!(world.engine.poll_event(at(10), id).unwrap().is_none());
        assert_eq!(world.engine.poll_timeout(), None);
    }
}

#[test]
fn what_nobody_takes_stays_bounded_and_comes_when_it_is_taken() {
    let mut world = World::new();
    for _ in 0..40 {
        world.put(0, &vec![7; 1 << 18]);
    }
    let id = world.open(100);
    world.engine.pause_frames(id);
    world.engine.handle_timeout(at(10_000));
    assert!(world.outputs().is_empty());
    // Nothing but the end is due while so much waits.
    assert_eq!(world.engine.poll_timeout(), Some(at(100 + 5 * MINUTE_MS)));
    world.engine.resume_frames(id);
    let frames = world.outputs();
    let bytes: Vec<usize> = frames
        .iter()
        .map(|output| if let Output::Frame(_, bytes) = output { bytes.len() } else { 0 })
        .collect();
    // The head, and events of three records; a fourth would make more than a mebibyte with its key.
    assert_eq!(bytes.len(), 1 + 14, "{bytes:?}");
    assert!(bytes[1..].iter().all(|bytes| *bytes < 1_500_000));
    assert_eq!(world.engine.poll_timeout(), Some(at(15_000)));
}

#[test]
fn an_abandoned_subscription_ends_after_five_minutes() {
    let mut world = World::new();
    let id = world.open(0);
    for second in 0..400 {
        world.put(second * 1_000, &vec![7; 1 << 16]);
    }
    assert_eq!(world.engine.poll_timeout(), None);
    let mut outputs = world.outputs();
    assert_eq!(outputs.pop(), Some(Output::End(id)));
    let bytes: usize =
        outputs.iter().map(|output| if let Output::Frame(_, bytes) = output { bytes.len() } else { 0 }).sum();
    assert!(bytes < 2 << 20, "{bytes} bytes");
}

#[test]
fn latency_delays_the_first_frame() {
    let mut world = World::new();
    let fault =
        Fault::from_json(r#"{"operation":"SubscribeToShard","stream":"orders","latencyMs":250}"#).unwrap();
    world.engine.faults_mut().add(fault).unwrap();
    let id = world.open(0);
    world.engine.handle_timeout(at(249));
    assert!(world.outputs().is_empty());
    world.engine.handle_timeout(at(250));
    assert!(matches!(&world.outputs()[..], [Output::Frame(frame, _)] if *frame == id));
    world.engine.reset(at(300)).unwrap();
    assert_eq!(world.outputs(), [Output::Reset(id)]);
}

#[test]
fn subscriptions_take_turns() {
    let mut world = World::new();
    let first = world.open(0);
    world.consumer = register(&mut world.engine, 0, "audit");
    let second = world.open(0);
    world.put(0, b"x");
    let ids: Vec<_> = world
        .outputs()
        .iter()
        .map(|output| if let Output::Frame(id, _) = output { *id } else { panic!("{output:?}") })
        .collect();
    assert_eq!(ids, [first, second, first, second]);
}

#[test]
fn a_consumer_gets_two_mebibytes_a_second_to_the_millisecond() {
    const LIMITS: &str = r#"{"initializeStreams":"orders:1","limits":{"consumerReadBytesPerSecond":"aws"}}"#;
    let mut engine = Engine::new(EngineConfig::from_json(LIMITS).unwrap()).unwrap();
    let consumer = register(&mut engine, 0, "billing");
    let mut world = World { engine, consumer };
    for _ in 0..5 {
        world.put(0, &vec![0; (1 << 20) - 1]);
    }
    let id = world.subscribe(0, "0", ShardIteratorType::TrimHorizon).unwrap();
    assert_eq!(world.events(0, id).len(), 2, "a second's worth at once");
    // A byte is back within a millisecond, so another event goes out; it is paid back whole.
    assert_eq!(world.engine.poll_timeout(), Some(at(1)));
    let [event] = &world.events(1, id)[..] else { panic!("one event") };
    assert_eq!((event.records.len(), event.millis_behind_latest), (1, 1));
    assert_eq!(world.engine.poll_timeout(), Some(at(501)));
    assert!(world.events(500, id).is_empty());
    assert_eq!(world.events(501, id).len(), 1);
    assert!(world.events(1000, id).is_empty());
    assert_eq!(world.events(1001, id).len(), 1);
    // Who takes over pays, too.
    world.put(6_000, &vec![0; (1 << 20) - 1]);
    world.put(6_000, &vec![0; (1 << 20) - 1]);
    world.put(6_000, b"late");
    assert_eq!(world.events(6_000, id).len(), 2);
    let next = world.subscribe(6_000, "0", ShardIteratorType::TrimHorizon).unwrap();
    assert!(world.events(6_000, next).is_empty());
    assert_eq!(world.events(6_001, next).len(), 1);
}

#[test]
fn heartbeats_do_not_wait_for_the_quota() {
    const LIMITS: &str = r#"{"initializeStreams":"orders:1","limits":{"consumerReadBytesPerSecond":1}}"#;
    let mut engine = Engine::new(EngineConfig::from_json(LIMITS).unwrap()).unwrap();
    let consumer = register(&mut engine, 0, "billing");
    let mut world = World { engine, consumer };
    world.put(0, b"2345678");
    world.put(100, b"b");
    let id = world.subscribe(100, "0", ShardIteratorType::TrimHorizon).unwrap();
    assert_eq!(world.events(100, id).len(), 1);
    world.put(200, b"c");
    assert!(world.events(200, id).is_empty());
    let [beat] = &world.events(5_100, id)[..] else { panic!("a heartbeat") };
    assert_eq!((beat.records.len(), beat.millis_behind_latest), (0, 4_900));
}

/// Subscribes consumers to a shard, one after the other, and reads what there is if `reads`.
fn subscribe_all(
    world: &mut World,
    consumers: &[String],
    now: u64,
    shard: u64,
    reads: bool,
) -> Result<(), ErrorKind> {
    for consumer in consumers {
        world.consumer.clone_from(consumer);
        let id = world.subscribe(now, &format!("{shard}"), ShardIteratorType::TrimHorizon);
        let id = id.map_err(|error| error.kind)?;
        if reads {
            world.events(now, id);
        }
    }
    Ok(())
}

#[test]
fn a_thousand_subscriptions_can_go_on_whoever_reads_them() {
    const SHARDS: u64 = 50;
    for reads in [true, false] {
        let config = EngineConfig::from_json(r#"{"initializeStreams": "orders:50"}"#).unwrap();
        let mut engine = Engine::new(config).unwrap();
        let consumers: Vec<String> = (0..20).map(|n| register(&mut engine, 0, &format!("c{n}"))).collect();
        let mut world = World { engine, consumer: String::new() };
        // More than an unread subscription takes.
        for _ in 0..5 {
            let data = &*vec![b'x'; 1 << 19];
            let record = PutRecordsEntry { data, explicit_hash_key: Some("0"), ..Default::default() };
            let record = PutRecordsEntry { partition_key: Some("k"), ..record };
            let stream = StreamRef::named("orders");
            world.engine.put_record(at(0), &PutRecord { stream, record, ..Default::default() }).unwrap();
        }
        for shard in 0..SHARDS {
            assert_eq!(subscribe_all(&mut world, &consumers, 0, shard, reads), Ok(()));
        }
        let limit = Err(ErrorKind::LimitExceeded);
        assert_eq!(subscribe_all(&mut world, &consumers, 5_000, 1, reads), limit, "{reads}");
        // Those of a closed shard end when they are read, and count no more when they are not.
        let split = SplitShard {
            stream: StreamRef::named("orders"),
            shard_to_split: "0",
            new_starting_hash_key: "1000",
        };
        world.engine.split_shard(at(6_000), &split).unwrap();
        assert_eq!(subscribe_all(&mut world, &consumers, 6_000, SHARDS, reads), Ok(()), "{reads}");
        assert_eq!(subscribe_all(&mut world, &consumers, 6_000, SHARDS + 1, reads), limit, "{reads}");
        // So do those whose time is over.
        world.engine.handle_timeout(at(10 * MINUTE_MS));
        for shard in 1..=SHARDS {
            assert_eq!(
                subscribe_all(&mut world, &consumers, 10 * MINUTE_MS, shard, reads),
                Ok(()),
                "{reads}"
            );
        }
        assert_eq!(
            subscribe_all(&mut world, &consumers, 10 * MINUTE_MS, SHARDS + 1, reads),
            limit,
            "{reads}"
        );
        // What was dropped unread is over for its client.
        let is_reset = |output: &Output| matches!(output, Output::Reset(_));
        let dropped = world.outputs().into_iter().filter(is_reset).count();
        assert_eq!(dropped, 1_020, "{reads}");
    }
}
