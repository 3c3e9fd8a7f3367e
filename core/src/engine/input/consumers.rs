//! Inputs about the consumers of a stream.

use super::Reading;
use super::records::iterator_type;
use crate::error::Error;
use crate::service::{
    ConsumerRef, DeregisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers,
    RegisterStreamConsumer, StartingPosition, SubscribeToShard,
};

impl<'d> Reading<'d> {
    pub(super) fn register_stream_consumer(self) -> Result<RegisterStreamConsumer<'d>, Error> {
        self.honours(&["ConsumerName", "Tags"])?;
        Ok(RegisterStreamConsumer {
            stream_arn: self.text("StreamARN"),
            consumer_name: self.text("ConsumerName"),
            tags: self.tags(),
        })
    }

    pub(super) fn deregister_stream_consumer(self) -> Result<DeregisterStreamConsumer<'d>, Error> {
        Ok(DeregisterStreamConsumer { consumer: self.consumer()? })
    }

    pub(super) fn describe_stream_consumer(self) -> Result<DescribeStreamConsumer<'d>, Error> {
        Ok(DescribeStreamConsumer { consumer: self.consumer()? })
    }

    pub(super) fn list_stream_consumers(self) -> Result<ListStreamConsumers<'d>, Error> {
        self.honours(&["NextToken", "MaxResults", "StreamCreationTimestamp"])?;
        Ok(ListStreamConsumers {
            stream_arn: self.text("StreamARN"),
            next_token: self.members.str("NextToken"),
            max_results: self.number("MaxResults"),
            stream_creation_timestamp: self.members.timestamp("StreamCreationTimestamp"),
        })
    }

    pub(super) fn subscribe_to_shard(self) -> Result<SubscribeToShard<'d>, Error> {
        self.honours(&["ConsumerARN", "ShardId", "StartingPosition", "DryRun"])?;
        let position = self.members.structure("StartingPosition");
        let text = |name| position.as_ref().and_then(|position| position.str(name));
        Ok(SubscribeToShard {
            consumer_arn: self.text("ConsumerARN"),
            shard_id: self.text("ShardId"),
            starting_position: StartingPosition {
                kind: iterator_type(text("Type").unwrap_or_default()),
                sequence_number: text("SequenceNumber"),
                timestamp: position.as_ref().and_then(|position| position.timestamp("Timestamp")),
            },
            dry_run: self.is_dry_run(),
        })
    }

    fn consumer(self) -> Result<ConsumerRef<'d>, Error> {
        self.honours(&["ConsumerName", "ConsumerARN"])?;
        Ok(ConsumerRef {
            stream_arn: self.members.str("StreamARN"),
            consumer_name: self.members.str("ConsumerName"),
            consumer_arn: self.members.str("ConsumerARN"),
        })
    }
}
