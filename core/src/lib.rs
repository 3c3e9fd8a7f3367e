//! Amazon Kinesis Data Streams and Amazon Data Firehose semantics as one deterministic engine.
//!
//! The engine does no I/O, reads no clock, draws no entropy, spawns nothing and logs nothing. Requests are bytes
//! in and bytes out, time is an argument, and the same inputs give the same outputs on every platform.
//!
//! # The run loop
//!
//! A host feeds an [`Engine`] with requests and with the time, and does what [`Engine::poll_output`] says:
//!
//! 1. Give a request to [`Engine::handle_request`]. Most are answered at once ([`Handled::Done`]).
//! 2. Take outputs from [`Engine::poll_output`] until it gives [`Output::Timeout`]: answers that were held back,
//!    work for the host, news.
//! 3. Call [`Engine::handle_timeout`] at the time that `Timeout` names, or simply with the next request: what was due
//!    in between happens first, at its own time.
//!
//! # Time
//!
//! `now` is the first argument of every call. A host with a real clock passes it; a test passes what it likes. Time
//! that runs backwards counts as the latest time seen.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod aggregate;
mod arn;
mod blob;
mod by_id;
mod channel;
mod checksum;
mod decimal;
mod engine;
mod error;
mod firehose;
mod hash;
mod json;
mod metrics;
mod objects;
mod queue;
mod quota;
mod quoted;
mod reader;
mod regions;
mod rng;
mod sequence;
mod serialize;
mod service;
mod shard;
mod shard_id;
mod snapshot;
mod stream;
mod time;
mod timers;
mod token;
mod unicode;
pub mod wire;

pub use aggregate::{
    Aggregate, AggregateError, Aggregator, BadMember, BadMemberReason, DEFAULT_MAX_BYTES, DeaggregateMode,
    Deaggregated, Entry, MAX_PARTITION_KEY_CHARS, MAX_RECORD_BYTES, NewRecord, UserRecord, deaggregate,
    deaggregate_batch, deaggregate_in,
};
pub use arn::AccountId;
pub use channel::{ChannelStatus, RecordFormatType};
pub use engine::{
    Action, Call, ClockKind, ConfigError, DropWhen, Effect, EffectError, EffectId, EffectResult, Engine,
    EngineConfig, Event, ExchangeId, Executed, Fault, FaultError, FaultUnit, Faults, Handled,
    ObjectStoreKind, Output, Ready, Refusal,
};
pub use error::{Error, ErrorKind};
pub use hash::{
    HashKey, HashKeyError, HashRange, NO_SHARD, ShardMap, ShardMapError, assign_shards, hash_keys,
};
pub use metrics::Metric;
pub use objects::{Body, Handling, Object, ObjectStore, StorageClass, StoreFull};
pub use queue::{QueueStart, QueueStatus};
pub use quota::Limits;
pub use reader::{BadRecord, ReadRecord, RecordReader};
pub use rng::{EntityRng, Seed};
pub use sequence::{SequenceNumber, SequenceNumberError};
pub use service::{
    AccountSettingsReply, AcknowledgeQueueRecords, AddTagsToStream, ChannelDescription,
    ChannelEncryptionConfiguration, ChannelEncryptionDescription, ChannelLoggingDescription,
    ChannelStreamConfiguration, ChannelStreamDescription, ChannelStreamFilter, ChannelStreamIdentifier,
    ChannelSummary, ChildShard, CloudWatchLogs, CloudWatchLogsDescription, CommitmentStatus,
    ConsumerDescription, ConsumerRef, ConsumerSummary, CreateChannel, CreateChannelReply, CreateQueue,
    CreateStream, DeadLetterConfiguration, DeadLetterQueueS3Configuration, DeadLetterQueueS3Description,
    DecreaseStreamRetentionPeriod, DeleteChannel, DeleteQueue, DeleteResourcePolicy, DeleteStream,
    DeregisterStreamConsumer, DescribeChannel, DescribeChannelReply, DescribeLimitsReply, DescribeQueue,
    DescribeStream, DescribeStreamConsumer, DescribeStreamConsumerReply, DescribeStreamReply,
    DescribeStreamSummary, DescribeStreamSummaryReply, DisableEnhancedMonitoring, Durations,
    EnableEnhancedMonitoring, EnhancedMetrics, EnhancedMonitoringReply, FailedQueueEntry, FailedRecord,
    GetRecords, GetRecordsReply, GetResourcePolicy, GetResourcePolicyReply, GetShardIterator,
    GetShardIteratorReply, HashKeyRange, IncreaseStreamRetentionPeriod, ListChannels, ListChannelsReply,
    ListQueues, ListQueuesReply, ListShards, ListShardsReply, ListStreamConsumers, ListStreamConsumersReply,
    ListStreams, ListStreamsReply, ListTagsForResource, ListTagsForResourceReply, ListTagsForStream,
    ListTagsForStreamReply, MergeShards, MinimumThroughputBillingCommitment, PlacedRecord, PutRecord,
    PutRecordReply, PutRecords, PutRecordsEntry, PutRecordsReply, PutRecordsResultEntry, PutResourcePolicy,
    QueueAttributes, QueueDescription, QueueEntriesReply, QueueRecord, QueueReply, QueueStartingPosition,
    QueueStream, QueueStreamConfiguration, QueueStreamDescription, QueueStreamFilter, QueueSummary,
    ReceiveQueueRecords, ReceiveQueueRecordsReply, Record, RecordConfiguration, RegisterStreamConsumer,
    RegisterStreamConsumerReply, RemoveTagsFromStream, RestoreDeadLetterQueueRecords, S3CompressionType,
    S3DestinationConfiguration, S3DestinationDescription, S3StorageConfiguration, S3StorageDescription,
    SequenceNumberRange, ShardDescription, ShardFilter, ShardIteratorType, SplitShard, StartStreamEncryption,
    StartingPosition, StopStreamEncryption, StreamDescription, StreamDescriptionSummary, StreamModeDetails,
    StreamRef, StreamSummary, SubscribeToShard, SubscribeToShardEvent, SuccessfulQueueEntry, Tag,
    TagResource, UntagResource, UpdateAccountSettings, UpdateChannel, UpdateChannelReply,
    UpdateMaxRecordSize, UpdateQueue, UpdateQueueRecordsVisibility, UpdateShardCount, UpdateShardCountReply,
    UpdateStreamMode, UpdateStreamRecordDistributionStrategy, UpdateStreamWarmThroughput,
    UpdateStreamWarmThroughputReply, VisibilityEntry, WarmThroughput,
};
pub use shard_id::ShardId;
pub use snapshot::SnapshotError;
pub use stream::{
    ConsumerStatus, EncryptionType, RecordDistributionStrategy, ShardLevelMetric, ShardLevelMetrics,
    StreamMode, StreamStatus,
};
pub use time::{CivilTime, Timestamp};
pub use wire::{Request, Response, WireConfig};

/// The examples of the README files, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../README.md")]
struct ReadmeExamples;
