//! Shard ids: `shardId-` and twelve digits.

use core::fmt;

use crate::serialize::plain;
use crate::snapshot::Persist;

/// A shard's number within its stream. Numbers grow and are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
pub struct ShardId(u32);

impl ShardId {
    /// The id of the `index`-th shard of a stream, counted from 0.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The shard's number.
    pub const fn index(self) -> u32 {
        self.0
    }

    /// Reads an id as leniently as the service does: the digits after the first `-`, or the whole text, up to
    /// 2,147,483,647. `None` is what the service answers with "could not find shard".
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.split_once('-').map_or(text, |(_, digits)| digits);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let index: u32 = digits.parse().ok()?;
        (index <= i32::MAX as u32).then_some(Self(index))
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shardId-{:012}", self.0)
    }
}

impl serde::Serialize for ShardId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = *b"shardId-000000000000";
        let mut rest = self.0;
        for byte in text.iter_mut().rev() {
            if rest == 0 {
                break;
            }
            *byte = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        plain(core::str::from_utf8(&text).unwrap_or_default(), serializer)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn parses_leniently() {
        for text in ["shardId-000000000007", "shardId-7", "shard-7", "7", "-7"] {
            assert_eq!(ShardId::parse(text), Some(ShardId::new(7)), "{text}");
        }
        for text in
            ["", "shardId-", "shardId-x", "shardId-2147483648", "a-b-7", "shardId-+7", "shardId-99999999999"]
        {
            assert_eq!(ShardId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn both_texts_agree() {
        for index in [0, 7, 1_000_000, i32::MAX as u32] {
            let id = ShardId::new(index);
            assert_eq!(serde_json::to_string(&id).unwrap(), alloc::format!("\"{id}\""));
        }
        assert_eq!(ShardId::new(12).to_string(), "shardId-000000000012");
    }
}
