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
#[derive(Debug)]
pub(super) struct PackedRequest<'p> {
    path: &'p str,
    headers: Vec<(&'p str, &'p str)>,
    body: &'p [u8],
}

impl<'p> PackedRequest<'p> {
    /// Takes it apart, without a copy; gives nothing if it is not whole.
    pub(super) fn unpack(packed: &'p [u8]) -> Option<Self> {
        let mut rest = packed;
        let path = text(&mut rest)?;
        let count = number(&mut rest)?;
        // No more room than there can be headers, whatever the number says.
        let mut headers = Vec::with_capacity(count.min(HEADERS.len()));
        for _ in 0..count {
            headers.push((text(&mut rest)?, text(&mut rest)?));
        }
        let body = bytes(&mut rest)?;
        rest.is_empty().then_some(Self { path, headers, body })
    }

    /// The request. Only posts are ever executed.
    pub(super) fn request(&self) -> Request<'_> {
        Request { method: "POST", path: self.path, headers: &self.headers, body: self.body }
    }
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}

fn bytes<'p>(rest: &mut &'p [u8]) -> Option<&'p [u8]> {
    let len = number(rest)?;
    let (bytes, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(bytes)
}

fn text<'p>(rest: &mut &'p [u8]) -> Option<&'p str> {
    core::str::from_utf8(bytes(rest)?).ok()
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
        let packed = pack_request(&request);
        let unpacked = PackedRequest::unpack(&packed).unwrap();
        let read = unpacked.request();
        assert_eq!((read.method, read.path, read.body), ("POST", "/?a=b", &b"{}"[..]));
        assert_eq!(read.headers, &headers[1..]);
    }

    #[test]
    fn what_is_not_whole_is_no_request() {
        let headers = [("date", "é"), ("origin", "")];
        let request = Request { method: "POST", path: "/", headers: &headers, body: b"body" };
        let packed = pack_request(&request);
        assert!(PackedRequest::unpack(&packed).is_some());
        for len in 0..packed.len() {
            assert!(PackedRequest::unpack(&packed[..len]).is_none(), "{len}");
        }
        let longer = [&packed[..], &[0]].concat();
        assert!(PackedRequest::unpack(&longer).is_none());
        // A text that is none, and a number of headers that nothing has room for.
        let place = packed.windows(2).position(|pair| pair == "é".as_bytes()).unwrap();
        let mut other = packed.clone();
        other[place] = 0xff;
        assert!(PackedRequest::unpack(&other).is_none());
        assert_eq!(packed[..5], [1, 0, 0, 0, b'/']);
        let mut other = packed;
        other[5..9].copy_from_slice(&[0xff; 4]);
        assert!(PackedRequest::unpack(&other).is_none());
    }
}
