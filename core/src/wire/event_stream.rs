//! Frames of `application/vnd.amazon.eventstream`: how answers travel that come in pieces.
//!
//! ```text
//! total length (4) | headers length (4) | CRC-32 of these (4) | headers | payload | CRC-32 of everything before (4)
//! ```
//!
//! Numbers are big-endian. A header is the length of its name (1), the name, the type of its value (1; 7 is text), the
//! length of the value (2) and the value.
//! Source: <https://smithy.io/2.0/aws/amazon-eventstream.html>

use alloc::vec::Vec;

use serde::Serialize;

use super::{Protocol, encode};
use crate::checksum::CHECKSUM;
use crate::error::Error;

/// The type of a body that is made of frames.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

const TEXT: u8 = 7;
/// Total length, headers length and their checksum.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// The frame that comes first. It stands for the answer's members outside the stream: none.
pub(crate) fn initial_response(protocol: Protocol) -> Vec<u8> {
    #[derive(Serialize)]
    struct Nothing {}
    event(protocol, "initial-response", &Nothing {})
}

/// An event of this type.
pub(crate) fn event(protocol: Protocol, kind: &str, payload: &impl Serialize) -> Vec<u8> {
    frame(
        protocol,
        [(":message-type", "event"), (":event-type", kind)],
        &encode::encode_reply(protocol, payload),
    )
}

/// The error that ends a stream.
pub(crate) fn exception(protocol: Protocol, error: &Error) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        message: &'a str,
    }
    let payload = encode::encode_reply(protocol, &Body { message: &error.message });
    frame(protocol, [(":message-type", "exception"), (":exception-type", error.kind.code())], &payload)
}

fn frame(protocol: Protocol, kind: [(&str, &str); 2], payload: &[u8]) -> Vec<u8> {
    let headers = [kind[0], kind[1], (":content-type", protocol.content_type())];
    let headers_len: usize = headers.iter().map(|(name, value)| 4 + name.len() + value.len()).sum();
    let total = PRELUDE_BYTES + headers_len + payload.len() + CHECKSUM_BYTES;
    let mut frame = Vec::with_capacity(total);
    frame.extend((total as u32).to_be_bytes());
    frame.extend((headers_len as u32).to_be_bytes());
    push_checksum(&mut frame);
    for (name, value) in headers {
        frame.push(name.len() as u8);
        frame.extend(name.as_bytes());
        frame.push(TEXT);
        frame.extend((value.len() as u16).to_be_bytes());
        frame.extend(value.as_bytes());
    }
    frame.extend(payload);
    push_checksum(&mut frame);
    frame
}

fn push_checksum(frame: &mut Vec<u8>) {
    let checksum = CHECKSUM.checksum(frame);
    frame.extend(checksum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn frames_are_those_that_botocore_reads() {
        // `botocore.eventstream.EventStreamBuffer` reads this frame, and checks both checksums.
        let frame = initial_response(Protocol::Json);
        let text = alloc::string::String::from_utf8_lossy(&frame).into_owned();
        assert!(text.contains(":message-type\u{7}\0\u{5}event"), "{text:?}");
        assert!(text.contains(":event-type\u{7}\0\u{10}initial-response"), "{text:?}");
        assert_eq!(frame.len(), u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize);
        assert_eq!(&frame[8..12], CHECKSUM.checksum(&frame[..8]).to_be_bytes());
        let (content, checksum) = frame.split_at(frame.len() - 4);
        assert_eq!(checksum, CHECKSUM.checksum(content).to_be_bytes());
        assert!(content.ends_with(b"{}"));
    }

    #[test]
    fn exceptions_carry_their_message() {
        let error = Error::new(ErrorKind::ResourceInUse, "taken over");
        let frame = exception(Protocol::Json, &error);
        let text = alloc::string::String::from_utf8_lossy(&frame).into_owned();
        assert!(text.contains(":exception-type\u{7}\0\u{16}ResourceInUseException"), "{text:?}");
        assert!(text.contains(r#"{"message":"taken over"}"#), "{text:?}");
    }
}
