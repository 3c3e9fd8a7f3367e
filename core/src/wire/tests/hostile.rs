//! Bytes of any kind are refused or read; they neither panic nor recurse nor grow.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn read(operation: &str, body: &[u8]) {
    if let Ok(decoded) = decode_with(&WireConfig::default(), operation, body) {
        visit(decoded.input.members());
    }
}

pub(super) fn visit(members: Members<'_>) {
    for (_, value) in members.iter() {
        visit_value(value);
    }
}

fn visit_value(value: Value<'_>) {
    match value {
        Value::Structure(members) => visit(members),
        Value::List(list) => list.for_each(visit_value),
        Value::Map(entries) => entries.for_each(|(_, value)| visit_value(value)),
        Value::Bool(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::Timestamp(_)
        | Value::Str(_)
        | Value::Blob(_) => {}
    }
}

fn read_cbor(operation: &str, body: &[u8]) {
    match cbor::decode_cbor(operation, body) {
        Ok(decoded) => visit(decoded.input.members()),
        Err(error) => assert!(matches!(error.response.status, 400 | 404)),
    }
}

/// JSON of the names and values that the operations know, put together anyhow.
fn any_json() -> impl Strategy<Value = String> {
    let name = prop::sample::select(
        &[
            "Records",
            "Data",
            "PartitionKey",
            "ExplicitHashKey",
            "StreamName",
            "StreamARN",
            "Tags",
            "ShardFilter",
            "Type",
            "Timestamp",
            "TagKeys",
            "Limit",
            "ExtendedS3DestinationConfiguration",
            "ProcessingConfiguration",
            "Processors",
            "Parameters",
            "DeliveryStreamName",
            "BufferingHints",
            "Enabled",
            "x\\n",
        ][..],
    );
    let leaf = prop_oneof![
        prop::sample::select(
            &[
                "null",
                "true",
                "1",
                "-1",
                "1.5",
                "1e999",
                "\"\"",
                "\"a\"",
                "\"QQ==\"",
                "\"\\u00e9\"",
                "\"=\"",
                "\"arn:aws\""
            ][..]
        )
        .prop_map(String::from),
        "\\PC{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|parts| format!("[{}]", parts.join(","))),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|parts| {
                let parts: Vec<_> = parts.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", parts.join(","))
            }),
        ]
    })
}

/// A JSON text in CBOR; none if it is too large a number.
fn to_cbor(json: &str) -> Option<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_str(json).ok()?;
    Some(encode::encode_reply(Protocol::Cbor, &value))
}

const OPERATIONS: [&str; 6] = [
    "Kinesis_20131202.PutRecords",
    "Kinesis_20131202.AddTagsToStream",
    "Kinesis_20131202.ListShards",
    "Kinesis_20131202.RemoveTagsFromStream",
    "Firehose_20150804.CreateDeliveryStream",
    "Firehose_20150804.PutRecordBatch",
];

proptest! {
    #[test]
    fn any_bytes(body: Vec<u8>, operation in prop::sample::select(&OPERATIONS[..])) {
        read(operation, &body);
    }

    #[test]
    fn any_json_body(body in any_json(), operation in prop::sample::select(&OPERATIONS[..])) {
        read(operation, body.as_bytes());
    }

    #[test]
    fn json_that_is_cut_or_changed(body in any_json(), at: prop::sample::Index, byte: u8) {
        let mut bytes = body.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read(OPERATIONS[0], &bytes);
        read(OPERATIONS[4], &bytes[..at]);
    }

    #[test]
    fn any_bytes_as_cbor(body: Vec<u8>, operation in prop::sample::select(&OPERATIONS[..4])) {
        read_cbor(operation, &body);
        let map = [&[0xbf][..], &body, &[0xff]].concat();
        read_cbor(operation, &map);
    }

    #[test]
    fn any_cbor_body(body in any_json(), operation in prop::sample::select(&OPERATIONS[..4])) {
        if let Some(body) = to_cbor(&body) {
            read_cbor(operation, &body);
        }
    }

    #[test]
    fn cbor_that_is_cut_or_changed(body in any_json(), at: prop::sample::Index, byte: u8) {
        if let Some(mut bytes) = to_cbor(&body) {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read_cbor(OPERATIONS[0], &bytes);
            read_cbor(OPERATIONS[2], &bytes);
            read_cbor(OPERATIONS[0], &bytes[..at]);
        }
    }

    #[test]
    fn any_headers(target: String, content: String, authorization: String, path: String, method: String) {
        let headers = [("x-amz-target", &*target), ("content-type", &*content), ("Authorization", &*authorization)];
        let request = Request { method: &method, path: &path, headers: &headers, body: b"{}" };
        let _ = decode(&WireConfig::default(), &request);
        let headers = [
            ("X-Amz-Target", "Kinesis_20131202.ListStreams"),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("Authorization", &*authorization),
        ];
        let _ = decode(&WireConfig::default(), &Request { method: "POST", path: &path, headers: &headers, body: b"{}" });
    }
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [("[", "]"), ("{\"Records\":", "}"), ("{\"x\":", "}"), ("{\"Records\":[", "]}")] {
        for depth in [100, 1_000_000] {
            let body = format!("{{\"x\":{}1{}}}", open.repeat(depth), close.repeat(depth));
            read(OPERATIONS[0], body.as_bytes());
            read(OPERATIONS[0], open.repeat(depth).as_bytes());
        }
    }
}

#[test]
fn a_small_body_makes_no_large_input() {
    let body = format!(r#"{{"StreamName":"a","Records":[{}]}}"#, ["{}"; 100_000].join(","));
    let decoding = decode::body(
        Protocol::Json,
        Service::Kinesis.model().operation("PutRecords").unwrap(),
        body.as_bytes(),
    )
    .unwrap();
    let size = decoding.input.tape.capacity() * size_of::<value::Node<'_>>();
    assert!(size < 100 * body.len(), "{size} bytes for {}", body.len());
    assert_eq!(size_of::<value::Node<'_>>(), 24);
}

#[test]
fn a_small_cbor_body_makes_no_large_input() {
    let mut body = cbor::unhex("a2 6a53747265616d4e616d65 6161 67 5265636f726473 9f");
    body.extend([0xa0; 100_000]);
    body.extend([0xff]);
    let operation = Service::Kinesis.model().operation("PutRecords").unwrap();
    let decoding = decode::body(Protocol::Cbor, operation, &body).unwrap();
    let size = decoding.input.tape.capacity() * size_of::<value::Node<'_>>();
    // An empty entry is a byte; beyond what the list may have, 10,000 are kept for the message.
    assert!(size < 50 * body.len(), "{size} bytes for {}", body.len());
}

#[test]
fn many_names_in_a_map_do_not_take_their_square() {
    let tags: Vec<String> = (0..200_000).map(|index| format!("\"{}\":\"v\"", index % 100_000)).collect();
    read(OPERATIONS[1], format!(r#"{{"StreamName":"a","Tags":{{{}}}}}"#, tags.join(",")).as_bytes());
}
