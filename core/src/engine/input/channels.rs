//! Inputs about channels.

use alloc::format;
use alloc::vec::Vec;

use super::Reading;
use crate::channel::RecordFormatType;
use crate::error::Error;
use crate::objects::StorageClass;
use crate::service::{
    ChannelEncryptionConfiguration, ChannelStreamConfiguration, ChannelStreamFilter, CloudWatchLogs,
    CreateChannel, DeadLetterQueueS3Configuration, DeleteChannel, DescribeChannel, ListChannels,
    S3CompressionType, S3DestinationConfiguration, S3StorageConfiguration, UpdateChannel,
};

const S3: &str = "S3DestinationConfiguration";
const TABLES: &str = "S3TablesDestinationConfiguration";

impl<'d> Reading<'d> {
    pub(super) fn create_channel(self) -> Result<CreateChannel<'d>, Error> {
        let (encryption, logging) = ("EncryptionConfiguration", "LoggingConfiguration");
        let streams = "StreamConfigurationList";
        self.honours(&[
            "ChannelName",
            "ServiceExecutionRoleARN",
            streams,
            S3,
            TABLES,
            encryption,
            logging,
            "Tags",
        ])?;
        self.refuse_tables(
            "Streaming tables are not supported: what they hold are Parquet files in an Apache Iceberg table. Specify \
             S3DestinationConfiguration.",
        )?;
        let encryption = self.members.structure(encryption).map(|members| Reading { members });
        Ok(CreateChannel {
            channel_name: self.text("ChannelName"),
            service_execution_role_arn: self.text("ServiceExecutionRoleARN"),
            stream_configuration_list: self.sources(streams)?,
            s3_destination_configuration: self.child(S3).map(Self::s3_destination),
            encryption_configuration: encryption
                .map(|encryption| ChannelEncryptionConfiguration { key_id: encryption.text("KeyId") }),
            logging_configuration: self.cloud_watch_logs(),
            tags: self.tags(),
        })
    }

    pub(super) fn describe_channel(self) -> DescribeChannel<'d> {
        DescribeChannel { channel_arn: self.text("ChannelARN") }
    }

    pub(super) fn delete_channel(self) -> DeleteChannel<'d> {
        DeleteChannel { channel_arn: self.text("ChannelARN") }
    }

    pub(super) fn update_channel(self) -> Result<UpdateChannel<'d>, Error> {
        self.refuse_tables(
            "The channel does not deliver to streaming tables. Specify S3DestinationConfiguration.",
        )?;
        Ok(UpdateChannel {
            channel_arn: self.text("ChannelARN"),
            data_freshness_in_seconds: self
                .child(S3)
                .and_then(|destination| destination.members.integer("DataFreshnessInSeconds")),
            logging_configuration: self.cloud_watch_logs(),
        })
    }

    pub(super) fn list_channels(self) -> ListChannels<'d> {
        let filters = self.members.list("StreamFilter").into_iter().flat_map(|list| list.structures());
        ListChannels {
            stream_filter: filters
                .map(|filter| ChannelStreamFilter {
                    stream_arn: filter.str("StreamARN").unwrap_or_default(),
                    stream_creation_timestamp: filter.timestamp("StreamCreationTimestamp"),
                })
                .collect(),
            max_results: self.number("MaxResults"),
            next_token: self.members.str("NextToken"),
        }
    }

    fn child(self, name: &str) -> Option<Self> {
        self.members.structure(name).map(|members| Self { members })
    }

    /// Of the two destinations only general purpose buckets are to be had.
    fn refuse_tables(self, message: &'static str) -> Result<(), Error> {
        match (self.members.has(S3), self.members.has(TABLES)) {
            (true, true) => Err(Error::invalid_argument(
                "Specify either S3DestinationConfiguration or S3TablesDestinationConfiguration, but not both.",
            )),
            (false, true) => Err(Error::invalid_argument(message)),
            (_, false) => Ok(()),
        }
    }

    fn sources(self, name: &str) -> Result<Vec<ChannelStreamConfiguration<'d>>, Error> {
        let sources = self.members.list(name).into_iter().flat_map(|list| list.structures());
        sources.map(|members| Reading { members }.source()).collect()
    }

    fn source(self) -> Result<ChannelStreamConfiguration<'d>, Error> {
        let records = self.members.structure("RecordConfiguration");
        if records.is_some_and(|records| records.has("GSRSchemaARN")) {
            return Err(Error::invalid_argument(
                "GSRSchemaARN is used for streaming tables only; a general purpose bucket takes records without a schema.",
            ));
        }
        let record_format_type = match records.and_then(|records| records.str("RecordFormatType")) {
            Some("JSON") => RecordFormatType::Json,
            Some("STRING") => RecordFormatType::String,
            Some("BYTE_ARRAY") => RecordFormatType::ByteArray,
            other => {
                return Err(Error::invalid_argument(format!(
                    "RecordFormatType {} is not supported for general purpose buckets. Supported: JSON, STRING and \
                     BYTE_ARRAY.",
                    other.unwrap_or_default()
                )));
            }
        };
        Ok(ChannelStreamConfiguration { stream_arn: self.text("StreamARN"), record_format_type })
    }

    fn s3_destination(self) -> S3DestinationConfiguration<'d> {
        S3DestinationConfiguration {
            data_freshness_in_seconds: self.members.integer("DataFreshnessInSeconds"),
            dead_letter_queue_s3_configuration: self
                .child("DeadLetterQueueS3Configuration")
                .map(Self::dead_letter_queue),
            storage_configuration: self.child("StorageConfiguration").map(Self::storage).unwrap_or_default(),
        }
    }

    fn dead_letter_queue(self) -> DeadLetterQueueS3Configuration<'d> {
        DeadLetterQueueS3Configuration {
            bucket_arn: self.text("BucketARN"),
            expected_bucket_owner: self.text("ExpectedBucketOwner"),
            error_output_prefix: self.members.str("ErrorOutputPrefix"),
        }
    }

    fn storage(self) -> S3StorageConfiguration<'d> {
        S3StorageConfiguration {
            bucket_arn: self.text("BucketARN"),
            expected_bucket_owner: self.text("ExpectedBucketOwner"),
            output_key_template: self.members.str("OutputKeyTemplate"),
            storage_class: match self.members.str("StorageClass") {
                Some("INTELLIGENT_TIERING") => StorageClass::IntelligentTiering,
                Some("GLACIER_IR") => StorageClass::GlacierIr,
                _ => StorageClass::Standard,
            },
            compression_type: match self.text("CompressionType") {
                "GZIP" => S3CompressionType::Gzip,
                "ZSTD" => S3CompressionType::Zstd,
                _ => S3CompressionType::None,
            },
        }
    }

    fn cloud_watch_logs(self) -> Option<CloudWatchLogs<'d>> {
        let logs = self.child("LoggingConfiguration")?.child("CloudWatchLogs")?.members;
        Some(CloudWatchLogs {
            enabled: logs.bool("Enabled").unwrap_or(false),
            log_group_name: logs.str("LogGroupName"),
            log_stream_name: logs.str("LogStreamName"),
        })
    }
}
