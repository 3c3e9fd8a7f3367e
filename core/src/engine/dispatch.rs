//! Which part of the engine carries out which operation.

use super::Engine;
use super::call::{Call, Input, Reply};
use crate::error::Error;
use crate::service::Verdict;
use crate::stream::Stream;

impl Engine {
    /// Carries out a call.
    pub(super) fn dispatch(&mut self, call: &Call<'_>, latency_ms: u64) -> Result<Reply, Error> {
        let (account, region) = (call.account, &*call.region);
        let mut cx = self.settings.context(self.now, account, region, &mut self.timers);
        cx.latency_ms = latency_ms;
        let (streams, queues) = (&mut self.streams, &mut self.queues);
        streams.count_call(&cx, &mut self.calls, call.operation, call.input.subject().target)?;
        if streams.has_policies() || matches!(call.input, Input::PutResourcePolicy(_)) {
            streams.check_access(&cx, call.operation, call.input.subject().target)?;
        }
        Ok(match &call.input {
            Input::AddTagsToStream(input) => {
                streams.add_tags_to_stream(&cx, input)?;
                Reply::Nothing
            }
            Input::CreateChannel(input) => Reply::Channel(streams.create_channel(&mut cx, input)?),
            Input::AcknowledgeQueueRecords(lane, input) => {
                Reply::QueueEntries(queues.acknowledge(streams, &mut cx, *lane, input)?)
            }
            Input::CreateQueue(input) => Reply::Queue(queues.create_queue(streams, &mut cx, input)?),
            Input::CreateStream(input) => {
                streams.create_stream(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DecreaseStreamRetentionPeriod(input) => {
                streams.decrease_stream_retention_period(&cx, input)?;
                Reply::Nothing
            }
            Input::DeleteResourcePolicy(input) => {
                streams.delete_resource_policy(&cx, input)?;
                Reply::Nothing
            }
            Input::DeleteChannel(input) => {
                streams.delete_channel(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DeleteQueue(input) => {
                let queue = queues.delete_queue(&mut cx, input)?;
                self.serve_receivers(queue, self.now);
                Reply::Nothing
            }
            Input::DeleteStream(input) => {
                streams.delete_stream(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DescribeAccountSettings => Reply::AccountSettings(streams.describe_account_settings(&cx)),
            Input::DescribeLimits => Reply::DescribeLimits(streams.describe_limits(&cx)),
            Input::DescribeChannel(input) => Reply::Channel(streams.describe_channel(&cx, input)?),
            Input::DescribeQueue(input) => Reply::Queue(queues.describe_queue(streams, input)?),
            Input::DeregisterStreamConsumer(input) => {
                streams.deregister_stream_consumer(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DescribeStream(input) => Reply::DescribeStream(streams.describe_stream(&cx, input)?),
            Input::DescribeStreamConsumer(input) => {
                Reply::DescribeStreamConsumer(streams.describe_stream_consumer(&cx, input)?)
            }
            Input::DescribeStreamSummary(input) => {
                Reply::DescribeStreamSummary(streams.describe_stream_summary(&cx, input)?)
            }
            Input::DisableEnhancedMonitoring(input) => {
                Reply::EnhancedMonitoring(streams.disable_enhanced_monitoring(&cx, input)?)
            }
            Input::EnableEnhancedMonitoring(input) => {
                Reply::EnhancedMonitoring(streams.enable_enhanced_monitoring(&cx, input)?)
            }
            Input::GetRecords(input) => Reply::GetRecords(streams.get_records(&cx, input)?),
            Input::GetResourcePolicy(input) => {
                Reply::GetResourcePolicy(streams.get_resource_policy(&cx, input)?)
            }
            Input::GetShardIterator(input) => {
                Reply::GetShardIterator(streams.get_shard_iterator(&cx, input)?)
            }
            Input::IncreaseStreamRetentionPeriod(input) => {
                streams.increase_stream_retention_period(&cx, input)?;
                Reply::Nothing
            }
            Input::ListChannels(input) => Reply::ListChannels(streams.list_channels(&cx, input)?),
            Input::ListQueues(input) => Reply::ListQueues(queues.list_queues(streams, &cx, input)?),
            Input::ListShards(input) => Reply::ListShards(streams.list_shards(&cx, input)?),
            Input::ListStreamConsumers(input) => {
                Reply::ListStreamConsumers(streams.list_stream_consumers(&cx, input)?)
            }
            Input::ListStreams(input) => Reply::ListStreams(streams.list_streams(&cx, input)?),
            Input::ListTagsForResource(input) => {
                Reply::ListTagsForResource(streams.list_tags_for_resource(&cx, input)?)
            }
            Input::ListTagsForStream(input) => {
                Reply::ListTagsForStream(streams.list_tags_for_stream(&cx, input)?)
            }
            Input::MergeShards(input) => {
                streams.merge_shards(&mut cx, input)?;
                Reply::Nothing
            }
            Input::PutRecord(input) => {
                let (placed, stream) = streams.put_record(&cx, input, None)?;
                self.wake_readers(stream);
                Reply::PutRecord(placed)
            }
            Input::PutRecords(input) => {
                let (faults, name) = (&mut self.faults, input.stream.any_name());
                let strikes = faults.strike_records(name);
                let mut strike = |_: &mut Stream, shard, _| faults.strike_record(name, shard);
                let verdict = strikes.then_some(&mut strike as Verdict<'_>);
                let (reply, stream) = streams.put_records(&cx, input, verdict)?;
                if reply.failed_record_count < reply.records.len() {
                    self.wake_readers(stream);
                }
                Reply::PutRecords(reply)
            }
            Input::PutResourcePolicy(input) => {
                streams.put_resource_policy(&cx, input)?;
                Reply::Nothing
            }
            Input::RemoveTagsFromStream(input) => {
                streams.remove_tags_from_stream(&cx, input)?;
                Reply::Nothing
            }
            Input::ReceiveQueueRecords(lane, input, _) => {
                Reply::ReceiveQueueRecords(queues.receive(streams, &mut cx, *lane, input)?)
            }
            Input::RestoreDeadLetterQueueRecords(input) => {
                Reply::QueueEntries(queues.restore(streams, &mut cx, input)?)
            }
            Input::RegisterStreamConsumer(input) => {
                Reply::RegisterStreamConsumer(streams.register_stream_consumer(&mut cx, input)?)
            }
            Input::SplitShard(input) => {
                streams.split_shard(&mut cx, input)?;
                Reply::Nothing
            }
            Input::StartStreamEncryption(input) => {
                streams.start_stream_encryption(&mut cx, input)?;
                Reply::Nothing
            }
            Input::StopStreamEncryption(input) => {
                streams.stop_stream_encryption(&mut cx, input)?;
                Reply::Nothing
            }
            Input::TagResource(input) => {
                streams.tag_resource(&cx, input)?;
                Reply::Nothing
            }
            Input::UntagResource(input) => {
                streams.untag_resource(&cx, input)?;
                Reply::Nothing
            }
            Input::UpdateAccountSettings(input) => {
                Reply::AccountSettings(streams.update_account_settings(&cx, input))
            }
            Input::UpdateMaxRecordSize(input) => {
                streams.update_max_record_size(&cx, input)?;
                Reply::Nothing
            }
            Input::UpdateChannel(input) => Reply::Channel(streams.update_channel(&mut cx, input)?),
            Input::UpdateQueue(input) => Reply::Queue(queues.update_queue(streams, &mut cx, input)?),
            Input::UpdateQueueRecordsVisibility(lane, input) => {
                Reply::QueueEntries(queues.update_visibility(streams, &mut cx, *lane, input)?)
            }
            Input::SubscribeToShard(input) => {
                Reply::Subscribed(self.open_subscription((account, region), call.protocol, input)?)
            }
            Input::UpdateShardCount(input) => {
                Reply::UpdateShardCount(streams.update_shard_count(&mut cx, input)?)
            }
            Input::UpdateStreamMode(input) => {
                streams.update_stream_mode(&mut cx, input)?;
                Reply::Nothing
            }
            Input::UpdateStreamRecordDistributionStrategy(input) => {
                streams.update_stream_record_distribution_strategy(&cx, input)?;
                Reply::Nothing
            }
            Input::UpdateStreamWarmThroughput(input) => {
                Reply::UpdateStreamWarmThroughput(streams.update_stream_warm_throughput(&mut cx, input)?)
            }
            Input::CreateDeliveryStream(input) => {
                Reply::CreateDeliveryStream(self.create_delivery_stream(account, region, input)?)
            }
            Input::DeleteDeliveryStream(input) => {
                Reply::DeleteDeliveryStream(self.delete_delivery_stream(account, region, input)?)
            }
            Input::DescribeDeliveryStream(input) => {
                Reply::DescribeDeliveryStream(
                    self.with_deliveries(account, region, |streams, now| streams.describe(now, input))?,
                )
            }
            Input::ListDeliveryStreams(input) => {
                Reply::ListDeliveryStreams(
                    self.with_deliveries(account, region, |streams, now| streams.list(now, input)),
                )
            }
            Input::PutDeliveryRecord(input) => {
                Reply::PutDeliveryRecord(
                    self.with_deliveries(account, region, |streams, now| streams.put_record(now, input))?,
                )
            }
            Input::PutDeliveryRecordBatch(input) => Reply::PutDeliveryRecordBatch(self.with_deliveries(
                account,
                region,
                |streams, now| streams.put_record_batch(now, input),
            )?),
        })
    }
}
