//! Quotas on calls: how often an operation can be called in a second.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Bucket, Limits};
use crate::arn::AccountId;
use crate::error::{Error, ErrorKind};
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// What the calls of an operation share a quota with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those of the same account in the same region.
    Account,
    /// Those about the same stream.
    Stream,
    /// Those about the same shard. They are counted where the shard is known.
    Shard,
}

/// How often an operation can be called.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallQuota {
    pub(super) operation: &'static str,
    pub(super) scope: Scope,
    pub(super) per_second: u32,
}

macro_rules! call_quotas {
    ($($operation:ident: $per_second:literal per $scope:ident;)+) => {
        /// In order of the names.
        ///
        /// Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>, and the pages of the
        /// operations (<https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Operations.html>), which prevail
        /// where they say that an account shares a quota and the table says that a stream does. SubscribeToShard (1 for
        /// a consumer and shard) is not among them: it cannot be called again within five seconds anyway.
        pub(super) const CALLS: &[CallQuota] = &[
            $(CallQuota { operation: stringify!($operation), scope: Scope::$scope, per_second: $per_second },)+
        ];
    };
}

call_quotas! {
    AddTagsToStream: 5 per Account;
    CreateChannel: 5 per Account;
    CreateStream: 5 per Account;
    DecreaseStreamRetentionPeriod: 5 per Stream;
    DeleteChannel: 5 per Account;
    DeleteResourcePolicy: 5 per Account;
    DeleteStream: 5 per Account;
    DeregisterStreamConsumer: 5 per Stream;
    DescribeAccountSettings: 5 per Account;
    DescribeChannel: 5 per Account;
    DescribeLimits: 1 per Account;
    DescribeStream: 10 per Account;
    DescribeStreamConsumer: 20 per Stream;
    DescribeStreamSummary: 20 per Account;
    DisableEnhancedMonitoring: 5 per Stream;
    EnableEnhancedMonitoring: 5 per Stream;
    GetRecords: 5 per Shard;
    GetResourcePolicy: 5 per Account;
    GetShardIterator: 5 per Shard;
    IncreaseStreamRetentionPeriod: 5 per Stream;
    ListChannels: 5 per Account;
    ListShards: 1000 per Stream;
    ListStreamConsumers: 5 per Stream;
    ListStreams: 5 per Account;
    ListTagsForStream: 5 per Account;
    MergeShards: 5 per Account;
    PutResourcePolicy: 5 per Account;
    RegisterStreamConsumer: 5 per Account;
    RemoveTagsFromStream: 5 per Account;
    SplitShard: 5 per Account;
    UpdateAccountSettings: 5 per Account;
    UpdateChannel: 5 per Account;
    UpdateShardCount: 10 per Account;
    UpdateStreamWarmThroughput: 5 per Account;
}

/// The place of an operation in [`CALLS`], if it has a quota.
pub(super) fn place_of(operation: &str) -> Option<usize> {
    CALLS.binary_search_by(|quota| quota.operation.cmp(operation)).ok()
}

/// Buckets that are kept at least before those that are full again are dropped.
const MIN_KEPT: usize = 64;

/// The buckets of those who called operations with a quota in the last second.
#[derive(Debug, Default, Persist)]
pub(crate) struct CallBuckets {
    /// In order of the keys.
    buckets: Vec<(Key, Bucket)>,
    /// How many buckets were left when full ones were dropped last.
    kept: usize,
}

/// Whose calls of which operation. The stream is empty where an account shares the quota.
#[derive(Debug, Persist)]
struct Key {
    place: usize,
    account: AccountId,
    region: String,
    stream: String,
}

impl CallBuckets {
    /// Counts a call, or refuses it. `stream` is the name of the stream that it is about.
    pub(crate) fn take(
        &mut self,
        limits: &Limits,
        now: Timestamp,
        operation: &str,
        (account, region): (AccountId, &str),
        stream: Option<&str>,
    ) -> Result<(), Error> {
        let Some(place) = place_of(operation).filter(|place| CALLS[*place].scope != Scope::Shard) else {
            return Ok(());
        };
        let Some(rate) = limits.calls[place] else { return Ok(()) };
        let shared_by = if CALLS[place].scope == Scope::Stream { stream.unwrap_or_default() } else { "" };
        if self.bucket(now, place, account, region, shared_by).take(now, rate, 1) {
            return Ok(());
        }
        let message = match stream {
            Some(stream) => format!("Rate exceeded for stream {stream} under account {account}."),
            None => format!("Rate exceeded for account {account}."),
        };
        Err(Error::new(ErrorKind::LimitExceeded, message))
    }

    fn bucket(
        &mut self,
        now: Timestamp,
        place: usize,
        account: AccountId,
        region: &str,
        stream: &str,
    ) -> &mut Bucket {
        let wanted = (place, account, region, stream);
        let search = |buckets: &[(Key, Bucket)]| {
            buckets.binary_search_by(|(key, _)| {
                (key.place, key.account, key.region.as_str(), key.stream.as_str()).cmp(&wanted)
            })
        };
        let at = search(&self.buckets).unwrap_or_else(|_| {
            if self.buckets.len() >= MIN_KEPT.max(self.kept.saturating_mul(2)) {
                self.buckets.retain(|(_, bucket)| !bucket.is_surely_full(now));
                self.kept = self.buckets.len();
            }
            let key = Key { place, account, region: region.to_string(), stream: stream.to_string() };
            let (Ok(at) | Err(at)) = search(&self.buckets);
            self.buckets.insert(at, (key, Bucket::default()));
            at
        });
        &mut self.buckets[at].1
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }
}
