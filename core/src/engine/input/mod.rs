//! From validated members to typed inputs. A member that is not honoured is refused, never ignored.

mod channels;
mod consumers;
mod firehose;
mod policies;
mod queues;
mod records;
mod settings;
mod shards;
mod streams;
mod tags;

use alloc::borrow::Cow;
use alloc::format;

use super::call::{Call, Input, Refusal};
use crate::error::{Error, ErrorKind};
use crate::queue::Lane;
use crate::service::StreamRef;
use crate::wire::{Decoded, Members, Request, Service, WireError, encode};

impl<'d> Call<'d> {
    /// Reads the input of a request that was decoded.
    ///
    /// # Errors
    /// The answer to a request that no operation sees: a browser's question, one that can't be decoded, or one whose
    /// operation, or a member of its input, is not supported.
    pub fn read(request: &Request<'_>, decoded: &'d Result<Decoded<'_>, WireError>) -> Result<Self, Refusal> {
        if let Some(response) = encode::preflight(request) {
            return Err(Refusal::Preflight(response));
        }
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                let has_origin = encode::has_origin(request);
                return Err(Refusal::Wire { response: error.response.clone(), has_origin });
            }
        };
        Self::of(decoded).map_err(|error| Refusal::Error {
            protocol: decoded.protocol,
            has_origin: decoded.has_origin,
            error,
        })
    }

    fn of(decoded: &'d Decoded<'_>) -> Result<Self, Error> {
        let reading = Reading { members: decoded.input.members() };
        let operation = decoded.operation.name;
        Ok(Self {
            operation,
            protocol: decoded.protocol,
            has_origin: decoded.has_origin,
            account: decoded.account,
            region: Cow::Borrowed(&*decoded.region),
            input: match decoded.operation.service {
                Service::Kinesis => reading.kinesis(operation)?,
                Service::Firehose => firehose::read(operation, &reading.members)?,
            },
        })
    }
}

/// The members of an input while they are read.
#[derive(Clone, Copy, Debug)]
struct Reading<'d> {
    members: Members<'d>,
}

/// The members that name a stream.
const STREAM: [&str; 2] = ["StreamName", "StreamARN"];

impl<'d> Reading<'d> {
    fn kinesis(self, operation: &str) -> Result<Input<'d>, Error> {
        Ok(match operation {
            "AddTagsToStream" => Input::AddTagsToStream(self.add_tags_to_stream()?),
            "CreateStream" => Input::CreateStream(self.create_stream()?),
            "DecreaseStreamRetentionPeriod" => {
                Input::DecreaseStreamRetentionPeriod(self.decrease_stream_retention_period()?)
            }
            "DeleteResourcePolicy" => Input::DeleteResourcePolicy(self.delete_resource_policy()?),
            "DeleteStream" => Input::DeleteStream(self.delete_stream()?),
            "DescribeAccountSettings" => Input::DescribeAccountSettings,
            "DescribeLimits" => Input::DescribeLimits,
            "CreateChannel" => Input::CreateChannel(self.create_channel()?),
            "DeleteChannel" => Input::DeleteChannel(self.delete_channel()),
            "DescribeChannel" => Input::DescribeChannel(self.describe_channel()),
            "AcknowledgeDeadLetterQueueRecords" => {
                Input::AcknowledgeQueueRecords(Lane::Dead, self.acknowledge_queue_records())
            }
            "AcknowledgeQueueRecords" => {
                Input::AcknowledgeQueueRecords(Lane::Main, self.acknowledge_queue_records())
            }
            "CreateQueue" => Input::CreateQueue(self.create_queue()?),
            "DeleteQueue" => Input::DeleteQueue(self.delete_queue()),
            "DescribeQueue" => Input::DescribeQueue(self.describe_queue()),
            "DeregisterStreamConsumer" => Input::DeregisterStreamConsumer(self.deregister_stream_consumer()?),
            "DescribeStream" => Input::DescribeStream(self.describe_stream()?),
            "DescribeStreamConsumer" => Input::DescribeStreamConsumer(self.describe_stream_consumer()?),
            "DescribeStreamSummary" => Input::DescribeStreamSummary(self.describe_stream_summary()?),
            "DisableEnhancedMonitoring" => {
                Input::DisableEnhancedMonitoring(self.disable_enhanced_monitoring()?)
            }
            "EnableEnhancedMonitoring" => Input::EnableEnhancedMonitoring(self.enable_enhanced_monitoring()?),
            "GetRecords" => Input::GetRecords(self.get_records()?),
            "GetResourcePolicy" => Input::GetResourcePolicy(self.get_resource_policy()?),
            "GetShardIterator" => Input::GetShardIterator(self.get_shard_iterator()?),
            "IncreaseStreamRetentionPeriod" => {
                Input::IncreaseStreamRetentionPeriod(self.increase_stream_retention_period()?)
            }
            "ListChannels" => Input::ListChannels(self.list_channels()),
            "ListQueues" => Input::ListQueues(self.list_queues()),
            "ListShards" => Input::ListShards(self.list_shards()?),
            "ListStreamConsumers" => Input::ListStreamConsumers(self.list_stream_consumers()?),
            "ListStreams" => Input::ListStreams(self.list_streams()),
            "ListTagsForResource" => Input::ListTagsForResource(self.list_tags_for_resource()?),
            "ListTagsForStream" => Input::ListTagsForStream(self.list_tags_for_stream()?),
            "MergeShards" => Input::MergeShards(self.merge_shards()?),
            "PutRecord" => Input::PutRecord(self.put_record()?),
            "PutRecords" => Input::PutRecords(self.put_records()?),
            "PutResourcePolicy" => Input::PutResourcePolicy(self.put_resource_policy()?),
            "RemoveTagsFromStream" => Input::RemoveTagsFromStream(self.remove_tags_from_stream()?),
            "SplitShard" => Input::SplitShard(self.split_shard()?),
            "StartStreamEncryption" => Input::StartStreamEncryption(self.start_stream_encryption()?),
            "StopStreamEncryption" => Input::StopStreamEncryption(self.stop_stream_encryption()?),
            "UpdateAccountSettings" => Input::UpdateAccountSettings(self.update_account_settings()?),
            "UpdateMaxRecordSize" => Input::UpdateMaxRecordSize(self.update_max_record_size()?),
            "TagResource" => Input::TagResource(self.tag_resource()?),
            "UntagResource" => Input::UntagResource(self.untag_resource()?),
            "UpdateChannel" => Input::UpdateChannel(self.update_channel()?),
            "ReceiveDeadLetterQueueRecords" => {
                let (input, wait_ms) = self.receive_queue_records();
                Input::ReceiveQueueRecords(Lane::Dead, input, wait_ms)
            }
            "ReceiveQueueRecords" => {
                let (input, wait_ms) = self.receive_queue_records();
                Input::ReceiveQueueRecords(Lane::Main, input, wait_ms)
            }
            "RestoreDeadLetterQueueRecords" => {
                Input::RestoreDeadLetterQueueRecords(self.restore_dead_letter_queue_records())
            }
            "UpdateDeadLetterQueueRecordsVisibility" => {
                Input::UpdateQueueRecordsVisibility(Lane::Dead, self.update_queue_records_visibility())
            }
            "UpdateQueue" => Input::UpdateQueue(self.update_queue()?),
            "UpdateQueueRecordsVisibility" => {
                Input::UpdateQueueRecordsVisibility(Lane::Main, self.update_queue_records_visibility())
            }
            "RegisterStreamConsumer" => Input::RegisterStreamConsumer(self.register_stream_consumer()?),
            "SubscribeToShard" => Input::SubscribeToShard(self.subscribe_to_shard()?),
            "UpdateShardCount" => Input::UpdateShardCount(self.update_shard_count()?),
            "UpdateStreamMode" => Input::UpdateStreamMode(self.update_stream_mode()?),
            "UpdateStreamRecordDistributionStrategy" => Input::UpdateStreamRecordDistributionStrategy(
                self.update_stream_record_distribution_strategy()?,
            ),
            "UpdateStreamWarmThroughput" => {
                Input::UpdateStreamWarmThroughput(self.update_stream_warm_throughput()?)
            }
            _ => return Err(unsupported_operation(operation)),
        })
    }

    fn stream(self) -> StreamRef<'d> {
        StreamRef { name: self.members.str("StreamName"), arn: self.members.str("StreamARN") }
    }

    /// A member that the model requires.
    fn text(self, name: &str) -> &'d str {
        self.members.str(name).unwrap_or_default()
    }

    fn number(self, name: &str) -> Option<u32> {
        self.members.integer(name).and_then(|number| u32::try_from(number).ok())
    }

    fn is_dry_run(self) -> bool {
        self.members.bool("DryRun").unwrap_or(false)
    }

    /// Refuses members other than these and those that name a stream.
    fn honours(self, names: &[&str]) -> Result<(), Error> {
        let mut given = self.members.iter();
        match given.find(|(name, _)| !names.contains(name) && !STREAM.contains(name)) {
            Some((name, _)) => Err(unsupported(name)),
            None => Ok(()),
        }
    }
}

fn unsupported_operation(operation: &str) -> Error {
    Error::new(ErrorKind::UnknownOperation, format!("The operation {operation} is not supported yet."))
}

fn unsupported(member: &str) -> Error {
    Error::invalid_argument(format!("{member} is not supported yet; leave it out."))
}
