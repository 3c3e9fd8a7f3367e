//! Inputs about tags.

use alloc::vec::Vec;

use super::Reading;
use crate::error::Error;
use crate::service::{
    AddTagsToStream, ListTagsForResource, ListTagsForStream, RemoveTagsFromStream, TagResource, UntagResource,
};
use crate::wire::Value;

impl<'d> Reading<'d> {
    pub(super) fn add_tags_to_stream(self) -> Result<AddTagsToStream<'d>, Error> {
        self.honours(&["Tags"])?;
        Ok(AddTagsToStream { stream: self.stream(), tags: self.tags() })
    }

    pub(super) fn list_tags_for_resource(self) -> Result<ListTagsForResource<'d>, Error> {
        self.honours(&["ResourceARN"])?;
        Ok(ListTagsForResource { resource_arn: self.text("ResourceARN") })
    }

    pub(super) fn list_tags_for_stream(self) -> Result<ListTagsForStream<'d>, Error> {
        self.honours(&["ExclusiveStartTagKey", "Limit"])?;
        Ok(ListTagsForStream {
            stream: self.stream(),
            exclusive_start_tag_key: self.members.str("ExclusiveStartTagKey"),
            limit: self.number("Limit"),
        })
    }

    pub(super) fn remove_tags_from_stream(self) -> Result<RemoveTagsFromStream<'d>, Error> {
        self.honours(&["TagKeys"])?;
        Ok(RemoveTagsFromStream { stream: self.stream(), tag_keys: self.tag_keys() })
    }

    pub(super) fn tag_resource(self) -> Result<TagResource<'d>, Error> {
        self.honours(&["ResourceARN", "Tags"])?;
        Ok(TagResource { resource_arn: self.text("ResourceARN"), tags: self.tags() })
    }

    pub(super) fn untag_resource(self) -> Result<UntagResource<'d>, Error> {
        self.honours(&["ResourceARN", "TagKeys"])?;
        Ok(UntagResource { resource_arn: self.text("ResourceARN"), tag_keys: self.tag_keys() })
    }

    /// The keys and values of the member `Tags`.
    pub(super) fn tags(self) -> Vec<(&'d str, &'d str)> {
        let entries = self.members.map("Tags").into_iter().flatten();
        entries
            .filter_map(|(key, value)| if let Value::Str(value) = value { Some((key, value)) } else { None })
            .collect()
    }

    fn tag_keys(self) -> Vec<&'d str> {
        self.members.list("TagKeys").into_iter().flat_map(|keys| keys.strs()).collect()
    }
}
