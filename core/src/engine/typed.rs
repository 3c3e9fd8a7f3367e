//! The operations as typed calls, for Rust programs that need no wire in between. They act for the engine's default
//! account and region unless an ARN says otherwise. It is the host who calls: no fault strikes, and no policy refuses;
//! quotas count them like any call.

use alloc::vec::Vec;

use super::Engine;
use super::call::Input;
use crate::error::Error;
use crate::metrics::Metric;
use crate::service::{
    AccountSettingsReply, AddTagsToStream, CreateChannel, CreateChannelReply, CreateStream,
    DecreaseStreamRetentionPeriod, DeleteChannel, DeleteResourcePolicy, DeleteStream,
    DeregisterStreamConsumer, DescribeChannel, DescribeChannelReply, DescribeLimitsReply, DescribeStream,
    DescribeStreamConsumer, DescribeStreamConsumerReply, DescribeStreamReply, DescribeStreamSummary,
    DescribeStreamSummaryReply, DisableEnhancedMonitoring, EnableEnhancedMonitoring, EnhancedMonitoringReply,
    GetRecords, GetRecordsReply, GetResourcePolicy, GetResourcePolicyReply, GetShardIterator,
    GetShardIteratorReply, IncreaseStreamRetentionPeriod, ListChannels, ListChannelsReply, ListShards,
    ListShardsReply, ListStreamConsumers, ListStreamConsumersReply, ListStreams, ListStreamsReply,
    ListTagsForResource, ListTagsForResourceReply, ListTagsForStream, ListTagsForStreamReply, MergeShards,
    PutRecord, PutRecordReply, PutRecords, PutRecordsReply, PutResourcePolicy, RegisterStreamConsumer,
    RegisterStreamConsumerReply, RemoveTagsFromStream, SplitShard, StartStreamEncryption,
    StopStreamEncryption, StreamRef, TagResource, UntagResource, UpdateAccountSettings, UpdateChannel,
    UpdateChannelReply, UpdateMaxRecordSize, UpdateShardCount, UpdateShardCountReply, UpdateStreamMode,
    UpdateStreamRecordDistributionStrategy, UpdateStreamWarmThroughput, UpdateStreamWarmThroughputReply,
};
use crate::stream::Stream;
use crate::time::Timestamp;

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $method:ident($input:ident) -> $reply:ty;)+) => {
        impl Engine {
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Those that the service's API reference lists for the operation.
                pub fn $method(&mut self, now: Timestamp, input: &$input<'_>) -> Result<$reply, Error> {
                    self.advance(now);
                    let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
                    let mut cx = self.settings.context(self.now, account, region, &mut self.timers);
                    let named = Input::$input(input.clone());
                    let (operation, target) = (stringify!($input), named.subject().target);
                    self.streams.count_call(&cx, &mut self.calls, operation, target)?;
                    let reply = self.streams.$method(&mut cx, input)?;
                    self.run_timers();
                    Ok(reply.into())
                }
            )+
        }
    };
}

operations! {
    /// Adds tags to a stream, or gives tags that it has other values.
    add_tags_to_stream(AddTagsToStream) -> ();
    /// Makes a stream, which is CREATING and then ACTIVE.
    create_stream(CreateStream) -> ();
    /// Keeps records for less long.
    decrease_stream_retention_period(DecreaseStreamRetentionPeriod) -> ();
    /// Takes the policy off a resource.
    delete_resource_policy(DeleteResourcePolicy) -> ();
    /// Makes a channel, which is CREATING and then ACTIVE, from an on-demand stream to a general purpose bucket.
    create_channel(CreateChannel) -> CreateChannelReply;
    /// Deletes a channel. What it has not delivered is not delivered.
    delete_channel(DeleteChannel) -> ();
    /// Deletes a stream with all its records.
    delete_stream(DeleteStream) -> ();
    /// Describes a channel.
    describe_channel(DescribeChannel) -> DescribeChannelReply;
    /// Takes a consumer from its stream. Its subscriptions end.
    deregister_stream_consumer(DeregisterStreamConsumer) -> ();
    /// Describes a stream and its shards.
    describe_stream(DescribeStream) -> DescribeStreamReply;
    /// Describes a consumer of a stream.
    describe_stream_consumer(DescribeStreamConsumer) -> DescribeStreamConsumerReply;
    /// Describes a stream without its shards.
    describe_stream_summary(DescribeStreamSummary) -> DescribeStreamSummaryReply;
    /// Switches shard-level metrics off.
    disable_enhanced_monitoring(DisableEnhancedMonitoring) -> EnhancedMonitoringReply;
    /// Switches shard-level metrics on.
    enable_enhanced_monitoring(EnableEnhancedMonitoring) -> EnhancedMonitoringReply;
    /// Reads records from a position on.
    get_records(GetRecords) -> GetRecordsReply;
    /// Shows the policy of a resource.
    get_resource_policy(GetResourcePolicy) -> GetResourcePolicyReply;
    /// Gives a position in a shard.
    get_shard_iterator(GetShardIterator) -> GetShardIteratorReply;
    /// Keeps records for longer.
    increase_stream_retention_period(IncreaseStreamRetentionPeriod) -> ();
    /// Lists the channels in order of their names.
    list_channels(ListChannels) -> ListChannelsReply;
    /// Lists the shards of a stream, a page at a time.
    list_shards(ListShards) -> ListShardsReply;
    /// Lists the consumers of a stream in order of their names.
    list_stream_consumers(ListStreamConsumers) -> ListStreamConsumersReply;
    /// Lists the streams in order of their names.
    list_streams(ListStreams) -> ListStreamsReply;
    /// Lists all tags of a resource in order of their keys.
    list_tags_for_resource(ListTagsForResource) -> ListTagsForResourceReply;
    /// Lists the tags of a stream in order of their keys.
    list_tags_for_stream(ListTagsForStream) -> ListTagsForStreamReply;
    /// Merges two open shards whose ranges are next to each other.
    merge_shards(MergeShards) -> ();
    /// Says who may use a resource.
    put_resource_policy(PutResourcePolicy) -> ();
    /// Takes tags off a stream.
    remove_tags_from_stream(RemoveTagsFromStream) -> ();
    /// Registers a consumer with a stream: it is CREATING and then ACTIVE.
    register_stream_consumer(RegisterStreamConsumer) -> RegisterStreamConsumerReply;
    /// Splits an open shard in two at a hash key.
    split_shard(SplitShard) -> ();
    /// Encrypts records from the end of UPDATING on.
    start_stream_encryption(StartStreamEncryption) -> ();
    /// Encrypts no more records from the end of UPDATING on.
    stop_stream_encryption(StopStreamEncryption) -> ();
    /// Changes how large a record may be.
    update_max_record_size(UpdateMaxRecordSize) -> ();
    /// Adds tags to a resource, or gives tags that it has other values.
    tag_resource(TagResource) -> ();
    /// Takes tags off a resource.
    untag_resource(UntagResource) -> ();
    /// Changes the data freshness or the logging of a channel.
    update_channel(UpdateChannel) -> UpdateChannelReply;
    /// Changes the number of open shards to equal ranges.
    update_shard_count(UpdateShardCount) -> UpdateShardCountReply;
    /// Changes the capacity mode of a stream.
    update_stream_mode(UpdateStreamMode) -> ();
    /// Changes how an on-demand stream decides which shard takes a record.
    update_stream_record_distribution_strategy(UpdateStreamRecordDistributionStrategy) -> ();
    /// Scales an on-demand stream to a write throughput.
    update_stream_warm_throughput(UpdateStreamWarmThroughput) -> UpdateStreamWarmThroughputReply;
}

impl Engine {
    /// What the account's settings are.
    pub fn describe_account_settings(&mut self, now: Timestamp) -> AccountSettingsReply {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        self.streams.describe_account_settings(&cx)
    }

    /// What the account may have, and what it has.
    pub fn describe_limits(&mut self, now: Timestamp) -> DescribeLimitsReply {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        self.streams.describe_limits(&cx)
    }

    /// Changes the account's settings.
    pub fn update_account_settings(
        &mut self,
        now: Timestamp,
        input: &UpdateAccountSettings,
    ) -> AccountSettingsReply {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        self.streams.update_account_settings(&cx, input)
    }

    /// What a stream was used for, by the names of the service's metrics: those of the stream, and those of its shards
    /// as far as enhanced monitoring is switched on. The stream is given by name, or by ARN if it is not of the default
    /// account and region.
    ///
    /// # Errors
    /// When there is no such stream.
    pub fn metrics(&mut self, now: Timestamp, stream: &str) -> Result<Vec<Metric>, Error> {
        self.advance(now);
        let now = self.now;
        Ok(self.find_stream(stream)?.metrics(now))
    }

    /// Puts one record.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn put_record(&mut self, now: Timestamp, input: &PutRecord<'_>) -> Result<PutRecordReply, Error> {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        let (placed, stream) = self.streams.put_record(&cx, input, None)?;
        self.wake_readers(stream);
        self.run_timers();
        Ok(placed)
    }

    /// Puts up to 500 records.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn put_records(&mut self, now: Timestamp, input: &PutRecords<'_>) -> Result<PutRecordsReply, Error> {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        let (reply, stream) = self.streams.put_records(&cx, input, None)?;
        self.wake_readers(stream);
        self.run_timers();
        Ok(reply)
    }

    /// The stream that is called so, or has this ARN.
    pub(crate) fn find_stream(&mut self, stream: &str) -> Result<&Stream, Error> {
        let stream =
            if stream.starts_with("arn:") { StreamRef::with_arn(stream) } else { StreamRef::named(stream) };
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        self.streams.resolve(&cx, stream)
    }
}
