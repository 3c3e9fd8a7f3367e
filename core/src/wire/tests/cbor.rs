//! CBOR: the order in which requests are refused, what values become, whole answers. The bytes of requests are as the
//! AWS SDKs for Java write them; what hostile bodies look like stands in `hostile.rs`.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use cbor4ii::core::dec::Decode;
use cbor4ii::core::types;
use cbor4ii::core::utils::SliceReader;
use serde_json::json;

use super::hostile::visit;
use super::*;
use crate::error::Error;
use crate::time::Timestamp;

const CBOR: (&str, &str) = ("Content-Type", "application/x-amz-cbor-1.1");
const LIST_STREAMS: (&str, &str) = ("x-amz-target", "Kinesis_20131202.ListStreams");
const FIREHOSE: (&str, &str) = ("x-amz-target", "Firehose_20150804.ListDeliveryStreams");
const SIGNED: (&str, &str) = ("authorization", SIGNATURE);
const DATE: (&str, &str) = ("Date", "a");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| core::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// A map with one entry.
fn entry(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = [0xa1, 0x60 | name.len() as u8].to_vec();
    bytes.extend(name.as_bytes());
    bytes.extend(unhex(value));
    bytes
}

pub(super) fn decode_cbor<'a>(operation: &str, body: &'a [u8]) -> Result<Decoded<'a>, WireError> {
    let target =
        if operation.contains('.') { operation.into() } else { format!("Kinesis_20131202.{operation}") };
    let headers = Box::leak(Box::new([CBOR, ("X-Amz-Target", &*String::leak(target)), SIGNED, DATE]));
    decode(&WireConfig::default(), &Request { method: "POST", path: "/", headers, body })
}

fn post(headers: &[(&str, &str)], body: &[u8]) -> Response {
    let request = Request { method: "POST", path: "/", headers, body };
    decode(&WireConfig::default(), &request).map(|decoded| decoded.operation).unwrap_err().response
}

/// What an error says: its code and its message.
fn said(response: &Response) -> (String, String) {
    assert_eq!(response.header("content-type"), Some(CBOR.1));
    let types::Map(entries) =
        <types::Map<Vec<(&str, &str)>>>::decode(&mut SliceReader::new(&response.body)).unwrap();
    let find = |name: &str| entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    let text = |name: &str| find(name).map(|(_, value)| value.to_string()).unwrap_or_default();
    (text("__type"), text("message"))
}

fn code(headers: &[(&str, &str)], body: &[u8]) -> String {
    let response = post(headers, body);
    assert_eq!(response.status, 400);
    said(&response).0
}

#[test]
fn requests_are_refused_in_the_order_of_json() {
    let empty: &[u8] = &[0xa0];
    assert_eq!(code(&[CBOR], b""), "UnknownOperationException");
    assert_eq!(code(&[CBOR, LIST_STREAMS], b""), "SerializationException");
    for body in [&b"{}"[..], b"hello", &[0x80, 0x80], &[0xf6], &[0x00], &[0xa1], &[0xbf], &[0xff]] {
        assert_eq!(code(&[CBOR], body), "SerializationException", "{body:x?}");
        assert_eq!(code(&[CBOR, LIST_STREAMS], body), "SerializationException", "{body:x?}");
    }
    assert_eq!(code(&[CBOR], empty), "UnknownOperationException");
    assert_eq!(code(&[CBOR, ("x-amz-target", "x.ListStreams")], empty), "UnknownOperationException");
    let wrong_type = entry("Limit", "6178");
    assert_eq!(code(&[CBOR, LIST_STREAMS], &wrong_type), "MissingAuthenticationTokenException");
    assert_eq!(code(&[CBOR, LIST_STREAMS, ("Authorization", "X")], empty), "IncompleteSignatureException");
    let signed = [CBOR, LIST_STREAMS, SIGNED, DATE];
    assert_eq!(
        said(&post(&signed, &wrong_type)),
        ("SerializationException".into(), "class java.lang.String can not be converted to an Integer".into())
    );
    assert_eq!(code(&signed, &entry("Limit", "00")), "ValidationException");
    assert!(decode_cbor("ListStreams", empty).is_ok());
}

#[test]
fn the_content_type_may_have_parameters() {
    let headers = [("CONTENT-TYPE", "Application/X-Amz-Cbor-1.1; charset=utf-8"), LIST_STREAMS, SIGNED, DATE];
    let request = Request { method: "POST", path: "/", headers: &headers, body: &[0xbf, 0xff] };
    assert_eq!(decode(&WireConfig::default(), &request).unwrap().protocol, Protocol::Cbor);
}

#[test]
fn firehose_speaks_json_alone() {
    let page = |body: &str| (404, None, body.as_bytes().to_vec());
    let answer = |response: Response| {
        (response.status, response.header("content-type").map(ToString::to_string), response.body)
    };
    let unknown = page("<UnknownOperationException/>\n");
    assert_eq!(answer(post(&[CBOR, FIREHOSE, SIGNED, DATE], &[0xa0])), unknown);
    assert_eq!(answer(post(&[CBOR, ("x-amz-target", "Firehose_20150804.Foo")], &[0xa0])), unknown);
}

/// The body of the AWS SDK for Java 2 for a put, and for an iterator at a point in time (floci issue 2368).
#[test]
fn requests_of_the_sdks_are_read() {
    let put = unhex("bf 6a53747265616d4e616d65 6161 6444617461 43 00ff80 6c506172746974696f6e4b6579 616b ff");
    let decoded = decode_cbor("PutRecord", &put).unwrap();
    let members = decoded.input.members();
    assert_eq!(members.str("StreamName"), Some("a"));
    assert_eq!(members.blob("Data"), Some(&[0, 0xff, 0x80][..]));
    assert!(matches!(members.get("Data"), Some(Value::Blob([0, 0xff, 0x80]))));
    assert_eq!(members.str("PartitionKey"), Some("k"));
}

fn timestamp(value: &str) -> Option<Timestamp> {
    let mut body = encode::encode_reply(
        Protocol::Cbor,
        &json!({"StreamName": "a", "ShardId": "shardId-0", "ShardIteratorType": "AT_TIMESTAMP"}),
    );
    body.pop();
    body.extend(b"\x69Timestamp");
    body.extend(unhex(value));
    body.push(0xff);
    let decoded = decode_cbor("GetShardIterator", &body).unwrap();
    decoded.input.members().timestamp("Timestamp")
}

#[test]
fn times_are_milliseconds() {
    let millis = |millis| Some(Timestamp::from_millis(millis));
    assert_eq!(timestamp("c1 1b 000001a013accc38"), millis(1_787_036_486_712));
    assert_eq!(timestamp("1b 000001a013accc38"), millis(1_787_036_486_712));
    // A float has the same unit; the nearest millisecond is meant.
    assert_eq!(timestamp("c1 fb 40f86a0000000000"), millis(100_000));
    assert_eq!(timestamp("c1 fb 3fe0000000000000"), millis(1));
    assert_eq!(timestamp("c1 fa 47c35000"), millis(100_000));
    assert_eq!(timestamp("c1 f9 5640"), millis(100));
    assert_eq!(timestamp("c1 20"), millis(0), "before the epoch");
    assert_eq!(timestamp("c1 1b ffffffffffffffff"), millis(i64::MAX as u64));
    assert_eq!(timestamp("c2 49 ffffffffffffffffff"), millis(i64::MAX as u64));
    assert_eq!(timestamp("c3 49 ffffffffffffffffff"), millis(0));
    assert_eq!(timestamp("d9d9f7 c1 00"), millis(0));
    assert_eq!(timestamp("f6"), None);
    assert_eq!(timestamp("f7"), None, "undefined is null");
}

fn limit(value: &str) -> Result<Option<i64>, String> {
    let body = entry("Limit", value);
    let decoded = decode_cbor("ListStreams", &body).map_err(|error| said(&error.response).0)?;
    Ok(decoded.input.members().integer("Limit"))
}

#[test]
fn numbers_become_integers_as_in_json() {
    for (value, read) in [
        ("17", 23),
        ("18ff", 255),
        ("f9 4180", 2),
        ("f9 4b1a", 14),
        ("fa 42480000", 50),
        ("fb 4058cccccccccccd", 99),
        ("d8 20 05", 5),
    ] {
        assert_eq!(limit(value), Ok(Some(read)), "{value}");
    }
    for value in
        ["00", "20", "1a ffffffff", "1b ffffffffffffffff", "3b ffffffffffffffff", "c2 41 00", "f9 0001"]
    {
        assert_eq!(limit(value), Err("ValidationException".into()), "{value}");
    }
    // What is no number, cut heads, reserved heads, breaks where a value stands, simple values that mean nothing.
    for value in [
        "f9 7e00",
        "f9 7c00",
        "fa ff800000",
        "fb 7ff0000000000000",
        "1c",
        "3e",
        "1b 00",
        "ff",
        "e0",
        "f8 ff",
        "fc",
        "c1",
        "c1 ff",
        "c2 05",
        "9f",
        "bf",
        "5f 6161 ff",
        "7f 4161 ff",
        "7f 7f ff ff",
        "61 ff",
        "62 c3 28",
    ] {
        assert_eq!(limit(value), Err("SerializationException".into()), "{value}");
    }
    assert_eq!(limit("f6"), Ok(None));
}

#[test]
fn texts_and_bytes_may_come_in_pieces() {
    // The name is longer than what `entry` can write in one byte.
    let name = |value: &str| {
        let mut body = unhex("a1 78 18");
        body.extend(b"ExclusiveStartStreamName");
        body.extend(unhex(value));
        let decoded = decode_cbor("ListStreams", &body).map_err(|error| said(&error.response).1)?;
        Ok::<_, String>(decoded.input.members().string("ExclusiveStartStreamName"))
    };
    assert_eq!(name("6161"), Ok(Some("a".into())));
    assert_eq!(name("7f 6161 60 6162 ff"), Ok(Some("ab".into())));
    assert_eq!(name("4161").unwrap_err(), "class java.nio.HeapByteBuffer can not be converted to an String");

    let data = |value: &str| {
        let mut body = encode::encode_reply(Protocol::Cbor, &json!({"StreamName": "a", "PartitionKey": "k"}));
        body.pop();
        body.extend(b"\x64Data");
        body.extend(unhex(value));
        body.push(0xff);
        let decoded = decode_cbor("PutRecord", &body).map_err(|error| said(&error.response))?;
        Ok::<_, (String, String)>(decoded.input.members().blob("Data").unwrap().to_vec())
    };
    assert_eq!(data("5f 4161 40 426263 ff"), Ok(b"abc".to_vec()));
    assert_eq!(data("40"), Ok(Vec::new()));
    // A text is base64, as in JSON.
    assert_eq!(data("64 59574a6a").unwrap(), b"abc");
    assert_eq!(data("61 61").unwrap_err().0, "SerializationException");
    assert_eq!(data("05").unwrap_err().0, "SerializationException");
}

#[test]
fn keys_are_texts_and_the_last_one_wins() {
    let body = unhex("a2 654c696d6974 01 654c696d6974 02");
    assert_eq!(decode_cbor("ListStreams", &body).unwrap().input.members().integer("Limit"), Some(2));
    for body in ["a1 01 01", "a1 f6 01", "a1 45 4c696d6974 01", "a1 c1 654c696d6974 01", "bf 61 61 ff"] {
        assert_eq!(
            said(&decode_cbor("ListStreams", &unhex(body)).unwrap_err().response).0,
            "SerializationException"
        );
    }
    // Keys in pieces, and members that the model does not know.
    let body = unhex("bf 7f 634c696d 626974 ff 07 6178 9f 01 a1 01 5f ff d9d9f7 fb7ff0000000000000 ff ff");
    assert_eq!(decode_cbor("ListStreams", &body).unwrap().input.members().integer("Limit"), Some(7));
}

#[test]
fn answers_have_their_bytes() {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Reply<'a> {
        #[serde(serialize_with = "crate::serialize::blob")]
        data: &'a [u8],
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<&'a str>,
        arrival: Timestamp,
        behind: i64,
        list: [Option<bool>; 2],
        ratio: f64,
        tags: BTreeMap<&'a str, &'a str>,
    }
    let reply = Reply {
        data: b"hi\xff",
        next: None,
        arrival: Timestamp::from_millis(1_787_036_486_712),
        behind: -500,
        list: [Some(true), None],
        ratio: 0.5,
        tags: [("k", "é")].into(),
    };
    let response = encode::reply(Protocol::Cbor, &reply);
    assert_eq!((response.status, response.header("content-type")), (200, Some(CBOR.1)));
    let expected = "bf 6444617461 43 6869ff 674172726976616c c1 1b 000001a013accc38 66426568696e64 3901f3 644c697374 9ff5f6ff \
                    65526174696f fb3fe0000000000000 6454616773 bf 616b 62c3a9 ff ff";
    assert_eq!(hex(&response.body), hex(&unhex(expected)));
    assert_eq!(encode::empty_reply(Protocol::Cbor).body, b"");
    assert_eq!(encode::encode_reply(Protocol::Cbor, &u64::MAX), unhex("1bffffffffffffffff"));
    assert_eq!(encode::encode_reply(Protocol::Cbor, &i64::MIN), unhex("3b7fffffffffffffff"));
}

#[test]
fn errors_are_maps() {
    let body = |kind, message: &'static str| encode::encode_error(Protocol::Cbor, &Error::new(kind, message));
    // Recorded: a map of indefinite length.
    assert_eq!(body(ErrorKind::Serialization, ""), b"\xbf\x66__type\x76SerializationException\xff");
    assert_eq!(
        body(ErrorKind::ResourceNotFound, "gone"),
        b"\xbf\x66__type\x78\x19ResourceNotFoundException\x67message\x64gone\xff"
    );
    let response = encode::error(Protocol::Cbor, &Error::new(ErrorKind::InternalFailure, ""));
    assert_eq!((response.status, response.header("content-type")), (500, Some(CBOR.1)));
}

#[test]
fn a_length_that_lies_takes_no_memory() {
    for head in [
        "5a ffffffff",
        "5b ffffffffffffffff",
        "7a ffffffff",
        "9b ffffffffffffffff",
        "bb ffffffffffffffff",
        "ba ffffffff",
    ] {
        for (name, operation) in [("Data", "PutRecord"), ("Records", "PutRecords"), ("x", "ListStreams")] {
            let body = entry(name, head);
            let error = decode_cbor(operation, &body).unwrap_err();
            assert_eq!(said(&error.response).0, "SerializationException", "{head}");
        }
    }
}

#[test]
fn depth_is_bounded() {
    for open in ["81", "9f", "a161 78", "bf 6178", "c1", "a1 67 5265636f726473", "5f", "7f", "d9d9f7"] {
        for depth in [100, 300, 1_000_000] {
            let nested = unhex(open).repeat(depth);
            for body in [entry("x", &hex(&nested)), entry("Records", &hex(&nested)), nested] {
                if let Ok(decoded) = decode_cbor("PutRecords", &body) {
                    visit(decoded.input.members());
                }
            }
        }
    }
}
