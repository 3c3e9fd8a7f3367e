//! The capacity mode of a stream, and the throughput that it is ready for.

use alloc::format;
use alloc::string::{String, ToString};

use serde::Serialize;

use super::sources::{check_no_source, check_on_demand};
use super::streams::Address;
use super::{Context, StreamRef, Streams};
use crate::error::{Error, ErrorKind};
use crate::stream::{RecordDistributionStrategy, Reshard, Stream, StreamMode, Transition};

/// Shards of an on-demand stream that needs no more: 4 MiB/s of writes.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html>
pub(super) const ON_DEMAND_SHARDS: u32 = 4;
/// Times that the mode of a stream can be switched in any 24 hours.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/updating-a-stream.html>
const MODE_UPDATES_PER_DAY: usize = 2;
/// The most that a stream can be warmed to: 10 GiB/s.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html>
const MAX_WARM_MIBPS: u32 = 10 * 1024;

/// Changes the capacity mode of a stream. Its shards stay.
#[derive(Clone, Copy, Debug)]
pub struct UpdateStreamMode<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The mode, another than the stream has.
    pub stream_mode: StreamMode,
    /// The write throughput in MiB a second to be ready for; only towards on-demand.
    pub warm_throughput_mibps: Option<u32>,
}

/// Scales an on-demand stream to a write throughput.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateStreamWarmThroughput<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The write throughput in MiB a second to be ready for.
    pub warm_throughput_mibps: u32,
}

/// The answer to [`UpdateStreamWarmThroughput`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateStreamWarmThroughputReply {
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// The stream's name.
    pub stream_name: String,
    /// What the stream is ready for, and will be.
    pub warm_throughput: WarmThroughput,
}

/// The write throughput that a stream is ready for. A shard takes 1 MiB a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WarmThroughput {
    /// What was asked for last, in MiB a second.
    #[serde(rename = "TargetMiBps", skip_serializing_if = "Option::is_none")]
    pub target_mibps: Option<u32>,
    /// What the open shards take, in MiB a second.
    #[serde(rename = "CurrentMiBps")]
    pub current_mibps: usize,
}

impl WarmThroughput {
    fn of(stream: &Stream) -> Self {
        Self { target_mibps: stream.warm_throughput, current_mibps: stream.open_shard_count() }
    }
}

impl Streams {
    pub(crate) fn update_stream_mode(
        &mut self,
        cx: &mut Context<'_>,
        input: &UpdateStreamMode<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = &*self.find_active(&address)?;
        let refused = |reason: &str| {
            let of = format!("Stream {} under account {}", address.name, address.account);
            Err(Error::invalid_argument(format!("{of} {reason}")))
        };
        if stream.mode == input.stream_mode {
            return refused(match stream.mode {
                StreamMode::OnDemand => "is in On-Demand mode already.",
                StreamMode::Provisioned => "is in Provisioned mode already.",
            });
        }
        let mut shards = None;
        match input.stream_mode {
            StreamMode::Provisioned => {
                if input.warm_throughput_mibps.is_some() {
                    return Err(Error::invalid_argument(
                        "WarmThroughputMiBps can only be given when the mode is updated to ON_DEMAND.",
                    ));
                }
                if stream.distribution == RecordDistributionStrategy::Auto {
                    return refused(
                        "has the RecordDistributionStrategy AUTO, which Provisioned mode does not support. Update it \
                         to USER_PARTITION_KEY first.",
                    );
                }
                check_no_source(stream)?;
            }
            StreamMode::OnDemand => {
                let open = stream.open_shard_count();
                self.check_on_demand_limit(cx, &address)?;
                if let Some(warm) = input.warm_throughput_mibps {
                    self.check_warm_throughput(cx, &address, warm)?;
                    self.check_shard_limit(cx, &address, (warm as usize).saturating_sub(open))?;
                    shards = Some(warm).filter(|warm| *warm as usize > open);
                }
            }
        }
        let stream = self.find_active(&address)?;
        if !stream.mode_updates.accept(cx.now, MODE_UPDATES_PER_DAY) {
            let message = format!(
                "The mode of stream {} under account {} can be updated at most {MODE_UPDATES_PER_DAY} times in 24 \
                 hours.",
                address.name, address.account
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        stream.warm_throughput = input.warm_throughput_mibps;
        let id = stream.id;
        self.start_update(cx, id, Transition::SetMode(input.stream_mode, shards));
        Ok(())
    }

    pub(crate) fn update_stream_warm_throughput(
        &mut self,
        cx: &mut Context<'_>,
        input: &UpdateStreamWarmThroughput<'_>,
    ) -> Result<UpdateStreamWarmThroughputReply, Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_active(&address)?;
        check_on_demand(stream)?;
        let (open, target) = (stream.open_shard_count(), warm_shards(input.warm_throughput_mibps));
        self.check_warm_throughput(cx, &address, input.warm_throughput_mibps)?;
        self.check_shard_limit(cx, &address, (target as usize).saturating_sub(open))?;
        let stream = self.find_active(&address)?;
        stream.warm_throughput = Some(input.warm_throughput_mibps);
        let reply = UpdateStreamWarmThroughputReply {
            stream_arn: stream.arn.as_str().to_string(),
            stream_name: stream.name().to_string(),
            warm_throughput: WarmThroughput::of(stream),
        };
        let id = stream.id;
        self.start_update(cx, id, Transition::Reshard(Reshard::Count { target }));
        Ok(reply)
    }

    /// What DescribeStreamSummary says of the stream's throughput: nothing unless it can be changed.
    pub(super) fn warm_throughput(&self, cx: &Context<'_>, stream: &Stream) -> Option<WarmThroughput> {
        let (account, region) = (stream.arn.account(), stream.arn.region());
        let is_shown =
            stream.mode == StreamMode::OnDemand && self.commitment(account, region).is_enabled(cx.now);
        is_shown.then(|| WarmThroughput::of(stream))
    }

    /// Whether the account may warm streams at all, and so far.
    pub(super) fn check_warm_throughput(
        &self,
        cx: &Context<'_>,
        address: &Address<'_>,
        mibps: u32,
    ) -> Result<(), Error> {
        if !self.commitment(address.account, address.region).is_enabled(cx.now) {
            return Err(Error::invalid_argument(format!(
                "WarmThroughputMiBps can only be set while MinimumThroughputBillingCommitment is enabled for account {} \
                 in {}.",
                address.account, address.region
            )));
        }
        if mibps > MAX_WARM_MIBPS {
            let message =
                format!("WarmThroughputMiBps cannot be greater than {MAX_WARM_MIBPS}. Requested: {mibps}.");
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        Ok(())
    }

    /// Whether the account may have one more on-demand stream.
    pub(super) fn check_on_demand_limit(&self, cx: &Context<'_>, address: &Address<'_>) -> Result<(), Error> {
        let count = self.usage(address.account, address.region).claimed_on_demand_streams;
        if count < cx.on_demand_stream_limit as usize {
            return Ok(());
        }
        let message = format!(
            "Account {} has {count} streams in On-Demand mode in {}; limit: {}.",
            address.account, address.region, cx.on_demand_stream_limit
        );
        Err(Error::new(ErrorKind::LimitExceeded, message))
    }
}

/// How many shards take this throughput, at 1 MiB a second each.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>
pub(super) fn warm_shards(mibps: u32) -> u32 {
    mibps.max(ON_DEMAND_SHARDS)
}
