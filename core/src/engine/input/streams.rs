//! Inputs about whole streams.

use super::Reading;
use super::settings::{distribution, stream_mode};
use crate::error::Error;
use crate::service::{CreateStream, DeleteStream, DescribeStream, DescribeStreamSummary, ListStreams};

impl<'d> Reading<'d> {
    pub(super) fn create_stream(self) -> Result<CreateStream<'d>, Error> {
        self.honours(&[
            "ShardCount",
            "StreamModeDetails",
            "Tags",
            "WarmThroughputMiBps",
            "MaxRecordSizeInKiB",
            "RecordDistributionStrategy",
        ])?;
        Ok(CreateStream {
            stream_name: self.text("StreamName"),
            shard_count: self.number("ShardCount"),
            stream_mode: stream_mode(&self.members),
            warm_throughput_mibps: self.number("WarmThroughputMiBps"),
            max_record_size_in_kib: self.number("MaxRecordSizeInKiB"),
            record_distribution_strategy: distribution(&self.members),
            tags: self.tags(),
        })
    }

    pub(super) fn delete_stream(self) -> Result<DeleteStream<'d>, Error> {
        self.honours(&["EnforceConsumerDeletion"])?;
        Ok(DeleteStream {
            stream: self.stream(),
            enforce_consumer_deletion: self.members.bool("EnforceConsumerDeletion").unwrap_or(false),
        })
    }

    pub(super) fn describe_stream(self) -> Result<DescribeStream<'d>, Error> {
        self.honours(&["Limit", "ExclusiveStartShardId"])?;
        Ok(DescribeStream {
            stream: self.stream(),
            limit: self.number("Limit"),
            exclusive_start_shard_id: self.members.str("ExclusiveStartShardId"),
        })
    }

    pub(super) fn describe_stream_summary(self) -> Result<DescribeStreamSummary<'d>, Error> {
        self.honours(&[])?;
        Ok(DescribeStreamSummary { stream: self.stream() })
    }

    pub(super) fn list_streams(self) -> ListStreams<'d> {
        ListStreams {
            limit: self.number("Limit"),
            exclusive_start_stream_name: self.members.str("ExclusiveStartStreamName"),
            next_token: self.members.str("NextToken"),
        }
    }
}
