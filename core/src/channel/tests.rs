//! Channels in an engine, on a virtual clock.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::{
    Action, ChannelStreamConfiguration, CloudWatchLogs, CreateChannel, CreateStream, DeleteChannel,
    DeleteStream, DescribeChannel, DescribeStreamSummary, Effect, EffectResult, Engine, EngineConfig, Error,
    ErrorKind, Event, ListChannels, PutRecord, PutRecordsEntry, S3CompressionType,
    S3DestinationConfiguration, S3StorageConfiguration, StorageClass, StreamMode, StreamRef, UpdateChannel,
};

const START: u64 = 1_784_557_845_000;
const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
const OWNER: &str = "111122223333";

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

/// An engine with the on-demand stream `s`.
fn engine(options: &str) -> Engine {
    let mut engine = Engine::new(EngineConfig::from_json(options).unwrap()).unwrap();
    let stream =
        CreateStream { stream_name: "s", stream_mode: Some(StreamMode::OnDemand), ..Default::default() };
    engine.create_stream(at(0), &stream).unwrap();
    engine
}

fn channel(format: RecordFormatType) -> CreateChannel<'static> {
    CreateChannel {
        channel_name: "c",
        service_execution_role_arn: "arn:aws:iam::000000000000:role/r",
        stream_configuration_list: vec![ChannelStreamConfiguration {
            stream_arn: STREAM,
            record_format_type: format,
        }],
        s3_destination_configuration: Some(S3DestinationConfiguration {
            storage_configuration: S3StorageConfiguration {
                bucket_arn: "arn:aws:s3:::b",
                expected_bucket_owner: OWNER,
                output_key_template: Some("o/!{HH}!{mm}"),
                ..Default::default()
            },
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn create(engine: &mut Engine, ms: u64, input: &CreateChannel<'_>) -> String {
    engine.create_channel(at(ms), input).unwrap().channel_description.channel_arn
}

fn put(engine: &mut Engine, ms: u64, data: &[u8]) {
    let record = PutRecordsEntry { data, partition_key: Some("k"), ..Default::default() };
    let input = PutRecord { stream: StreamRef::named("s"), record, ..Default::default() };
    engine.put_record(at(ms), &input).unwrap();
}

/// The objects of the bucket, with the times at which they were put.
fn objects(engine: &Engine) -> Vec<(u64, Vec<u8>)> {
    let objects = engine.objects().list("b", "");
    let mut objects: Vec<_> =
        objects.map(|(_, object)| (object.last_modified.as_millis() - START, object.body.to_vec())).collect();
    objects.sort();
    objects
}

fn effects(engine: &mut Engine) -> (Vec<Effect>, Vec<Event>) {
    let (mut effects, mut events) = (vec![], vec![]);
    loop {
        match engine.poll_output() {
            crate::Output::Effect(effect) => effects.push(effect),
            crate::Output::Event(event) => events.push(event),
            crate::Output::Timeout(_) => return (effects, events),
            crate::Output::Response(..)
            | crate::Output::Frame(..)
            | crate::Output::End(_)
            | crate::Output::Reset(_) => panic!("no answer is late"),
        }
    }
}

fn answer(engine: &mut Engine, ms: u64, effect: &Effect, is_stored: bool) {
    let outcome = if is_stored { Ok(vec![]) } else { Err("down".to_string()) };
    engine.handle_effect_result(at(ms), effect.id, EffectResult { latency_ms: 0, outcome }).unwrap();
}

#[test]
fn what_reaches_its_age_is_sealed_at_that_moment() {
    let mut engine = engine("{}");
    create(&mut engine, 0, &channel(RecordFormatType::ByteArray));
    put(&mut engine, 1_500, b"one");
    put(&mut engine, 301_499, b"two");
    // A record at the very deadline starts the next object.
    put(&mut engine, 301_500, b"three");
    assert_eq!(objects(&engine), [(301_500, b"onetwo".to_vec())]);
    // Nobody looks for an hour; the object was put in time.
    engine.handle_timeout(at(3_600_000));
    assert_eq!(objects(&engine), [(301_500, b"onetwo".to_vec()), (601_500, b"three".to_vec())]);
    let (key, object) = engine.objects().list("b", "").next().unwrap();
    assert!(key.starts_with("o/1430-") && key.len() == "o/1430-".len() + 36, "{key}");
    assert_eq!(object.handling.expected_bucket_owner, AccountId::parse(OWNER));
    assert_eq!(engine.poll_timeout(), None, "an idle channel has no timer");
}

#[test]
fn records_from_before_active_are_not_delivered() {
    let mut engine = engine(r#"{"durations":{"createChannel":1000}}"#);
    let arn = create(&mut engine, 0, &channel(RecordFormatType::ByteArray));
    let status = |engine: &mut Engine, ms| {
        let described = engine.describe_channel(at(ms), &DescribeChannel { channel_arn: &arn }).unwrap();
        described.channel_description.channel_status
    };
    put(&mut engine, 999, b"early");
    assert_eq!(status(&mut engine, 999), ChannelStatus::Creating);
    assert_eq!(status(&mut engine, 1_000), ChannelStatus::Active);
    put(&mut engine, 1_000, b"late");
    engine.handle_timeout(at(301_000));
    assert_eq!(objects(&engine), [(301_000, b"late".to_vec())]);
}

#[test]
fn a_full_object_does_not_wait() {
    let mut engine = Engine::new(EngineConfig::default()).unwrap();
    let stream = CreateStream {
        stream_name: "s",
        stream_mode: Some(StreamMode::OnDemand),
        max_record_size_in_kib: Some(10_240),
        ..Default::default()
    };
    engine.create_stream(at(0), &stream).unwrap();
    create(&mut engine, 0, &channel(RecordFormatType::ByteArray));
    let record = vec![7; 8 << 20];
    for ms in 1..=7 {
        put(&mut engine, ms, &record);
    }
    assert_eq!(objects(&engine), []);
    put(&mut engine, 8, &record);
    put(&mut engine, 9, b"next");
    engine.handle_timeout(at(300_009));
    let sizes: Vec<_> = objects(&engine).into_iter().map(|(ms, body)| (ms, body.len())).collect();
    assert_eq!(sizes, [(8, MAX_OBJECT_BYTES), (300_009, 4)]);
}

#[test]
fn unfit_records_are_named_by_dead_letters() {
    let mut engine = engine("{}");
    let mut input = channel(RecordFormatType::Json);
    let logs = CloudWatchLogs { enabled: true, log_group_name: Some("g"), log_stream_name: None };
    input.logging_configuration = Some(logs);
    let arn = create(&mut engine, 0, &input);
    put(&mut engine, 0, b"{\"n\":1}\n");
    put(&mut engine, 10, b"{\"n\":");
    put(&mut engine, 20, b"[2]");
    engine.handle_timeout(at(300_020));
    let prefix = alloc::format!("kinesis-channel/errors/c/{}/2026/07/20/14/c-", &arn[arn.len() - 36..]);
    let (key, letter) = engine.objects().list("b", &prefix).next().unwrap();
    assert!(key.ends_with(".json"), "{key}");
    let letter: serde_json::Value = serde_json::from_slice(&letter.body).unwrap();
    assert_eq!(letter["ErrorCode"], "InvalidJson");
    assert_eq!((&letter["StreamARN"], &letter["PartitionKey"]), (&STREAM.into(), &"k".into()));
    assert_eq!(letter["ApproximateArrivalTimestamp"], 1_784_557_845.01);
    assert_eq!(engine.objects().list("b", "o/").next().unwrap().1.body.to_vec(), b"{\"n\":1}\n[2]");
    let (_, events) = effects(&mut engine);
    let logged: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::ErrorLogged { log_group_name, log_stream_name, message, .. } => {
                Some((&**log_group_name, &**log_stream_name, &message[..13]))
            }
            Event::ObjectDelivered { .. } | Event::RecordsLost { .. } => None,
        })
        .collect();
    assert_eq!(logged, [("g", "DestinationDelivery", "InvalidRecord")]);
}

#[test]
fn a_failing_bucket_is_tried_again_until_the_channel_is_deleted() {
    let mut engine = engine(r#"{"objectStore":"host","durations":{"deleteChannel":5000}}"#);
    let mut input = channel(RecordFormatType::String);
    if let Some(destination) = &mut input.s3_destination_configuration {
        destination.storage_configuration.storage_class = StorageClass::GlacierIr;
    }
    input.logging_configuration = Some(CloudWatchLogs { enabled: true, ..Default::default() });
    let arn = create(&mut engine, 0, &input);
    put(&mut engine, 0, "é".as_bytes());
    engine.handle_timeout(at(300_000));
    let (first, _) = effects(&mut engine);
    assert_eq!((first.len(), first[0].due, &first[0].arn), (1, at(300_000), &arn));
    answer(&mut engine, 300_000, &first[0], false);
    engine.handle_timeout(at(301_000));
    let (second, events) = effects(&mut engine);
    assert_eq!(second[0].due, at(301_000));
    assert!(matches!(&events[..], [Event::ErrorLogged { message, .. }] if message.contains("attempt 1")));
    let Action::PutObject { body, handling, .. } = &second[0].action;
    assert_eq!((&**body, handling.storage_class), ("é".as_bytes(), StorageClass::GlacierIr));
    answer(&mut engine, 301_000, &second[0], true);
    let (_, events) = effects(&mut engine);
    assert!(matches!(&events[..], [Event::ObjectDelivered { records: 1, .. }]));

    put(&mut engine, 302_000, b"x");
    engine.handle_timeout(at(602_000));
    let (third, _) = effects(&mut engine);
    put(&mut engine, 602_000, b"y");
    engine.delete_channel(at(602_001), &DeleteChannel { channel_arn: &arn }).unwrap();
    // Nobody waits for the answer any more.
    let late = EffectResult { latency_ms: 0, outcome: Err("down".into()) };
    assert!(engine.handle_effect_result(at(602_002), third[0].id, late).is_err());
    assert!(!engine.awaits_host());
    put(&mut engine, 602_003, b"z");
    engine.handle_timeout(at(10_000_000));
    assert_eq!(effects(&mut engine).0, []);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn nothing_is_read_while_too_much_waits() {
    let mut engine = engine(r#"{"objectStore":"host"}"#);
    create(&mut engine, 0, &channel(RecordFormatType::ByteArray));
    let record = vec![7; 1 << 20];
    for ms in 0..64 {
        // One byte less for the partition key.
        put(&mut engine, ms, &record[1..]);
    }
    put(&mut engine, 64, &record[1..]);
    // The first 64 MiB are sealed, and wait; what comes now stays in the stream.
    put(&mut engine, 65, b"later");
    engine.handle_timeout(at(400_000));
    let (waiting, _) = effects(&mut engine);
    assert_eq!(waiting.len(), 1);
    answer(&mut engine, 400_000, &waiting[0], true);
    // It is older than it may be, so it is due at once.
    let (rest, _) = effects(&mut engine);
    assert_eq!((rest.len(), rest[0].due), (1, at(400_000)));
}

#[test]
fn another_freshness_counts_for_what_waits() {
    let mut engine = engine(r#"{"durations":{"updateChannel":1000}}"#);
    let mut input = channel(RecordFormatType::ByteArray);
    if let Some(destination) = &mut input.s3_destination_configuration {
        destination.data_freshness_in_seconds = Some(900);
    }
    let arn = create(&mut engine, 0, &input);
    put(&mut engine, 0, b"a");
    let update = |seconds| UpdateChannel {
        channel_arn: &arn,
        data_freshness_in_seconds: Some(seconds),
        ..Default::default()
    };
    let updated = engine.update_channel(at(100), &update(400)).unwrap().channel_description;
    assert_eq!(updated.channel_status, ChannelStatus::Updating);
    assert_eq!(updated.s3_destination_configuration.data_freshness_in_seconds, 400);
    let refused: Error = engine.update_channel(at(200), &update(500)).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::ResourceInUse);
    put(&mut engine, 300, b"b");
    engine.handle_timeout(at(400_000));
    assert_eq!(objects(&engine), [(400_000, b"ab".to_vec())]);
    put(&mut engine, 400_000, b"c");
    engine.update_channel(at(750_000), &update(300)).unwrap();
    assert_eq!(objects(&engine)[1], (750_000, b"c".to_vec()), "it is older than 300 seconds already");
}

#[test]
fn a_channel_that_is_gone_leaves_nothing_behind() {
    let mut engine = engine("{}");
    let arn = create(&mut engine, 0, &channel(RecordFormatType::ByteArray));
    let count = |engine: &mut Engine| {
        let input = DescribeStreamSummary { stream: StreamRef::named("s") };
        let summary = engine.describe_stream_summary(at(0), &input).unwrap();
        summary.stream_description_summary.channel_count
    };
    assert_eq!(count(&mut engine), 1);
    let second =
        engine.create_channel(at(0), &CreateChannel { channel_name: "d", ..channel(RecordFormatType::Json) });
    assert_eq!(second.unwrap_err().kind, ErrorKind::LimitExceeded);
    let delete = DeleteStream { stream: StreamRef::named("s"), ..Default::default() };
    assert_eq!(engine.delete_stream(at(0), &delete).unwrap_err().kind, ErrorKind::ResourceInUse);
    put(&mut engine, 0, b"a");
    engine.delete_channel(at(1), &DeleteChannel { channel_arn: &arn }).unwrap();
    let gone = engine.describe_channel(at(1), &DescribeChannel { channel_arn: &arn });
    assert_eq!(gone.unwrap_err().kind, ErrorKind::ResourceNotFound);
    assert_eq!(count(&mut engine), 0);
    assert!(engine.list_channels(at(1), &ListChannels::default()).unwrap().channel_summaries.is_empty());
    let again = create(&mut engine, 1, &channel(RecordFormatType::ByteArray));
    assert_ne!(again, arn, "an id is not used again");
    engine.delete_channel(at(2), &DeleteChannel { channel_arn: &again }).unwrap();
    engine.delete_stream(at(2), &delete).unwrap();
    engine.handle_timeout(at(10_000_000));
    assert_eq!(objects(&engine), []);
}

#[test]
fn compressed_objects_say_so() {
    for (compression, encoding, magic) in [
        (S3CompressionType::Gzip, "gzip", &b"\x1F\x8B"[..]),
        (S3CompressionType::Zstd, "zstd", b"\x28\xB5\x2F\xFD"),
    ] {
        let mut engine = engine("{}");
        let mut input = channel(RecordFormatType::ByteArray);
        if let Some(destination) = &mut input.s3_destination_configuration {
            destination.storage_configuration.compression_type = compression;
            destination.storage_configuration.output_key_template = None;
        }
        create(&mut engine, 0, &input);
        put(&mut engine, 0, b"a");
        engine.handle_timeout(at(300_000));
        let (key, object) = engine.objects().list("b", "kinesis-channel/c/").next().unwrap();
        assert_eq!(object.content_encoding, Some(encoding));
        assert!(
            object.body.starts_with(magic) && key.ends_with(if encoding == "gzip" { ".gz" } else { ".zst" })
        );
    }
}
