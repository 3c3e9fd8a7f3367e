//! What all kinds of resources have: tags, and policies that say who may use them.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::policy::Policy;
use super::streams::Address;
use super::tags::Tags;
use super::{ConsumerRef, Context, StreamRef, Streams};
use crate::arn::{Resource, ResourceArn, partition_of};
use crate::error::{Error, ErrorKind};
use crate::quota::{CallBuckets, Scope};
use crate::shard::ShardIterator;
use crate::snapshot::Persist;
use crate::stream::Stream;

/// What is attached to a resource.
#[derive(Debug)]
pub(super) struct Attached<'a> {
    pub(super) tags: &'a mut Tags,
    /// The place of the policy, where there can be one.
    pub(super) policy: Option<&'a mut Option<Box<Policy>>>,
}

/// The resource that a request is about, as the request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// None, or many: a list of resources, say.
    None,
    /// What is to have this name, or a delivery stream.
    Name(&'a str),
    /// A stream.
    Stream(StreamRef<'a>),
    /// The stream of a shard iterator.
    Iterator(&'a str),
    /// A resource of any kind, by its ARN.
    Arn(&'a str),
}

impl<'a> Target<'a> {
    /// A consumer, or the stream that it is looked for in.
    pub(crate) fn of_consumer(consumer: ConsumerRef<'a>) -> Self {
        match (consumer.consumer_arn, consumer.stream_arn) {
            (Some(arn), _) => Self::Arn(arn),
            (None, Some(stream)) => Self::Stream(StreamRef::with_arn(stream)),
            (None, None) => Self::None,
        }
    }

    /// The name of the stream or delivery stream, as far as the request says it.
    pub(crate) fn stream_name(self) -> Option<&'a str> {
        match self {
            Self::None | Self::Iterator(_) => None,
            Self::Name(name) => Some(name),
            Self::Stream(stream) => stream.any_name(),
            Self::Arn(arn) => ResourceArn::parse(arn).and_then(|arn| arn.resource.stream()),
        }
    }
}

/// What is attached to streams, consumers, queues and channels, by their ARNs, in order of these. Each of them is here as
/// long as it exists.
#[derive(Debug, Default, Persist)]
pub(super) struct Attachments {
    /// Which resources have the attachments, in the same order.
    #[persist(skip)]
    arns: Vec<String>,
    attached: Vec<Attachment>,
}

#[derive(Clone, Debug, Default, Persist)]
struct Attachment {
    tags: Tags,
    policy: Option<Box<Policy>>,
}

impl Attachments {
    /// Adds a resource.
    pub(super) fn add(&mut self, arn: String, tags: Tags) {
        if let Err(place) = self.search(&arn) {
            self.arns.insert(place, arn);
            self.attached.insert(place, Attachment { tags, policy: None });
        }
    }

    /// Forgets a resource that is gone.
    pub(super) fn remove(&mut self, arn: &str) {
        if let Ok(place) = self.search(arn) {
            self.arns.remove(place);
            self.attached.remove(place);
        }
    }

    /// Gives what was read from a snapshot to all resources that there are. Whether that can be.
    pub(super) fn rebuild(&mut self, mut arns: Vec<String>) -> bool {
        arns.sort_unstable();
        self.arns = arns;
        self.arns.is_sorted_by(|a, b| a < b)
            && self.arns.len() == self.attached.len()
            && self.attached.iter().all(|attachment| attachment.tags.are_sound())
    }

    /// Whether there is a policy.
    pub(super) fn have_policy(&self) -> bool {
        self.attached.iter().any(|attachment| attachment.policy.is_some())
    }

    fn get_mut(&mut self, arn: &str) -> Option<&mut Attachment> {
        self.search(arn).ok().map(|place| &mut self.attached[place])
    }

    fn search(&self, arn: &str) -> Result<usize, usize> {
        self.arns.binary_search_by(|other| other.as_str().cmp(arn))
    }
}

impl Streams {
    /// Counts a call against the quota of its account or stream, and refuses it if that is used up.
    ///
    /// A call about a stream that is not there is not counted: the operation says what is missing.
    pub(crate) fn count_call(
        &mut self,
        cx: &Context<'_>,
        accounts: &mut CallBuckets,
        operation: &str,
        target: Target<'_>,
    ) -> Result<(), Error> {
        let Some(quota) = cx.limits.quota_of(operation) else { return Ok(()) };
        let has_left = match quota.scope {
            Scope::Account => accounts.take(cx.now, quota, cx.account, cx.region),
            Scope::Stream => self.meant_by(cx, target).is_none_or(|stream| stream.calls.take(cx.now, quota)),
            // Counted where the shard is known.
            Scope::Shard => true,
        };
        if has_left {
            return Ok(());
        }
        let message = match target.stream_name() {
            Some(stream) => format!("Rate exceeded for stream {stream} under account {}.", cx.account),
            None => format!("Rate exceeded for account {}.", cx.account),
        };
        Err(Error::new(ErrorKind::LimitExceeded, message))
    }

    /// The stream that a request is about, or whose consumer, if it is there.
    fn meant_by(&mut self, cx: &Context<'_>, target: Target<'_>) -> Option<&mut Stream> {
        let address = match target {
            Target::None | Target::Name(_) | Target::Iterator(_) => return None,
            Target::Stream(stream) => Address::of(cx, stream).ok()?,
            Target::Arn(arn) => {
                let ResourceArn { account, region, resource } = ResourceArn::parse(arn)?;
                Address { account, region, name: resource.stream()? }
            }
        };
        self.find_mut(&address).ok()
    }

    /// What is attached to a resource. Each kind of resource is looked up here and nowhere else.
    pub(super) fn attached(&mut self, arn: &ResourceArn<'_>) -> Result<Attached<'_>, Error> {
        let attachment = self.attachments.get_mut(&arn.text()).ok_or_else(|| not_found(arn))?;
        // The documentation of the policy operations names streams, consumers and queues.
        let policy = Some(&mut attachment.policy).filter(|_| !matches!(arn.resource, Resource::Channel(_)));
        Ok(Attached { tags: &mut attachment.tags, policy })
    }

    /// Refuses a caller whom the policy of the target does not let do `operation`.
    ///
    /// A target that is not there is not refused here: the operation says what is missing.
    pub(crate) fn check_access(
        &mut self,
        cx: &Context<'_>,
        operation: &str,
        target: Target<'_>,
    ) -> Result<(), Error> {
        let iterator;
        let arn = match target {
            Target::None | Target::Name(_) => None,
            Target::Stream(stream) => Address::of(cx, stream).map(|address| address.arn()).ok(),
            Target::Iterator(text) => {
                iterator = ShardIterator::open(&cx.sealer, text);
                iterator.as_ref().and_then(|iterator| ResourceArn::parse(&iterator.stream_arn))
            }
            Target::Arn(arn) => ResourceArn::parse(arn),
        };
        let Some(arn) = arn else { return Ok(()) };
        let is_owner = cx.account == arn.account;
        let is_about_policy = operation.ends_with("ResourcePolicy");
        // The owner cannot lock itself out, and nobody else can set a policy, as the documentation has it.
        if is_owner && is_about_policy {
            return Ok(());
        }
        let Ok(Attached { policy: Some(policy), .. }) = self.attached(&arn) else { return Ok(()) };
        if operation == "PutResourcePolicy" {
            return Err(denied(cx, operation, &arn, "because only the account of the resource may do it"));
        }
        let Some(policy) = policy else { return Ok(()) };
        let text = arn.text();
        if policy.matches(true, cx.account, operation, &text) {
            return Err(denied(cx, operation, &arn, "with an explicit deny in a resource-based policy"));
        }
        if is_owner || policy.matches(false, cx.account, operation, &text) {
            return Ok(());
        }
        let reason = format!("because no resource-based policy allows the kinesis:{operation} action");
        Err(denied(cx, operation, &arn, &reason))
    }
}

/// The ARN in a request about a resource of any kind.
pub(super) fn parse_resource_arn(arn: &str) -> Result<ResourceArn<'_>, Error> {
    ResourceArn::parse(arn).ok_or_else(|| {
        Error::invalid_argument(format!(
            "ResourceARN {arn} is not the ARN of a stream, a consumer, a queue or a channel."
        ))
    })
}

pub(super) fn not_found(arn: &ResourceArn<'_>) -> Error {
    let mut kind = String::from(arn.resource.kind());
    kind[..1].make_ascii_uppercase();
    let message = format!("{kind} {} under account {} not found.", arn.text(), arn.account);
    Error::new(ErrorKind::ResourceNotFound, message)
}

/// The wording is that of all services; the caller is known by the account alone.
fn denied(cx: &Context<'_>, operation: &str, arn: &ResourceArn<'_>, reason: &str) -> Error {
    let message = format!(
        "User: arn:{}:iam::{}:root is not authorized to perform: kinesis:{operation} on resource: {} {reason}",
        partition_of(cx.region),
        cx.account,
        arn.text()
    );
    Error::new(ErrorKind::AccessDenied, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tests::{loaded, saved};

    #[test]
    fn snapshots_attach_something_to_each_resource_and_to_nothing_else() {
        let mut attachments = Attachments::default();
        for arn in ["b", "a"] {
            attachments.add(arn.into(), Tags::default());
        }
        for (arns, is_sound) in
            [(&["b", "a"][..], true), (&["a"], false), (&["a", "a"], false), (&["a", "b", "c"], false)]
        {
            let mut restored: Attachments = loaded(&saved(&attachments)).unwrap();
            assert_eq!(
                restored.rebuild(arns.iter().map(|arn| (*arn).into()).collect()),
                is_sound,
                "{arns:?}"
            );
            assert_eq!(is_sound, restored.arns == attachments.arns && restored.get_mut("b").is_some());
        }
    }
}
