//! The formats of records: what a record must be to be delivered.

use serde::Serialize;
use serde::de::IgnoredAny;

use crate::snapshot::Persist;

/// What the records of a channel's source are. Records are delivered as they are in every format; the format says
/// which of them are not delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum RecordFormatType {
    /// Each is one JSON value.
    Json,
    /// Each is UTF-8 text.
    String,
    /// They may be anything.
    #[default]
    ByteArray,
}

/// Why a record is not delivered: a code and a sentence for its dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

impl RecordFormatType {
    pub(crate) fn check(self, record: &[u8]) -> Result<(), Unfit> {
        let text = || {
            core::str::from_utf8(record)
                .map_err(|_| Unfit { code: "InvalidUtf8", message: "The record is not valid UTF-8." })
        };
        match self {
            Self::ByteArray => Ok(()),
            Self::String => text().map(|_| ()),
            Self::Json => serde_json::from_str::<IgnoredAny>(text()?).map(|_| ()).map_err(|_| Unfit {
                code: "InvalidJson",
                message: "The record is not one valid JSON value.",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_says_what_a_record_must_be() {
        let fits = |format: RecordFormatType, record: &[u8]| format.check(record).is_ok();
        for record in [&b"{\"a\": [1, null]}\n"[..], b" 1.5e3 ", b"\"\xC3\xA9\"", b"null"] {
            assert!(fits(RecordFormatType::Json, record), "{record:?}");
        }
        for record in [&b""[..], b"{}{}", b"{\"a\":1}\n{\"a\":2}", b"nul", b"\"\xFF\"", b"{'a':1}"] {
            assert!(!fits(RecordFormatType::Json, record), "{record:?}");
        }
        assert!(fits(RecordFormatType::String, b"") && fits(RecordFormatType::String, "é\0".as_bytes()));
        assert_eq!(RecordFormatType::String.check(b"\xC3").unwrap_err().code, "InvalidUtf8");
        assert!(fits(RecordFormatType::ByteArray, b"\xF3\x89\x9A\xC2"));
    }
}
