//! Inputs about whole streams.

use super::{Reading, unsupported};
use crate::error::Error;
use crate::service::{CreateStream, DeleteStream, DescribeStream, DescribeStreamSummary, ListStreams};
use crate::stream::StreamMode;

impl<'d> Reading<'d> {
    pub(super) fn create_stream(self) -> Result<CreateStream<'d>, Error> {
        let strategy = "RecordDistributionStrategy";
        self.honours(&["ShardCount", "StreamModeDetails", "MaxRecordSizeInKiB", strategy])?;
        if self.members.str(strategy) == Some("AUTO") {
            return Err(unsupported("RecordDistributionStrategy AUTO"));
        }
        let mode = self.members.structure("StreamModeDetails").and_then(|details| details.str("StreamMode"));
        Ok(CreateStream {
            stream_name: self.text("StreamName"),
            shard_count: self.number("ShardCount"),
            stream_mode: mode.map(|mode| match mode {
                "ON_DEMAND" => StreamMode::OnDemand,
                _ => StreamMode::Provisioned,
            }),
            max_record_size_in_kib: self.number("MaxRecordSizeInKiB"),
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
