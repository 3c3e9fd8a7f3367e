//! Which part of the engine carries out which operation.

use super::Engine;
use super::call::{Call, Input, Reply};
use crate::error::Error;

impl Engine {
    /// Carries out a call.
    pub(super) fn dispatch(&mut self, call: &Call<'_>) -> Result<Reply, Error> {
        let (account, region) = (call.account, &*call.region);
        let mut cx = self.settings.context(self.now, account, region, &mut self.timers);
        let streams = &mut self.streams;
        Ok(match &call.input {
            Input::CreateStream(input) => {
                streams.create_stream(&mut cx, input)?;
                Reply::Nothing
            }
            Input::DeleteStream(input) => {
                streams.delete_stream(&mut cx, input)?;
                Reply::Nothing
            }
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
            Input::GetRecords(input) => Reply::GetRecords(streams.get_records(&cx, input)?),
            Input::GetShardIterator(input) => {
                Reply::GetShardIterator(streams.get_shard_iterator(&cx, input)?)
            }
            Input::ListShards(input) => Reply::ListShards(streams.list_shards(&cx, input)?),
            Input::ListStreamConsumers(input) => {
                Reply::ListStreamConsumers(streams.list_stream_consumers(&cx, input)?)
            }
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
            Input::RegisterStreamConsumer(input) => {
                Reply::RegisterStreamConsumer(streams.register_stream_consumer(&mut cx, input)?)
            }
            Input::SplitShard(input) => {
                streams.split_shard(&mut cx, input)?;
                Reply::Nothing
            }
            Input::SubscribeToShard(input) => {
                Reply::Subscribed(self.open_subscription((account, region), call.protocol, input)?)
            }
            Input::UpdateShardCount(input) => {
                Reply::UpdateShardCount(streams.update_shard_count(&mut cx, input)?)
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
