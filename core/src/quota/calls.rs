//! Quotas on calls: how often an operation can be called in a second.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::{Bucket, Limits};
use crate::arn::AccountId;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// What the calls of an operation share a quota with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
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

/// A quota on calls that is enforced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnforcedQuota {
    place: usize,
    rate: NonZeroU32,
    pub(crate) scope: Scope,
}

impl Limits {
    /// The quota on the calls of an operation, if one is enforced.
    pub(crate) fn quota_of(&self, operation: &str) -> Option<EnforcedQuota> {
        let place = place_of(operation)?;
        Some(EnforcedQuota { place, rate: self.calls[place]?, scope: CALLS[place].scope })
    }
}

/// Buckets that are kept at least before those that are full again are dropped.
const MIN_KEPT: usize = 64;
/// Buckets that are kept at most. Accounts cost nothing to make up, so those who come when so many have called within
/// a second are refused, as if they had called too often.
const MAX_KEPT: usize = 10_000;

/// The buckets of the accounts that called operations with a quota in the last second.
#[derive(Debug, Default, Persist)]
pub(crate) struct CallBuckets {
    /// In order of the keys.
    buckets: Vec<(Key, Bucket)>,
    /// How many buckets were left when full ones were dropped last.
    kept: usize,
}

/// Whose calls of which operation.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
struct Key {
    place: usize,
    account: AccountId,
    region: String,
}

impl CallBuckets {
    /// Counts a call of an account. Whether it may be made.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        quota: EnforcedQuota,
        account: AccountId,
        region: &str,
    ) -> bool {
        let wanted = (quota.place, account, region);
        let search = |buckets: &[(Key, Bucket)]| {
            buckets.binary_search_by(|(key, _)| (key.place, key.account, &*key.region).cmp(&wanted))
        };
        let at = match search(&self.buckets) {
            Ok(at) => at,
            Err(mut at) => {
                if self.buckets.len() >= self.kept.saturating_mul(2).clamp(MIN_KEPT, MAX_KEPT) {
                    self.buckets.retain(|(_, bucket)| !bucket.is_surely_full(now));
                    self.kept = self.buckets.len();
                    at = search(&self.buckets).unwrap_or_else(|at| at);
                }
                if self.buckets.len() >= MAX_KEPT {
                    return false;
                }
                let key = Key { place: quota.place, account, region: region.to_string() };
                self.buckets.insert(at, (key, Bucket::default()));
                at
            }
        };
        self.buckets[at].1.take(now, quota.rate, 1)
    }

    /// Whether what was read from a snapshot can be searched.
    pub(crate) fn are_sound(&self) -> bool {
        self.buckets.is_sorted_by(|(a, _), (b, _)| a < b)
    }

    #[cfg(test)]
    pub(super) fn swap(&mut self, one: usize, other: usize) {
        self.buckets.swap(one, other);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }
}

/// The buckets of one stream, for the operations whose quotas the calls about a stream share: at most one for each.
#[derive(Debug, Default, Persist)]
pub(crate) struct StreamCalls {
    /// In order of the operations' places.
    buckets: Vec<(usize, Bucket)>,
}

impl StreamCalls {
    /// Counts a call about the stream. Whether it may be made.
    pub(crate) fn take(&mut self, now: Timestamp, quota: EnforcedQuota) -> bool {
        let search = self.buckets.binary_search_by_key(&quota.place, |(place, _)| *place);
        let at = search.unwrap_or_else(|at| {
            self.buckets.insert(at, (quota.place, Bucket::default()));
            at
        });
        self.buckets[at].1.take(now, quota.rate, 1)
    }

    /// Whether what was read from a snapshot can be searched.
    pub(crate) fn are_sound(&self) -> bool {
        self.buckets.is_sorted_by(|(a, _), (b, _)| a < b)
    }
}
