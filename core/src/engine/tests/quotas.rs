use alloc::vec;

use super::*;
use crate::{
    CreateStream, DescribeStreamSummary, DisableEnhancedMonitoring, EnableEnhancedMonitoring, GetRecords,
    GetShardIterator, ListShards, ListStreams, Metric, PutRecord, PutRecords, PutRecordsEntry,
    ShardIteratorType, ShardLevelMetric, StreamMode, StreamRef,
};

const KIB: usize = 1024;

fn stream() -> StreamRef<'static> {
    StreamRef::named("s")
}

fn entry(data: &[u8]) -> PutRecordsEntry<'_> {
    PutRecordsEntry { data, partition_key: Some("k"), ..Default::default() }
}

/// Puts records one by one until one is refused; how many went in.
fn puts(engine: &mut Engine, now: Timestamp, data: &[u8]) -> usize {
    let input = PutRecord { stream: stream(), record: entry(data), ..Default::default() };
    (0..10_000).take_while(|_| engine.put_record(now, &input).is_ok()).count()
}

/// Puts so many records at once; how many failed.
fn failures(engine: &mut Engine, now: Timestamp, count: usize, data: &[u8]) -> usize {
    let input = PutRecords { stream: stream(), records: vec![entry(data); count], ..Default::default() };
    engine.put_records(now, &input).unwrap().failed_record_count
}

fn iterator(engine: &mut Engine, now: Timestamp) -> String {
    let input = GetShardIterator {
        stream: stream(),
        shard_id: "0",
        shard_iterator_type: ShardIteratorType::TrimHorizon,
        starting_sequence_number: None,
        timestamp: None,
        dry_run: false,
    };
    engine.get_shard_iterator(now, &input).unwrap().shard_iterator
}

fn read(engine: &mut Engine, now: Timestamp, iterator: &str) -> Result<usize, ErrorKind> {
    let input = GetRecords { shard_iterator: iterator, ..Default::default() };
    engine.get_records(now, &input).map(|reply| reply.records.len()).map_err(|error| error.kind)
}

fn open_shards(engine: &mut Engine, now: Timestamp) -> usize {
    let input = DescribeStreamSummary { stream: stream() };
    engine.describe_stream_summary(now, &input).unwrap().stream_description_summary.open_shard_count
}

fn metric(engine: &mut Engine, name: &str) -> Metric {
    let now = engine.now();
    engine.metrics(now, "s").unwrap().into_iter().find(|metric| metric.name == name).unwrap()
}

/// Sum, samples and maximum of a metric.
fn values(engine: &mut Engine, name: &str) -> (u64, u64, u64) {
    let metric = metric(engine, name);
    (metric.sum, metric.samples, metric.maximum)
}

#[test]
fn a_shard_takes_a_thousand_records_at_once_and_then_one_each_millisecond() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":"aws"}"#);
    assert_eq!(puts(&mut engine, at(0), b""), 1000);
    assert_eq!(puts(&mut engine, at(1), b""), 1);
    assert_eq!(failures(&mut engine, at(251), 500, b""), 250);
    assert_eq!(puts(&mut engine, at(5000), b""), 1000);
}

#[test]
fn a_shard_takes_a_mebibyte_at_once_with_the_keys() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":"aws"}"#);
    assert_eq!(failures(&mut engine, at(0), 5, &[0; 1024 * KIB - 1]), 4);
    // 1 MiB/s brings 1 KiB back in a little less than a millisecond.
    assert_eq!(puts(&mut engine, at(1), &[0; KIB - 1]), 1);
    assert_eq!(puts(&mut engine, at(2), &[0; 1100]), 0);
    assert_eq!(puts(&mut engine, at(3), &[0; 1100]), 1);
}

#[test]
fn a_small_record_goes_in_where_a_large_one_before_it_does_not() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":{"shardWriteBytesPerSecond":100}}"#);
    let large = [0; 80];
    let records = vec![entry(&large), entry(&large), entry(b"123456789")];
    let input = PutRecords { stream: stream(), records, ..Default::default() };
    let reply = engine.put_records(at(0), &input).unwrap();
    let placed: Vec<_> = reply.records.iter().map(|record| record.placed().is_some()).collect();
    assert_eq!(placed, [true, false, true]);
}

#[test]
fn children_start_with_full_buckets_and_a_parent_in_updating_is_limited() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":"aws","durations":{"updateStream":100}}"#);
    assert_eq!(puts(&mut engine, at(0), b""), 1000);
    ok(
        &mut engine,
        at(0),
        "UpdateShardCount",
        r#"{"StreamName":"s","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}"#,
    );
    assert_eq!(puts(&mut engine, at(99), b""), 99);
    assert_eq!(puts(&mut engine, at(100), b""), 1000);
}

#[test]
fn a_shard_is_read_five_times_a_second() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":"aws"}"#);
    let iterator = iterator(&mut engine, at(0));
    for _ in 0..5 {
        assert_eq!(read(&mut engine, at(0), &iterator), Ok(0));
    }
    assert_eq!(read(&mut engine, at(199), &iterator), Err(ErrorKind::ProvisionedThroughputExceeded));
    assert_eq!(read(&mut engine, at(200), &iterator), Ok(0));
    assert_eq!(values(&mut engine, "ReadProvisionedThroughputExceeded"), (1, 7, 1));
    assert_eq!(values(&mut engine, "GetRecords.Success"), (6, 7, 1));
}

#[test]
fn what_is_read_beyond_a_second_is_paid_back() {
    let limits = r#"{"preset":"aws","shardWriteBytesPerSecond":"off"}"#;
    let mut engine = engine(&format!(r#"{{"initializeStreams":"s:1","limits":{limits}}}"#));
    failures(&mut engine, at(0), 9, &[7; 1024 * KIB - 1]);
    failures(&mut engine, at(0), 1, &[7; 1024 * KIB - 1]);
    let iterator = iterator(&mut engine, at(0));
    assert_eq!(read(&mut engine, at(0), &iterator), Ok(10));
    assert_eq!(read(&mut engine, at(4999), &iterator), Err(ErrorKind::ProvisionedThroughputExceeded));
    assert_eq!(read(&mut engine, at(5000), &iterator), Ok(10));
    assert_eq!(values(&mut engine, "GetRecords.Bytes"), (20 << 20, 2, 10 << 20));
    assert_eq!(values(&mut engine, "GetRecords.IteratorAgeMilliseconds"), (5000, 2, 5000));
}

#[test]
fn typed_calls_count_and_dry_runs_do_not() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":"aws"}"#);
    for _ in 0..5 {
        engine.list_streams(at(0), &ListStreams::default()).unwrap();
    }
    let refused = engine.list_streams(at(0), &ListStreams::default()).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::LimitExceeded);
    assert_eq!(refused.message, "Rate exceeded for account 000000000000.");
    assert_eq!(call(&mut engine, at(0), "ListStreams", "{}").0, 400);
    engine.list_shards(at(0), &ListShards { stream: stream(), ..Default::default() }).unwrap();
    for _ in 0..1000 {
        let input = PutRecord { stream: stream(), record: entry(b""), dry_run: true, ..Default::default() };
        assert_eq!(engine.put_record(at(0), &input).unwrap_err().kind, ErrorKind::DryRunOperation);
    }
    assert_eq!(puts(&mut engine, at(0), b""), 1000);
}

#[test]
fn nothing_is_limited_unless_it_is_asked_for() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    assert_eq!(puts(&mut engine, at(0), b""), 10_000);
    let iterator = iterator(&mut engine, at(0));
    for _ in 0..50 {
        assert_eq!(read(&mut engine, at(0), &iterator), Ok(10_000));
        engine.list_streams(at(0), &ListStreams::default()).unwrap();
    }
}

fn on_demand(limits: &str) -> Engine {
    let mut engine = engine(&format!(r#"{{"limits":{limits}}}"#));
    let input =
        CreateStream { stream_name: "s", stream_mode: Some(StreamMode::OnDemand), ..Default::default() };
    engine.create_stream(at(0), &input).unwrap();
    engine
}

#[test]
fn a_shard_of_an_on_demand_stream_is_split_after_it_took_too_much() {
    const QUARTER_HOUR: u64 = 900_000;
    let mut engine = on_demand(r#""aws""#);
    // 500 KiB in a second are not too much, and the next second counts anew.
    assert_eq!(failures(&mut engine, at(900), 5, &[0; 100 * KIB - 1]), 0);
    assert_eq!(failures(&mut engine, at(1000), 4, &[0; 100 * KIB - 1]), 0);
    assert_eq!(engine.poll_timeout(), None);
    assert_eq!(failures(&mut engine, at(1999), 1, &[0; 100 * KIB]), 0);
    assert_eq!(engine.poll_timeout(), Some(at(1999 + QUARTER_HOUR)));
    assert_eq!(open_shards(&mut engine, at(1998 + QUARTER_HOUR)), 4);
    assert_eq!(open_shards(&mut engine, at(1999 + QUARTER_HOUR)), 5);
    assert_eq!(engine.poll_timeout(), None);
    // The child that took over can be split in its turn; what was throttled counts nothing.
    assert_eq!(failures(&mut engine, at(2_000_000), 20, &[0; 100 * KIB]), 10);
    assert_eq!(open_shards(&mut engine, at(2_000_000 + QUARTER_HOUR)), 6);
    assert_eq!(open_shards(&mut engine, at(9_000_000 + QUARTER_HOUR)), 6);
}

#[test]
fn an_on_demand_stream_that_is_deleted_does_not_grow() {
    let mut engine = on_demand(r#"{"onDemandSplitBytesPerSecond":1}"#);
    failures(&mut engine, at(0), 1, b"12");
    ok(&mut engine, at(1), "DeleteStream", r#"{"StreamName":"s"}"#);
    engine.handle_timeout(at(2_000_000));
    assert_eq!(engine.poll_timeout(), None);
    assert!(engine.metrics(at(2_000_000), "s").is_err());
}

#[test]
fn metrics_count_what_was_put() {
    let mut engine = engine(r#"{"initializeStreams":"s:1","limits":{"shardWriteRecordsPerSecond":3}}"#);
    engine
        .faults_mut()
        .add(Fault::from_json(r#"{"operation":"PutRecords","latencyMs":30}"#).unwrap())
        .unwrap();
    ok(&mut engine, at(0), "PutRecord", r#"{"StreamName":"s","PartitionKey":"key","Data":"aGk="}"#);
    let records = r#"{"PartitionKey":"k","Data":"aGk="},"#.repeat(4);
    let body = format!(r#"{{"StreamName":"s","Records":[{}]}}"#, records.trim_end_matches(','));
    let Handled::Pending(_) = send(&mut engine, at(0), "Kinesis_20131202.PutRecords", &body) else {
        panic!("the fault delays it")
    };
    assert_eq!(
        call(&mut engine, at(0), "PutRecord", r#"{"StreamName":"s","PartitionKey":"k","Data":""}"#).0,
        400
    );
    for (name, expected) in [
        ("IncomingBytes", (5 + 6, 3, 6)),
        ("IncomingRecords", (3, 3, 2)),
        ("PutRecord.Bytes", (5, 1, 5)),
        ("PutRecord.Success", (1, 2, 1)),
        ("PutRecord.Latency", (0, 2, 0)),
        ("PutRecords.Bytes", (6, 1, 6)),
        ("PutRecords.FailedRecords", (0, 1, 0)),
        ("PutRecords.Latency", (30, 1, 30)),
        ("PutRecords.Records", (2, 1, 2)),
        ("PutRecords.Success", (1, 1, 1)),
        ("PutRecords.SuccessfulRecords", (2, 1, 2)),
        ("PutRecords.ThrottledRecords", (2, 1, 2)),
        ("PutRecords.TotalRecords", (4, 1, 4)),
        ("WriteProvisionedThroughputExceeded", (3, 3, 2)),
    ] {
        assert_eq!(values(&mut engine, name), expected, "{name}");
    }
    assert!(engine.metrics(at(0), "nothing").is_err());
    let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let by_arn = engine.metrics(at(0), arn).unwrap();
    assert!(by_arn.iter().all(|metric| metric.shard_id.is_none()));
    assert_eq!(by_arn.len(), 20);
}

#[test]
fn enhanced_monitoring_shows_metrics_of_shards() {
    let mut engine = Engine::new(EngineConfig::default()).unwrap();
    let input = CreateStream { stream_name: "s", shard_count: Some(2), ..Default::default() };
    engine.create_stream(at(0), &input).unwrap();
    let record = PutRecordsEntry { data: b"four", partition_key: Some("k"), ..Default::default() };
    let put = PutRecord { stream: stream(), record, ..Default::default() };
    engine.put_record(at(0), &put).unwrap();
    let of_shards = |engine: &mut Engine| -> Vec<(&str, u64)> {
        let metrics = engine.metrics(at(0), "s").unwrap().into_iter();
        metrics.filter(|metric| metric.shard_id.is_some()).map(|metric| (metric.name, metric.sum)).collect()
    };
    assert!(of_shards(&mut engine).is_empty());
    let shard_level_metrics = ShardLevelMetric::IncomingRecords.into();
    let on = EnableEnhancedMonitoring { stream: stream(), shard_level_metrics };
    engine.enable_enhanced_monitoring(at(0), &on).unwrap();
    let shown = of_shards(&mut engine);
    assert!(shown.iter().all(|(name, _)| *name == "IncomingRecords"));
    // What came before is counted.
    assert_eq!(shown.iter().map(|(_, sum)| sum).sum::<u64>(), 1);
    let off = DisableEnhancedMonitoring { stream: stream(), shard_level_metrics };
    engine.disable_enhanced_monitoring(at(0), &off).unwrap();
    assert!(of_shards(&mut engine).is_empty());
}
