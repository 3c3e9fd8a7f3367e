//! The operations as typed calls, for Rust programs that need no wire in between. They act for the engine's default
//! account and region unless an ARN says otherwise, and no fault strikes them.

use super::Engine;
use crate::error::Error;
use crate::reader::RecordReader;
use crate::service::{
    CreateStream, DeleteStream, DeregisterStreamConsumer, DescribeStream, DescribeStreamConsumer,
    DescribeStreamConsumerReply, DescribeStreamReply, DescribeStreamSummary, DescribeStreamSummaryReply,
    GetRecords, GetRecordsReply, GetShardIterator, GetShardIteratorReply, ListShards, ListShardsReply,
    ListStreamConsumers, ListStreamConsumersReply, ListStreams, ListStreamsReply, MergeShards, PutRecord,
    PutRecordReply, PutRecords, PutRecordsReply, RegisterStreamConsumer, RegisterStreamConsumerReply,
    SplitShard, StreamRef, UpdateShardCount, UpdateShardCountReply,
};
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
                    let reply = self.streams.$method(&mut cx, input)?;
                    self.run_timers();
                    Ok(reply)
                }
            )+
        }
    };
}

operations! {
    /// Makes a stream, which is CREATING and then ACTIVE.
    create_stream(CreateStream) -> ();
    /// Deletes a stream with all its records.
    delete_stream(DeleteStream) -> ();
    /// Takes a consumer from its stream. Its subscriptions end.
    deregister_stream_consumer(DeregisterStreamConsumer) -> ();
    /// Describes a stream and its shards.
    describe_stream(DescribeStream) -> DescribeStreamReply;
    /// Describes a consumer of a stream.
    describe_stream_consumer(DescribeStreamConsumer) -> DescribeStreamConsumerReply;
    /// Describes a stream without its shards.
    describe_stream_summary(DescribeStreamSummary) -> DescribeStreamSummaryReply;
    /// Reads records from a position on.
    get_records(GetRecords) -> GetRecordsReply;
    /// Gives a position in a shard.
    get_shard_iterator(GetShardIterator) -> GetShardIteratorReply;
    /// Lists the shards of a stream, a page at a time.
    list_shards(ListShards) -> ListShardsReply;
    /// Lists the consumers of a stream in order of their names.
    list_stream_consumers(ListStreamConsumers) -> ListStreamConsumersReply;
    /// Lists the streams in order of their names.
    list_streams(ListStreams) -> ListStreamsReply;
    /// Merges two open shards whose ranges are next to each other.
    merge_shards(MergeShards) -> ();
    /// Registers a consumer with a stream: it is CREATING and then ACTIVE.
    register_stream_consumer(RegisterStreamConsumer) -> RegisterStreamConsumerReply;
    /// Splits an open shard in two at a hash key.
    split_shard(SplitShard) -> ();
    /// Changes the number of open shards to equal ranges.
    update_shard_count(UpdateShardCount) -> UpdateShardCountReply;
}

impl Engine {
    /// Puts one record.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn put_record(&mut self, now: Timestamp, input: &PutRecord<'_>) -> Result<PutRecordReply, Error> {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        let (placed, stream) = self.streams.put_record(&cx, input)?;
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
        let (reply, stream) = self.streams.put_records(&cx, input)?;
        self.wake_readers(stream);
        self.run_timers();
        Ok(reply)
    }

    /// Reads the user records of a stream in order: all shards, parents before children, aggregates taken apart. The
    /// stream is given by name, or by ARN if it is not of the default account and region.
    ///
    /// # Errors
    /// When there is no such stream.
    pub fn records(&mut self, now: Timestamp, stream: &str) -> Result<RecordReader, Error> {
        self.advance(now);
        let stream =
            if stream.starts_with("arn:") { StreamRef::with_arn(stream) } else { StreamRef::named(stream) };
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        Ok(RecordReader::new(self.streams.resolve(&cx, stream)?))
    }
}
