//! Inputs that are valid, as the operations read them.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;
use crate::time::Timestamp;

#[test]
fn a_batch_reads_as_it_was_sent() {
    let body = r#"{"Records":[{"Data":"aGVsbG8=","PartitionKey":"a"},{"PartitionKey":"\u00fc","ExplicitHashKey":"5","Data":""}],
        "StreamName":"orders","Unknown":{"x":[1,2,{}]}}"#;
    let decoded = decode_json("PutRecords", body).unwrap();
    assert_eq!(decoded.operation.name, "PutRecords");
    assert_eq!(decoded.account.to_string(), "123456789012");
    assert_eq!(decoded.region, "eu-west-1");
    let members = decoded.input.members();
    assert_eq!(members.str("StreamName"), Some("orders"));
    assert_eq!(members.str("StreamARN"), None);
    let records: Vec<_> = members.list("Records").unwrap().structures().collect();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].blob("Data"), Some(&b"hello"[..]));
    assert_eq!(records[0].str("PartitionKey"), Some("a"));
    assert_eq!(records[0].str("ExplicitHashKey"), None);
    assert_eq!(records[1].blob("Data"), Some(&b""[..]));
    assert_eq!(records[1].string("PartitionKey").as_deref(), Some("ü"));
    assert_eq!(records[1].str("ExplicitHashKey"), Some("5"));
}

#[test]
fn null_is_absent_and_the_last_of_two_wins() {
    let body = r#"{"StreamName":"a","ShardCount":null,"StreamName":"b","Tags":{"k":"1","l":"2","k":"3"}}"#;
    let decoded = decode_json("CreateStream", body).unwrap();
    let members = decoded.input.members();
    assert_eq!(members.str("StreamName"), Some("b"));
    assert_eq!(members.integer("ShardCount"), None);
    let tags: Vec<_> = members.map("Tags").unwrap().map(|(key, value)| (key, text(value))).collect();
    assert_eq!(tags, [("k", "3"), ("l", "2")]);
}

#[test]
fn containers_stand_where_they_belong() {
    let keys = |body: &str| {
        let decoded = decode_json("PutRecords", body).unwrap();
        let members = decoded.input.members();
        assert_eq!(members.str("StreamName"), Some("s"), "{body}");
        let list = members.list("Records").unwrap();
        list.structures().map(|record| record.string("PartitionKey").unwrap()).collect::<Vec<_>>()
    };
    let record = |key: &str| format!(r#"{{"Data":"","PartitionKey":"{key}","X":[[{{"y":{{}}}}]]}}"#);
    let (a, b, c) = (record("a"), record("b"), record("c"));
    // The last of several members with one name, whatever those before are.
    for before in ["[]".into(), format!("[{a}]"), format!("[{a},{b},{a}]"), "null".into()] {
        let body = format!(r#"{{"Records":{before},"StreamName":"s","Records":[{b},{c}]}}"#);
        assert_eq!(keys(&body), ["b", "c"], "{body}");
        let body = format!(r#"{{"StreamName":"x","Records":{before},"Records":[{c}],"StreamName":"s"}}"#);
        assert_eq!(keys(&body), ["c"], "{body}");
    }
    // Inside a structure, too.
    let twice = r#"{"PartitionKey":{"a":[1]},"Data":"","PartitionKey":"a"}"#;
    let body = format!(r#"{{"StreamName":"s","Records":[{twice}]}}"#);
    assert!(decode_json("PutRecords", &body).is_err(), "a mismatch stays one");
    // What is no record is none, wherever it stands; those around it are not moved.
    for other in ["null", "5", "[{}]", r#""x""#] {
        for list in [format!("[{other},{a}]"), format!("[{a},{other},{b}]"), format!("[{a},{other}]")] {
            let body = format!(r#"{{"StreamName":"s","Records":{list}}}"#);
            assert!(decode_json("PutRecords", &body).is_err(), "{body}");
        }
    }
    // A map's values and those of its neighbours.
    let body = r#"{"StreamName":"a","Tags":{"x":"y"},"StreamModeDetails":{"StreamMode":"ON_DEMAND"},
        "Tags":{"k":"1","l":"2"},"ShardCount":3}"#;
    let decoded = decode_json("CreateStream", body).unwrap();
    let members = decoded.input.members();
    let tags: Vec<_> = members.map("Tags").unwrap().map(|(key, value)| (key, text(value))).collect();
    assert_eq!(tags, [("k", "1"), ("l", "2")]);
    let mode = members.structure("StreamModeDetails").unwrap();
    assert_eq!((mode.str("StreamMode"), members.integer("ShardCount")), (Some("ON_DEMAND"), Some(3)));
}

fn text(value: Value<'_>) -> &str {
    let Value::Str(text) = value else { panic!("{value:?}") };
    text
}

#[test]
fn numbers_are_floored_and_clamped() {
    // kinesalite's suite: `createStream` takes 100000000000 shards as 2147483647.
    for (sent, read) in [
        ("3", 3),
        ("3.9", 3),
        ("1e2", 100),
        ("100000000000", i32::MAX),
        ("1e300", i32::MAX),
        ("18446744073709551615", i32::MAX),
    ] {
        let body = format!(r#"{{"StreamName":"a","ShardCount":{sent}}}"#);
        let decoded = decode_json("CreateStream", &body).unwrap();
        assert_eq!(decoded.input.members().integer("ShardCount"), Some(read.into()), "{sent}");
    }
    assert_eq!(coerce::integer(-0.5), -1);
    assert_eq!(coerce::integer(-1e300), i32::MIN);
}

#[test]
fn times_come_in_milliseconds() {
    for (sent, millis) in
        [("1356998400.123", 1_356_998_400_123), ("1356998400", 1_356_998_400_000), ("-5", 0)]
    {
        let body = format!(
            r#"{{"StreamName":"a","ShardId":"shardId-0","ShardIteratorType":"AT_TIMESTAMP","Timestamp":{sent}}}"#
        );
        let decoded = decode_json("GetShardIterator", &body).unwrap();
        let time = decoded.input.members().timestamp("Timestamp");
        assert_eq!(time, Some(Timestamp::from_millis(millis)), "{sent}");
    }
}

#[test]
fn every_millisecond_survives_the_way_through_a_float() {
    for millis in (0..2000).chain((1_356_998_400_000..).take(2000)).chain((4_102_444_800_000..).take(2000)) {
        let text = encode::encode_reply(Protocol::Json, &Timestamp::from_millis(millis));
        let seconds: f64 = String::from_utf8(text).unwrap().parse().unwrap();
        assert_eq!(coerce::nearest(seconds * 1000.0), millis as i64);
    }
}

#[test]
fn some_text_is_a_boolean() {
    for (sent, read) in [("true", true), ("\"YES\"", true), ("\"0\"", false), ("34.56", true)] {
        let body = format!(r#"{{"StreamName":"a","EnforceConsumerDeletion":{sent}}}"#);
        let decoded = decode_json("DeleteStream", &body).unwrap();
        assert_eq!(decoded.input.members().bool("EnforceConsumerDeletion"), Some(read), "{sent}");
    }
}

#[test]
fn structures_nest_in_structures_and_lists() {
    let body = r#"{"DeliveryStreamName":"d","ExtendedS3DestinationConfiguration":{
        "RoleARN":"arn:aws:iam::123456789012:role/r","BucketARN":"arn:aws:s3:::b",
        "ProcessingConfiguration":{"Enabled":true,"Processors":[
            {"Type":"Lambda","Parameters":[{"ParameterName":"LambdaArn","ParameterValue":"x"}]},
            {"Type":"Decompression"}]},
        "BufferingHints":{"SizeInMBs":5,"IntervalInSeconds":60}},
        "Tags":[{"Key":"k","Value":"v"},{"Key":"l"}]}"#;
    let decoded = decode_json("Firehose_20150804.CreateDeliveryStream", body).unwrap();
    let members = decoded.input.members();
    let s3 = members.structure("ExtendedS3DestinationConfiguration").unwrap();
    assert_eq!(s3.structure("BufferingHints").unwrap().integer("IntervalInSeconds"), Some(60));
    let processing = s3.structure("ProcessingConfiguration").unwrap();
    assert_eq!(processing.bool("Enabled"), Some(true));
    let processors: Vec<_> = processing.list("Processors").unwrap().structures().collect();
    assert_eq!(
        processors.iter().filter_map(|p| p.str("Type")).collect::<Vec<_>>(),
        ["Lambda", "Decompression"]
    );
    let parameter = processors[0].list("Parameters").unwrap().structures().next().unwrap();
    assert_eq!(parameter.str("ParameterValue"), Some("x"));
    assert!(!processors[1].has("Parameters"));
    let keys: Vec<_> = members.list("Tags").unwrap().structures().filter_map(|tag| tag.str("Key")).collect();
    assert_eq!(keys, ["k", "l"]);
    let names: Vec<_> = members.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 3);
}

#[test]
fn lists_of_text_are_read() {
    let body = r#"{"StreamName":"a","TagKeys":["x","\n"]}"#;
    let decoded = decode_json("RemoveTagsFromStream", body).unwrap();
    let keys = decoded.input.members().list("TagKeys").unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys.strs().collect::<Vec<_>>(), ["x", "\n"]);
}

#[test]
fn keys_are_measured_in_characters() {
    let valid = "\u{1F600}".repeat(256);
    let body = format!(r#"{{"StreamName":"a","PartitionKey":"{valid}","Data":""}}"#);
    assert!(decode_json("PutRecord", &body).is_ok());
    let body = format!(r#"{{"StreamName":"a","PartitionKey":"{valid}x","Data":""}}"#);
    assert!(decode_json("PutRecord", &body).is_err());
}
