//! The text of a request that is signed.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use core::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use shardbrook::Request;

/// The parameter of a query that holds the signature itself.
const SIGNATURE: &str = "X-Amz-Signature";

/// The canonical form of a request of which these headers are signed; nothing if one of them is missing.
pub(super) fn canonical_request(request: &Request<'_>, signed_headers: &str) -> Option<String> {
    let (path, query) = request.path.split_once('?').unwrap_or((request.path, ""));
    let mut text = format!("{}\n{}\n{}\n", request.method, canonical_path(path), canonical_query(query));
    for name in signed_headers.split(';') {
        let values: Vec<String> = request
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        if values.is_empty() {
            return None;
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}:{}", values.join(","));
    }
    let _ = write!(text, "\n{signed_headers}\n{}", hex(&Sha256::digest(request.body)));
    Some(text)
}

/// A path without dots and empty parts, encoded once more than it came.
fn canonical_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut text = String::new();
    for part in &parts {
        text.push('/');
        encode(part.as_bytes(), &mut text);
    }
    if parts.is_empty() || path.ends_with('/') {
        text.push('/');
    }
    text
}

/// The parameters but the signature, in order, each encoded in the one way that counts.
fn canonical_query(query: &str) -> String {
    let again = |encoded: &str| {
        let mut text = String::new();
        encode(&decode(encoded), &mut text);
        text
    };
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .filter(|(name, _)| *name != SIGNATURE)
        .map(|(name, value)| (again(name), again(value)))
        .collect();
    parameters.sort_unstable();
    let parameters: Vec<_> = parameters.into_iter().map(|(name, value)| name + "=" + &value).collect();
    parameters.join("&")
}

/// Percent-encodes all but letters, digits and `-._~`.
fn encode(bytes: &[u8], text: &mut String) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

/// Takes percent-encoding away, where there is any.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.first_chunk().filter(|_| first == b'%').and_then(|[high, low]: &[u8; 2]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        });
        bytes.push(digits.unwrap_or(first));
        rest = if digits.is_some() { &after[2..] } else { after };
    }
    bytes
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
