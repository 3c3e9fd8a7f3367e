//! How values travel in answers: binary data, points in time, and numbers too large for JSON.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use crate::hash::HashKey;
use crate::sequence::SequenceNumber;
use crate::time::Timestamp;

/// For `#[serde(serialize_with)]` on members that the service model calls blobs: base64 in text formats, the bytes as
/// they are in binary ones.
pub(crate) fn blob<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(&Base64Display::new(bytes, &STANDARD))
    } else {
        serializer.serialize_bytes(bytes)
    }
}

/// The name of the newtype that a point in time is in binary formats.
pub(crate) const TIMESTAMP: &str = "$timestamp";

impl Serialize for Timestamp {
    /// In text formats seconds with milliseconds as a fraction, as AWS JSON writes points in time: every millisecond up
    /// to the year 200000 has its own shortest decimal text as a 64-bit float, so nothing is rounded. In binary ones
    /// milliseconds, in a newtype of their own.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            serializer.serialize_newtype_struct(TIMESTAMP, &self.as_millis())
        } else if self.as_millis().is_multiple_of(1000) {
            serializer.serialize_u64(self.as_secs())
        } else {
            serializer.serialize_f64(self.as_millis() as f64 / 1000.0)
        }
    }
}

/// The name of the newtype by which the writer of answers knows a text that has nothing that needs escapes.
pub(crate) const PLAIN: &str = "$plain";

/// A text that has nothing that needs escapes: large answers have thousands of them.
pub(crate) fn plain<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(text)
    } else {
        serializer.serialize_newtype_struct(PLAIN, text)
    }
}

impl Serialize for HashKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        plain(self.text().as_str(), serializer)
    }
}

impl Serialize for SequenceNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        plain(self.text().as_str(), serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_milliseconds() {
        let text = |millis| serde_json::to_string(&Timestamp::from_millis(millis)).unwrap();
        assert_eq!(text(1_356_998_400_000), "1356998400");
        assert_eq!(text(1_356_998_400_123), "1356998400.123");
        for millis in (1_356_998_400_001..1_356_998_401_000).chain([1, 10, 253_402_300_799_999]) {
            let expected = alloc::format!("{}.{:03}", millis / 1000, millis % 1000);
            assert_eq!(text(millis), expected.trim_end_matches('0'));
        }
    }

    #[test]
    fn large_numbers_are_texts() {
        assert_eq!(serde_json::to_string(&HashKey::MAX).unwrap(), alloc::format!("\"{}\"", HashKey::MAX));
        let number = SequenceNumber::first(1_356_998_400, 0);
        assert_eq!(serde_json::to_string(&number).unwrap(), alloc::format!("\"{}\"", number));
    }
}
