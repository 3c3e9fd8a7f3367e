//! Inputs and replies of the channels' operations.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::channel::{Bucket, Channel, ChannelStatus, Logging, RecordFormatType};
use crate::firehose::Compression;
use crate::objects::StorageClass;
use crate::time::Timestamp;

/// Makes a channel, which is CREATING and then ACTIVE, from an on-demand stream to a general purpose bucket.
#[derive(Clone, Debug, Default)]
pub struct CreateChannel<'a> {
    /// The channel's name, unique in its account and region.
    pub channel_name: &'a str,
    /// The role that writes to the buckets. It is shown: there are no permissions here.
    pub service_execution_role_arn: &'a str,
    /// The source: exactly one stream.
    pub stream_configuration_list: Vec<ChannelStreamConfiguration<'a>>,
    /// The destination.
    pub s3_destination_configuration: Option<S3DestinationConfiguration<'a>>,
    /// The key that encrypts what is delivered.
    pub encryption_configuration: Option<ChannelEncryptionConfiguration<'a>>,
    /// Whether delivery errors are reported; they are not by default.
    pub logging_configuration: Option<CloudWatchLogs<'a>>,
    /// Keys and values of the channel's tags.
    pub tags: Vec<(&'a str, &'a str)>,
}

/// A source of a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelStreamConfiguration<'a> {
    /// The stream, of the channel's account and region.
    pub stream_arn: &'a str,
    /// What its records are.
    pub record_format_type: RecordFormatType,
}

/// A general purpose bucket and how records get there.
#[derive(Clone, Copy, Debug, Default)]
pub struct S3DestinationConfiguration<'a> {
    /// The greatest age of data that is not delivered, 300 to 900 seconds; 300 by default.
    pub data_freshness_in_seconds: Option<i64>,
    /// Where records are named that cannot be delivered; the destination's bucket by default.
    pub dead_letter_queue_s3_configuration: Option<DeadLetterQueueS3Configuration<'a>>,
    /// The bucket.
    pub storage_configuration: S3StorageConfiguration<'a>,
}

/// A bucket for dead letters.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadLetterQueueS3Configuration<'a> {
    /// The bucket.
    pub bucket_arn: &'a str,
    /// The account whose bucket it must be.
    pub expected_bucket_owner: &'a str,
    /// What keys start with; `kinesis-channel/errors/` with the channel's name and id by default.
    pub error_output_prefix: Option<&'a str>,
}

/// A bucket for records.
#[derive(Clone, Copy, Debug, Default)]
pub struct S3StorageConfiguration<'a> {
    /// The bucket.
    pub bucket_arn: &'a str,
    /// The account whose bucket it must be.
    pub expected_bucket_owner: &'a str,
    /// The template of keys.
    pub output_key_template: Option<&'a str>,
    /// The storage class, STANDARD by default.
    pub storage_class: StorageClass,
    /// How objects are compressed.
    pub compression_type: S3CompressionType,
}

/// How the objects of a channel are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3CompressionType {
    /// Not at all.
    #[default]
    None,
    /// As gzip members.
    Gzip,
    /// As Zstandard frames. Their blocks are stored as they are: they are not smaller.
    Zstd,
}

/// The key that encrypts what a channel delivers.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelEncryptionConfiguration<'a> {
    /// The ARN of a customer managed key.
    pub key_id: &'a str,
}

/// Whether and where delivery errors are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct CloudWatchLogs<'a> {
    /// Whether they are.
    pub enabled: bool,
    /// The log group; `/aws/kinesis/` with the channel's name and id by default.
    pub log_group_name: Option<&'a str>,
    /// The log stream; `DestinationDelivery` by default.
    pub log_stream_name: Option<&'a str>,
}

/// Describes a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeChannel<'a> {
    /// The channel.
    pub channel_arn: &'a str,
}

/// Deletes a channel. What it has not delivered is not delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteChannel<'a> {
    /// The channel.
    pub channel_arn: &'a str,
}

/// Changes the data freshness or the logging of a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateChannel<'a> {
    /// The channel.
    pub channel_arn: &'a str,
    /// The greatest age of data that is not delivered, 300 to 900 seconds.
    pub data_freshness_in_seconds: Option<i64>,
    /// Whether and where delivery errors are reported; names that are left out stay as they are.
    pub logging_configuration: Option<CloudWatchLogs<'a>>,
}

/// Lists the channels of the caller's account and region in order of their names.
#[derive(Clone, Debug, Default)]
pub struct ListChannels<'a> {
    /// Only channels of these streams.
    pub stream_filter: Vec<ChannelStreamFilter<'a>>,
    /// The most channels to return; at most 100 are.
    pub max_results: Option<u32>,
    /// Go on where the answer with this token ended.
    pub next_token: Option<&'a str>,
}

/// A stream whose channels are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelStreamFilter<'a> {
    /// The stream.
    pub stream_arn: &'a str,
    /// The stream that was created at this time.
    pub stream_creation_timestamp: Option<Timestamp>,
}

/// The answer to [`CreateChannel`].
pub type CreateChannelReply = DescribeChannelReply;

/// The answer to [`UpdateChannel`].
pub type UpdateChannelReply = DescribeChannelReply;

/// The answer to [`DescribeChannel`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeChannelReply {
    /// The channel.
    pub channel_description: ChannelDescription,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelDescription {
    /// The channel's name.
    pub channel_name: String,
    /// The channel's ARN, which has its id.
    #[serde(rename = "ChannelARN")]
    pub channel_arn: String,
    /// The channel's id.
    pub channel_id: String,
    /// What the channel does at the moment.
    pub channel_status: ChannelStatus,
    /// When the channel was created.
    pub channel_creation_timestamp: Timestamp,
    /// The role that writes to the buckets.
    #[serde(rename = "ServiceExecutionRoleARN")]
    pub service_execution_role_arn: String,
    /// The source.
    pub stream_configuration_list: Vec<ChannelStreamDescription>,
    /// The destination.
    pub s3_destination_configuration: S3DestinationDescription,
    /// The key that encrypts what is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_configuration: Option<ChannelEncryptionDescription>,
    /// Whether delivery errors are reported.
    pub logging_configuration: ChannelLoggingDescription,
}

/// The source of a channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelStreamDescription {
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// When the stream was created.
    pub stream_creation_timestamp: Timestamp,
    /// What its records are.
    pub record_configuration: RecordConfiguration,
}

/// What the records of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordConfiguration {
    /// Their format.
    pub record_format_type: RecordFormatType,
}

/// The destination of a channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3DestinationDescription {
    /// The greatest age of data that is not delivered.
    pub data_freshness_in_seconds: u32,
    /// Where records are named that cannot be delivered.
    pub dead_letter_queue_s3_configuration: DeadLetterQueueS3Description,
    /// Where the others go.
    pub storage_configuration: S3StorageDescription,
}

/// A bucket for dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetterQueueS3Description {
    /// The bucket.
    #[serde(rename = "BucketARN")]
    pub bucket_arn: String,
    /// The account whose bucket it must be.
    pub expected_bucket_owner: String,
    /// What keys start with.
    pub error_output_prefix: String,
}

/// A bucket for records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3StorageDescription {
    /// The bucket.
    #[serde(rename = "BucketARN")]
    pub bucket_arn: String,
    /// The account whose bucket it must be.
    pub expected_bucket_owner: String,
    /// The template of keys.
    pub output_key_template: String,
    /// The storage class.
    pub storage_class: &'static str,
    /// How objects are compressed.
    pub compression_type: &'static str,
}

/// The key that encrypts what a channel delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelEncryptionDescription {
    /// `KMS`.
    pub encryption_type: &'static str,
    /// The key's ARN.
    pub key_id: String,
}

/// Whether the delivery errors of a channel are reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelLoggingDescription {
    /// As lines of a log.
    pub cloud_watch_logs: CloudWatchLogsDescription,
}

/// Whether and where the delivery errors of a channel are reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CloudWatchLogsDescription {
    /// Whether they are.
    pub enabled: bool,
    /// The log group.
    pub log_group_name: String,
    /// The log stream.
    pub log_stream_name: String,
}

/// The answer to [`ListChannels`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListChannelsReply {
    /// The channels, in order of their names.
    pub channel_summaries: Vec<ChannelSummary>,
    /// Where to go on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A channel in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelSummary {
    /// The channel's name.
    pub channel_name: String,
    /// The channel's ARN.
    #[serde(rename = "ChannelARN")]
    pub channel_arn: String,
    /// The channel's id.
    pub channel_id: String,
    /// What the channel does at the moment.
    pub channel_status: ChannelStatus,
    /// When the channel was created.
    pub channel_creation_timestamp: Timestamp,
    /// `S3`.
    pub channel_destination_type: &'static str,
    /// The source.
    pub streams: Vec<ChannelStreamIdentifier>,
}

/// The source of a channel, in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelStreamIdentifier {
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// When the stream was created.
    pub stream_creation_timestamp: Timestamp,
}

impl From<S3CompressionType> for Compression {
    fn from(compression: S3CompressionType) -> Self {
        match compression {
            S3CompressionType::None => Self::Uncompressed,
            S3CompressionType::Gzip => Self::Gzip,
            S3CompressionType::Zstd => Self::Zstd,
        }
    }
}

impl DescribeChannelReply {
    pub(super) fn of(channel: &Channel) -> Self {
        let config = channel.config();
        let Logging { enabled, group, stream } = config.logging.clone();
        let logs = CloudWatchLogsDescription { enabled, log_group_name: group, log_stream_name: stream };
        let Bucket { arn: bucket_arn, owner } = config.dead_letters.clone();
        let dead_letters = DeadLetterQueueS3Description {
            bucket_arn,
            expected_bucket_owner: owner.to_string(),
            error_output_prefix: config.error_prefix.clone(),
        };
        let Bucket { arn: bucket_arn, owner } = config.destination.clone();
        let storage = S3StorageDescription {
            bucket_arn,
            expected_bucket_owner: owner.to_string(),
            output_key_template: config.template.clone(),
            storage_class: config.handling.storage_class.as_str(),
            compression_type: match config.compression {
                Compression::Uncompressed => "NONE",
                Compression::Gzip => "GZIP",
                Compression::Zstd => "ZSTD",
            },
        };
        let key = config.handling.kms_key_id.clone();
        Self {
            channel_description: ChannelDescription {
                channel_name: config.name.clone(),
                channel_arn: config.arn.clone(),
                channel_id: config.id.clone(),
                channel_status: channel.status(),
                channel_creation_timestamp: channel.created(),
                service_execution_role_arn: config.role_arn.clone(),
                stream_configuration_list: alloc::vec![ChannelStreamDescription {
                    stream_arn: config.source.arn.clone(),
                    stream_creation_timestamp: config.source.created,
                    record_configuration: RecordConfiguration { record_format_type: config.format },
                }],
                s3_destination_configuration: S3DestinationDescription {
                    data_freshness_in_seconds: config.freshness_secs,
                    dead_letter_queue_s3_configuration: dead_letters,
                    storage_configuration: storage,
                },
                encryption_configuration: key
                    .map(|key_id| ChannelEncryptionDescription { encryption_type: "KMS", key_id }),
                logging_configuration: ChannelLoggingDescription { cloud_watch_logs: logs },
            },
        }
    }
}

impl ChannelSummary {
    pub(super) fn of(channel: &Channel) -> Self {
        let config = channel.config();
        Self {
            channel_name: config.name.clone(),
            channel_arn: config.arn.clone(),
            channel_id: config.id.clone(),
            channel_status: channel.status(),
            channel_creation_timestamp: channel.created(),
            channel_destination_type: "S3",
            streams: alloc::vec![ChannelStreamIdentifier {
                stream_arn: config.source.arn.clone(),
                stream_creation_timestamp: config.source.created,
            }],
        }
    }
}
