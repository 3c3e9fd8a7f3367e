//! Creating, deleting, describing and listing streams.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::capacity::{ON_DEMAND_SHARDS, WarmThroughput, warm_shards};
use super::shards::ShardDescription;
use super::sources::check_no_source;
use super::streams::Address;
use super::tags::Tags;
use super::{Context, StreamRef, Streams};
use crate::arn::is_stream_name;
use crate::error::{Error, ErrorKind};
use crate::shard_id::ShardId;
use crate::stream::{
    EncryptionType, RecordDistributionStrategy, ShardLevelMetrics, Stream, StreamMode, StreamStatus,
};
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::token::TokenKind;

/// What a stream's largest record may be.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
pub(super) const MAX_RECORD_KIB: core::ops::RangeInclusive<u32> = 1024..=10_240;
/// Streams of an account and region that may be in CREATING at a time.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
const MAX_CREATING: usize = 5;
/// Shards that DescribeStream returns in one answer.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html>
const DESCRIBE_PAGE: usize = 100;
/// Streams that ListStreams returns in one answer.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html>
const LIST_PAGE: usize = 100;

/// Makes a stream, which is CREATING and then ACTIVE.
#[derive(Clone, Debug, Default)]
pub struct CreateStream<'a> {
    /// The stream's name, unique in its account and region.
    pub stream_name: &'a str,
    /// How many shards; required for provisioned streams and only for them.
    pub shard_count: Option<u32>,
    /// The capacity mode; without it and without a shard count the stream is on-demand.
    pub stream_mode: Option<StreamMode>,
    /// The write throughput in MiB a second that an on-demand stream is to be ready for.
    pub warm_throughput_mibps: Option<u32>,
    /// The largest record in KiB, 1024 to 10240.
    pub max_record_size_in_kib: Option<u32>,
    /// How an on-demand stream decides which shard takes a record.
    pub record_distribution_strategy: Option<RecordDistributionStrategy>,
    /// Keys and values of the stream's tags.
    pub tags: Vec<(&'a str, &'a str)>,
}

/// Deletes a stream with all its records.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteStream<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// Delete the stream's consumers too; without it a stream with consumers is not deleted.
    pub enforce_consumer_deletion: bool,
}

/// Describes a stream and its shards.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeStream<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The most shards to return; at most 100 are.
    pub limit: Option<u32>,
    /// Return the shards after this one.
    pub exclusive_start_shard_id: Option<&'a str>,
}

/// Describes a stream without its shards.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeStreamSummary<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
}

/// Lists the streams of the caller's account and region in order of their names.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListStreams<'a> {
    /// The most streams to return; at most 100 are.
    pub limit: Option<u32>,
    /// Return the streams after this name.
    pub exclusive_start_stream_name: Option<&'a str>,
    /// Go on where the answer with this token ended.
    pub next_token: Option<&'a str>,
}

/// The answer to [`DescribeStream`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeStreamReply {
    /// The stream.
    pub stream_description: StreamDescription,
}

/// A stream and its shards.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamDescription {
    /// The stream's name.
    pub stream_name: String,
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// What the stream does at the moment.
    pub stream_status: StreamStatus,
    /// The capacity mode.
    pub stream_mode_details: StreamModeDetails,
    /// The shards, in order of their ids; none while the stream is being created.
    pub shards: Vec<ShardDescription>,
    /// Whether there are more shards than these.
    pub has_more_shards: bool,
    /// How long records are kept.
    pub retention_period_hours: u32,
    /// When the stream was created.
    pub stream_creation_timestamp: Timestamp,
    /// Shard-level metrics that are switched on.
    pub enhanced_monitoring: Vec<EnhancedMetrics>,
    /// How records are encrypted.
    pub encryption_type: EncryptionType,
    /// The key that they are encrypted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// The answer to [`DescribeStreamSummary`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeStreamSummaryReply {
    /// The stream.
    pub stream_description_summary: StreamDescriptionSummary,
}

/// A stream without its shards.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamDescriptionSummary {
    /// The stream's name.
    pub stream_name: String,
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// What the stream does at the moment.
    pub stream_status: StreamStatus,
    /// The capacity mode.
    pub stream_mode_details: StreamModeDetails,
    /// How long records are kept.
    pub retention_period_hours: u32,
    /// When the stream was created.
    pub stream_creation_timestamp: Timestamp,
    /// Shard-level metrics that are switched on.
    pub enhanced_monitoring: Vec<EnhancedMetrics>,
    /// How records are encrypted.
    pub encryption_type: EncryptionType,
    /// The key that they are encrypted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// How many shards take records.
    pub open_shard_count: usize,
    /// How many consumers are registered.
    pub consumer_count: usize,
    /// The write throughput that the stream is ready for, where that can be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_throughput: Option<WarmThroughput>,
    /// How many queues there are on the stream.
    pub queue_count: usize,
    /// The largest record in KiB.
    #[serde(rename = "MaxRecordSizeInKiB")]
    pub max_record_size_in_kib: u32,
    /// How the stream decides which shard takes a record; only of on-demand streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_distribution_strategy: Option<RecordDistributionStrategy>,
    /// How many channels deliver from the stream.
    pub channel_count: usize,
}

/// The capacity mode of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamModeDetails {
    /// Who plans the capacity.
    pub stream_mode: StreamMode,
}

/// The shard-level metrics of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnhancedMetrics {
    /// The names of the metrics.
    pub shard_level_metrics: ShardLevelMetrics,
}

/// The answer to [`ListStreams`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListStreamsReply {
    /// The names, in order.
    pub stream_names: Vec<String>,
    /// Whether there are more.
    pub has_more_streams: bool,
    /// Where to go on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// The same streams with a few facts.
    pub stream_summaries: Vec<StreamSummary>,
}

/// A stream in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamSummary {
    /// The stream's name.
    pub stream_name: String,
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// What the stream does at the moment.
    pub stream_status: StreamStatus,
    /// The capacity mode.
    pub stream_mode_details: StreamModeDetails,
    /// When the stream was created.
    pub stream_creation_timestamp: Timestamp,
}

impl Streams {
    pub(crate) fn create_stream(
        &mut self,
        cx: &mut Context<'_>,
        input: &CreateStream<'_>,
    ) -> Result<(), Error> {
        check_model(input)?;
        let (mode, shard_count) = capacity(input)?;
        if mode == StreamMode::Provisioned {
            check_provisioned(input)?;
        }
        let (account, region) = (cx.account, cx.region);
        let address = Address { account, region, name: input.stream_name };
        if self.find(&address).is_ok() {
            let message = format!("Stream {} under account {account} already exists.", input.stream_name);
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        if mode == StreamMode::OnDemand {
            self.check_on_demand_limit(cx, &address)?;
        }
        if let Some(warm) = input.warm_throughput_mibps {
            self.check_warm_throughput(cx, &address, warm)?;
        }
        self.check_shard_limit(cx, &address, shard_count as usize)?;
        let creating = self
            .in_region(account, region, "")
            .filter(|stream| stream.status() == StreamStatus::Creating)
            // Where CREATING takes no time, nobody waits in it, and the streams need not be walked over.
            .take(if cx.durations.create_stream > 0 { MAX_CREATING } else { 0 })
            .count();
        if creating >= MAX_CREATING {
            let message = format!(
                "Account {account} has {creating} streams in the CREATING state; limit: {MAX_CREATING}."
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let tags = Tags::of(&address.arn(), &input.tags)?;
        let active_at = cx.now.plus_millis(cx.durations.create_stream);
        self.attachments.add(address.arn().text(), tags);
        let id = self.insert(&address, mode, shard_count, cx.now, active_at);
        if let Some(stream) = self.get_mut(id) {
            stream.max_record_kib = input.max_record_size_in_kib.unwrap_or(stream.max_record_kib);
            stream.distribution = input.record_distribution_strategy.unwrap_or_default();
            stream.warm_throughput = input.warm_throughput_mibps;
        }
        cx.timers.set(Timer::Stream(id), Some(active_at));
        Ok(())
    }

    pub(crate) fn delete_stream(
        &mut self,
        cx: &mut Context<'_>,
        input: &DeleteStream<'_>,
    ) -> Result<(), Error> {
        let due = cx.now.plus_millis(cx.durations.delete_stream);
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_mut(&address)?;
        check_no_source(stream)?;
        if !stream.consumers.is_empty() && !input.enforce_consumer_deletion {
            let Address { account, name, .. } = address;
            let message = format!(
                "DeleteStream can't delete {account}:{name} because there are consumers associated with this data \
                 stream. To delete {name} anyway, set the EnforceConsumerDeletion parameter to true to force the \
                 deletion of all the consumers that are associated with it."
            );
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        let id = stream.id;
        self.change(id, |stream| {
            stream.start_deletion(due);
            stream.consumers.delete_all();
            stream.wake_subscriptions(cx.now, cx.timers);
            cx.timers.set(Timer::Consumers(id), None);
            cx.timers.set(Timer::Stream(id), stream.poll_timeout());
        });
        Ok(())
    }

    pub(crate) fn describe_stream(
        &self,
        cx: &Context<'_>,
        input: &DescribeStream<'_>,
    ) -> Result<DescribeStreamReply, Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find(&address)?;
        let first = match input.exclusive_start_shard_id {
            None => 0,
            Some(text) => {
                let id = ShardId::parse(text).ok_or_else(|| address.no_such_shard(text))?;
                id.index() + 1
            }
        };
        let limit = input.limit.map_or(DESCRIBE_PAGE, |limit| (limit as usize).min(DESCRIBE_PAGE));
        let mut rest = stream.shards(cx.now).filter(|shard| stream.is_born() && shard.id().index() >= first);
        let shards = rest.by_ref().take(limit).map(ShardDescription::of).collect();
        Ok(DescribeStreamReply {
            stream_description: StreamDescription {
                stream_name: stream.name().to_string(),
                stream_arn: stream.arn.as_str().to_string(),
                stream_status: stream.status(),
                stream_mode_details: StreamModeDetails { stream_mode: stream.mode },
                shards,
                has_more_shards: rest.next().is_some(),
                retention_period_hours: stream.retention_hours(),
                stream_creation_timestamp: stream.created,
                enhanced_monitoring: enhanced_monitoring(stream),
                encryption_type: encryption_type(stream),
                key_id: stream.key_id().map(String::from),
            },
        })
    }

    pub(crate) fn describe_stream_summary(
        &self,
        cx: &Context<'_>,
        input: &DescribeStreamSummary<'_>,
    ) -> Result<DescribeStreamSummaryReply, Error> {
        let stream = self.find(&Address::of(cx, input.stream)?)?;
        Ok(DescribeStreamSummaryReply {
            stream_description_summary: StreamDescriptionSummary {
                stream_name: stream.name().to_string(),
                stream_arn: stream.arn.as_str().to_string(),
                stream_status: stream.status(),
                stream_mode_details: StreamModeDetails { stream_mode: stream.mode },
                retention_period_hours: stream.retention_hours(),
                stream_creation_timestamp: stream.created,
                enhanced_monitoring: enhanced_monitoring(stream),
                encryption_type: encryption_type(stream),
                key_id: stream.key_id().map(String::from),
                open_shard_count: if stream.is_born() { stream.open_shard_count() } else { 0 },
                consumer_count: stream.consumers.len(),
                warm_throughput: self.warm_throughput(cx, stream),
                queue_count: stream.queues,
                max_record_size_in_kib: stream.max_record_kib,
                record_distribution_strategy: Some(stream.distribution)
                    .filter(|_| stream.mode == StreamMode::OnDemand),
                channel_count: stream.channels.len(),
            },
        })
    }

    pub(crate) fn list_streams(
        &self,
        cx: &Context<'_>,
        input: &ListStreams<'_>,
    ) -> Result<ListStreamsReply, Error> {
        if input.next_token.is_some() && input.exclusive_start_stream_name.is_some() {
            let message = "NextToken and ExclusiveStartStreamName cannot be provided together.";
            return Err(Error::invalid_argument(message));
        }
        let resumed =
            input.next_token.map(|token| cx.open_page(TokenKind::ListStreams, token)).transpose()?;
        let after = match &resumed {
            Some(page) => core::str::from_utf8(page).unwrap_or_default(),
            None => input.exclusive_start_stream_name.unwrap_or_default(),
        };
        let limit = input.limit.map_or(LIST_PAGE, |limit| (limit as usize).min(LIST_PAGE));
        let mut rest = self.in_region(cx.account, cx.region, after);
        let page: Vec<&Stream> = rest.by_ref().take(limit).collect();
        let has_more_streams = rest.next().is_some();
        let next_token = page
            .last()
            .filter(|_| has_more_streams)
            .map(|last| cx.seal_page(TokenKind::ListStreams, last.name().as_bytes()));
        Ok(ListStreamsReply {
            stream_names: page.iter().map(|stream| stream.name().to_string()).collect(),
            has_more_streams,
            next_token,
            stream_summaries: page.iter().map(|stream| StreamSummary::of(stream)).collect(),
        })
    }
}

impl StreamSummary {
    fn of(stream: &Stream) -> Self {
        Self {
            stream_name: stream.name().to_string(),
            stream_arn: stream.arn.as_str().to_string(),
            stream_status: stream.status(),
            stream_mode_details: StreamModeDetails { stream_mode: stream.mode },
            stream_creation_timestamp: stream.created,
        }
    }
}

/// What the service model says of the members, for callers that come without the wire and its validator.
fn check_model(input: &CreateStream<'_>) -> Result<(), Error> {
    let invalid = |message: &'static str| Err(Error::new(ErrorKind::Validation, message));
    if !is_stream_name(input.stream_name) {
        return invalid("StreamName must have 1 to 128 letters, digits, underscores, points or hyphens.");
    }
    if input.shard_count == Some(0) {
        return invalid("ShardCount must be at least 1.");
    }
    if input.max_record_size_in_kib.is_some_and(|kib| !MAX_RECORD_KIB.contains(&kib)) {
        return invalid("MaxRecordSizeInKiB must be 1024 to 10240.");
    }
    Ok(())
}

/// What only on-demand streams can have.
fn check_provisioned(input: &CreateStream<'_>) -> Result<(), Error> {
    let member = if input.warm_throughput_mibps.is_some() {
        "WarmThroughputMiBps"
    } else if input.record_distribution_strategy == Some(RecordDistributionStrategy::Auto) {
        "RecordDistributionStrategy AUTO"
    } else {
        return Ok(());
    };
    let message = format!("{member} must not be specified for a stream in PROVISIONED mode.");
    Err(Error::invalid_argument(message))
}

/// The mode and number of shards of a new stream.
fn capacity(input: &CreateStream<'_>) -> Result<(StreamMode, u32), Error> {
    match (input.stream_mode, input.shard_count) {
        (None | Some(StreamMode::Provisioned), Some(count)) => Ok((StreamMode::Provisioned, count)),
        (None | Some(StreamMode::OnDemand), None) => {
            let shards = input.warm_throughput_mibps.map_or(ON_DEMAND_SHARDS, warm_shards);
            Ok((StreamMode::OnDemand, shards))
        }
        (Some(StreamMode::Provisioned), None) => {
            Err(Error::invalid_argument("ShardCount must be specified for a stream in PROVISIONED mode."))
        }
        (Some(StreamMode::OnDemand), Some(_)) => {
            Err(Error::invalid_argument("ShardCount must not be specified for a stream in ON_DEMAND mode."))
        }
    }
}

fn enhanced_monitoring(stream: &Stream) -> Vec<EnhancedMetrics> {
    alloc::vec![EnhancedMetrics { shard_level_metrics: stream.metrics }]
}

fn encryption_type(stream: &Stream) -> EncryptionType {
    if stream.key_id().is_some() { EncryptionType::Kms } else { EncryptionType::None }
}
