//! The operations of Kinesis Data Streams on the streams of all accounts and regions.
//!
//! Each operation takes a typed input that the wire has validated against the service model, checks what the model
//! does not say, and changes or reads the streams. Inputs and replies have the members of the service model, in
//! snake case.

mod consumers;
mod manage;
mod page;
mod put;
mod read;
mod shards;
mod streams;
mod subscribe;

pub use self::consumers::{
    ConsumerDescription, ConsumerRef, ConsumerSummary, DeregisterStreamConsumer, DescribeStreamConsumer,
    DescribeStreamConsumerReply, ListStreamConsumers, ListStreamConsumersReply, RegisterStreamConsumer,
    RegisterStreamConsumerReply,
};
pub use self::manage::{
    CreateStream, DeleteStream, DescribeStream, DescribeStreamReply, DescribeStreamSummary,
    DescribeStreamSummaryReply, EnhancedMetrics, ListStreams, ListStreamsReply, StreamDescription,
    StreamDescriptionSummary, StreamModeDetails, StreamSummary,
};
pub use self::put::{PlacedRecord, PutRecord, PutRecordReply, PutRecords, PutRecordsEntry, PutRecordsReply};
pub use self::read::{
    ChildShard, GetRecords, GetRecordsReply, GetShardIterator, GetShardIteratorReply, Record,
    ShardIteratorType, StartingPosition,
};
pub use self::shards::{
    HashKeyRange, ListShards, ListShardsReply, MergeShards, SequenceNumberRange, ShardDescription,
    ShardFilter, SplitShard, UpdateShardCount, UpdateShardCountReply,
};
pub(crate) use self::streams::Streams;
pub(crate) use self::subscribe::{Piece, Subscription};
pub use self::subscribe::{SubscribeToShard, SubscribeToShardEvent};

use crate::arn::{AccountId, parse_stream_arn};
use crate::error::{Error, ErrorKind};
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Durations {
    /// CREATING of a stream.
    pub create_stream: u64,
    /// DELETING of a stream.
    pub delete_stream: u64,
    /// UPDATING of a stream whose shards are split, merged or counted anew.
    pub update_stream: u64,
    /// CREATING of a stream's consumer.
    pub create_consumer: u64,
    /// DELETING of a stream's consumer.
    pub delete_consumer: u64,
    /// CREATING of a delivery stream.
    pub create_delivery_stream: u64,
    /// DELETING of a delivery stream.
    pub delete_delivery_stream: u64,
}

/// What an operation knows beside its input: when, for whom, and the engine's settings.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    pub(crate) now: Timestamp,
    pub(crate) account: AccountId,
    pub(crate) region: &'c str,
    pub(crate) durations: Durations,
    pub(crate) shard_limit: u32,
    pub(crate) sealer: TokenSealer,
    pub(crate) timers: &'c mut TimerQueue<Timer>,
}

/// A dry run ends here: all checks passed, and nothing is done.
fn stop_if_dry_run(dry_run: bool) -> Result<(), Error> {
    if dry_run {
        let message = "Request would have succeeded, but the DryRun flag is set.";
        return Err(Error::new(ErrorKind::DryRunOperation, message));
    }
    Ok(())
}
