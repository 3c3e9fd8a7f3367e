//! Settings of a stream that take effect at once: retention, record size, monitoring, distribution of records.

use alloc::format;
use alloc::string::{String, ToString};

use serde::Serialize;

use super::manage::MAX_RECORD_KIB;
use super::streams::Address;
use super::{Context, StreamRef, Streams};
use crate::error::{Error, ErrorKind};
use crate::stream::{RecordDistributionStrategy, ShardLevelMetrics, StreamMode};

/// How long records can be kept, in hours.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html>
const RETENTION_HOURS: core::ops::RangeInclusive<i32> = 24..=8760;

/// Keeps records for longer. What has expired stays gone.
#[derive(Clone, Copy, Debug, Default)]
pub struct IncreaseStreamRetentionPeriod<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// How long records are kept, in hours: at least as long as now, at most 8760.
    pub retention_period_hours: i32,
}

/// Keeps records for less long. What is older is gone at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecreaseStreamRetentionPeriod<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// How long records are kept, in hours: at most as long as now, at least 24.
    pub retention_period_hours: i32,
}

/// Switches shard-level metrics on.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnableEnhancedMonitoring<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The metrics.
    pub shard_level_metrics: ShardLevelMetrics,
}

/// Switches shard-level metrics off.
#[derive(Clone, Copy, Debug, Default)]
pub struct DisableEnhancedMonitoring<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The metrics.
    pub shard_level_metrics: ShardLevelMetrics,
}

/// Changes how large a record may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateMaxRecordSize<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The largest record in KiB, 1024 to 10240.
    pub max_record_size_in_kib: u32,
}

/// Changes how an on-demand stream decides which shard takes a record.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateStreamRecordDistributionStrategy<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// How it decides.
    pub record_distribution_strategy: RecordDistributionStrategy,
}

/// The answer to [`EnableEnhancedMonitoring`] and [`DisableEnhancedMonitoring`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnhancedMonitoringReply {
    /// The stream's name.
    pub stream_name: String,
    /// The metrics that were on before.
    pub current_shard_level_metrics: ShardLevelMetrics,
    /// The metrics that are on now.
    pub desired_shard_level_metrics: ShardLevelMetrics,
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
}

impl Streams {
    pub(crate) fn increase_stream_retention_period(
        &mut self,
        cx: &Context<'_>,
        input: &IncreaseStreamRetentionPeriod<'_>,
    ) -> Result<(), Error> {
        let is_against = |hours, current| hours < current;
        self.set_retention(cx, input.stream, input.retention_period_hours, is_against, "shorter", "Decrease")
    }

    pub(crate) fn decrease_stream_retention_period(
        &mut self,
        cx: &Context<'_>,
        input: &DecreaseStreamRetentionPeriod<'_>,
    ) -> Result<(), Error> {
        let is_against = |hours, current| hours > current;
        self.set_retention(cx, input.stream, input.retention_period_hours, is_against, "longer", "Increase")
    }

    fn set_retention(
        &mut self,
        cx: &Context<'_>,
        stream: StreamRef<'_>,
        hours: i32,
        is_against: fn(u32, u32) -> bool,
        wrong: &str,
        other: &str,
    ) -> Result<(), Error> {
        let address = Address::of(cx, stream)?;
        let stream = self.find_active(&address)?;
        let out_of_range = |which: &str, limit: i32, how: &str| {
            Err(Error::invalid_argument(format!(
                "{which} allowed retention period is {limit} hours. Requested retention period ({hours} hours) is \
                 too {how}."
            )))
        };
        if hours < *RETENTION_HOURS.start() {
            return out_of_range("Minimum", *RETENTION_HOURS.start(), "short");
        }
        if hours > *RETENTION_HOURS.end() {
            return out_of_range("Maximum", *RETENTION_HOURS.end(), "long");
        }
        let (hours, current) = (hours.unsigned_abs(), stream.retention_hours());
        if is_against(hours, current) {
            return Err(Error::invalid_argument(format!(
                "Requested retention period ({hours} hours) for stream {} can not be {wrong} than existing retention \
                 period ({current} hours). Use {other}RetentionPeriod API.",
                address.name
            )));
        }
        stream.set_retention_hours(cx.now, hours);
        Ok(())
    }

    pub(crate) fn enable_enhanced_monitoring(
        &mut self,
        cx: &Context<'_>,
        input: &EnableEnhancedMonitoring<'_>,
    ) -> Result<EnhancedMonitoringReply, Error> {
        self.set_metrics(cx, input.stream, input.shard_level_metrics, ShardLevelMetrics::with)
    }

    pub(crate) fn disable_enhanced_monitoring(
        &mut self,
        cx: &Context<'_>,
        input: &DisableEnhancedMonitoring<'_>,
    ) -> Result<EnhancedMonitoringReply, Error> {
        self.set_metrics(cx, input.stream, input.shard_level_metrics, ShardLevelMetrics::without)
    }

    fn set_metrics(
        &mut self,
        cx: &Context<'_>,
        stream: StreamRef<'_>,
        metrics: ShardLevelMetrics,
        change: fn(ShardLevelMetrics, ShardLevelMetrics) -> ShardLevelMetrics,
    ) -> Result<EnhancedMonitoringReply, Error> {
        if metrics.is_empty() {
            let message = "ShardLevelMetrics must have 1 to 7 members.";
            return Err(Error::new(ErrorKind::Validation, message));
        }
        let stream = self.find_active(&Address::of(cx, stream)?)?;
        let current = stream.metrics;
        stream.metrics = change(current, metrics);
        Ok(EnhancedMonitoringReply {
            stream_name: stream.name().to_string(),
            current_shard_level_metrics: current,
            desired_shard_level_metrics: stream.metrics,
            stream_arn: stream.arn.as_str().to_string(),
        })
    }

    pub(crate) fn update_max_record_size(
        &mut self,
        cx: &Context<'_>,
        input: &UpdateMaxRecordSize<'_>,
    ) -> Result<(), Error> {
        if !MAX_RECORD_KIB.contains(&input.max_record_size_in_kib) {
            let message = "MaxRecordSizeInKiB must be 1024 to 10240.";
            return Err(Error::new(ErrorKind::Validation, message));
        }
        let stream = self.find_active(&Address::of(cx, input.stream)?)?;
        stream.max_record_kib = input.max_record_size_in_kib;
        Ok(())
    }

    pub(crate) fn update_stream_record_distribution_strategy(
        &mut self,
        cx: &Context<'_>,
        input: &UpdateStreamRecordDistributionStrategy<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_active(&address)?;
        if stream.mode == StreamMode::Provisioned {
            return Err(Error::invalid_argument(format!(
                "Stream {} under account {} is in Provisioned mode. RecordDistributionStrategy can only be set for \
                 streams in On-Demand mode.",
                address.name, address.account
            )));
        }
        stream.distribution = input.record_distribution_strategy;
        Ok(())
    }
}
