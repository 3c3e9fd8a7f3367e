//! What is written of an input.

use borsh::{BorshDeserialize, BorshSerialize};
use shardbrook::Request;

/// The headers that reading a request looks at; no other is kept.
const HEADERS: [&str; 6] = ["authorization", "content-type", "date", "origin", "x-amz-date", "x-amz-target"];

/// Something that can change an engine.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Input {
    /// A request, [packed](pack_request), and its exchange if the answer comes later.
    Call(Vec<u8>, Option<u64>),
    /// Nobody waits for the answer to this exchange any more.
    Disconnect(u64),
    /// All who wait for records of queues were answered.
    Release,
    /// The clock was moved on.
    Timeout,
}

impl Input {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Call(request, _) => request.len(),
            Self::Disconnect(_) | Self::Release | Self::Timeout => 0,
        }
    }
}

/// An input with the time that the engine had when it was executed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Entry {
    pub(crate) now: u64,
    pub(crate) input: Input,
}

/// What reading a request needs, in one piece.
pub(crate) fn pack_request(request: &Request<'_>) -> Vec<u8> {
    let is_read = |name: &str| HEADERS.iter().any(|header| header.eq_ignore_ascii_case(name));
    let headers: Vec<(&str, &str)> =
        request.headers.iter().copied().filter(|(name, _)| is_read(name)).collect();
    let mut packed = Vec::with_capacity(request.body.len() + 1024);
    let written = (request.path, headers, request.body).serialize(&mut packed);
    debug_assert!(written.is_ok(), "a vector takes everything");
    packed
}

/// A request as it was packed.
#[derive(Debug, BorshDeserialize)]
pub(super) struct PackedRequest {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl PackedRequest {
    pub(super) fn unpack(packed: &[u8]) -> borsh::io::Result<Self> {
        Self::try_from_slice(packed)
    }

    /// Gives the request to `act`. Only posts are ever executed.
    pub(super) fn with<R>(&self, act: impl FnOnce(&Request<'_>) -> R) -> R {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        act(&Request { method: "POST", path: &self.path, headers: &headers, body: &self.body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_request_keeps_what_is_read() {
        let headers = [
            ("Host", "localhost"),
            ("X-Amz-Target", "Kinesis_20131202.ListStreams"),
            ("content-type", "application/x-amz-json-1.1"),
            ("Authorization", "a"),
            ("x-amz-date", "d"),
            ("Date", "e"),
            ("ORIGIN", "o"),
        ];
        let request = Request { method: "POST", path: "/?a=b", headers: &headers, body: b"{}" };
        let unpacked = PackedRequest::unpack(&pack_request(&request)).unwrap();
        unpacked.with(|read| {
            assert_eq!((read.method, read.path, read.body), ("POST", "/?a=b", &b"{}"[..]));
            assert_eq!(read.headers, &headers[1..]);
        });
    }
}
