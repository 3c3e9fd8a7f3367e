//! What was deleted, or never made, leaves nothing behind.

use alloc::format;

use super::{DELIVERY, DELIVERY_FROM_STREAM, at, call, engine, ok, send_as};
use crate::engine::{Engine, Handled};
use crate::stream::Stream;

const CREATE: &str = r#"{"StreamName":"s","ShardCount":1}"#;
const DELETE: &str = r#"{"StreamName":"s"}"#;
const DELETE_DELIVERY: &str = r#"{"DeliveryStreamName":"d"}"#;
const SLOWLY: &str =
    r#"{"durations":{"deleteStream":5000,"createDeliveryStream":1000,"deleteDeliveryStream":5000}}"#;

/// How many read a stream by themselves: as the engine has it, and as stream 0 has it.
fn readers(engine: &Engine) -> (usize, usize) {
    (engine.deliveries.readers.len(), engine.stream(0).map(Stream::readers).map_or(0, <[_]>::len))
}

#[test]
fn a_deleted_delivery_stream_reads_nothing_any_more() {
    for options in ["{}", SLOWLY] {
        let mut engine = engine(options);
        ok(&mut engine, at(0), "CreateStream", CREATE);
        for round in 0..3u64 {
            let start = round * 10_000;
            ok(&mut engine, at(start), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
            assert_eq!(readers(&engine), (1, 1), "{options}");
            ok(&mut engine, at(start + 1000), "Firehose.DeleteDeliveryStream", DELETE_DELIVERY);
            assert_eq!(readers(&engine), (0, 0), "{options}");
            engine.handle_timeout(at(start + 9000));
            assert_eq!(engine.poll_timeout(), None);
        }
    }
}

#[test]
fn a_deleted_source_is_read_by_nobody() {
    // A stream that is read, and one whose reader waits for the end of CREATING.
    for (options, removed) in
        [("{}", 5000), (SLOWLY, 5000), (r#"{"durations":{"createDeliveryStream":9000}}"#, 0)]
    {
        let mut engine = engine(options);
        ok(&mut engine, at(0), "CreateStream", CREATE);
        ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
        let put = r#"{"StreamName":"s","PartitionKey":"k","Data":"YQ=="}"#;
        ok(&mut engine, at(0), "PutRecord", put);
        assert_eq!(readers(&engine), (1, 1));
        ok(&mut engine, at(0), "DeleteStream", DELETE);
        engine.handle_timeout(at(removed));
        assert_eq!(readers(&engine), (0, 0), "{options}");
        // The delivery stream goes on without: it delivers what it has, and can be deleted.
        engine.handle_timeout(at(100_000));
        let taken = engine.snapshot_bytes(at(100_000));
        let mut engine = Engine::restore(at(100_000), &taken).unwrap();
        ok(&mut engine, at(100_000), "Firehose.DeleteDeliveryStream", DELETE_DELIVERY);
    }
}

#[test]
fn what_is_refused_leaves_no_account_and_region_behind() {
    let mut engine = engine("{}");
    ok(&mut engine, at(0), "CreateStream", CREATE);
    let length = engine.snapshot_bytes(at(1)).len();
    let stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let queue = format!(r#"{{"QueueName":"q","StreamConfigurationList":[{{"StreamARN":"{stream_arn}"}}]}}"#);
    let channel = format!(
        r#"{{"ChannelName":"c","ServiceExecutionRoleARN":"arn:aws:iam::000000000000:role/r",
            "StreamConfigurationList":[{{"StreamARN":"{stream_arn}","RecordConfiguration":{{"RecordFormatType":"JSON"}}}}],
            "S3DestinationConfiguration":{{"StorageConfiguration":{{"BucketARN":"arn:aws:s3:::lake",
            "ExpectedBucketOwner":"000000000000","CompressionType":"NONE"}}}}}}"#
    );
    let requests = [
        (
            "Firehose_20150804.CreateDeliveryStream",
            DELIVERY.replace(r#""RoleARN""#, r#""S3BackupMode":"Enabled","RoleARN""#),
        ),
        ("Firehose_20150804.CreateDeliveryStream", DELIVERY_FROM_STREAM.replace("stream/s", "stream/none")),
        ("Kinesis_20131202.CreateStream", r#"{"StreamName":"s","ShardCount":30000}"#.into()),
        ("Kinesis_20131202.CreateQueue", queue),
        ("Kinesis_20131202.CreateChannel", channel),
        (
            "Kinesis_20131202.UpdateAccountSettings",
            r#"{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}"#.into(),
        ),
        ("Kinesis_20131202.DescribeLimits", "{}".into()),
    ];
    for (target, body) in &requests {
        for number in 0..20 {
            let region = format!("eu-north-{number}");
            let service = if target.starts_with('F') { "firehose" } else { "kinesis" };
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=99999999{number:04}/20130101/{region}/{service}/aws4_request, \
                 SignedHeaders=host, Signature=0"
            );
            let Handled::Done(_) = send_as(&mut engine, at(1), &authorization, target, body) else {
                panic!("{target} is not done")
            };
        }
        assert_eq!(engine.snapshot_bytes(at(1)).len(), length, "{target}");
    }
}

#[test]
fn accounts_and_regions_are_forgotten_with_the_last_they_had() {
    let mut engine = engine(SLOWLY);
    ok(&mut engine, at(0), "CreateStream", CREATE);
    ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY);
    engine.handle_timeout(at(1000));
    let length = engine.snapshot_bytes(at(1000)).len();
    let everywhere = |engine: &mut Engine, now: u64, target: &str, body: &str| {
        for number in 0..20 {
            let service = if target.starts_with('F') { "firehose" } else { "kinesis" };
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=99999999{:04}/20130101/eu-north-{number}/{service}/aws4_request, \
                 SignedHeaders=host, Signature=0",
                number % 7
            );
            let Handled::Done(response) = send_as(engine, at(now), &authorization, target, body) else {
                panic!("{target} is not done")
            };
            assert_eq!(response.status, 200, "{target}");
        }
    };
    for round in 0..3u64 {
        let start = 10_000 * (1 + round);
        everywhere(&mut engine, start, "Kinesis_20131202.CreateStream", CREATE);
        everywhere(&mut engine, start, "Firehose_20150804.CreateDeliveryStream", DELIVERY);
        let put = r#"{"DeliveryStreamName":"d","Record":{"Data":"aGk="}}"#;
        everywhere(&mut engine, start + 1000, "Firehose_20150804.PutRecord", put);
        assert_eq!(engine.deliveries.regions.len(), 21);
        let taken = engine.snapshot_bytes(at(start + 1000));
        engine = Engine::restore(at(start + 1000), &taken).unwrap();
        everywhere(&mut engine, start + 1000, "Kinesis_20131202.DeleteStream", DELETE);
        everywhere(&mut engine, start + 1000, "Firehose_20150804.DeleteDeliveryStream", DELETE_DELIVERY);
        assert!(engine.snapshot_bytes(at(start + 5999)).len() > length);
        assert_eq!(engine.snapshot_bytes(at(start + 6000)).len(), length, "{round}");
    }
    // A setting stays.
    let commit = r#"{"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}}"#;
    everywhere(&mut engine, 60_000, "Kinesis_20131202.UpdateAccountSettings", commit);
    everywhere(&mut engine, 60_000, "Kinesis_20131202.CreateStream", CREATE);
    everywhere(&mut engine, 60_000, "Kinesis_20131202.DeleteStream", DELETE);
    let taken = engine.snapshot_bytes(at(70_000));
    assert!(taken.len() > length);
    assert_eq!(Engine::restore(at(70_000), &taken).unwrap().snapshot_bytes(at(70_000)), taken);
}

#[test]
fn calls_about_streams_that_are_not_there_are_not_counted() {
    let mut engine = engine(r#"{"limits":"aws"}"#);
    ok(&mut engine, at(0), "CreateStream", CREATE);
    let length = engine.snapshot_bytes(at(1)).len();
    for number in 0..100 {
        let name = format!(r#"{{"StreamName":"none-{number}"}}"#);
        let arn = format!(r#"{{"StreamARN":"arn:aws:kinesis:us-east-1:{number:012}:stream/none"}}"#);
        for (operation, body) in [("ListShards", name), ("ListStreamConsumers", arn)] {
            let (status, answer) = call(&mut engine, at(1), operation, &body);
            assert_eq!(
                (status, &answer["__type"]),
                (400, &"ResourceNotFoundException".into()),
                "{operation}"
            );
        }
    }
    assert_eq!(engine.snapshot_bytes(at(1)).len(), length);
    // Those about a stream that is there leave one bucket for each operation, which goes with the stream.
    let consumers = r#"{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"}"#;
    for refused in [false, false, false, false, false, true] {
        assert_eq!(call(&mut engine, at(1), "ListStreamConsumers", consumers).0 == 400, refused);
    }
    assert!(engine.snapshot_bytes(at(1)).len() > length);
    ok(&mut engine, at(2), "DeleteStream", DELETE);
    ok(&mut engine, at(2), "CreateStream", CREATE);
    ok(&mut engine, at(2), "ListStreamConsumers", consumers);
}
