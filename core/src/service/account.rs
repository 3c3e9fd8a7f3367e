//! What holds for an account in a region: its settings, its limits and what it uses of them.

use serde::Serialize;

use super::{Context, Streams};
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// How long a commitment lasts at least.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MinimumThroughputBillingCommitmentInput.html>
const COMMITMENT_MS: u64 = 86_400_000;

/// Channels that an account may have for each on-demand stream that it may have.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/data-delivery.html>
const CHANNELS_PER_STREAM: u32 = 2;

/// Changes the settings of an account in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UpdateAccountSettings {
    /// Whether the account commits itself to pay for a minimum of throughput, which lets it warm its streams.
    pub minimum_throughput_billing_commitment: bool,
}

/// The settings of an account in a region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountSettingsReply {
    /// Whether the account commits itself to pay for a minimum of throughput.
    pub minimum_throughput_billing_commitment: MinimumThroughputBillingCommitment,
}

/// A commitment to pay for a minimum of throughput.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MinimumThroughputBillingCommitment {
    /// Whether it holds.
    pub status: CommitmentStatus,
    /// When it was entered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended; absent while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// When it can end at the earliest; absent when it does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_allowed_end_at: Option<Timestamp>,
}

/// Whether a commitment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum CommitmentStatus {
    /// It does not.
    Disabled,
    /// It does.
    Enabled,
    /// It does, and ends as soon as it can.
    EnabledUntilEarliestAllowedEnd,
}

/// The answer to DescribeLimits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLimitsReply {
    /// How many open shards the account may have in the region.
    pub shard_limit: u32,
    /// How many it has.
    pub open_shard_count: usize,
    /// How many on-demand streams it has.
    pub on_demand_stream_count: usize,
    /// How many it may have.
    pub on_demand_stream_count_limit: u32,
    /// How many channels it has.
    pub channel_count: usize,
    /// How many it may have.
    pub channel_count_limit: u32,
}

/// A commitment as it is kept: what time makes of it is worked out when someone asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub(super) struct Commitment {
    started: Option<Timestamp>,
    /// When it ends or ended.
    ends: Option<Timestamp>,
}

impl Commitment {
    pub(super) fn is_enabled(self, now: Timestamp) -> bool {
        self.started.is_some() && self.ends.is_none_or(|ends| now < ends)
    }

    /// Starts it, or takes a pending end back. One that holds goes on as it is.
    fn enable(&mut self, now: Timestamp) {
        if !self.is_enabled(now) {
            self.started = Some(now);
        }
        self.ends = None;
    }

    /// Ends it as soon as it can end. One that has an end keeps it.
    fn disable(&mut self, now: Timestamp) {
        if let (Some(started), None) = (self.started, self.ends) {
            self.ends = Some(started.plus_millis(COMMITMENT_MS).max(now));
        }
    }

    fn describe(self, now: Timestamp) -> AccountSettingsReply {
        let is_enabled = self.is_enabled(now);
        let earliest_end = self.started.map(|started| started.plus_millis(COMMITMENT_MS));
        AccountSettingsReply {
            minimum_throughput_billing_commitment: MinimumThroughputBillingCommitment {
                status: match self.ends {
                    _ if !is_enabled => CommitmentStatus::Disabled,
                    None => CommitmentStatus::Enabled,
                    Some(_) => CommitmentStatus::EnabledUntilEarliestAllowedEnd,
                },
                started_at: self.started,
                ended_at: self.ends.filter(|_| !is_enabled),
                earliest_allowed_end_at: earliest_end.filter(|_| is_enabled),
            },
        }
    }
}

impl Streams {
    pub(crate) fn describe_account_settings(&self, cx: &Context<'_>) -> AccountSettingsReply {
        self.commitment(cx.account, cx.region).describe(cx.now)
    }

    pub(crate) fn update_account_settings(
        &mut self,
        cx: &Context<'_>,
        input: &UpdateAccountSettings,
    ) -> AccountSettingsReply {
        let mut commitment = self.commitment(cx.account, cx.region);
        let before = commitment;
        if input.minimum_throughput_billing_commitment {
            commitment.enable(cx.now);
        } else {
            commitment.disable(cx.now);
        }
        // An account and region is kept from its first setting on.
        if commitment != before {
            *self.commitment_mut(cx.account, cx.region) = commitment;
        }
        commitment.describe(cx.now)
    }

    pub(crate) fn describe_limits(&self, cx: &Context<'_>) -> DescribeLimitsReply {
        let usage = self.usage(cx.account, cx.region);
        DescribeLimitsReply {
            shard_limit: cx.shard_limit,
            open_shard_count: usage.open_shards,
            on_demand_stream_count: usage.on_demand_streams,
            on_demand_stream_count_limit: cx.on_demand_stream_limit,
            channel_count: usage.channels,
            channel_count_limit: cx.on_demand_stream_limit.saturating_mul(CHANNELS_PER_STREAM),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_lasts_a_day_at_least() {
        let at = |hours: u64| Timestamp::from_millis(hours * 3_600_000);
        let mut commitment = Commitment::default();
        let status = |commitment: Commitment, hours| {
            let described = commitment.describe(at(hours)).minimum_throughput_billing_commitment;
            (described.status, described.ended_at, described.earliest_allowed_end_at)
        };
        use CommitmentStatus::{Disabled, Enabled, EnabledUntilEarliestAllowedEnd};
        commitment.disable(at(0));
        assert_eq!(status(commitment, 0), (Disabled, None, None));
        commitment.enable(at(1));
        commitment.enable(at(2));
        assert_eq!(status(commitment, 2), (Enabled, None, Some(at(25))));
        commitment.disable(at(3));
        commitment.disable(at(4));
        assert_eq!(status(commitment, 24), (EnabledUntilEarliestAllowedEnd, None, Some(at(25))));
        let mut kept = commitment;
        kept.enable(at(24));
        assert_eq!(status(kept, 30), (Enabled, None, Some(at(25))));
        kept.disable(at(30));
        assert_eq!(status(kept, 30), (Disabled, Some(at(30)), None));
        assert_eq!(status(commitment, 25), (Disabled, Some(at(25)), None));
        commitment.enable(at(26));
        assert_eq!(status(commitment, 26), (Enabled, None, Some(at(50))));
    }
}
