//! Answers as bytes.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Protocol, Request, Response, WireError, write};
use crate::error::{Error, ErrorKind};
use crate::rng::{split_mix, uuid_text};

/// The type of bodies that older clients sent.
pub(super) const PLAIN_JSON: &str = "application/json";

/// The body of a success. Operations without an output have an empty one: pass no reply to them.
pub fn encode_reply(protocol: Protocol, reply: &impl Serialize) -> Vec<u8> {
    write::body(protocol, reply, 0)
}

/// A success with a body.
pub fn reply(protocol: Protocol, reply: &impl Serialize) -> Response {
    long_reply(protocol, reply, 0)
}

/// A success with a body of about so many bytes.
pub(crate) fn long_reply(protocol: Protocol, reply: &impl Serialize, bytes: usize) -> Response {
    Response::new(200, protocol.content_type(), write::body(protocol, reply, bytes))
}

/// The success of an operation without an output: no body at all.
pub fn empty_reply(protocol: Protocol) -> Response {
    Response::new(200, protocol.content_type(), Vec::new())
}

/// The body of an error: `{"__type":"ResourceNotFoundException","message":"…"}`.
pub fn encode_error(protocol: Protocol, error: &Error) -> Vec<u8> {
    write::body(protocol, &ErrorBody(error), 0)
}

/// The answer to a request that failed.
pub fn error(protocol: Protocol, error: &Error) -> Response {
    Response::new(error.kind.status(), protocol.content_type(), encode_error(protocol, error))
}

struct ErrorBody<'a>(&'a Error);

impl Serialize for ErrorBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("__type", self.0.kind.code())?;
        if !self.0.message.is_empty() {
            // Recorded: the front end writes the messages of its type errors with a capital letter.
            let name = if self.0.kind == ErrorKind::Serialization { "Message" } else { "message" };
            body.serialize_entry(name, &self.0.message)?;
        }
        body.end()
    }
}

/// Adds the header that names an answer, made of `bits` (a draw of the engine's seed).
pub(crate) fn name(response: &mut Response, bits: u128) {
    response.headers.push(("x-amzn-RequestId", uuid_text(bits).into()));
}

/// Adds the headers that identify an answer, made of `bits` (a draw of the engine's seed).
pub(crate) fn identify(response: &mut Response, bits: u128) {
    name(response, bits);
    // 72 bytes, as the services send at least.
    let mut state = (bits >> 64) as u64 ^ bits as u64;
    let mut bytes = [0; 72];
    for chunk in bytes.chunks_exact_mut(8) {
        chunk.copy_from_slice(&split_mix(&mut state).to_be_bytes());
    }
    response.headers.push(("x-amz-id-2", STANDARD.encode(bytes).into()));
}

/// Whether a browser asks on behalf of another origin.
pub(crate) fn has_origin(request: &Request<'_>) -> bool {
    request.header("origin").is_some()
}

pub(crate) fn grant_origin(response: &mut Response) {
    response.headers.push(("Access-Control-Allow-Origin", "*".into()));
    response.headers.push((
        "Access-Control-Expose-Headers",
        "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date".into(),
    ));
}

/// The answer to a browser's question before a request to another origin; none if the request is no such question.
pub fn preflight(request: &Request<'_>) -> Option<Response> {
    if request.method != "OPTIONS" || !has_origin(request) {
        return None;
    }
    let mut response = Response { status: 200, ..Response::default() };
    response.headers.push(("Access-Control-Allow-Origin", "*".into()));
    for (asked, granted) in [
        ("access-control-request-headers", "Access-Control-Allow-Headers"),
        ("access-control-request-method", "Access-Control-Allow-Methods"),
    ] {
        if let Some(value) = request.header(asked) {
            response.headers.push((granted, Cow::Owned(value.into())));
        }
    }
    response.headers.push(("Access-Control-Max-Age", "172800".into()));
    Some(response)
}

/// A request refused before its operation.
pub(super) fn refused(
    protocol: Protocol,
    kind: ErrorKind,
    message: impl Into<Cow<'static, str>>,
) -> WireError {
    let reason = Error::new(kind, message);
    let response = error(protocol, &reason);
    WireError::new(&reason, response)
}

/// The answer to `application/json`, whatever the operation.
pub(super) fn wrapped(kind: ErrorKind) -> WireError {
    let code = kind.code();
    let body = format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{code}"}},"Version":"1.0"}}"#);
    let status = if kind == ErrorKind::UnknownOperation { 404 } else { 400 };
    WireError::new(&Error::new(kind, ""), Response::new(status, PLAIN_JSON, body.into()))
}

/// The answer when neither method nor headers say what is wanted.
pub(super) fn access_denied() -> WireError {
    let message = "Unable to determine service/operation name to be authorized";
    let body = format!("<AccessDeniedException>\n  <Message>{message}</Message>\n</AccessDeniedException>\n");
    page(403, Error::new(ErrorKind::AccessDenied, message), body)
}

/// The answer to a body of an unknown type.
pub(super) fn unknown_operation_page() -> WireError {
    page(404, Error::new(ErrorKind::UnknownOperation, ""), "<UnknownOperationException/>\n".into())
}

fn page(status: u16, error: Error, body: String) -> WireError {
    // Recorded: these have no content type.
    WireError::new(&error, Response { status, headers: Vec::new(), body: body.into() })
}
