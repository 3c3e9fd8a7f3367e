//! The least that a client of the engine needs: a request with its headers, and the answer read.

use serde_json::{Map, Value};
use shardbrook::{Engine, Handled, Output, Request, Response, Timestamp};

/// A request with headers as SDKs send them, and a placeholder for its signature.
#[derive(Clone, Debug)]
pub struct Message {
    /// The HTTP method.
    pub method: String,
    /// The path and query.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Who signs, and for which region.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The region of the credential scope.
    pub region: &'a str,
}

impl Default for Signer<'_> {
    fn default() -> Self {
        Self { access_key_id: "test", region: "us-east-1" }
    }
}

impl Message {
    /// A signed POST of `body` to `target`.
    pub fn new(target: &str, signer: Signer<'_>, body: Vec<u8>) -> Self {
        let service = if target.starts_with("Firehose") { "firehose" } else { "kinesis" };
        let Signer { access_key_id, region } = signer;
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential={access_key_id}/20130101/{region}/{service}/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-target, Signature={}",
            "0".repeat(64)
        );
        let headers = [
            ("host", "localhost"),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target),
            ("x-amz-date", "20130101T000000Z"),
            ("authorization", &*signature),
        ];
        let headers = headers.map(|(name, value)| (name.into(), value.into())).into();
        Self { method: "POST".into(), path: "/".into(), headers, body }
    }

    /// A call of `operation`, which is one of Kinesis unless its name starts with `Firehose.`.
    pub fn call(operation: &str, signer: Signer<'_>, input: &Value) -> Self {
        Self::new(&target(operation), signer, input.to_string().into_bytes())
    }

    /// Sets a header, or takes it away.
    pub fn set_header(&mut self, name: &str, value: Option<&str>) {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(other, _)| *other != name);
        self.headers.extend(value.map(|value| (name, value.into())));
    }

    /// Hands the message to the engine.
    pub fn hand_to(&self, engine: &mut Engine, now: Timestamp) -> Handled {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let request = Request { method: &self.method, path: &self.path, headers: &headers, body: &self.body };
        engine.handle_request(now, &request)
    }

    /// Sends the message. An answer that is not there at once is waited for, on the engine's clock.
    pub fn send(&self, engine: &mut Engine, now: Timestamp) -> Response {
        self.try_send(engine, now).unwrap_or_else(|| panic!("the connection was dropped"))
    }

    /// As [`send`](Self::send); nothing when a fault drops the connection.
    pub fn try_send(&self, engine: &mut Engine, now: Timestamp) -> Option<Response> {
        let id = match self.hand_to(engine, now) {
            Handled::Done(response) => return Some(response),
            Handled::Pending(id) => id,
            Handled::Stream(..) => panic!("a streamed answer is not waited for"),
        };
        loop {
            match engine.poll_output() {
                Output::Response(answered, response) if answered == id => return Some(response),
                Output::Reset(dropped) if dropped == id => return None,
                Output::Timeout(Some(due)) => engine.handle_timeout(due),
                Output::Timeout(None) => panic!("the engine forgot a pending answer"),
                Output::Response(..)
                | Output::Frame(..)
                | Output::End(_)
                | Output::Reset(_)
                | Output::Effect(_)
                | Output::Event(_) => {}
            }
        }
    }
}

/// The `X-Amz-Target` of an operation.
pub fn target(operation: &str) -> String {
    match operation.strip_prefix("Firehose.") {
        Some(operation) => format!("Firehose_20150804.{operation}"),
        None => format!("Kinesis_20131202.{operation}"),
    }
}

/// An answer: its status, and its body as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; an empty one is an object without members, one that is no JSON is a text.
    pub body: Value,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let body = if response.body.is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_slice(&response.body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&response.body).into()))
        };
        Self { status: response.status, body }
    }
}

impl Answer {
    /// The code of an error, without the name space that may stand before it.
    pub fn error_code(&self) -> Option<&str> {
        self.body["__type"].as_str().map(|code| code.rsplit('#').next().unwrap_or(code))
    }

    /// The message of an error; a few have it with a capital letter.
    pub fn error_message(&self) -> Option<&Value> {
        self.body.get("message").or_else(|| self.body.get("Message"))
    }
}

/// An event out of a frame of `application/vnd.amazon.eventstream`: its type, and its payload as JSON.
///
/// # Errors
/// When the frame is not one whole frame with right checksums and the headers that the services send.
pub fn read_frame(frame: &[u8]) -> Result<(String, Value), String> {
    let number = |at: usize| {
        let bytes = frame.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_be_bytes).ok_or("the frame is too short")
    };
    let body_end = frame.len().checked_sub(4).ok_or("the frame is too short")?;
    if number(0)? as usize != frame.len() {
        return Err(format!("{} bytes in a frame of {}", frame.len(), number(0)?));
    }
    if number(8)? != crc32(&frame[..8]) || number(body_end)? != crc32(&frame[..body_end]) {
        return Err("a checksum is wrong".into());
    }
    let payload = 12 + number(4)? as usize;
    let mut rest = frame.get(12..payload).ok_or("the headers are too long")?;
    let mut headers = Vec::new();
    while let Some((name_len, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(*name_len)).ok_or("a name is cut")?;
        let ([kind, high, low], after) = after.split_first_chunk::<3>().ok_or("a value is missing")?;
        let value_len = usize::from(u16::from_be_bytes([*high, *low]));
        let (value, after) = after.split_at_checked(value_len).ok_or("a value is cut")?;
        if *kind != 7 {
            return Err(format!("a header of type {kind}"));
        }
        headers.push((String::from_utf8_lossy(name), String::from_utf8_lossy(value).into_owned()));
        rest = after;
    }
    let header = |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    let kind = match header(":message-type").as_deref() {
        Some("event") => header(":event-type"),
        Some("exception") => header(":exception-type"),
        _ => None,
    };
    let payload = serde_json::from_slice(&frame[payload..body_end]).map_err(|error| error.to_string())?;
    Ok((kind.ok_or("the frame does not say its type")?, payload))
}

/// CRC-32 of gzip, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// Calls an operation as the default signer.
pub fn call(engine: &mut Engine, now: Timestamp, operation: &str, input: &Value) -> Answer {
    Message::call(operation, Signer::default(), input).send(engine, now).into()
}
