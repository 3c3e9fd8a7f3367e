//! What comes in and goes out: requests, answers, and what a request says of its caller.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// One HTTP request, however it came.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "callers build it")]
pub struct Request<'a> {
    /// `POST`, for everything that the services answer.
    pub method: &'a str,
    /// The path with its query. The services take any path.
    pub path: &'a str,
    /// Names and values; names are compared without regard to case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The value of the first header called `name`.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|&(_, value)| value)
    }

    /// The value of a parameter of the query, still percent-encoded; empty if it has none.
    pub fn query(&self, name: &str) -> Option<&'a str> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then_some(value)
        })
    }
}

/// One HTTP answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names, in the services' spelling, and values.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with a body of this type.
    pub fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        // There is room for those that identify it.
        let mut headers = Vec::with_capacity(3);
        headers.push(("Content-Type", content_type.into()));
        Self { status, headers, body }
    }

    /// The value of the first header called `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

/// The parts of a signature that say who calls and where: `Credential=AKID/20130524/us-east-1/kinesis/aws4_request`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) region: Option<&'a str>,
}

impl<'a> Credential<'a> {
    fn parse(text: &'a str) -> Self {
        // The query of a presigned request has its slashes encoded.
        let mut parts = text.split(['/', '%']).map(|part| part.strip_prefix("2F").unwrap_or(part));
        let access_key = parts.next().unwrap_or_default();
        Self { access_key, region: parts.nth(1).filter(|region| !region.is_empty()) }
    }
}

/// Why the signature of a request is not even looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthError {
    Both,
    Missing,
    Incomplete(String),
}

/// What a request says of its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization<'a> {
    /// How it was signed: `AWS4-HMAC-SHA256`.
    pub algorithm: &'a str,
    /// Who signed, and for what: `AKID/20130524/us-east-1/kinesis/aws4_request`.
    pub credential: &'a str,
    /// The headers that were signed: `content-type;host;x-amz-date`.
    pub signed_headers: &'a str,
    /// The signature, in hexadecimal.
    pub signature: &'a str,
    /// Whether it is in the query, whose values are percent-encoded, and not in a header.
    pub is_presigned: bool,
}

/// Checks that the signature has its parts; signatures themselves are not verified.
pub(crate) fn authorization<'a>(request: &Request<'a>) -> Result<Authorization<'a>, AuthError> {
    let header = request.header("authorization").filter(|value| !value.is_empty());
    let is_query = request.query("X-Amz-Algorithm").is_some();
    match (header, is_query) {
        (Some(_), true) => Err(AuthError::Both),
        (None, false) => Err(AuthError::Missing),
        (Some(header), false) => from_header(request, header),
        (None, true) => from_query(request),
    }
}

/// Who calls, and where. The signature has its parts, and is not verified.
pub(crate) fn credential<'a>(request: &Request<'a>) -> Result<Credential<'a>, AuthError> {
    authorization(request).map(|authorization| Credential::parse(authorization.credential))
}

fn from_header<'a>(request: &Request<'a>, header: &'a str) -> Result<Authorization<'a>, AuthError> {
    // The first word is the algorithm.
    let mut words = header.split([',', ' ']);
    let algorithm = words.next().unwrap_or_default();
    let names = ["Credential", "Signature", "SignedHeaders"];
    let mut values = [""; 3];
    for (key, value) in words.filter_map(|word| word.trim().split_once('=')) {
        if let Some(place) = names.iter().position(|name| *name == key) {
            values[place] = value;
        }
    }
    let mut message = String::new();
    for (name, value) in names.iter().zip(values) {
        if value.is_empty() {
            message = message + "Authorization header requires '" + name + "' parameter. ";
        }
    }
    if request.header("x-amz-date").is_none() && request.header("date").is_none() {
        message += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    }
    if !message.is_empty() {
        return Err(AuthError::Incomplete(message + "Authorization=" + header));
    }
    let [credential, signature, signed_headers] = values;
    Ok(Authorization { algorithm, credential, signed_headers, signature, is_presigned: false })
}

fn from_query<'a>(request: &Request<'a>) -> Result<Authorization<'a>, AuthError> {
    let mut message = String::new();
    for name in
        ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]
    {
        if request.query(name).is_none_or(str::is_empty) {
            message = message + "AWS query-string parameters must include '" + name + "'. ";
        }
    }
    if !message.is_empty() {
        return Err(AuthError::Incomplete(message + "Re-examine the query-string parameters."));
    }
    let part = |name| request.query(name).unwrap_or_default();
    Ok(Authorization {
        algorithm: part("X-Amz-Algorithm"),
        credential: part("X-Amz-Credential"),
        signed_headers: part("X-Amz-SignedHeaders"),
        signature: part("X-Amz-Signature"),
        is_presigned: true,
    })
}
