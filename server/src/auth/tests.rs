//! Signatures that others made: those of AWS's test suite for version 4, and of botocore.

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

type Headers<'a> = &'a [(&'a str, &'a str)];

fn keys() -> AccessKeys {
    [AccessKey::new("OTHER", "secret"), AccessKey::new("AKIDEXAMPLE", SECRET)].into_iter().collect()
}

/// 2026-01-02T03:04:05Z, when botocore signed.
const SIGNED: Timestamp = Timestamp::from_millis(1_767_323_045_000);

const TYPE: (&str, &str) = ("content-type", "application/x-amz-json-1.1");
const HOST: (&str, &str) = ("host", "127.0.0.1:4567");
const DATE: (&str, &str) = ("x-amz-date", "20260102T030405Z");
const LIST_STREAMS: (&str, &str) = ("x-amz-target", "Kinesis_20131202.ListStreams");
const HEADER: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/kinesis/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
    Signature=4ef8d505056a94774c83ead8e79ac9210e0e8c468c9e0eb100bab7b7f1e15e8c";

fn verify_at(now: Timestamp, request: &Request<'_>) -> Result<(), Error> {
    let keys = keys();
    let head = Request { body: &[], ..*request };
    let claim = keys.check(&head, now)?.unwrap();
    claim.verify(request)
}

fn verify(path: &str, headers: Headers<'_>, body: &[u8]) -> Result<(), Error> {
    verify_at(SIGNED, &Request { method: "POST", path, headers, body })
}

#[test]
fn takes_what_botocore_signed() {
    let header = ("authorization", HEADER);
    verify("/", &[TYPE, HOST, DATE, LIST_STREAMS, header, ("user-agent", "any")], b"{}").unwrap();
    let with_token = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/kinesis/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
        Signature=d5af7b29e1b65728823f24ddb043a1da0fa0058e3f4f8ee1a99ca1b92ee0e5fb";
    let token = ("X-Amz-Security-Token", "the session/token==");
    verify("/", &[TYPE, HOST, DATE, LIST_STREAMS, token, ("Authorization", with_token)], b"{}").unwrap();
    let with_path = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/firehose/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
        Signature=e2cccfdf453b981660a93636895dbb6354a06fc96921f95a25ccd385dfa9f77c";
    let target = ("x-amz-target", "Firehose_20150804.ListDeliveryStreams");
    let headers = [TYPE, HOST, DATE, target, ("authorization", with_path)];
    verify("/a%20b/c?x=1&b=a%2Fb&a=z", &headers, b"{}").unwrap();
}

const PRESIGNED: &str = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fkinesis%2Faws4_request&X-Amz-Date=20260102T030405Z\
    &X-Amz-Expires=3600&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target\
    &X-Amz-Signature=396b99761bd06398e3d5ae0a6e3f91bacc7f6657ad7b7914feab737d286a6a41";

#[test]
fn takes_a_presigned_request_until_it_expires() {
    let headers = [TYPE, HOST, LIST_STREAMS];
    let request = Request { method: "POST", path: PRESIGNED, headers: &headers, body: b"" };
    verify_at(SIGNED, &request).unwrap();
    verify_at(SIGNED.plus_millis(3_600_000), &request).unwrap();
    let late = verify_at(SIGNED.plus_millis(3_601_000), &request).unwrap_err();
    assert!(late.message.starts_with("Signature expired: 20260102T030405Z is now earlier than"), "{late}");
    assert_eq!(verify(PRESIGNED, &headers, b"{}").unwrap_err().message, MISMATCH);
}

/// `get-vanilla`, `post-vanilla` and `get-vanilla-query-order-key-case` of the test suite.
#[test]
fn calculates_the_signatures_of_the_test_suite() {
    for (method, path, expected) in [
        ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ] {
        let authorization = format!(
            "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={expected}"
        );
        let headers = [
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", &authorization),
        ];
        let request = Request { method, path, headers: &headers, body: b"" };
        let claimed = authorization_of(&request);
        let keys = keys();
        let claim = Claim {
            key: &keys.0[1],
            scope: Scope::parse(&request, &claimed).unwrap(),
            signed_headers: claimed.signed_headers.to_owned(),
            signature: claimed.signature.to_owned(),
        };
        assert_eq!(claim.verify(&request), Ok(()), "{method} {path}");
    }
}

fn authorization_of<'a>(request: &Request<'a>) -> Authorization<'a> {
    authorization(request).unwrap()
}

#[test]
fn refuses_whatever_was_changed() {
    let header = ("authorization", HEADER);
    let right: [(&str, &str); 5] = [TYPE, HOST, DATE, LIST_STREAMS, header];
    let refused = |path, headers: Headers<'_>, body| verify(path, headers, body).unwrap_err();
    for error in [
        refused("/", &right, b"{} "),
        refused("/?a=b", &right, b"{}"),
        refused("/x", &right, b"{}"),
        refused("/", &[TYPE, ("host", "127.0.0.1:4568"), DATE, LIST_STREAMS, header], b"{}"),
        refused("/", &[TYPE, HOST, DATE, ("x-amz-target", "Kinesis_20131202.PutRecord"), header], b"{}"),
        refused("/", &[HOST, DATE, LIST_STREAMS, header], b"{}"),
        refused("/", &[TYPE, TYPE, HOST, DATE, LIST_STREAMS, header], b"{}"),
        refused(
            "/",
            &[TYPE, HOST, DATE, LIST_STREAMS, ("authorization", &HEADER.replace("4ef8", "4ef9"))],
            b"{}",
        ),
        refused(
            "/",
            &[TYPE, HOST, DATE, LIST_STREAMS, ("authorization", &HEADER.replace("15e8c", "é"))],
            b"{}",
        ),
    ] {
        assert_eq!((error.kind, &*error.message), (ErrorKind::InvalidSignature, MISMATCH));
    }
}

#[test]
fn says_what_is_wrong_as_aws_does() {
    let with = |from: &str, to: &str| {
        let header = HEADER.replace(from, to);
        let headers = [TYPE, HOST, DATE, LIST_STREAMS, ("authorization", header.as_str())];
        verify("/", &headers, b"{}").unwrap_err().to_string()
    };
    for (from, to, expected) in [
        (
            "AKIDEXAMPLE",
            "NOBODY",
            "UnrecognizedClientException: The security token included in the request is invalid.",
        ),
        (
            "AWS4-HMAC-SHA256",
            "AWS4-MD5",
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-MD5'.",
        ),
        (
            "/kinesis/",
            "/firehose/",
            "InvalidSignatureException: Credential should be scoped to correct service: 'kinesis'.",
        ),
        ("/20260102/", "/20260103/", "InvalidSignatureException: Date in Credential scope does not match"),
        (
            "aws4_request",
            "aws3_request",
            "InvalidSignatureException: Credential should be scoped with a valid",
        ),
        ("/us-east-1/", "/", "IncompleteSignatureException: Credential must have exactly 5 slash-delimited"),
        (
            "x-amz-target,",
            "x-amz-date,",
            "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader'",
        ),
        (";host;", ";", "InvalidSignatureException: 'host' must be a 'SignedHeader'"),
    ] {
        let said = with(from, to);
        assert!(said.starts_with(expected), "{said}");
    }
    let unsigned = verify("/", &[TYPE, HOST, LIST_STREAMS], b"{}").unwrap_err();
    assert_eq!(unsigned.kind, ErrorKind::MissingAuthenticationToken);
}

#[test]
fn signed_headers_are_named_once_and_in_order() {
    // What is signed has the value of a header as often as its name comes.
    let giant = ("a", "x".repeat(60_000));
    let refused = |names: &str| {
        let header = HEADER.replace("content-type;", names);
        let headers = [TYPE, HOST, DATE, LIST_STREAMS, (giant.0, &*giant.1), ("authorization", &*header)];
        let request = Request { method: "POST", path: "/", headers: &headers, body: b"" };
        // Before the body is there.
        keys().check(&request, SIGNED).map(drop)
    };
    assert_eq!(refused("a;content-type;"), Ok(()));
    for names in [
        "a;".repeat(30_000) + "content-type;",
        "content-type;a;".to_owned(),
        "A;content-type;".to_owned(),
        "a;Content-Type;".to_owned(),
        "content-type;content-type;".to_owned(),
    ] {
        let error = refused(&names).unwrap_err();
        assert_eq!((error.kind, &*error.message), (ErrorKind::InvalidSignature, MISMATCH));
    }
}

#[test]
fn a_signature_has_digits_alone() {
    assert_eq!(from_hex(&"0F".repeat(32)), Some([15; 32]));
    for text in ["+f".repeat(32), "0f".repeat(31), "0f".repeat(32) + "0", "é0".repeat(21) + "0"] {
        assert_eq!(from_hex(&text), None, "{text}");
    }
}

#[test]
fn a_clock_may_be_off_by_five_minutes() {
    let headers = [TYPE, HOST, DATE, LIST_STREAMS, ("authorization", HEADER)];
    let request = Request { method: "POST", path: "/", headers: &headers, body: b"{}" };
    let skew = 5 * 60 * 1000;
    verify_at(SIGNED.plus_millis(skew), &request).unwrap();
    verify_at(SIGNED.minus_millis(skew), &request).unwrap();
    let late = verify_at(SIGNED.plus_millis(skew + 1000), &request).unwrap_err();
    let expected = "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T030906Z - 5 min.)";
    assert_eq!((late.kind, &*late.message), (ErrorKind::InvalidSignature, expected));
    let early = verify_at(SIGNED.minus_millis(skew + 1000), &request).unwrap_err();
    let expected = "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T025904Z + 5 min.)";
    assert_eq!(&*early.message, expected);
}

#[test]
fn a_key_does_not_show_its_secret() {
    let key: AccessKey = "AKID:se:cret".parse().unwrap();
    assert_eq!(key, AccessKey::new("AKID", "se:cret"));
    assert!(!format!("{key:?}").contains("cret"));
    for text in ["", "AKID", ":secret", "AKID:"] {
        assert!(text.parse::<AccessKey>().is_err(), "{text}");
    }
}
