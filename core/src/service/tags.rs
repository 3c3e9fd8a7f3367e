//! Tags: labels that resources carry, for their owners.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::resources::parse_resource_arn;
use super::streams::Address;
use super::{Context, StreamRef, Streams};
use crate::arn::ResourceArn;
use crate::error::{Error, ErrorKind};
use crate::snapshot::Persist;
use crate::unicode::is_letter_number_or_space;

/// The most tags of one resource, and in one answer to ListTagsForStream.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html>
const MAX_TAGS: usize = 50;
/// The most characters of a key.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Tag.html>
const MAX_KEY_CHARS: usize = 128;
/// The most characters of a value.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Tag.html>
const MAX_VALUE_CHARS: usize = 256;
/// What the keys of the service's own tags start with, in capitals or not.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/tagging.html>
const RESERVED_PREFIX: &str = "aws:";

/// Adds tags to a stream, or gives tags that it has other values.
#[derive(Clone, Debug, Default)]
pub struct AddTagsToStream<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// Keys and values.
    pub tags: Vec<(&'a str, &'a str)>,
}

/// Takes tags off a stream; keys that it has no tag for are passed over.
#[derive(Clone, Debug, Default)]
pub struct RemoveTagsFromStream<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The keys of the tags.
    pub tag_keys: Vec<&'a str>,
}

/// Lists the tags of a stream in order of their keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListTagsForStream<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// Return the tags after this key.
    pub exclusive_start_tag_key: Option<&'a str>,
    /// The most tags to return; at most 50 are.
    pub limit: Option<u32>,
}

/// Adds tags to a stream, a consumer, a queue or a channel, or gives tags that it has other values.
#[derive(Clone, Debug, Default)]
pub struct TagResource<'a> {
    /// The resource's ARN.
    pub resource_arn: &'a str,
    /// Keys and values.
    pub tags: Vec<(&'a str, &'a str)>,
}

/// Takes tags off a resource; keys that it has no tag for are passed over.
#[derive(Clone, Debug, Default)]
pub struct UntagResource<'a> {
    /// The resource's ARN.
    pub resource_arn: &'a str,
    /// The keys of the tags.
    pub tag_keys: Vec<&'a str>,
}

/// Lists all tags of a resource in order of their keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListTagsForResource<'a> {
    /// The resource's ARN.
    pub resource_arn: &'a str,
}

/// A label of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Unique in its resource.
    pub key: String,
    /// Empty if the tag has none.
    pub value: String,
}

/// The answer to [`ListTagsForStream`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsForStreamReply {
    /// The tags, in order of their keys.
    pub tags: Vec<Tag>,
    /// Whether there are more.
    pub has_more_tags: bool,
}

/// The answer to [`ListTagsForResource`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsForResourceReply {
    /// The tags, in order of their keys.
    pub tags: Vec<Tag>,
}

/// The tags of one resource: a part of every resource that can have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Persist)]
pub(crate) struct Tags {
    /// In order of their keys.
    sorted: Vec<(String, String)>,
}

impl Tags {
    /// The tags of a resource that is being made.
    pub(crate) fn of(owner: &ResourceArn<'_>, tags: &[(&str, &str)]) -> Result<Self, Error> {
        let mut made = Self::default();
        if !tags.is_empty() {
            made.add(owner, tags)?;
        }
        Ok(made)
    }

    /// Adds tags, all or none.
    pub(crate) fn add(&mut self, owner: &ResourceArn<'_>, tags: &[(&str, &str)]) -> Result<(), Error> {
        let keys = || tags.iter().map(|(key, _)| *key);
        let texts = || keys().chain(tags.iter().map(|(_, value)| *value));
        let fits = |text: &str, max| text.len() <= max || text.chars().count() <= max;
        if tags.is_empty() || keys().any(|key| key.is_empty() || !fits(key, MAX_KEY_CHARS)) {
            return Err(invalid(
                "Tags must have keys of 1 to 128 characters, and there must be one at least.",
            ));
        }
        if tags.iter().any(|(_, value)| !fits(value, MAX_VALUE_CHARS)) {
            return Err(invalid("Tags must have values of at most 256 characters."));
        }
        let refused =
            |reason: &str| Error::invalid_argument(format!("Failed to add tags to {owner} because {reason}"));
        check_characters(texts(), refused)?;
        if keys().any(is_reserved) {
            return Err(refused("keys of tags must not start with aws:, which is reserved for AWS."));
        }
        let mut sum = self.clone();
        for (key, value) in tags {
            match sum.place(key) {
                Ok(at) => sum.sorted[at].1 = (*value).to_string(),
                Err(at) => sum.sorted.insert(at, ((*key).to_string(), (*value).to_string())),
            }
        }
        if sum.sorted.len() > MAX_TAGS {
            return Err(refused(&format!(
                "a given {} cannot have more than {MAX_TAGS} tags associated with it.",
                owner.resource.kind()
            )));
        }
        *self = sum;
        Ok(())
    }

    /// Takes tags off, all or none.
    pub(crate) fn remove(&mut self, owner: &ResourceArn<'_>, keys: &[&str]) -> Result<(), Error> {
        check_characters(keys.iter().copied(), |reason| {
            Error::invalid_argument(format!("Failed to remove tags from {owner} because {reason}"))
        })?;
        self.sorted.retain(|(key, _)| !keys.contains(&key.as_str()));
        Ok(())
    }

    /// Whether what was read from a snapshot can be searched, and is no more than there can be.
    pub(super) fn are_sound(&self) -> bool {
        self.sorted.is_sorted_by(|(a, _), (b, _)| a < b) && self.sorted.len() <= MAX_TAGS
    }

    /// All of them, in order of their keys.
    pub(crate) fn list(&self) -> Vec<Tag> {
        list(&self.sorted)
    }

    /// Up to `limit` of them after the key `after`, and whether there are more.
    fn page(&self, after: Option<&str>, limit: usize) -> (Vec<Tag>, bool) {
        let first = after.map_or(0, |after| match self.place(after) {
            Ok(at) => at + 1,
            Err(at) => at,
        });
        let rest = &self.sorted[first..];
        (list(&rest[..limit.min(rest.len())]), rest.len() > limit)
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(other, _)| other.as_str().cmp(key))
    }
}

impl Streams {
    pub(crate) fn add_tags_to_stream(
        &mut self,
        cx: &Context<'_>,
        input: &AddTagsToStream<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        self.find(&address)?;
        let arn = address.arn();
        self.attached(&arn)?.tags.add(&arn, &input.tags)
    }

    pub(crate) fn remove_tags_from_stream(
        &mut self,
        cx: &Context<'_>,
        input: &RemoveTagsFromStream<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        self.find(&address)?;
        let arn = address.arn();
        self.attached(&arn)?.tags.remove(&arn, &input.tag_keys)
    }

    pub(crate) fn list_tags_for_stream(
        &mut self,
        cx: &Context<'_>,
        input: &ListTagsForStream<'_>,
    ) -> Result<ListTagsForStreamReply, Error> {
        let address = Address::of(cx, input.stream)?;
        self.find(&address)?;
        let limit = input.limit.map_or(MAX_TAGS, |limit| (limit as usize).min(MAX_TAGS));
        let attached = self.attached(&address.arn())?;
        let (tags, has_more_tags) = attached.tags.page(input.exclusive_start_tag_key, limit);
        Ok(ListTagsForStreamReply { tags, has_more_tags })
    }

    pub(crate) fn tag_resource(&mut self, _: &Context<'_>, input: &TagResource<'_>) -> Result<(), Error> {
        let arn = parse_resource_arn(input.resource_arn)?;
        self.attached(&arn)?.tags.add(&arn, &input.tags)
    }

    pub(crate) fn untag_resource(&mut self, _: &Context<'_>, input: &UntagResource<'_>) -> Result<(), Error> {
        let arn = parse_resource_arn(input.resource_arn)?;
        self.attached(&arn)?.tags.remove(&arn, &input.tag_keys)
    }

    pub(crate) fn list_tags_for_resource(
        &mut self,
        _: &Context<'_>,
        input: &ListTagsForResource<'_>,
    ) -> Result<ListTagsForResourceReply, Error> {
        let arn = parse_resource_arn(input.resource_arn)?;
        Ok(ListTagsForResourceReply { tags: self.attached(&arn)?.tags.list() })
    }
}

/// What the service model says, for callers that come without the wire and its validator.
fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::Validation, message)
}

/// Recorded: the service checks twice, with two texts, and the second check knows no `%`.
fn check_characters<'a>(
    mut texts: impl Iterator<Item = &'a str> + Clone,
    refused: impl FnOnce(&str) -> Error,
) -> Result<(), Error> {
    let is_allowed = |c: char| is_letter_number_or_space(c) || "_./=+-%@:".contains(c);
    if texts.clone().any(|text| !text.chars().all(is_allowed)) {
        return Err(Error::invalid_argument(
            "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - \
             % @ :.",
        ));
    }
    if texts.any(|text| text.contains('%')) {
        return Err(refused(
            "some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, \
             '_',',','/','=','+','-','@',':'.",
        ));
    }
    Ok(())
}

fn is_reserved(key: &str) -> bool {
    key.get(..RESERVED_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_PREFIX))
}

fn list(tags: &[(String, String)]) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arn::{AccountId, Resource};

    const OWNER: ResourceArn<'static> = ResourceArn {
        account: match AccountId::new(0) {
            Some(account) => account,
            None => unreachable!(),
        },
        region: "us-east-1",
        resource: Resource::Stream("s"),
    };

    #[test]
    fn tags_are_sorted_and_replaced() {
        let mut tags = Tags::of(&OWNER, &[("b", "1"), ("a", "2"), ("b", "3")]).unwrap();
        tags.add(&OWNER, &[("ab", ""), ("a", "4")]).unwrap();
        let pairs: Vec<_> = tags.list().into_iter().map(|tag| tag.key + "=" + &tag.value).collect();
        assert_eq!(pairs, ["a=4", "ab=", "b=3"]);
        tags.remove(&OWNER, &["b", "none"]).unwrap();
        let (page, has_more) = tags.page(Some("A"), 1);
        assert_eq!((page[0].key.as_str(), has_more), ("a", true));
        let (page, has_more) = tags.page(Some("aa"), 1);
        assert_eq!((page[0].key.as_str(), has_more), ("ab", false));
        assert_eq!(tags.page(Some("b"), 1), (Vec::new(), false));
    }

    #[test]
    fn snapshots_have_sorted_tags() {
        let mut tags = Tags::of(&OWNER, &[("b", "1"), ("a", "2")]).unwrap();
        assert!(tags.are_sound());
        tags.sorted.swap(0, 1);
        assert!(!tags.are_sound());
        tags.sorted = (0..=MAX_TAGS).map(|number| (format!("{number:02}"), String::new())).collect();
        assert!(!tags.are_sound());
    }

    #[test]
    fn all_or_none() {
        let keys: Vec<_> = (0..MAX_TAGS).map(|number| format!("key-{number}")).collect();
        let full: Vec<_> = keys.iter().map(|key| (key.as_str(), "")).collect();
        let mut tags = Tags::of(&OWNER, &full).unwrap();
        let before = tags.clone();
        for bad in [("more", "v"), ("key-1\t", "v"), ("key-1", "a,b"), ("AWS:x", "v"), ("key-1", "5%")] {
            let error = tags.add(&OWNER, &[("key-0", "new"), bad]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{bad:?}");
            assert_eq!(tags, before);
        }
        tags.add(&OWNER, &[("key-0", "new")]).unwrap();
    }

    #[test]
    fn typed_callers_are_held_to_the_model() {
        let long = "ü".repeat(MAX_VALUE_CHARS);
        for bad in [&[][..], &[("", "v")], &[(&long[..2 * (MAX_KEY_CHARS + 1)], "v")]] {
            let error = Tags::default().add(&OWNER, bad).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Validation, "{bad:?}");
        }
        Tags::of(&OWNER, &[(&long[..2 * MAX_KEY_CHARS], &long)]).unwrap();
        let longer = long + "x";
        assert!(Tags::of(&OWNER, &[("k", &longer)]).is_err());
    }
}
