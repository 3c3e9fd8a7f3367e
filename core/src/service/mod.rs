//! The operations of Kinesis Data Streams on the streams of all accounts and regions.
//!
//! Each operation takes a typed input that the wire has validated against the service model, checks what the model
//! does not say, and changes or reads the streams. Inputs and replies have the members of the service model, in
//! snake case.

mod account;
mod capacity;
mod channels;
mod consumers;
mod directory;
mod encryption;
mod manage;
mod page;
mod policy;
mod put;
mod queue_records;
mod queues;
mod read;
mod resources;
mod settings;
mod shards;
mod sources;
mod streams;
mod subscribe;
mod tags;

pub use self::account::{
    AccountSettingsReply, CommitmentStatus, DescribeLimitsReply, MinimumThroughputBillingCommitment,
    UpdateAccountSettings,
};
pub use self::capacity::{
    UpdateStreamMode, UpdateStreamWarmThroughput, UpdateStreamWarmThroughputReply, WarmThroughput,
};
pub(crate) use self::channels::Channels;
pub use self::channels::{
    ChannelDescription, ChannelEncryptionConfiguration, ChannelEncryptionDescription,
    ChannelLoggingDescription, ChannelStreamConfiguration, ChannelStreamDescription, ChannelStreamFilter,
    ChannelStreamIdentifier, ChannelSummary, CloudWatchLogs, CloudWatchLogsDescription, CreateChannel,
    CreateChannelReply, DeadLetterQueueS3Configuration, DeadLetterQueueS3Description, DeleteChannel,
    DescribeChannel, DescribeChannelReply, ListChannels, ListChannelsReply, RecordConfiguration,
    S3CompressionType, S3DestinationConfiguration, S3DestinationDescription, S3StorageConfiguration,
    S3StorageDescription, UpdateChannel, UpdateChannelReply,
};
pub use self::consumers::{
    ConsumerDescription, ConsumerRef, ConsumerSummary, DeregisterStreamConsumer, DescribeStreamConsumer,
    DescribeStreamConsumerReply, ListStreamConsumers, ListStreamConsumersReply, RegisterStreamConsumer,
    RegisterStreamConsumerReply,
};
pub use self::encryption::{StartStreamEncryption, StopStreamEncryption};
pub use self::manage::{
    CreateStream, DeleteStream, DescribeStream, DescribeStreamReply, DescribeStreamSummary,
    DescribeStreamSummaryReply, EnhancedMetrics, ListStreams, ListStreamsReply, StreamDescription,
    StreamDescriptionSummary, StreamModeDetails, StreamSummary,
};
pub use self::policy::{DeleteResourcePolicy, GetResourcePolicy, GetResourcePolicyReply, PutResourcePolicy};
pub(crate) use self::put::Verdict;
pub use self::put::{
    FailedRecord, PlacedRecord, PutRecord, PutRecordReply, PutRecords, PutRecordsEntry, PutRecordsReply,
    PutRecordsResultEntry,
};
pub use self::queue_records::{
    AcknowledgeQueueRecords, FailedQueueEntry, QueueEntriesReply, QueueRecord, ReceiveQueueRecords,
    ReceiveQueueRecordsReply, RestoreDeadLetterQueueRecords, SuccessfulQueueEntry,
    UpdateQueueRecordsVisibility, VisibilityEntry,
};
pub(crate) use self::queues::Queues;
pub use self::queues::{
    CreateQueue, DeadLetterConfiguration, DeleteQueue, DescribeQueue, ListQueues, ListQueuesReply,
    QueueAttributes, QueueDescription, QueueReply, QueueStartingPosition, QueueStream,
    QueueStreamConfiguration, QueueStreamDescription, QueueStreamFilter, QueueSummary, UpdateQueue,
};
pub use self::read::{
    ChildShard, GetRecords, GetRecordsReply, GetShardIterator, GetShardIteratorReply, Record,
    ShardIteratorType, StartingPosition,
};
pub(crate) use self::read::{GotRecords, MAX_BYTES, MAX_RECORDS};
pub(crate) use self::resources::Target;
pub use self::settings::{
    DecreaseStreamRetentionPeriod, DisableEnhancedMonitoring, EnableEnhancedMonitoring,
    EnhancedMonitoringReply, IncreaseStreamRetentionPeriod, UpdateMaxRecordSize,
    UpdateStreamRecordDistributionStrategy,
};
pub use self::shards::{
    HashKeyRange, ListShards, ListShardsReply, MergeShards, SequenceNumberRange, ShardDescription,
    ShardFilter, SplitShard, UpdateShardCount, UpdateShardCountReply,
};
pub(crate) use self::streams::Streams;
pub(crate) use self::subscribe::{Piece, Subscription};
pub use self::subscribe::{SubscribeToShard, SubscribeToShardEvent};
pub use self::tags::{
    AddTagsToStream, ListTagsForResource, ListTagsForResourceReply, ListTagsForStream,
    ListTagsForStreamReply, RemoveTagsFromStream, Tag, TagResource, UntagResource,
};

use alloc::string::String;

use crate::arn::{AccountId, parse_stream_arn};
use crate::error::{Error, ErrorKind};
use crate::json::{FromJson, Json, Members};
use crate::quota::Limits;
use crate::rng::Seed;
use crate::snapshot::Persist;
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};
use crate::token::TokenSealer;

/// Which stream a request is about: its name in the caller's account and region, or its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamRef<'a> {
    /// The stream's name.
    pub name: Option<&'a str>,
    /// The stream's ARN; it decides account and region.
    pub arn: Option<&'a str>,
}

impl<'a> StreamRef<'a> {
    /// The stream called `name`.
    pub const fn named(name: &'a str) -> Self {
        Self { name: Some(name), arn: None }
    }

    /// The name, from the ARN if need be.
    pub(crate) fn any_name(self) -> Option<&'a str> {
        self.name.or_else(|| parse_stream_arn(self.arn?).map(|(_, _, name)| name))
    }

    /// The stream with this ARN.
    pub const fn with_arn(arn: &'a str) -> Self {
        Self { name: None, arn: Some(arn) }
    }
}

/// How long the transitional states last, in milliseconds. 0, the default, means that a state is over at the
/// moment it starts: the next call finds the resource ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub struct Durations {
    /// CREATING of a stream.
    pub create_stream: u64,
    /// DELETING of a stream.
    pub delete_stream: u64,
    /// UPDATING of a stream whose shards, capacity mode or encryption change.
    pub update_stream: u64,
    /// CREATING of a queue.
    pub create_queue: u64,
    /// DELETING of a queue.
    pub delete_queue: u64,
    /// UPDATING of a queue.
    pub update_queue: u64,
    /// CREATING of a stream's consumer.
    pub create_consumer: u64,
    /// DELETING of a stream's consumer.
    pub delete_consumer: u64,
    /// CREATING of a delivery stream.
    pub create_delivery_stream: u64,
    /// DELETING of a delivery stream.
    pub delete_delivery_stream: u64,
    /// CREATING of a channel.
    pub create_channel: u64,
    /// UPDATING of a channel.
    pub update_channel: u64,
    /// DELETING of a channel.
    pub delete_channel: u64,
}

impl FromJson for Durations {
    fn from_json(json: Json) -> Result<Self, String> {
        let mut durations = Self::default();
        let mut members = Members::of(json);
        members.read("createStream", &mut durations.create_stream);
        members.read("deleteStream", &mut durations.delete_stream);
        members.read("updateStream", &mut durations.update_stream);
        members.read("createQueue", &mut durations.create_queue);
        members.read("deleteQueue", &mut durations.delete_queue);
        members.read("updateQueue", &mut durations.update_queue);
        members.read("createConsumer", &mut durations.create_consumer);
        members.read("deleteConsumer", &mut durations.delete_consumer);
        members.read("createDeliveryStream", &mut durations.create_delivery_stream);
        members.read("deleteDeliveryStream", &mut durations.delete_delivery_stream);
        members.read("createChannel", &mut durations.create_channel);
        members.read("updateChannel", &mut durations.update_channel);
        members.read("deleteChannel", &mut durations.delete_channel);
        members.finish().map(|()| durations)
    }
}

/// What an operation knows beside its input: when, for whom, and the engine's settings.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    pub(crate) now: Timestamp,
    pub(crate) account: AccountId,
    pub(crate) region: &'c str,
    pub(crate) durations: Durations,
    pub(crate) shard_limit: u32,
    pub(crate) on_demand_stream_limit: u32,
    pub(crate) limits: &'c Limits,
    /// How much later than the call its answer is given.
    pub(crate) latency_ms: u64,
    pub(crate) seed: Seed,
    pub(crate) sealer: TokenSealer,
    pub(crate) timers: &'c mut TimerQueue<Timer>,
    /// The names of the operations of Kinesis Data Streams, by number.
    pub(crate) operation: fn(usize) -> Option<&'static str>,
}

/// A dry run ends here: all checks passed, and nothing is done.
fn stop_if_dry_run(dry_run: bool) -> Result<(), Error> {
    if dry_run {
        let message = "Request would have succeeded, but the DryRun flag is set.";
        return Err(Error::new(ErrorKind::DryRunOperation, message));
    }
    Ok(())
}
