//! The order in which requests are refused, and whole answers. Recorded in kinesalite's `test/connection.js`.

use alloc::string::ToString;

use super::*;
use crate::error::Error;
use crate::time::Timestamp;

const JSON: (&str, &str) = ("Content-Type", "application/x-amz-json-1.1");
const LIST_STREAMS: (&str, &str) = ("x-amz-target", "Kinesis_20131202.ListStreams");
const SIGNED: (&str, &str) = ("authorization", SIGNATURE);
const DATE: (&str, &str) = ("Date", "a");

fn answer(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let request = Request { method, path, headers, body };
    decode(&WireConfig::default(), &request).map(|decoded| decoded.operation).unwrap_err().response
}

fn post(headers: &[(&str, &str)], body: &str) -> (u16, Option<String>, String) {
    post_to("/", headers, body)
}

fn post_to(path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Option<String>, String) {
    let response = answer("POST", path, headers, body.as_bytes());
    let content_type = response.header("content-type").map(ToString::to_string);
    (response.status, content_type, String::from_utf8_lossy(&response.body).into_owned())
}

fn json(body: &str) -> (u16, Option<String>, String) {
    (400, Some(JSON.1.into()), body.into())
}

fn page(status: u16, body: &str) -> (u16, Option<String>, String) {
    (status, None, body.into())
}

const DENIED: &str = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n";
const UNKNOWN: &str = r#"{"__type":"UnknownOperationException"}"#;
const SERIALIZATION: &str = r#"{"__type":"SerializationException"}"#;

#[test]
fn other_methods_are_denied() {
    for method in ["GET", "PUT", "DELETE", "OPTIONS", ""] {
        let response = answer(method, "/", &[JSON, LIST_STREAMS, SIGNED, DATE], b"{}");
        assert_eq!((response.status, &*response.body), (403, DENIED.as_bytes()));
        assert_eq!(response.header("content-type"), None);
    }
}

#[test]
fn an_empty_body_comes_before_the_content_type() {
    assert_eq!(post(&[JSON], ""), json(UNKNOWN));
    assert_eq!(post(&[JSON, LIST_STREAMS], ""), json(SERIALIZATION));
    let response = answer("POST", "/", &[LIST_STREAMS], b"");
    assert_eq!(response.header("Content-Type"), Some("application/x-amz-cbor-1.1"));
    assert_eq!(response.body, b"\xbf\x66__type\x76SerializationException\xff");
    let response = answer("POST", "/", &[], b"");
    assert_eq!(
        (response.status, &*response.body),
        (400, &b"\xbf\x66__type\x78\x19UnknownOperationException\xff"[..])
    );
}

#[test]
fn unknown_content_types_have_pages() {
    assert_eq!(post(&[], "{}"), page(403, DENIED));
    assert_eq!(post(&[("content-type", "text/plain"), ("x-amz-target", "x.")], "{}"), page(403, DENIED));
    for content in ["application/x-amz-json-1.0", "text/plain", ""] {
        let expected = page(404, "<UnknownOperationException/>\n");
        assert_eq!(post(&[("content-type", content), LIST_STREAMS], "{}"), expected, "{content}");
    }
}

#[test]
fn plain_json_gets_no_further() {
    let plain = ("content-type", "application/json");
    let wrapped = |code: &str| {
        format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{code}"}},"Version":"1.0"}}"#)
    };
    let content = Some("application/json".to_string());
    let unknown = (404, content.clone(), wrapped("UnknownOperationException"));
    assert_eq!(post(&[plain, LIST_STREAMS, SIGNED, DATE], "{}"), unknown);
    assert_eq!(post(&[plain], "hello"), (400, content, wrapped("SerializationException")));
}

#[test]
fn the_body_comes_before_the_target_and_the_target_before_the_signature() {
    for body in ["hello", "\"a\"", "5", "null", "{", "{}x", "{\"a\":01}", "\u{feff}{}"] {
        assert_eq!(post(&[JSON], body), json(SERIALIZATION), "{body}");
        assert_eq!(post(&[JSON, LIST_STREAMS], body), json(SERIALIZATION), "{body}");
    }
    let latin = answer("POST", "/", &[JSON, LIST_STREAMS], b"{\"StreamName\":\"\xe9\"}");
    assert_eq!(latin.body, SERIALIZATION.as_bytes());
    for target in [
        "",
        "ListStreams",
        "Kinesis_20131202",
        "Kinesis_20131202.",
        "Kinesis_20131202.liststreams",
        "Kinesis_20150804.ListStreams",
        "Firehose_20150804.ListStreams",
        "x.ListStreams",
    ] {
        assert_eq!(post(&[JSON, ("x-amz-target", target)], "{}"), json(UNKNOWN), "{target}");
    }
    let missing =
        r#"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#;
    assert_eq!(post(&[JSON, LIST_STREAMS], r#"{"Limit":"x"}"#), json(missing));
    assert_eq!(post_to("/?X-Amz-Credential=a&X-Amz-Signature=b", &[JSON, LIST_STREAMS], "{}"), json(missing));
}

#[test]
fn signatures_must_have_their_parts() {
    let incomplete = |message: &str| {
        json(&format!(r#"{{"__type":"IncompleteSignatureException","message":"{message}"}}"#))
    };
    assert_eq!(
        post(&[JSON, LIST_STREAMS, ("Authorization", "X")], "{}"),
        incomplete(
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header. Authorization=X"
        )
    );
    for header in [
        "AWS4- Signature=b Credential=a",
        "AWS4- Signature=b,Credential=a",
        "AWS4- Signature=b, Credential=a",
        // Of parts with one name the last one counts, also an empty one.
        "AWS4- Signature=b, Credential=a, SignedHeaders=host, SignedHeaders=",
        "AWS4- Signature=, Credential=, Credential=a, Signature=b",
    ] {
        assert_eq!(
            post(&[JSON, LIST_STREAMS, DATE, ("Authorization", header)], "{}"),
            incomplete(&format!(
                "Authorization header requires 'SignedHeaders' parameter. Authorization={header}"
            ))
        );
    }
    assert_eq!(
        post_to("/?X-Amz-Algorithm", &[JSON, LIST_STREAMS], "{}"),
        incomplete(
            "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include \
             'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters \
             must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the \
             query-string parameters."
        )
    );
    assert_eq!(
        post_to("/?X-Amz-Algorithm", &[JSON, LIST_STREAMS, SIGNED], "{}"),
        json(
            r#"{"__type":"InvalidSignatureException","message":"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}"#
        )
    );
}

#[test]
fn the_caller_and_the_region_come_from_the_credential() {
    let config = WireConfig {
        default_account: AccountId::parse("000000000007").unwrap(),
        default_region: "ap-south-1".into(),
        ..WireConfig::default()
    };
    for (credential, account, region) in [
        ("123456789012/20240101/eu-west-1/kinesis/aws4_request", "123456789012", "eu-west-1"),
        ("AKIDEXAMPLE/20240101/us-west-2/kinesis/aws4_request", "000000000007", "us-west-2"),
        ("1234567890123/20240101//kinesis/aws4_request", "000000000007", "ap-south-1"),
        ("x", "000000000007", "ap-south-1"),
    ] {
        let authorization = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=a, Signature=b");
        let headers = [JSON, LIST_STREAMS, DATE, ("Authorization", &*authorization)];
        let request = Request { method: "POST", path: "/x", headers: &headers, body: b"{}" };
        let decoded = decode(&config, &request).unwrap();
        assert_eq!((decoded.account.to_string().as_str(), &*decoded.region), (account, region));
        let query = format!(
            "/?X-Amz-Algorithm=a&X-Amz-Credential={}&X-Amz-Signature=c&X-Amz-SignedHeaders=d&X-Amz-Date=e",
            credential.replace('/', "%2F")
        );
        let request = Request { method: "POST", path: &query, headers: &headers[..2], body: b"{}" };
        let decoded = decode(&config, &request).unwrap();
        assert_eq!((decoded.account.to_string().as_str(), &*decoded.region), (account, region));
    }
}

#[test]
fn content_types_may_have_parameters_and_bodies_space() {
    let headers = [("CONTENT-TYPE", "application/x-amz-json-1.1; charset=utf-8"), LIST_STREAMS, SIGNED, DATE];
    let request = Request { method: "POST", path: "/", headers: &headers, body: b" \n{ } " };
    assert!(decode(&WireConfig::default(), &request).is_ok());
}

#[test]
fn answers_have_their_bytes() {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Reply<'a> {
        #[serde(serialize_with = "crate::serialize::blob")]
        data: &'a [u8],
        #[serde(skip_serializing_if = "Option::is_none")]
        next_shard_iterator: Option<&'a str>,
        arrival: Timestamp,
        millis_behind_latest: i64,
        list: [Option<bool>; 2],
        ratio: (f64, f64),
        tags: alloc::collections::BTreeMap<&'a str, &'a str>,
        note: &'a str,
    }
    let reply = Reply {
        data: b"hello",
        next_shard_iterator: None,
        arrival: Timestamp::from_millis(1_356_998_400_120),
        millis_behind_latest: -7,
        list: [Some(true), None],
        ratio: (0.05, 1.0),
        tags: [("k\"", "v")].into(),
        note: "\u{1}\n\t\u{8}\u{c}\r\\/é\u{7f}",
    };
    let response = encode::reply(Protocol::Json, &reply);
    assert_eq!((response.status, response.header("content-type")), (200, Some(JSON.1)));
    let text = String::from_utf8(response.body).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"Data":"aGVsbG8=","Arrival":1356998400.12,"MillisBehindLatest":-7,"List":[true,null],"Ratio":[0.05,1.0],"#,
            r#""Tags":{"k\"":"v"},"Note":"\u0001\n\t\b\f\r\\/é"#,
            "\u{7f}\"}"
        )
    );
    assert_eq!(encode::empty_reply(Protocol::Json).body, b"");
}

#[test]
fn times_are_exact_decimals() {
    for (millis, text) in [
        (0, "0"),
        (1, "0.001"),
        (10, "0.01"),
        (100, "0.1"),
        (1000, "1"),
        (1_356_998_400_123, "1356998400.123"),
    ] {
        let time = Timestamp::from_millis(millis);
        assert_eq!(encode::encode_reply(Protocol::Json, &time), text.as_bytes());
    }
}

#[test]
fn errors_have_bare_codes() {
    let body = |kind, message: &'static str| {
        String::from_utf8(encode::encode_error(Protocol::Json, &Error::new(kind, message))).unwrap()
    };
    assert_eq!(
        body(ErrorKind::ResourceNotFound, "gone"),
        r#"{"__type":"ResourceNotFoundException","message":"gone"}"#
    );
    assert_eq!(body(ErrorKind::InternalFailure, ""), r#"{"__type":"InternalFailure"}"#);
    assert_eq!(encode::error(Protocol::Json, &Error::new(ErrorKind::InternalFailure, "")).status, 500);
}

#[test]
fn answers_are_identified_by_the_seed() {
    let mut response = encode::empty_reply(Protocol::Json);
    encode::identify(&mut response, 5);
    assert_eq!(response.header("x-amzn-requestid"), Some("00000000-0000-4000-8000-000000000005"));
    assert_eq!(response.header("x-amz-id-2").map(str::len), Some(96));
    let mut other = encode::empty_reply(Protocol::Json);
    encode::identify(&mut other, 6);
    assert_ne!(response.header("x-amz-id-2"), other.header("x-amz-id-2"));
}

#[test]
fn browsers_may_ask_from_anywhere() {
    let headers = [("Origin", "https://example.com"), ("Access-Control-Request-Headers", "a, b")];
    let request = Request { method: "OPTIONS", path: "/", headers: &headers, body: b"" };
    let response = encode::preflight(&request).unwrap();
    assert_eq!((response.status, response.header("access-control-allow-headers")), (200, Some("a, b")));
    assert_eq!(response.header("access-control-max-age"), Some("172800"));
    let mut reply = encode::empty_reply(Protocol::Json);
    encode::grant_origin(&mut reply);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(encode::preflight(&Request { headers: &[], ..request }), None);
}
