//! Bytes in, bytes out: what AWS clients send and get, without what it means.
//!
//! [`decode()`] is pure: it reads a request in the order in which the services refuse one (transport, target, signature's
//! presence, types, constraints), and gives an input that satisfies its model. [`encode`] turns answers into bytes.

mod cbor;
mod coerce;
mod decode;
pub mod encode;
pub(crate) mod event_stream;
mod java_hash;
pub mod model;
mod pattern;
mod request;
mod validate;
mod value;
mod write;

#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::string::String;

pub use self::model::{Operation, Service};
pub use self::pattern::Pattern;
pub(crate) use self::pattern::is_letter_number_or_space;
pub use self::request::{Authorization, Request, Response};
pub use self::validate::EchoValues;
pub use self::value::{Entries, Input, List, Members, Value};

use self::request::{AuthError, Credential, credential};
use crate::arn::AccountId;
use crate::error::{Error, ErrorKind};

/// What decoding needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireConfig {
    /// The account of callers whose access key is not an account.
    pub default_account: AccountId,
    /// The region of requests that name none.
    pub default_region: String,
    /// Whether validation messages repeat values.
    pub echo_values: EchoValues,
}

impl WireConfig {
    /// For callers of this account and region by default.
    pub fn new(default_account: AccountId, default_region: impl Into<String>) -> Self {
        Self { default_account, default_region: default_region.into(), ..Self::default() }
    }
}

impl Default for WireConfig {
    fn default() -> Self {
        Self {
            default_account: AccountId::default(),
            default_region: "us-east-1".into(),
            echo_values: EchoValues::default(),
        }
    }
}

/// How bodies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// `application/x-amz-cbor-1.1`, which Kinesis speaks too.
    Cbor,
    /// `application/x-amz-json-1.1`.
    Json,
}

impl Protocol {
    /// The content type of its bodies.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Cbor => "application/x-amz-cbor-1.1",
            Self::Json => "application/x-amz-json-1.1",
        }
    }

    /// The protocol that a request says it speaks.
    pub(crate) fn of_request(request: &Request<'_>) -> Option<Self> {
        Self::of(content_type(request))
    }

    /// The protocol whose bodies have this content type.
    fn of(content_type: &str) -> Option<Self> {
        [Self::Cbor, Self::Json]
            .into_iter()
            .find(|protocol| content_type.eq_ignore_ascii_case(protocol.content_type()))
    }
}

/// A request whose input satisfies its model.
#[derive(Debug)]
#[non_exhaustive]
pub struct Decoded<'a> {
    /// What to do.
    pub operation: &'static Operation,
    /// How to answer.
    pub protocol: Protocol,
    /// Whether a browser asks on behalf of another origin.
    pub has_origin: bool,
    /// Who calls. An ARN in the input overrides it.
    pub account: AccountId,
    /// Where. An ARN in the input overrides it.
    pub region: Cow<'a, str>,
    /// With what; see [`Input::members`].
    pub input: Input<'a>,
}

/// A request that no operation sees, with its whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireError {
    /// What is wrong with it.
    pub kind: ErrorKind,
    /// The answer. The engine adds the headers that identify it.
    pub response: Response,
}

/// Reads a request. A browser's question before one is answered by [`encode::preflight`], which comes first.
pub fn decode<'a>(config: &WireConfig, request: &Request<'a>) -> Result<Decoded<'a>, WireError> {
    if request.method != "POST" {
        return Err(encode::access_denied());
    }
    let target = request.header("x-amz-target").unwrap_or_default();
    let operation = find_operation(target);
    let content_type = content_type(request);
    let protocol = Protocol::of(content_type);
    if request.body.is_empty() {
        let kind = if operation.is_some() { ErrorKind::Serialization } else { ErrorKind::UnknownOperation };
        // Recorded: in CBOR unless the request says JSON.
        return Err(encode::refused(protocol.unwrap_or(Protocol::Cbor), kind, ""));
    }
    if content_type.eq_ignore_ascii_case(encode::PLAIN_JSON) {
        // Recorded: bodies of this type get no further.
        return Err(encode::wrapped(without_operation(Protocol::Json, request.body)));
    }
    let is_cbor = protocol == Some(Protocol::Cbor);
    let Some(protocol) = protocol.filter(|_| !(is_cbor && is_firehose(target))) else {
        let is_target =
            target.split_once('.').is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
        return Err(if is_target { encode::unknown_operation_page() } else { encode::access_denied() });
    };
    let refuse = |kind, message| encode::refused(protocol, kind, message);
    let Some(operation) = operation else {
        return Err(refuse(without_operation(protocol, request.body), "".into()));
    };
    let decoding = decode::body(protocol, operation, request.body)
        .map_err(|_| refuse(ErrorKind::Serialization, "".into()))?;
    let credential = credential(request).map_err(|error| {
        let (kind, message) = of_signature(error);
        refuse(kind, message)
    })?;
    if let Some(message) = decoding.mismatch {
        return Err(refuse(ErrorKind::Serialization, message));
    }
    if decoding.suspect
        && let Some(message) = validate::validate(&decoding.input, config.echo_values)
    {
        return Err(refuse(ErrorKind::Validation, message.into()));
    }
    let Credential { access_key, region } = credential;
    // A scope that cannot be a region would end up in ARNs.
    let region = region.filter(|region| is_region(region));
    Ok(Decoded {
        operation,
        protocol,
        has_origin: encode::has_origin(request),
        account: AccountId::parse(access_key).unwrap_or(config.default_account),
        region: region.map_or_else(|| Cow::Owned(config.default_region.clone()), Cow::Borrowed),
        input: decoding.input,
    })
}

/// The type that a request says its body has, without parameters.
fn content_type<'a>(request: &Request<'a>) -> &'a str {
    request.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default().trim()
}

/// Whether one of the services has an operation with this name.
pub(crate) fn is_operation(name: &str) -> bool {
    [Service::Kinesis, Service::Firehose].iter().any(|service| service.model().operation(name).is_some())
}

/// Whether `text` can be a region: 1 to 32 letters, digits and hyphens.
pub(crate) fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The operation that `X-Amz-Target` names. Hosts and paths are not looked at: they vary with the parameters.
pub fn find_operation(target: &str) -> Option<&'static Operation> {
    let (prefix, name) = target.split_once('.')?;
    let models = [Service::Kinesis, Service::Firehose].map(Service::model);
    models.iter().find(|model| model.target_prefix == prefix)?.operation(name)
}

/// Whether a target is of Firehose, which speaks JSON alone.
fn is_firehose(target: &str) -> bool {
    target.split_once('.').is_some_and(|(prefix, _)| prefix == Service::Firehose.model().target_prefix)
}

/// What is wrong with a body for which there is no operation.
fn without_operation(protocol: Protocol, body: &[u8]) -> ErrorKind {
    if decode::is_readable(protocol, body) { ErrorKind::UnknownOperation } else { ErrorKind::Serialization }
}

/// What a request says of its signature, which is not verified.
///
/// # Errors
/// The answer to a request that is not signed, or whose signature lacks a part.
pub fn authorization<'a>(request: &Request<'a>) -> Result<Authorization<'a>, Error> {
    request::authorization(request).map_err(|error| {
        let (kind, message) = of_signature(error);
        Error { kind, message }
    })
}

fn of_signature(error: AuthError) -> (ErrorKind, Cow<'static, str>) {
    match error {
        AuthError::Both => (
            ErrorKind::InvalidSignature,
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.".into(),
        ),
        AuthError::Missing => (ErrorKind::MissingAuthenticationToken, "Missing Authentication Token".into()),
        AuthError::Incomplete(message) => (ErrorKind::IncompleteSignature, message.into()),
    }
}

impl From<WireError> for Response {
    fn from(error: WireError) -> Self {
        error.response
    }
}

impl core::fmt::Display for WireError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ({})", self.kind.code(), self.response.status)
    }
}

impl core::error::Error for WireError {}

impl WireError {
    fn new(error: &Error, response: Response) -> Self {
        Self { kind: error.kind, response }
    }
}
