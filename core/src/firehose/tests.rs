//! The machine alone and a region of them, on a virtual clock.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use miniz_oxide::inflate::decompress_to_vec;
use proptest::prelude::*;

use super::api::*;
use super::*;
use crate::aggregate::{Aggregator, DEFAULT_MAX_BYTES};
use crate::objects::{Object, ObjectStore};
use crate::snapshot::tests::{loaded, saved};
use crate::wire::Protocol;
use crate::wire::encode::encode_reply;
use crate::{Error, ErrorKind};

const START: u64 = 1_356_998_400_000;
const DAY: u64 = 24 * 3600 * 1000;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

fn s3<'a>(size: i64, interval: i64, format: &'a str) -> S3Configuration<'a> {
    S3Configuration {
        role_arn: "arn:aws:iam::123456789012:role/r",
        bucket_arn: "arn:aws:s3:::landing",
        buffering_hints: Some(BufferingHintsInput {
            size_in_mbs: Some(size),
            interval_in_seconds: Some(interval),
        }),
        compression_format: Some(format),
        ..S3Configuration::default()
    }
}

fn direct<'a>(name: &'a str, s3: S3Configuration<'a>) -> CreateDeliveryStream<'a> {
    CreateDeliveryStream {
        delivery_stream_name: name,
        extended_s3_destination_configuration: Some(Box::new(s3)),
        ..CreateDeliveryStream::default()
    }
}

fn from_kinesis<'a>(name: &'a str, s3: S3Configuration<'a>) -> CreateDeliveryStream<'a> {
    CreateDeliveryStream {
        delivery_stream_type: Some("KinesisStreamAsSource"),
        kinesis_stream_source_configuration: Some(KinesisStreamSourceConfiguration {
            kinesis_stream_arn: "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
            role_arn: "arn:aws:iam::123456789012:role/r",
        }),
        ..direct(name, s3)
    }
}

fn region_with(settings: Settings) -> DeliveryStreams {
    DeliveryStreams::new("123456789012", "eu-west-1", Seed::default(), settings)
}

fn region() -> DeliveryStreams {
    region_with(Settings::default())
}

fn put(region: &mut DeliveryStreams, ms: u64, name: &str, data: &[u8]) -> Result<PutRecordOutput, Error> {
    region.put_record(at(ms), &PutRecord { delivery_stream_name: name, data })
}

fn puts(region: &mut DeliveryStreams) -> Vec<PutObject> {
    let mut all = vec![];
    loop {
        match region.poll_output() {
            Output::PutObject(object) => all.push(object),
            Output::Dropped(_) | Output::BadMembers { .. } => panic!("nothing is lost here"),
            Output::Timeout(_) => return all,
        }
    }
}

fn delete(region: &mut DeliveryStreams, ms: u64, name: &str) -> Result<DeleteDeliveryStreamOutput, Error> {
    region.delete(at(ms), &DeleteDeliveryStream { delivery_stream_name: name })
}

fn status(region: &mut DeliveryStreams, ms: u64, name: &str) -> Result<&'static str, Error> {
    let input = DescribeDeliveryStream { delivery_stream_name: name };
    Ok(region.describe(at(ms), &input)?.delivery_stream_description.delivery_stream_status)
}

fn json(reply: &impl serde::Serialize) -> serde_json::Value {
    serde_json::from_slice(&encode_reply(Protocol::Json, reply)).unwrap()
}

/// The bytes of the records in an object.
fn unpacked(object: &PutObject) -> Vec<u8> {
    match object.content_encoding {
        None => object.body.to_vec(),
        Some("gzip") => decompress_to_vec(&object.body[10..object.body.len() - 8]).unwrap(),
        Some(other) => panic!("{other}"),
    }
}

#[test]
fn a_snapshot_has_its_own_seed_and_settings_and_no_stream_from_the_future() {
    let settings = Settings { deleting_ms: 7, ..Settings::default() };
    let restored = |region: &DeliveryStreams, now| {
        let mut restored: DeliveryStreams = loaded(&saved(region)).unwrap();
        restored.rebuild(now, settings).map(|()| restored)
    };
    let mut original = region_with(settings);
    original.create(at(5), &direct("d", s3(1, 60, "GZIP"))).unwrap();
    assert!(restored(&original, at(4)).is_err());
    let mut copy = restored(&original, at(5)).unwrap();
    for region in [&mut original, &mut copy] {
        region.create(at(6), &direct("e", s3(1, 60, "GZIP"))).unwrap();
        put(region, 7, "e", b"hello").unwrap();
        delete(region, 8, "d").unwrap();
    }
    assert_eq!(saved(&original), saved(&copy));
    assert_eq!(format!("{original:?}"), format!("{copy:?}"));
    for (account, region) in [("123456789012", "eu west"), ("123456789012", "")] {
        let region = DeliveryStreams::new(account, region, Seed::default(), settings);
        assert!(restored(&region, at(5)).is_err());
    }
}

#[test]
fn a_snapshot_has_no_object_from_the_future_and_of_no_other_sender() {
    let mut outbox = Outbox::new(3);
    for body in [b"a".to_vec(), b"b".to_vec()] {
        outbox.send(at(5), PutObject { body: body.into(), ..PutObject::new(at(5), "b".into(), "k".into()) });
    }
    outbox.handle_result(at(5), 0, ObjectResult::Failed).unwrap();
    let restored = |now| {
        let mut restored: Outbox = loaded(&saved(&outbox)).unwrap();
        restored.rebuild(now, 3).map(|()| restored)
    };
    assert!(restored(at(4)).is_err());
    let restored = restored(at(5)).unwrap();
    assert_eq!((restored.sent(0), restored.sent(1)), (None, outbox.sent(1)));
    assert_eq!((restored.next_retry(), restored.in_flight()), (outbox.next_retry(), 1));
    assert_eq!(restored.backlog(), outbox.backlog());
}

#[test]
fn seals_at_the_deadline_whenever_it_is_looked_at() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 60, "UNCOMPRESSED"))).unwrap();
    put(&mut region, 1_500, "d", b"one").unwrap();
    put(&mut region, 61_499, "d", b"two").unwrap();
    assert_eq!(region.poll_output(), Output::Timeout(Some(at(61_500))));
    // Nobody looks for an hour; the next put finds the buffer sealed long ago.
    put(&mut region, 3_600_000, "d", b"three").unwrap();
    let objects = puts(&mut region);
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0].due, at(61_500));
    assert_eq!(&*objects[0].body, b"onetwo");
    assert_eq!((objects[0].records, objects[0].record_bytes), (2, 6));
    assert_eq!(objects[0].bucket, "landing");
    assert!(objects[0].key.starts_with("2013/01/01/00/d-1-2013-01-01-00-00-01-"), "{}", objects[0].key);
}

#[test]
fn a_record_at_the_deadline_starts_the_next_object() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 0, "GZIP"))).unwrap();
    put(&mut region, 0, "d", b"one").unwrap();
    put(&mut region, 999, "d", b"two").unwrap();
    put(&mut region, 1000, "d", b"three").unwrap();
    region.handle_timeout(at(5000));
    let objects = puts(&mut region);
    assert_eq!(objects.iter().map(unpacked).collect::<Vec<_>>(), [b"onetwo".to_vec(), b"three".to_vec()]);
    assert_eq!(objects[1].due, at(2000));
    assert_eq!(objects[1].content_encoding, Some("gzip"));
    assert!(objects[1].key.ends_with(".gz"));
}

#[test]
fn seals_by_size_with_the_record_that_reaches_it() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 900, "UNCOMPRESSED"))).unwrap();
    let record = [7; 400_000];
    let batch = PutRecordBatch { delivery_stream_name: "d", records: vec![&record; 7] };
    let output = region.put_record_batch(at(0), &batch).unwrap();
    assert_eq!((output.failed_put_count, output.request_responses.len()), (0, 7));
    let sizes: Vec<_> = puts(&mut region).iter().map(|object| (object.records, object.body.len())).collect();
    assert_eq!(sizes, [(3, 1_200_000), (3, 1_200_000)]);
    assert_eq!(region.stream_named("d").unwrap().buffered_records(), 1);
}

#[test]
fn lifecycle_follows_the_durations() {
    let mut region = region_with(Settings { creating_ms: 1000, deleting_ms: 2000, ..Settings::default() });
    region.create(at(0), &direct("d", s3(1, 60, "GZIP"))).unwrap();
    assert_eq!(status(&mut region, 999, "d"), Ok("CREATING"));
    let error = put(&mut region, 999, "d", b"x").unwrap_err();
    assert_eq!(error.kind, ErrorKind::ResourceNotFound);
    assert_eq!(error.message, "Firehose d is not active in 123456789012 account.");
    assert_eq!(delete(&mut region, 999, "d").unwrap_err().kind, ErrorKind::ResourceInUse);
    assert_eq!(status(&mut region, 1000, "d"), Ok("ACTIVE"));
    put(&mut region, 1000, "d", b"x").unwrap();
    delete(&mut region, 5000, "d").unwrap();
    assert_eq!(status(&mut region, 5000, "d"), Ok("DELETING"));
    delete(&mut region, 6000, "d").unwrap();
    let error = region.create(at(6999), &direct("d", s3(1, 60, "GZIP"))).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ResourceInUse);
    assert_eq!(error.message, "Firehose d under accountId 123456789012 already exists");
    let error = status(&mut region, 7000, "d").unwrap_err();
    assert_eq!(error.message, "Firehose d under account 123456789012 not found.");
    assert_eq!(puts(&mut region), []);
    assert_eq!(region.poll_timeout(), None);
}

#[test]
fn durations_of_zero_are_due_at_once() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 60, "GZIP"))).unwrap();
    assert_eq!(status(&mut region, 0, "d"), Ok("ACTIVE"));
    delete(&mut region, 0, "d").unwrap();
    assert_eq!(status(&mut region, 0, "d").unwrap_err().kind, ErrorKind::ResourceNotFound);
    region.create(at(0), &direct("d", s3(1, 60, "GZIP"))).unwrap();
}

#[test]
fn an_answer_for_a_deleted_stream_does_no_harm() {
    let mut region = region_with(Settings { deleting_ms: 10, ..Settings::default() });
    region.create(at(0), &direct("d", s3(1, 0, "GZIP"))).unwrap();
    put(&mut region, 0, "d", b"x").unwrap();
    region.handle_timeout(at(1000));
    let id = puts(&mut region)[0].id;
    delete(&mut region, 1000, "d").unwrap();
    assert_eq!(region.handle_object_result(at(1005), id, ObjectResult::Failed), Ok(()));
    region.handle_timeout(at(2000));
    assert_eq!(region.handle_object_result(at(2000), id, ObjectResult::Stored), Ok(()));
    let never = ObjectId { stream: 9, object: 0 };
    assert_eq!(region.handle_object_result(at(2000), never, ObjectResult::Stored), Err(UnknownObject));
}

#[test]
fn results_are_taken_once() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 0, "GZIP"))).unwrap();
    put(&mut region, 0, "d", b"x").unwrap();
    region.handle_timeout(at(1000));
    let id = puts(&mut region)[0].id;
    let mut answer = |ms, result| region.handle_object_result(at(ms), id, result);
    assert_eq!(answer(1000, ObjectResult::Failed), Ok(()));
    assert_eq!(answer(1000, ObjectResult::Stored), Err(UnknownObject));
    region.handle_timeout(at(2000));
    let retry = puts(&mut region);
    assert_eq!((retry[0].attempt, retry[0].due, retry[0].id), (2, at(2000), id));
    assert_eq!(region.handle_object_result(at(2000), id, ObjectResult::Stored), Ok(()));
    assert_eq!(region.handle_object_result(at(2000), id, ObjectResult::Stored), Err(UnknownObject));
    assert_eq!(region.stream_named("d").unwrap().backlog_bytes(), 0);
}

#[test]
fn a_failing_delivery_backs_off_for_a_day_and_is_then_reported_lost() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 0, "UNCOMPRESSED"))).unwrap();
    put(&mut region, 0, "d", b"lost").unwrap();
    let mut dues = vec![];
    let dropped = loop {
        match region.poll_output() {
            Output::PutObject(object) => {
                dues.push(object.due.as_millis() - START);
                region.handle_object_result(object.due, object.id, ObjectResult::Failed).unwrap();
            }
            Output::Dropped(dropped) => break dropped,
            Output::BadMembers { .. } => panic!("there is no source"),
            Output::Timeout(due) => region.handle_timeout(due.unwrap()),
        }
    };
    assert_eq!(dues[..9], [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 248_000]);
    assert_eq!(dues.last(), Some(&(1000 + DAY)));
    assert_eq!((dropped.at, dropped.records, dropped.record_bytes), (at(1000 + DAY), 1, 4));
    assert_eq!(dropped.attempts as usize, dues.len());
    let stream = region.stream_named("d").unwrap();
    assert_eq!((stream.counters().dropped_records, stream.backlog_bytes()), (1, 0));
    assert_eq!(region.poll_output(), Output::Timeout(None));
}

#[test]
fn a_backlog_refuses_records_one_by_one() {
    let mut region = region_with(Settings { backlog_bytes: 1 << 20, ..Settings::default() });
    region.create(at(0), &direct("d", s3(1, 60, "UNCOMPRESSED"))).unwrap();
    let record = [7; 600_000];
    let batch = PutRecordBatch { delivery_stream_name: "d", records: vec![&record; 3] };
    let output = region.put_record_batch(at(0), &batch).unwrap();
    assert_eq!(output.failed_put_count, 1);
    let failed = &output.request_responses[2];
    assert_eq!(failed.record_id, None);
    assert_eq!(
        (failed.error_code, failed.error_message),
        (Some("ServiceUnavailableException"), Some("Slow down."))
    );
    assert_eq!(put(&mut region, 1, "d", b"x").unwrap_err().kind, ErrorKind::ServiceUnavailable);
    let objects = puts(&mut region);
    region.handle_object_result(at(2), objects[0].id, ObjectResult::Stored).unwrap();
    put(&mut region, 2, "d", b"x").unwrap();
}

#[test]
fn a_batch_is_bounded_as_a_whole() {
    let mut region = region();
    region.create(at(0), &direct("d", s3(1, 60, "UNCOMPRESSED"))).unwrap();
    let (record, rest) = ([0; 1_000_000], [0; 194_305]);
    let mut records: Vec<&[u8]> = vec![&record; 4];
    records.push(&rest);
    let mut batch = PutRecordBatch { delivery_stream_name: "d", records };
    let error = region.put_record_batch(at(0), &batch).unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (ErrorKind::InvalidArgument, "Records size exceeds 4 MB limit")
    );
    assert_eq!(region.stream_named("d").unwrap().counters().accepted_records, 0);
    batch.records[4] = &rest[1..];
    assert_eq!(region.put_record_batch(at(0), &batch).unwrap().failed_put_count, 0);
}

#[test]
fn a_kinesis_source_takes_no_puts_and_names_objects_by_the_oldest_arrival() {
    let mut region = region();
    region.create(at(0), &from_kinesis("k", s3(1, 60, "GZIP"))).unwrap();
    let error = put(&mut region, 0, "k", b"x").unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert_eq!(
        error.message,
        "This operation is not permitted on KinesisStreamAsSource delivery stream type."
    );
    assert!(region.stream_named("k").unwrap().wants_source_records());
    let record = |data: &'static [u8], ms| SourceRecord { data, arrival: at(ms) };
    region.put_source_records(at(9000), 0, [record(b"a", 8500), record(b"b", 7000)]);
    region.put_source_records(at(10_000), 0, [record(b"c", 8000)]);
    assert_eq!(region.poll_timeout(), Some(at(69_000)));
    region.handle_timeout(at(69_000));
    let objects = puts(&mut region);
    assert!(objects[0].key.contains("k-1-2013-01-01-00-00-07-"), "{}", objects[0].key);
    assert_eq!(unpacked(&objects[0]), b"abc");
}

#[test]
fn aggregated_source_records_are_taken_apart_before_the_buffer() {
    let mut region = region();
    region.create(at(0), &from_kinesis("k", s3(1, 60, "UNCOMPRESSED"))).unwrap();
    let mut aggregator = Aggregator::new(None, DEFAULT_MAX_BYTES).unwrap();
    let mut entries = vec![];
    for data in [b"one ", b"two ", b"six "] {
        aggregator.add("key", None, data, &mut entries).unwrap();
    }
    aggregator.flush(&mut entries);
    let records: [&[u8]; 3] = [b"raw ", &entries[0].data, b"raw again"];
    region.put_source_records(at(0), 0, records.map(|data| SourceRecord { data, arrival: at(0) }));
    region.handle_timeout(at(60_000));
    let objects = puts(&mut region);
    assert_eq!(&*objects[0].body, b"raw one two six raw again");
    assert_eq!(objects[0].records, 5);
}

#[test]
fn a_bad_member_is_reported_and_the_others_are_delivered() {
    // Two members; the first points at key 9 of a table of one.
    let body = [&[0x0A, 1, b'k'][..], &[0x1A, 5, 0x08, 9, 0x1A, 1, b'x'], &[0x1A, 5, 0x08, 0, 0x1A, 1, b'y']]
        .concat();
    let digest: [u8; 16] = <md5::Md5 as md5::Digest>::digest(&body).into();
    let record = [&[0xF3, 0x89, 0x9A, 0xC2][..], &body, &digest].concat();
    let mut region = region();
    region.create(at(0), &from_kinesis("k", s3(1, 60, "UNCOMPRESSED"))).unwrap();
    region.put_source_records(at(5), 0, [SourceRecord { data: &record, arrival: at(0) }]);
    assert_eq!(region.poll_output(), Output::BadMembers { stream: 0, at: at(5), members: 1 });
    region.handle_timeout(at(60_005));
    assert_eq!(&*puts(&mut region)[0].body, b"y");
}

#[test]
fn lists_in_order_by_page_and_type() {
    let mut region = region();
    for n in (0..25).rev() {
        let name = alloc::format!("d{n:02}");
        let input = if n % 5 == 0 {
            from_kinesis(&name, s3(1, 60, "GZIP"))
        } else {
            direct(&name, s3(1, 60, "GZIP"))
        };
        region.create(at(0), &input).unwrap();
    }
    let page = region.list(at(0), &ListDeliveryStreams::default());
    assert_eq!(page.delivery_stream_names.len(), 10);
    assert_eq!(page.delivery_stream_names[9], "d09");
    assert!(page.has_more_delivery_streams);
    let mut input = ListDeliveryStreams {
        limit: Some(5),
        delivery_stream_type: Some("KinesisStreamAsSource"),
        exclusive_start_delivery_stream_name: None,
    };
    let page = region.list(at(0), &input);
    assert_eq!(page.delivery_stream_names, ["d00", "d05", "d10", "d15", "d20"]);
    assert!(!page.has_more_delivery_streams);
    input.exclusive_start_delivery_stream_name = Some("d07x");
    assert_eq!(region.list(at(0), &input).delivery_stream_names, ["d10", "d15", "d20"]);
}

#[test]
fn describes_both_forms_with_the_defaults() {
    let mut region = region();
    let minimal = S3Configuration {
        role_arn: "arn:aws:iam::123456789012:role/r",
        bucket_arn: "arn:aws:s3:::b",
        ..S3Configuration::default()
    };
    let input = CreateDeliveryStream {
        delivery_stream_name: "d",
        s3_destination_configuration: Some(Box::new(minimal.clone())),
        ..CreateDeliveryStream::default()
    };
    let output = region.create(at(123), &input).unwrap();
    assert_eq!(output.delivery_stream_arn, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d");
    let output = region.describe(at(123), &DescribeDeliveryStream { delivery_stream_name: "d" }).unwrap();
    let s3 = serde_json::json!({
        "RoleARN": "arn:aws:iam::123456789012:role/r",
        "BucketARN": "arn:aws:s3:::b",
        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": false},
    });
    let mut extended = s3.clone();
    extended["S3BackupMode"] = "Disabled".into();
    let expected = serde_json::json!({"DeliveryStreamDescription": {
        "DeliveryStreamName": "d",
        "DeliveryStreamARN": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d",
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamEncryptionConfiguration": {"Status": "DISABLED"},
        "DeliveryStreamType": "DirectPut",
        "VersionId": "1",
        "CreateTimestamp": 1_356_998_400.123,
        "Destinations": [{
            "DestinationId": "destinationId-000000000001",
            "S3DestinationDescription": s3,
            "ExtendedS3DestinationDescription": extended,
        }],
        "HasMoreDestinations": false,
    }});
    assert_eq!(json(&output), expected);

    region.create(at(123), &from_kinesis("k", minimal)).unwrap();
    let output = region.describe(at(123), &DescribeDeliveryStream { delivery_stream_name: "k" }).unwrap();
    let output = &json(&output)["DeliveryStreamDescription"];
    assert_eq!(output.get("DeliveryStreamEncryptionConfiguration"), None);
    assert_eq!(
        output["Source"]["KinesisStreamSourceDescription"],
        serde_json::json!({
            "KinesisStreamARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
            "RoleARN": "arn:aws:iam::123456789012:role/r",
            "DeliveryStartTimestamp": 1_356_998_400.123,
        })
    );
}

#[test]
fn what_is_not_honoured_is_refused_by_name() {
    type Change = fn(&mut S3Configuration<'static>);
    let refused: [(&str, Change); 14] = [
        ("Prefix with expressions", |s3| s3.prefix = Some("a/!{timestamp:yyyy}/")),
        ("Length of evaluated prefix", |s3| s3.prefix = Some(LONG)),
        ("ErrorOutputPrefix", |s3| s3.error_output_prefix = Some("errors/")),
        ("CompressionFormat ZIP", |s3| s3.compression_format = Some("ZIP")),
        ("BufferingHints: SizeInMBs is given without IntervalInSeconds", |s3| {
            s3.buffering_hints =
                Some(BufferingHintsInput { size_in_mbs: Some(1), interval_in_seconds: None });
        }),
        ("EncryptionConfiguration.KMSEncryptionConfig", |s3| {
            s3.encryption_configuration = Some(EncryptionConfigurationInput { kms_encryption_config: true });
        }),
        ("CloudWatchLoggingOptions.Enabled true", |s3| {
            s3.cloud_watch_logging_options =
                Some(CloudWatchLoggingOptionsInput { enabled: Some(true), ..Default::default() });
        }),
        ("S3BackupMode Enabled", |s3| s3.s3_backup_mode = Some("Enabled")),
        ("ProcessingConfiguration.Processors", |s3| {
            s3.processing_configuration =
                Some(SwitchInput { enabled: Some(false), others: vec!["Processors"] });
        }),
        ("DataFormatConversionConfiguration.Enabled true", |s3| {
            s3.data_format_conversion_configuration = Some(SwitchInput::default());
        }),
        ("DynamicPartitioningConfiguration.Enabled true", |s3| {
            s3.dynamic_partitioning_configuration =
                Some(SwitchInput { enabled: Some(true), ..Default::default() });
        }),
        ("FileExtension", |s3| s3.file_extension = Some(".json")),
        ("CustomTimeZone Europe/Berlin", |s3| s3.custom_time_zone = Some("Europe/Berlin")),
        ("S3BackupConfiguration", |s3| s3.others = vec!["S3BackupConfiguration"]),
    ];
    let mut region = region();
    for (words, change) in refused {
        let mut config = s3(1, 60, "GZIP");
        change(&mut config);
        let error = region.create(at(0), &direct("d", config)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        assert!(error.message.contains(words), "{words}: {}", error.message);
    }
    let mut input = direct("d", s3(1, 60, "GZIP"));
    input.others = vec!["Tags"];
    assert!(region.create(at(0), &input).unwrap_err().message.starts_with("Tags is not supported"));
    input.others.clear();
    input.delivery_stream_type = Some("MSKAsSource");
    assert!(region.create(at(0), &input).unwrap_err().message.contains("MSKAsSource"));
    input.delivery_stream_type = Some("KinesisStreamAsSource");
    assert!(region.create(at(0), &input).unwrap_err().message.contains("is mandatory"));
    input.delivery_stream_type = None;
    input.s3_destination_configuration = Some(Box::new(s3(1, 60, "GZIP")));
    assert!(region.create(at(0), &input).unwrap_err().message.starts_with("Exactly one destination"));
    assert!(region.stream_named("d").is_none());
}

const LONG: &str = {
    const BYTES: [u8; 513] = [b'a'; 513];
    match core::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

#[test]
fn what_equals_the_default_is_accepted_and_shown() {
    let mut region = region();
    let mut config = s3(1, 60, "GZIP");
    config.prefix = Some(&LONG[1..]);
    config.s3_backup_mode = Some("Disabled");
    config.custom_time_zone = Some("UTC");
    config.file_extension = Some("");
    config.processing_configuration = Some(SwitchInput { enabled: Some(false), others: vec![] });
    config.data_format_conversion_configuration = Some(SwitchInput { enabled: Some(false), others: vec![] });
    config.dynamic_partitioning_configuration = Some(SwitchInput { enabled: Some(false), others: vec![] });
    region.create(at(0), &direct("d", config)).unwrap();
    let output = region.describe(at(0), &DescribeDeliveryStream { delivery_stream_name: "d" }).unwrap();
    let output = json(&output);
    let s3 = &output["DeliveryStreamDescription"]["Destinations"][0]["ExtendedS3DestinationDescription"];
    assert_eq!(s3["ProcessingConfiguration"], serde_json::json!({"Enabled": false, "Processors": []}));
    assert_eq!(s3["DataFormatConversionConfiguration"], serde_json::json!({"Enabled": false}));
    assert_eq!(s3["DynamicPartitioningConfiguration"], serde_json::json!({"Enabled": false}));
    assert_eq!((&s3["CustomTimeZone"], &s3["FileExtension"]), (&"UTC".into(), &"".into()));
}

#[test]
fn a_full_store_is_a_failing_delivery() {
    let mut region = region();
    let mut store = ObjectStore::new(400);
    region.create(at(0), &direct("d", s3(1, 0, "UNCOMPRESSED"))).unwrap();
    let mut answer = |region: &mut DeliveryStreams| {
        for object in puts(region) {
            let stored = Object::new(object.body, object.due, object.content_type, object.content_encoding);
            let result = match store.put(&object.bucket, object.key, stored) {
                Ok(()) => ObjectResult::Stored,
                Err(_) => ObjectResult::Failed,
            };
            region.handle_object_result(object.due, object.id, result).unwrap();
        }
    };
    put(&mut region, 0, "d", &[1; 100]).unwrap();
    region.handle_timeout(at(1000));
    answer(&mut region);
    put(&mut region, 1000, "d", &[2; 100]).unwrap();
    region.handle_timeout(at(2000));
    answer(&mut region);
    let stream = region.stream_named("d").unwrap();
    assert_eq!((stream.counters().delivered_objects, stream.counters().failed_attempts), (1, 1));
    assert_eq!(region.poll_timeout(), Some(at(3000)));
}

#[test]
fn streams_do_not_disturb_each_other() {
    let run = |others: u64| {
        let mut region = region();
        region.create(at(0), &direct("d", s3(1, 0, "GZIP"))).unwrap();
        for n in 0..others {
            let name = alloc::format!("x{n}");
            region.create(at(0), &direct(&name, s3(1, 0, "GZIP"))).unwrap();
            put(&mut region, 0, &name, b"y").unwrap();
        }
        let id = put(&mut region, 0, "d", b"x").unwrap().record_id.to_string();
        region.handle_timeout(at(1000));
        let key = puts(&mut region).into_iter().find(|object| object.id.stream == 0).unwrap().key;
        (id, key)
    };
    assert_eq!(run(0), run(5));
}

/// A step of a random run: time that passes, and a record's length.
#[derive(Clone, Debug)]
struct Step {
    wait_ms: u64,
    len: usize,
}

/// When a run is looked at besides.
#[derive(Clone, Debug)]
enum Looks {
    /// As the engine does: at each deadline, in order.
    AtDeadlines,
    /// Only when something is put.
    Never,
    /// At these fractions of each step's wait, in thousandths.
    Sometimes(Vec<u64>),
}

/// What one attempt was.
type Attempt = (u64, u32, Timestamp, String, Vec<u8>, u64);

/// Plays the steps, answers every put of an object as its numbers say, and returns all attempts in order of
/// object and attempt, with the bytes that were acknowledged.
fn play(
    steps: &[Step],
    looks: &Looks,
    interval: i64,
    fail: u64,
    latency: u64,
) -> (Vec<Attempt>, Vec<u8>, Counters) {
    let mut region = region_with(Settings { backlog_bytes: u64::MAX, ..Settings::default() });
    let mut attempts = vec![];
    let mut acknowledged = vec![];
    let mut now = 0;
    let mut drain = |region: &mut DeliveryStreams| {
        loop {
            match region.poll_output() {
                Output::PutObject(object) => {
                    let fails = fail > 0 && (object.id.object * 7 + u64::from(object.attempt)) % 4 < fail;
                    let result = if fails { ObjectResult::Failed } else { ObjectResult::Stored };
                    let applies = object.due.plus_millis(latency);
                    region.handle_object_result(applies, object.id, result).unwrap();
                    let body = unpacked(&object);
                    attempts.push((
                        object.id.object,
                        object.attempt,
                        object.due,
                        object.key,
                        body,
                        object.records,
                    ));
                }
                Output::Dropped(_) | Output::BadMembers { .. } => {}
                Output::Timeout(_) => break,
            }
        }
    };
    region.create(at(0), &direct("d", s3(1, interval, "UNCOMPRESSED"))).unwrap();
    let end = Step { wait_ms: 2 * DAY, len: 0 };
    for (n, step) in steps.iter().chain([&end]).enumerate() {
        let next = now + step.wait_ms;
        match looks {
            Looks::AtDeadlines => {
                while let Some(due) = region.poll_timeout().filter(|due| *due <= at(next)) {
                    region.handle_timeout(due);
                    drain(&mut region);
                }
            }
            Looks::Never => {}
            Looks::Sometimes(thousandths) => {
                let mut times: Vec<_> = thousandths.iter().map(|t| now + step.wait_ms * t / 1000).collect();
                times.sort_unstable();
                for time in times {
                    region.handle_timeout(at(time));
                    drain(&mut region);
                }
            }
        }
        now = next;
        if n < steps.len() {
            let record: Vec<u8> = (0..step.len).map(|i| (n * 31 + i / 7) as u8).collect();
            put(&mut region, now, "d", &record).unwrap();
            acknowledged.extend_from_slice(&record);
        }
        drain(&mut region);
    }
    // What is still failing at the end gets its retries.
    while let Some(due) = region.poll_timeout() {
        region.handle_timeout(due);
        drain(&mut region);
    }
    attempts.sort();
    (attempts, acknowledged, *region.stream_named("d").unwrap().counters())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![3 => Just(0u64), 5 => 0..2000u64, 3 => 0..100_000u64];
    let len = prop_oneof![4 => 0..100usize, 2 => 0..5000usize, 2 => 100_000..900_000usize];
    proptest::collection::vec((wait, len).prop_map(|(wait_ms, len)| Step { wait_ms, len }), 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn objects_depend_on_puts_and_times_alone(
        steps in steps(),
        looks in proptest::collection::vec(0..1000u64, 0..6),
        interval in prop_oneof![Just(0i64), 1..4i64, Just(60)],
        fail in 0..4u64,
        latency in prop_oneof![Just(0u64), 0..3000u64],
    ) {
        let (attempts, acknowledged, counters) = play(&steps, &Looks::AtDeadlines, interval, fail, latency);
        for looks in [Looks::Never, Looks::Sometimes(looks)] {
            let other = play(&steps, &looks, interval, fail, latency);
            prop_assert!(other.0 == attempts, "the same attempts at the same objects");
            prop_assert_eq!(&other.2, &counters);
        }
        let delivered: Vec<u8> =
            attempts.iter().filter(|attempt| attempt.1 == 1).flat_map(|attempt| attempt.4.clone()).collect();
        prop_assert!(delivered == acknowledged, "every byte is in one object, in order");
        let records: u64 = attempts.iter().filter(|attempt| attempt.1 == 1).map(|attempt| attempt.5).sum();
        prop_assert_eq!(records, steps.len() as u64);
        prop_assert_eq!(counters.delivered_records + counters.dropped_records, steps.len() as u64);
        prop_assert_eq!(counters.dropped_records, 0);
    }
}
