mod leftovers;
mod quotas;

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::error::ErrorKind;
use crate::service::{GetRecords, PutRecord, PutRecordsEntry, StreamRef};

const START: u64 = 1_356_998_400_000;

pub(super) fn engine(json: &str) -> Engine {
    Engine::new(EngineConfig::from_json(json).unwrap()).unwrap()
}

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

/// Sends one signed request and gives what the engine makes of it.
pub(super) fn send(engine: &mut Engine, now: Timestamp, target: &str, body: &str) -> Handled {
    let service = if target.starts_with("Firehose") { "firehose" } else { "kinesis" };
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20130101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    send_as(engine, now, &authorization, target, body)
}

/// As [`send`], signed in this way.
pub(super) fn send_as(
    engine: &mut Engine,
    now: Timestamp,
    authorization: &str,
    target: &str,
    body: &str,
) -> Handled {
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target),
        ("authorization", authorization),
        ("x-amz-date", "20130101T000000Z"),
    ];
    engine
        .handle_request(now, &Request { method: "POST", path: "/", headers: &headers, body: body.as_bytes() })
}

/// As [`send`], for an answer that is there at once: its status and body.
pub(super) fn call(
    engine: &mut Engine,
    now: Timestamp,
    operation: &str,
    body: &str,
) -> (u16, serde_json::Value) {
    let Handled::Done(response) = ask(engine, now, operation, body) else {
        panic!("{operation} is not done")
    };
    let body = if response.body.is_empty() { b"null".to_vec() } else { response.body };
    (response.status, serde_json::from_slice(&body).unwrap())
}

/// As [`call`], whether the answer comes at once or not.
pub(super) fn ask(engine: &mut Engine, now: Timestamp, operation: &str, body: &str) -> Handled {
    let target = match operation.strip_prefix("Firehose.") {
        Some(operation) => format!("Firehose_20150804.{operation}"),
        None => format!("Kinesis_20131202.{operation}"),
    };
    send(engine, now, &target, body)
}

pub(super) fn ok(engine: &mut Engine, now: Timestamp, operation: &str, body: &str) -> serde_json::Value {
    let (status, answer) = call(engine, now, operation, body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

pub(super) const DELIVERY: &str = r#"{"DeliveryStreamName":"d","ExtendedS3DestinationConfiguration":{
    "RoleARN":"arn:aws:iam::000000000000:role/r","BucketARN":"arn:aws:s3:::b",
    "BufferingHints":{"SizeInMBs":1,"IntervalInSeconds":60}}}"#;

pub(super) const DELIVERY_FROM_STREAM: &str = r#"{"DeliveryStreamName":"d","DeliveryStreamType":"KinesisStreamAsSource",
    "KinesisStreamSourceConfiguration":{"RoleARN":"arn:aws:iam::000000000000:role/r",
        "KinesisStreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"},
    "ExtendedS3DestinationConfiguration":{
        "RoleARN":"arn:aws:iam::000000000000:role/r","BucketARN":"arn:aws:s3:::b",
        "BufferingHints":{"SizeInMBs":1,"IntervalInSeconds":60}}}"#;

fn objects(engine: &Engine) -> Vec<(String, Vec<u8>)> {
    engine.objects().list("b", "").map(|(key, object)| (key.to_owned(), object.body.to_vec())).collect()
}

/// A delivery stream that takes the place of another, also as the first of its region, overwrites none of its objects.
#[test]
fn a_delivery_stream_made_again_names_its_objects_otherwise() {
    let mut engine = engine(r#"{"durations":{"createDeliveryStream":0,"deleteDeliveryStream":0}}"#);
    let large = format!(r#"{{"DeliveryStreamName":"d","Record":{{"Data":"{}"}}}}"#, "AAAA".repeat(175_000));
    for made in 1..=3 {
        ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY);
        for _ in 0..2 {
            ok(&mut engine, at(0), "Firehose.PutRecord", &large);
        }
        assert_eq!(objects(&engine).len(), made);
        ok(&mut engine, at(0), "Firehose.DeleteDeliveryStream", r#"{"DeliveryStreamName":"d"}"#);
    }
}

#[test]
fn how_objects_are_named_does_not_depend_on_other_delivery_streams() {
    let keys = |others: &[&str]| {
        let mut engine = engine("{}");
        for name in others.iter().chain(&["d"]) {
            let create =
                DELIVERY.replace(r#""DeliveryStreamName":"d""#, &format!(r#""DeliveryStreamName":"{name}""#));
            ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", &create);
        }
        let put = r#"{"DeliveryStreamName":"d","Record":{"Data":"aGVsbG8="}}"#;
        ok(&mut engine, at(60_000), "Firehose.PutRecord", put);
        engine.handle_timeout(at(200_000));
        objects(&engine).into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(keys(&[]).len(), 1);
    assert_eq!(keys(&["a", "b"]), keys(&[]));
}

#[test]
fn a_record_comes_back() {
    let mut engine = engine(r#"{"initializeStreams":"s:2"}"#);
    let placed =
        ok(&mut engine, at(0), "PutRecord", r#"{"StreamName":"s","PartitionKey":"k","Data":"aGk="}"#);
    let body =
        format!(r#"{{"StreamName":"s","ShardId":{},"ShardIteratorType":"TRIM_HORIZON"}}"#, placed["ShardId"]);
    let iterator = ok(&mut engine, at(1), "GetShardIterator", &body);
    let body = format!(r#"{{"ShardIterator":{}}}"#, iterator["ShardIterator"]);
    let read = ok(&mut engine, at(2), "GetRecords", &body);
    assert_eq!(read["Records"][0]["Data"], "aGk=");
    assert_eq!(read["Records"][0]["SequenceNumber"], placed["SequenceNumber"]);
    assert_eq!(read["MillisBehindLatest"], 0);
    assert_ne!(read["NextShardIterator"], iterator["ShardIterator"]);
    assert!(read.get("ChildShards").is_none());
}

#[test]
fn an_interval_is_kept_to_the_millisecond_whoever_looks() {
    let run = |looks: &[u64]| {
        let mut engine = engine("{}");
        ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY);
        ok(
            &mut engine,
            at(100),
            "Firehose.PutRecord",
            r#"{"DeliveryStreamName":"d","Record":{"Data":"YQ=="}}"#,
        );
        for &look in looks {
            engine.handle_timeout(at(look));
            assert_eq!(objects(&engine).len(), usize::from(look >= 60_100), "at {look}");
        }
        ok(
            &mut engine,
            at(70_000),
            "Firehose.PutRecord",
            r#"{"DeliveryStreamName":"d","Record":{"Data":"Yg=="}}"#,
        );
        engine.handle_timeout(at(1_000_000));
        objects(&engine)
    };
    let objects = run(&[]);
    assert_eq!(objects.len(), 2);
    assert_eq!((&*objects[0].1, &*objects[1].1), (&b"a"[..], &b"b"[..]));
    assert_eq!(objects, run(&[60_099, 60_100, 60_101]));
    assert_eq!(objects, run(&[1, 2, 3, 4]));
}

#[test]
fn a_delivery_stream_reads_its_source_across_a_split() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    ok(&mut engine, at(0), "PutRecord", r#"{"StreamName":"s","PartitionKey":"k","Data":"MA=="}"#);
    ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
    for (millis, data) in [(10, "MQ=="), (20, "Mg==")] {
        let body = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{data}"}}"#);
        ok(&mut engine, at(millis), "PutRecord", &body);
    }
    let split = r#"{"StreamName":"s","ShardToSplit":"0","NewStartingHashKey":"170141183460469231731687303715884105728"}"#;
    ok(&mut engine, at(30), "SplitShard", split);
    ok(&mut engine, at(40), "PutRecord", r#"{"StreamName":"s","PartitionKey":"k","Data":"Mw=="}"#);
    engine.handle_timeout(at(120_000));
    // Reading starts at LATEST, so that the record before the delivery stream is not in it.
    assert_eq!(objects(&engine).iter().map(|(_, body)| &**body).collect::<Vec<_>>(), [b"123"]);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn a_host_delivers_late_and_virtual_time_stays_exact() {
    let mut engine = engine(r#"{"objectStore":"host"}"#);
    ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY);
    ok(&mut engine, at(0), "Firehose.PutRecord", r#"{"DeliveryStreamName":"d","Record":{"Data":"YQ=="}}"#);
    assert!(!engine.awaits_host());
    engine.handle_timeout(at(500_000));
    assert!(engine.awaits_host());
    let Output::Effect(first) = engine.poll_output() else { panic!("no effect") };
    assert_eq!(first.due, at(60_000));
    let failed = EffectResult { latency_ms: 100, outcome: Err("no such bucket".into()) };
    engine.handle_effect_result(at(500_000), first.id, failed.clone()).unwrap();
    assert_eq!(
        engine.handle_effect_result(at(500_000), first.id, failed),
        Err(EffectError::NotOutstanding(first.id))
    );
    let Output::Effect(retry) = engine.poll_output() else { panic!("no retry") };
    assert!(retry.due > at(60_100) && retry.due < at(500_000), "{:?}", retry.due);
    let Action::PutObject { body, .. } = &retry.action;
    assert_eq!(body, b"a");
    let stored = EffectResult { latency_ms: 1_000_000, outcome: Ok(Vec::new()) };
    engine.handle_effect_result(at(500_000), retry.id, stored).unwrap();
    assert!(
        matches!(engine.poll_output(), Output::Timeout(Some(due)) if due == retry.due.plus_millis(1_000_000))
    );
    engine.handle_timeout(at(2_000_000));
    assert!(matches!(engine.poll_output(), Output::Event(Event::ObjectDelivered { records: 1, .. })));
    assert!(!engine.awaits_host());
}

#[test]
fn a_delayed_answer_waits_for_its_time() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    let fault = Fault::from_json(r#"{"operation":"ListStreams","latencyMs":250,"times":2}"#).unwrap();
    engine.faults_mut().add(fault).unwrap();
    let Handled::Pending(first) = send(&mut engine, at(0), "Kinesis_20131202.ListStreams", "{}") else {
        panic!("not pending")
    };
    let Handled::Pending(second) = send(&mut engine, at(0), "Kinesis_20131202.ListStreams", "{}") else {
        panic!("not pending")
    };
    assert!(engine.awaits_host());
    engine.handle_disconnect(at(100), second);
    engine.handle_timeout(at(249));
    assert_eq!(engine.poll_output(), Output::Timeout(Some(at(250))));
    engine.handle_timeout(at(250));
    assert!(
        matches!(engine.poll_output(), Output::Response(id, response) if id == first && response.status == 200)
    );
    assert_eq!(engine.poll_output(), Output::Timeout(None));
}

#[test]
fn a_reset_engine_is_as_new_and_refuses_what_it_gave_before() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    let body = r#"{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}"#;
    let iterator = ok(&mut engine, at(0), "GetShardIterator", body);
    ok(&mut engine, at(0), "CreateStream", r#"{"StreamName":"t","ShardCount":1}"#);
    engine.reset(at(5)).unwrap();
    assert_eq!(ok(&mut engine, at(5), "ListStreams", "{}")["StreamNames"], serde_json::json!(["s"]));
    let (status, answer) = call(
        &mut engine,
        at(5),
        "GetRecords",
        &format!(r#"{{"ShardIterator":{}}}"#, iterator["ShardIterator"]),
    );
    assert_eq!((status, &answer["message"]), (400, &"Invalid ShardIterator.".into()));
}

#[test]
fn time_that_runs_backwards_is_clamped_and_counted() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    engine.handle_timeout(at(100));
    engine.handle_timeout(at(50));
    assert_eq!((engine.now(), engine.clamped_calls()), (at(100), 1));
}

#[test]
fn a_year_over_an_idle_engine_is_instant() {
    let mut engine = engine("{}");
    for i in 0..1000 {
        let name = format!("s{i:04}");
        let input = CreateStream { stream_name: &name, shard_count: Some(10), ..CreateStream::default() };
        engine.create_stream(at(0), &input).unwrap();
    }
    engine.handle_timeout(at(1));
    assert_eq!(engine.poll_timeout(), None, "no timer runs while nothing happens");
    engine.handle_timeout(at(365 * 86_400_000));
}

#[test]
fn answers_that_wait_are_bounded() {
    let mut engine = engine("{}");
    for fault in [
        r#"{"operation":"ListStreams","latencyMs":1000}"#,
        r#"{"operation":"DescribeStream","error":"InternalFailure","latencyMs":1000}"#,
    ] {
        engine.faults_mut().add(Fault::from_json(fault).unwrap()).unwrap();
    }
    for _ in 0..exchange::MAX_EXCHANGES {
        let handled = send(&mut engine, at(0), "Kinesis_20131202.ListStreams", "{}");
        assert!(matches!(handled, Handled::Pending(_)));
    }
    for (operation, body) in [("ListStreams", "{}"), ("DescribeStream", r#"{"StreamName":"s"}"#)] {
        let (status, answer) = call(&mut engine, at(0), operation, body);
        assert_eq!((status, &answer["__type"]), (503, &"ServiceUnavailableException".into()));
    }
    engine.handle_timeout(at(1000));
    let handled = send(&mut engine, at(1000), "Kinesis_20131202.ListStreams", "{}");
    assert!(matches!(handled, Handled::Pending(_)));
}

#[test]
fn a_reset_keeps_answers_that_were_due_and_drops_the_connections_of_the_others() {
    let mut engine = engine("{}");
    let fault = Fault::from_json(r#"{"operation":"ListStreams","latencyMs":1000}"#).unwrap();
    engine.faults_mut().add(fault).unwrap();
    let mut pending = |now| match send(&mut engine, now, "Kinesis_20131202.ListStreams", "{}") {
        Handled::Pending(id) => id,
        Handled::Done(_) | Handled::Stream(..) => panic!("not pending"),
    };
    let (first, second) = (pending(at(0)), pending(at(500)));
    engine.reset(at(1000)).unwrap();
    assert!(matches!(engine.poll_output(), Output::Response(id, _) if id == first));
    assert_eq!(engine.poll_output(), Output::Reset(second));
    assert_eq!(engine.poll_output(), Output::Timeout(None));
}

#[test]
fn typed_calls_are_held_to_the_model_too() {
    let mut engine = engine("{}");
    let good = CreateStream { stream_name: "s", shard_count: Some(1), ..CreateStream::default() };
    for bad in [
        CreateStream { shard_count: Some(0), ..good.clone() },
        CreateStream { stream_name: "", ..good.clone() },
        CreateStream { stream_name: "a/b", ..good.clone() },
        CreateStream { max_record_size_in_kib: Some(u32::MAX), ..good.clone() },
        CreateStream { tags: alloc::vec![("", "")], ..good.clone() },
    ] {
        assert_eq!(engine.create_stream(at(0), &bad).unwrap_err().kind, ErrorKind::Validation, "{bad:?}");
    }
    engine.create_stream(at(0), &good).unwrap();
}

#[test]
fn questions_about_regions_leave_nothing_behind() {
    let mut engine = engine("{}");
    for (operation, body, status) in [
        ("Firehose.ListDeliveryStreams", "{}", 200),
        ("Firehose.DescribeDeliveryStream", r#"{"DeliveryStreamName":"d"}"#, 400),
        ("Firehose.PutRecord", r#"{"DeliveryStreamName":"d","Record":{"Data":"aGk="}}"#, 400),
        ("ListStreams", "{}", 200),
    ] {
        assert_eq!(call(&mut engine, at(0), operation, body).0, status, "{operation}");
    }
    assert_eq!(engine.deliveries.regions.len(), 0);
}

#[test]
fn browsers_are_answered_before_anything_else() {
    let mut engine = engine("{}");
    let headers = [("Origin", "https://example.com"), ("Access-Control-Request-Method", "POST")];
    let request = Request { method: "OPTIONS", path: "/", headers: &headers, body: b"" };
    let Handled::Done(response) = engine.handle_request(at(0), &request) else { panic!("not done") };
    assert_eq!((response.status, response.body.len()), (200, 0));
    assert_eq!(response.header("access-control-allow-methods"), Some("POST"));
    assert!(response.header("x-amzn-requestid").is_some());
    let Handled::Done(response) = engine.handle_request(at(0), &Request { headers: &[], ..request }) else {
        panic!("not done")
    };
    assert_eq!(response.status, 403);
}

#[test]
fn ancestors_are_read_first_also_across_shards_that_took_no_record() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    let middle = 1u128 << 127;
    let put = |engine: &mut Engine, hash: u128, data: &str| {
        let explicit = format!("{hash}");
        let record = PutRecordsEntry {
            data: data.as_bytes(),
            partition_key: Some("k"),
            explicit_hash_key: Some(&explicit),
        };
        let stream = StreamRef::named("s");
        engine.put_record(at(0), &PutRecord { stream, record, ..Default::default() }).unwrap();
    };
    let split = |shard: u32, start: u128| {
        format!(r#"{{"StreamName":"s","ShardToSplit":"{shard}","NewStartingHashKey":"{start}"}}"#)
    };
    ok(&mut engine, at(0), "SplitShard", &split(0, middle));
    let mut reader = engine.records(at(0), "s").unwrap();
    let mut read = |engine: &mut Engine| {
        let batch = reader.next_batch(engine, at(0)).unwrap();
        batch.iter().map(|record| record.unwrap().data.to_vec()).collect::<Vec<_>>().concat()
    };
    // The reader has come to the last shard, and goes on from there.
    put(&mut engine, middle, "1");
    assert_eq!(read(&mut engine), b"1");
    put(&mut engine, 0, "2");
    ok(&mut engine, at(0), "SplitShard", &split(1, 1 << 100));
    let merge = r#"{"StreamName":"s","ShardToMerge":"3","AdjacentShardToMerge":"4"}"#;
    ok(&mut engine, at(0), "MergeShards", merge);
    put(&mut engine, 0, "3");
    assert_eq!((read(&mut engine), read(&mut engine)), (b"2".to_vec(), b"3".to_vec()));
}

#[test]
fn a_delivery_stream_finishes_a_shard_before_its_descendants() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
    ok(&mut engine, at(0), "PutRecord", r#"{"StreamName":"s","PartitionKey":"k","Data":"MQ=="}"#);
    engine.handle_timeout(at(10));
    // More than one reading takes.
    let batch = r#"{"PartitionKey":"k","Data":"Mg=="},"#.repeat(500);
    let batch = format!(r#"{{"StreamName":"s","Records":[{}]}}"#, batch.trim_end_matches(','));
    for _ in 0..21 {
        ok(&mut engine, at(100), "PutRecords", &batch);
    }
    let split = format!(r#"{{"StreamName":"s","ShardToSplit":"0","NewStartingHashKey":"{}"}}"#, 1u128 << 127);
    ok(&mut engine, at(100), "SplitShard", &split);
    let merge = r#"{"StreamName":"s","ShardToMerge":"1","AdjacentShardToMerge":"2"}"#;
    ok(&mut engine, at(100), "MergeShards", merge);
    ok(&mut engine, at(100), "PutRecord", r#"{"StreamName":"s","PartitionKey":"k","Data":"Mw=="}"#);
    engine.handle_timeout(at(70_000));
    let expected = format!("1{}3", "2".repeat(21 * 500));
    assert_eq!(
        objects(&engine).iter().flat_map(|(_, body)| body.clone()).collect::<Vec<_>>(),
        expected.as_bytes()
    );
}

#[test]
fn errors_of_the_key_service_can_be_provoked() {
    let mut engine = engine(r#"{"initializeStreams": "s:1"}"#);
    let start = r#"{"StreamName":"s","EncryptionType":"KMS","KeyId":"alias/a"}"#;
    let put = r#"{"StreamName":"s","PartitionKey":"k","Data":""}"#;
    let codes = [
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "KMSNotFoundException",
        "KMSOptInRequired",
        "KMSThrottlingException",
    ];
    for (operation, body) in [("StartStreamEncryption", start), ("PutRecord", put)] {
        for code in codes {
            let fault = format!(r#"{{"operation":"{operation}","stream":"s","error":"{code}","times":1}}"#);
            engine.faults_mut().add(Fault::from_json(&fault).unwrap()).unwrap();
            let (status, answer) = call(&mut engine, at(0), operation, body);
            assert_eq!((status, answer["__type"].as_str()), (400, Some(code)));
        }
        ok(&mut engine, at(0), operation, body);
    }
}

#[test]
fn typed_operations_change_streams_and_accounts() {
    use crate::service::{
        CreateStream, DescribeStreamSummary, EnableEnhancedMonitoring, PutRecord, PutRecordsEntry, StreamRef,
        UpdateAccountSettings, UpdateStreamRecordDistributionStrategy, UpdateStreamWarmThroughput,
    };
    use crate::stream::{RecordDistributionStrategy, ShardLevelMetric, ShardLevelMetrics};
    let mut engine = engine("{}");
    let stream = StreamRef::named("s");
    engine.create_stream(at(0), &CreateStream { stream_name: "s", ..Default::default() }).unwrap();
    engine.update_account_settings(
        at(0),
        &UpdateAccountSettings { minimum_throughput_billing_commitment: true },
    );
    let warm = UpdateStreamWarmThroughput { stream, warm_throughput_mibps: 6 };
    engine.update_stream_warm_throughput(at(0), &warm).unwrap();
    let record_distribution_strategy = RecordDistributionStrategy::Auto;
    let strategy = UpdateStreamRecordDistributionStrategy { stream, record_distribution_strategy };
    engine.update_stream_record_distribution_strategy(at(0), &strategy).unwrap();
    let shard_level_metrics = ShardLevelMetric::IncomingBytes.into();
    let monitoring = EnableEnhancedMonitoring { stream, shard_level_metrics };
    let answer = engine.enable_enhanced_monitoring(at(0), &monitoring).unwrap();
    assert_eq!(answer.current_shard_level_metrics, ShardLevelMetrics::NONE);
    let none = EnableEnhancedMonitoring { stream, ..Default::default() };
    assert_eq!(engine.enable_enhanced_monitoring(at(0), &none).unwrap_err().kind, ErrorKind::Validation);
    let summary = engine.describe_stream_summary(at(0), &DescribeStreamSummary { stream }).unwrap();
    assert_eq!(summary.stream_description_summary.open_shard_count, 6);
    let record = PutRecordsEntry { data: b"x", ..Default::default() };
    engine.put_record(at(0), &PutRecord { stream, record, ..Default::default() }).unwrap();
    let mut reader = engine.records(at(0), "s").unwrap();
    let batch = reader.next_batch(&mut engine, at(0)).unwrap();
    assert_eq!(batch[0].unwrap().partition_key, None);
    let limits = engine.describe_limits(at(0));
    assert_eq!((limits.open_shard_count, limits.on_demand_stream_count), (6, 1));
}

#[test]
fn there_is_room_for_large_answers_from_the_start() {
    let mut engine = engine("{}");
    assert_eq!(call(&mut engine, at(0), "CreateStream", r#"{"StreamName":"s","ShardCount":1}"#).0, 200);
    let encrypt = r#"{"StreamName":"s","EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}"#;
    assert_eq!(call(&mut engine, at(1), "StartStreamEncryption", encrypt).0, 200);
    let mut puts: Vec<(String, Vec<u8>)> = Vec::new();
    for number in 0..300 {
        let (key, data) = ("k".repeat(1 + number * 7 % 256), alloc::vec![number as u8; number * 13 % 500]);
        let record = PutRecordsEntry { data: &data, partition_key: Some(&key), explicit_hash_key: None };
        let input = PutRecord { stream: StreamRef::named("s"), record, ..PutRecord::default() };
        engine.put_record(at(1001 + number as u64), &input).unwrap();
        puts.push((key, data));
    }
    let ask_iterator =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    let (_, iterator) = call(&mut engine, at(2001), "GetShardIterator", ask_iterator);
    let iterator = iterator["ShardIterator"].as_str().unwrap();
    for limit in [1, 10, 300] {
        let body = format!(r#"{{"ShardIterator":"{iterator}","Limit":{limit}}}"#);
        let Handled::Done(response) = ask(&mut engine, at(2001), "GetRecords", &body) else { panic!() };
        let (len, capacity) = (response.body.len(), response.body.capacity());
        assert!(capacity < len + len / 4 + 512, "{limit}: {len} of {capacity}");
        let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        let records = body["Records"].as_array().unwrap();
        assert_eq!(records.len(), limit);
        // Keys and data are where they belong, also as typed records.
        let input =
            GetRecords { shard_iterator: iterator, limit: Some(limit as u32), ..GetRecords::default() };
        let typed = engine.get_records(at(2001), &input).unwrap();
        assert_eq!(serde_json::to_value(&typed.records).unwrap(), body["Records"]);
        for (record, (key, data)) in typed.records.iter().zip(&puts) {
            assert_eq!((record.partition_key.as_deref(), &record.data), (Some(&**key), data));
        }
    }
}

#[test]
fn room_for_base64_is_made_where_there_is_base64() {
    let mut engine = engine("{}");
    assert_eq!(call(&mut engine, at(0), "CreateStream", r#"{"StreamName":"s","ShardCount":1}"#).0, 200);
    let record = PutRecordsEntry { data: &[7; 300_000], partition_key: Some("k"), explicit_hash_key: None };
    let input = PutRecord { stream: StreamRef::named("s"), record, ..PutRecord::default() };
    engine.put_record(at(1), &input).unwrap();
    let ask_iterator =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    let (_, iterator) = call(&mut engine, at(2), "GetShardIterator", ask_iterator);
    let iterator = iterator["ShardIterator"].as_str().unwrap();
    let json = format!(r#"{{"ShardIterator":"{iterator}"}}"#).into_bytes();
    // A map of one text, and a text whose length is a number of 16 bits.
    let cbor = [
        b"\xA1\x6DShardIterator\x79",
        &u16::try_from(iterator.len()).unwrap().to_be_bytes()[..],
        iterator.as_bytes(),
    ]
    .concat();
    for (content_type, body, least) in
        [("application/x-amz-json-1.1", json, 400_000), ("application/x-amz-cbor-1.1", cbor, 300_000)]
    {
        let headers = [
            ("content-type", content_type),
            ("x-amz-target", "Kinesis_20131202.GetRecords"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20130101/us-east-1/kinesis/aws4_request, SignedHeaders=host, \
                 Signature=0",
            ),
            ("x-amz-date", "20130101T000000Z"),
        ];
        let request = Request { method: "POST", path: "/", headers: &headers, body: &body };
        let Handled::Done(response) = engine.handle_request(at(2), &request) else { panic!() };
        let (len, capacity) = (response.body.len(), response.body.capacity());
        assert!((least..least + 1000).contains(&len), "{content_type}: {len}");
        assert!(capacity < len + 1000, "{content_type}: {len} of {capacity}");
    }
}
