//! Golden messages and answers. Where a text is AWS's, the recording it comes from is named.

mod cbor;
mod hostile;
mod messages;
mod transport;
mod values;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::*;

const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=123456789012/20240101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0";

/// Decodes a signed JSON request of `Kinesis_20131202.{operation}` or, with the prefix given, of another target.
fn decode_json<'a>(operation: &str, body: &'a str) -> Result<Decoded<'a>, WireError> {
    decode_with(&WireConfig::default(), operation, body.as_bytes())
}

fn decode_with<'a>(config: &WireConfig, operation: &str, body: &'a [u8]) -> Result<Decoded<'a>, WireError> {
    let target =
        if operation.contains('.') { operation.into() } else { format!("Kinesis_20131202.{operation}") };
    // A request borrows its headers as long as its body; a test can afford to keep them for good.
    let headers = Box::leak(Box::new([
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", &*String::leak(target)),
        ("Authorization", SIGNATURE),
        ("X-Amz-Date", "20240101T000000Z"),
    ]));
    decode(config, &Request { method: "POST", path: "/", headers, body })
}

fn message(operation: &str, body: &str) -> String {
    text_of(decode_json(operation, body).unwrap_err())
}

fn text_of(error: WireError) -> String {
    String::from_utf8(error.response.body).unwrap()
}
