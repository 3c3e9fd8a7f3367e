//! Which part of the engine carries out which operation.

use super::Engine;
use super::call::{Call, Input, Reply};
use crate::error::Error;

impl Engine {
    /// Carries out a call that is answered at once.
    pub(super) fn dispatch(&mut self, call: &Call<'_>) -> Result<Reply, Error> {
        let (account, region) = (call.account, &*call.region);
        let mut cx = self.settings.context(self.now, account, region, &mut self.timers);
        let streams = &mut self.streams;
        Ok(match &call.input {
            Input::CreateStream(input) => {
                streams.create_stream(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DecreaseStreamRetentionPeriod(input) => {
                streams.decrease_stream_retention_period(&cx, input)?;
                Reply::Nothing
            }
            Input::DeleteStream(input) => {
                streams.delete_stream(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DescribeAccountSettings => Reply::AccountSettings(streams.describe_account_settings(&cx)),
            Input::DescribeLimits => Reply::DescribeLimits(streams.describe_limits(&cx)),
            Input::DescribeStream(input) => Reply::DescribeStream(streams.describe_stream(&cx, input)?),
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
            Input::GetShardIterator(input) => {
                Reply::GetShardIterator(streams.get_shard_iterator(&cx, input)?)
            }
            Input::IncreaseStreamRetentionPeriod(input) => {
                streams.increase_stream_retention_period(&cx, input)?;
                Reply::Nothing
            }
            Input::ListShards(input) => Reply::ListShards(streams.list_shards(&cx, input)?),
            Input::ListStreams(input) => Reply::ListStreams(streams.list_streams(&cx, input)?),
            Input::MergeShards(input) => {
                streams.merge_shards(&mut cx, input)?;
                Reply::Nothing
            }
            Input::PutRecord(input) => {
                let (placed, stream) = streams.put_record(&cx, input)?;
                self.wake_readers(stream);
                Reply::PutRecord(placed)
            }
            Input::PutRecords(input) => {
                let (reply, stream) = streams.put_records(&cx, input)?;
                self.wake_readers(stream);
                Reply::PutRecords(reply)
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
            Input::UpdateAccountSettings(input) => {
                Reply::AccountSettings(streams.update_account_settings(&cx, input))
            }
            Input::UpdateMaxRecordSize(input) => {
                streams.update_max_record_size(&cx, input)?;
                Reply::Nothing
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
                Reply::DeleteDeliveryStream(
                    self.with_deliveries(account, region, |streams, now| streams.delete(now, input))?,
                )
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
