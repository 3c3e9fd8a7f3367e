//! The names of objects.

use alloc::string::String;
use core::fmt::Write;

use crate::time::Timestamp;

/// What object names of one delivery stream are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyParts<'a> {
    /// The literal prefix, or nothing.
    pub(crate) prefix: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) version: u64,
    /// `.gz` or nothing.
    pub(crate) extension: &'a str,
}

impl KeyParts<'_> {
    /// The name of an object whose oldest record arrived at `oldest`.
    ///
    /// The date follows the prefix without a slash of its own, as on AWS: the prefix `legacy` gives
    /// `legacy2026/07/13/14/…` (reference: firehose.md §2.3, §2.4).
    pub(crate) fn key(&self, oldest: Timestamp, uuid: &str) -> String {
        let t = oldest.to_civil();
        let mut key = String::with_capacity(
            self.prefix.len() + 14 + self.stream.len() + 12 + 20 + uuid.len() + self.extension.len(),
        );
        let _ = write!(
            key,
            "{}{:04}/{:02}/{:02}/{:02}/{}-{}-{:04}-{:02}-{:02}-{:02}-{:02}-{:02}-{}{}",
            self.prefix,
            t.year,
            t.month,
            t.day,
            t.hour,
            self.stream,
            self.version,
            t.year,
            t.month,
            t.day,
            t.hour,
            t.minute,
            t.second,
            uuid,
            self.extension,
        );
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn names_are_those_of_aws() {
        let uuid = Seed::new(0).entity("x").next_uuid();
        let parts = KeyParts { prefix: "", stream: "orders", version: 1, extension: ".gz" };
        let at = Timestamp::from_millis(1_356_998_405_999);
        assert_eq!(
            parts.key(at, &uuid),
            alloc::format!("2013/01/01/00/orders-1-2013-01-01-00-00-05-{uuid}.gz")
        );
        let parts = KeyParts { prefix: "legacy", stream: "a.b_c", version: 12, extension: "" };
        assert_eq!(parts.key(at, "u"), "legacy2013/01/01/00/a.b_c-12-2013-01-01-00-00-05-u");
    }
}
