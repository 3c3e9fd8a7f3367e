//! How records are encrypted, and by which key. There is no key service here: a key is a name.

use serde::Serialize;

use crate::arn::{AccountId, is_region};

/// How records are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum EncryptionType {
    /// With a key of the key service.
    #[default]
    Kms,
    /// Not at all.
    None,
}

/// What a key id names: a key by its own id, or one by an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KmsKey<'a> {
    Id(&'a str),
    Alias(&'a str),
}

impl<'a> KmsKey<'a> {
    /// Reads a key's id or ARN, or an alias' name or ARN.
    /// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if let Some(alias) = text.strip_prefix("alias/") {
            return is_alias_name(alias).then_some(Self::Alias(alias));
        }
        if text.starts_with("arn:") {
            return Self::parse_arn(text);
        }
        is_key_id(text).then_some(Self::Id(text))
    }

    /// Reads the ARN of a key or an alias.
    pub(crate) fn parse_arn(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:aws")?.splitn(5, ':');
        let (_partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        if service != "kms" || !is_region(region) || AccountId::parse(account).is_none() {
            return None;
        }
        match resource.split_once('/')? {
            ("key", id) if is_key_id(id) => Some(Self::Id(id)),
            ("alias", name) if is_alias_name(name) => Some(Self::Alias(name)),
            _ => None,
        }
    }

    /// Whether the two cannot be the same key. An alias may stand for any key id, and nobody here knows for which.
    pub(crate) fn differs_from(self, other: Self) -> bool {
        match (self, other) {
            (Self::Id(one), Self::Id(another)) | (Self::Alias(one), Self::Alias(another)) => one != another,
            (Self::Id(_), Self::Alias(_)) | (Self::Alias(_), Self::Id(_)) => false,
        }
    }
}

/// A UUID, or the id of a multi-Region key.
fn is_key_id(text: &str) -> bool {
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digits) = text.strip_prefix("mrk-") {
        return digits.len() == 32 && is_hex(digits);
    }
    let lengths = [8, 4, 4, 4, 12];
    text.split('-').count() == lengths.len()
        && text.split('-').zip(lengths).all(|(group, length)| group.len() == length && is_hex(group))
}

fn is_alias_name(text: &str) -> bool {
    // 256 characters with `alias/`.
    (1..=250).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "12345678-1234-1234-1234-123456789012";

    #[test]
    fn reads_the_five_documented_forms() {
        for (text, key) in [
            (ID, KmsKey::Id(ID)),
            ("arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012", KmsKey::Id(ID)),
            ("arn:aws-cn:kms:cn-north-1:123456789012:alias/MyAliasName", KmsKey::Alias("MyAliasName")),
            ("alias/MyAliasName", KmsKey::Alias("MyAliasName")),
            ("alias/aws/kinesis", KmsKey::Alias("aws/kinesis")),
            ("mrk-1234abcd12ab34cd56ef1234567890ab", KmsKey::Id("mrk-1234abcd12ab34cd56ef1234567890ab")),
        ] {
            assert_eq!(KmsKey::parse(text), Some(key), "{text}");
        }
        for text in [
            "",
            "my-key",
            "aws/kinesis",
            "alias/",
            "alias/a b",
            "key/12345678-1234-1234-1234-123456789012",
            "12345678-1234-1234-1234-12345678901",
            "12345678-1234-1234-1234-12345678901g",
            "12345678-1234-1234-1234-123456789012-",
            "mrk-1234",
            "arn:aws:kms:us-east-1:123456789012:12345678-1234-1234-1234-123456789012",
            "arn:aws:kms:us-east-1:1:key/12345678-1234-1234-1234-123456789012",
            "arn:aws:sns:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012",
            "arn:aws:kms::123456789012:alias/a",
            "arn:aws",
        ] {
            assert_eq!(KmsKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn keys_differ_where_that_can_be_known() {
        let (id, alias) = (KmsKey::Id(ID), KmsKey::Alias("a"));
        assert!(!id.differs_from(id) && !id.differs_from(alias) && !alias.differs_from(id));
        assert!(id.differs_from(KmsKey::Id("other")) && alias.differs_from(KmsKey::Alias("b")));
    }
}
