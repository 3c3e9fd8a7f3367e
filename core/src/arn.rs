//! Accounts, and the names of resources across accounts and regions.

use alloc::string::String;
use core::fmt;

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

/// Whether `text` can be the name of a stream.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
pub(crate) fn is_stream_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// The account, region and name in a stream ARN.
pub(crate) fn parse_stream_arn(arn: &str) -> Option<(AccountId, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    if prefix != "arn" || !partition.starts_with("aws") || service != "kinesis" {
        return None;
    }
    Some((AccountId::parse(account)?, region, resource.strip_prefix("stream/")?))
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
    use super::*;

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
