//! Accounts, and the names of resources across accounts and regions.

use alloc::string::String;
use core::fmt;

use crate::snapshot::{Persist, Reader, Writer};

/// A twelve-digit account number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    /// The account with this number; `None` above twelve digits.
    pub const fn new(number: u64) -> Option<Self> {
        if number < 1_000_000_000_000 { Some(Self(number)) } else { None }
    }

    /// Reads exactly twelve digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| text.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

/// A stream's ARN, in its parts and as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StreamArn {
    account: AccountId,
    text: String,
    region: core::ops::Range<usize>,
    name_start: usize,
}

impl StreamArn {
    pub(crate) fn new(account: AccountId, region: &str, name: &str) -> Self {
        let partition = partition_of(region);
        let head = alloc::format!("arn:{partition}:kinesis:");
        let region_range = head.len()..head.len() + region.len();
        let head = alloc::format!("{head}{region}:{account}:stream/");
        let name_start = head.len();
        Self { account, text: head + name, region: region_range, name_start }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    pub(crate) fn region(&self) -> &str {
        &self.text[self.region.clone()]
    }

    pub(crate) fn name(&self) -> &str {
        &self.text[self.name_start..]
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl Persist for AccountId {
    fn save(&self, to: &mut Writer<'_>) {
        self.0.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let account = Self::new(u64::load(from));
        from.check(account.is_some(), "an account has twelve digits");
        account.unwrap_or(Self(0))
    }
}

impl Persist for StreamArn {
    fn save(&self, to: &mut Writer<'_>) {
        self.text.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let text = String::load(from);
        let (account, region, name) = parse_stream_arn(&text).unwrap_or((AccountId(0), "", ""));
        let arn = Self::new(account, region, name);
        let is_sound = arn.text == text && is_region(region) && is_stream_name(name);
        from.check(is_sound, "a stream has another ARN");
        arn
    }
}

/// The partition that a region belongs to, as it stands in ARNs.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(crate) fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// Whether `text` can be a region: 1 to 32 letters, digits and hyphens.
pub(crate) fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether `text` can be the name of a stream.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
pub(crate) fn is_stream_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// The account, region and name in a stream ARN.
pub(crate) fn parse_stream_arn(arn: &str) -> Option<(AccountId, &str, &str)> {
    let (account, region, resource) = parse_kinesis_arn(arn)?;
    Some((account, region, resource.strip_prefix("stream/")?))
}

/// The account, region and last part of an ARN of Kinesis Data Streams.
fn parse_kinesis_arn(arn: &str) -> Option<(AccountId, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    if prefix != "arn" || !partition.starts_with("aws") || service != "kinesis" {
        return None;
    }
    Some((AccountId::parse(account)?, region, resource))
}

/// The ARN of a resource of Kinesis Data Streams, in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResourceArn<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a str,
    pub(crate) resource: Resource<'a>,
}

/// A resource, as the last part of an ARN names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Stream(&'a str),
    /// `name` is what follows `consumer/`: the consumer's name and the second of its registration.
    Consumer {
        stream: &'a str,
        name: &'a str,
    },
    Queue(&'a str),
    Channel(&'a str),
}

impl<'a> ResourceArn<'a> {
    pub(crate) fn parse(arn: &'a str) -> Option<Self> {
        let (account, region, resource) = parse_kinesis_arn(arn)?;
        let (kind, name) = resource.split_once('/')?;
        let resource = match (kind, name.split_once("/consumer/")) {
            ("stream", None) => Resource::Stream(name),
            ("stream", Some((stream, name))) => Resource::Consumer { stream, name },
            ("queue", _) => Resource::Queue(name),
            ("channel", _) => Resource::Channel(name),
            _ => return None,
        };
        Some(Self { account, region, resource })
    }

    /// The ARN as text.
    pub(crate) fn text(&self) -> String {
        let Self { account, region, resource } = self;
        let head = alloc::format!("arn:{}:kinesis:{region}:{account}:", partition_of(region));
        match resource {
            Resource::Stream(name) => head + "stream/" + name,
            Resource::Consumer { stream, name } => head + "stream/" + stream + "/consumer/" + name,
            Resource::Queue(name) => head + "queue/" + name,
            Resource::Channel(name) => head + "channel/" + name,
        }
    }
}

impl fmt::Display for ResourceArn<'_> {
    /// As messages name a resource: `stream s under account 000000000000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Resource::Stream(name)
        | Resource::Consumer { name, .. }
        | Resource::Queue(name)
        | Resource::Channel(name)) = self.resource;
        write!(f, "{} {name} under account {}", self.resource.kind(), self.account)
    }
}

impl<'a> Resource<'a> {
    /// The stream that it is, or that it belongs to.
    pub(crate) const fn stream(&self) -> Option<&'a str> {
        match self {
            Self::Stream(stream) | Self::Consumer { stream, .. } => Some(stream),
            Self::Queue(_) | Self::Channel(_) => None,
        }
    }

    /// What messages call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Consumer { .. } => "consumer",
            Self::Queue(_) => "queue",
            Self::Channel(_) => "channel",
        }
    }
}

/// What the ARN of a stream's consumer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerArn<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) consumer: &'a str,
    pub(crate) created_secs: u64,
}

/// Reads the ARN of a consumer: that of its stream, its name, and when it was registered.
pub(crate) fn parse_consumer_arn(arn: &str) -> Option<ConsumerArn<'_>> {
    let (stream_arn, consumer) = arn.split_once("/consumer/")?;
    let (account, region, stream) = parse_stream_arn(stream_arn)?;
    let (consumer, created) = consumer.rsplit_once(':')?;
    Some(ConsumerArn { account, region, stream, consumer, created_secs: created.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::snapshot::tests::{loaded, saved};

    #[test]
    fn tells_resources_apart() {
        let account = AccountId::parse("000000000042").unwrap();
        for (path, resource, name) in [
            ("stream/a", Resource::Stream("a"), "stream a"),
            ("stream/a/consumer/b:7", Resource::Consumer { stream: "a", name: "b:7" }, "consumer b:7"),
            ("queue/q", Resource::Queue("q"), "queue q"),
            ("channel/c", Resource::Channel("c"), "channel c"),
        ] {
            let text = alloc::format!("arn:aws:kinesis:us-east-1:000000000042:{path}");
            let arn = ResourceArn::parse(&text).unwrap();
            assert_eq!(arn, ResourceArn { account, region: "us-east-1", resource });
            assert_eq!(arn.text(), text);
            assert_eq!(arn.to_string(), alloc::format!("{name} under account 000000000042"));
        }
        for bad in
            ["", "arn:aws:kinesis:us-east-1:000000000042:topic/a", "arn:aws:kinesis:us-east-1:42:stream/a"]
        {
            assert_eq!(ResourceArn::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let account = AccountId::parse("000000000042").unwrap();
        for region in ["us-east-1", "cn-north-1", "us-gov-west-1"] {
            let arn = StreamArn::new(account, region, "orders");
            assert_eq!(parse_stream_arn(arn.as_str()), Some((account, region, "orders")));
            assert_eq!((arn.account(), arn.region(), arn.name()), (account, region, "orders"));
        }
        assert_eq!(
            StreamArn::new(account, "eu-west-1", "a").as_str(),
            "arn:aws:kinesis:eu-west-1:000000000042:stream/a"
        );
    }

    #[test]
    fn reads_consumers() {
        let consumer =
            parse_consumer_arn("arn:aws:kinesis:eu-west-1:000000000042:stream/a/consumer/c:1700000000");
        assert_eq!(
            consumer,
            Some(ConsumerArn {
                account: AccountId::new(42).unwrap(),
                region: "eu-west-1",
                stream: "a",
                consumer: "c",
                created_secs: 1_700_000_000,
            })
        );
        for arn in [
            "arn:aws:kinesis:eu-west-1:000000000042:stream/a",
            "arn:aws:kinesis:eu-west-1:000000000042:stream/a/consumer/c",
            "arn:aws:kinesis:eu-west-1:000000000042:stream/a/consumer/c:x",
        ] {
            assert_eq!(parse_consumer_arn(arn), None, "{arn}");
        }
    }

    #[test]
    fn snapshots_have_no_other_arns() {
        for (from, to, is_sound) in [
            ("", "", true),
            ("/a", "/", false),
            ("/a", "/a/b", false),
            ("/a", "/a\n", false),
            ("us-east-1", "", false),
            ("us-east-1", "us east", false),
            ("us-east-1", "cn-north-1", false),
            ("000000000000", "0", false),
            ("stream", "queue", false),
        ] {
            let text = "arn:aws:kinesis:us-east-1:000000000000:stream/a".replacen(from, to, 1);
            assert_eq!(loaded::<StreamArn>(&saved(&text)).is_ok(), is_sound, "{text}");
        }
    }

    #[test]
    fn refuses_other_arns() {
        for arn in [
            "",
            "arn:aws:firehose:us-east-1:000000000000:stream/a",
            "arn:aws:kinesis:us-east-1:0:stream/a",
            "arn:aws:kinesis:us-east-1:000000000000:queue/a",
            "arn:aws:kinesis",
        ] {
            assert_eq!(parse_stream_arn(arn), None, "{arn}");
        }
    }
}
