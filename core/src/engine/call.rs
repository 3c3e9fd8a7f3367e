//! A request that was read, and the answer before it is written.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::Serialize;

use super::output::{ExchangeId, Handled};
use crate::arn::AccountId;
use crate::error::Error;
use crate::firehose;
use crate::service::{self, ConsumerRef, StreamRef};
use crate::wire::{Protocol, Response, encode, event_stream};

/// A request that was read and validated: what to do, for whom.
#[derive(Debug)]
pub struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) protocol: Protocol,
    /// Whether a browser asks on behalf of another origin.
    pub(crate) has_origin: bool,
    pub(crate) account: AccountId,
    pub(crate) region: Cow<'a, str>,
    pub(crate) input: Input<'a>,
}

/// The input of each operation.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    CreateStream(service::CreateStream<'a>),
    DeleteStream(service::DeleteStream<'a>),
    DeregisterStreamConsumer(service::DeregisterStreamConsumer<'a>),
    DescribeStream(service::DescribeStream<'a>),
    DescribeStreamConsumer(service::DescribeStreamConsumer<'a>),
    DescribeStreamSummary(service::DescribeStreamSummary<'a>),
    GetRecords(service::GetRecords<'a>),
    GetShardIterator(service::GetShardIterator<'a>),
    ListShards(service::ListShards<'a>),
    ListStreamConsumers(service::ListStreamConsumers<'a>),
    ListStreams(service::ListStreams<'a>),
    MergeShards(service::MergeShards<'a>),
    PutRecord(service::PutRecord<'a>),
    PutRecords(service::PutRecords<'a>),
    RegisterStreamConsumer(service::RegisterStreamConsumer<'a>),
    SplitShard(service::SplitShard<'a>),
    SubscribeToShard(service::SubscribeToShard<'a>),
    UpdateShardCount(service::UpdateShardCount<'a>),
    CreateDeliveryStream(firehose::CreateDeliveryStream<'a>),
    DeleteDeliveryStream(firehose::DeleteDeliveryStream<'a>),
    DescribeDeliveryStream(firehose::DescribeDeliveryStream<'a>),
    ListDeliveryStreams(firehose::ListDeliveryStreams<'a>),
    PutDeliveryRecord(firehose::PutRecord<'a>),
    PutDeliveryRecordBatch(firehose::PutRecordBatch<'a>),
}

/// The output of each operation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// The operation has no output: the body is empty.
    Nothing,
    /// The answer comes in pieces.
    #[serde(skip)]
    Subscribed(ExchangeId),
    DescribeStream(service::DescribeStreamReply),
    DescribeStreamConsumer(service::DescribeStreamConsumerReply),
    DescribeStreamSummary(service::DescribeStreamSummaryReply),
    GetRecords(service::GetRecordsReply),
    GetShardIterator(service::GetShardIteratorReply),
    ListShards(service::ListShardsReply),
    ListStreamConsumers(service::ListStreamConsumersReply),
    ListStreams(service::ListStreamsReply),
    PutRecord(service::PutRecordReply),
    PutRecords(service::PutRecordsReply),
    RegisterStreamConsumer(service::RegisterStreamConsumerReply),
    UpdateShardCount(service::UpdateShardCountReply),
    CreateDeliveryStream(firehose::CreateDeliveryStreamOutput),
    DeleteDeliveryStream(firehose::DeleteDeliveryStreamOutput),
    DescribeDeliveryStream(firehose::DescribeDeliveryStreamOutput),
    ListDeliveryStreams(firehose::ListDeliveryStreamsOutput),
    PutDeliveryRecord(firehose::PutRecordOutput),
    PutDeliveryRecordBatch(firehose::PutRecordBatchOutput),
}

/// What an answer has beside its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) protocol: Protocol,
    pub(crate) request_id: u128,
    pub(crate) has_origin: bool,
}

impl Head {
    /// Writes an answer.
    pub(crate) fn response(&self, result: &Result<Reply, Error>) -> Response {
        self.finish(match result {
            Ok(Reply::Nothing) => encode::empty_reply(self.protocol),
            Ok(reply) => encode::reply(self.protocol, reply),
            Err(error) => encode::error(self.protocol, error),
        })
    }

    /// Writes the head of an answer that comes in pieces.
    fn stream_head(&self) -> Response {
        self.finish(Response::new(200, event_stream::CONTENT_TYPE, Vec::new()))
    }

    fn finish(&self, mut response: Response) -> Response {
        encode::identify(&mut response, self.request_id);
        if self.has_origin {
            encode::grant_origin(&mut response);
        }
        response
    }
}

/// A call that was executed, and the answer before it is written.
#[derive(Debug)]
pub struct Executed {
    pub(crate) head: Head,
    pub(crate) outcome: Outcome,
    /// How much later than the call the answer is to be given, in milliseconds on the engine's clock. An answer that
    /// comes as an output has waited already.
    pub latency_ms: u64,
}

/// What came of a call.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every call comes to the large one, which is not kept")]
pub(crate) enum Outcome {
    /// Here is what the answer says.
    Answer(Result<Reply, Error>),
    /// It comes in pieces.
    Stream(ExchangeId),
}

impl Executed {
    /// Writes the answer.
    pub fn encode(&self) -> Handled {
        match &self.outcome {
            Outcome::Answer(result) => Handled::Done(self.head.response(result)),
            Outcome::Stream(id) => Handled::Stream(self.head.stream_head(), *id),
        }
    }
}

impl Input<'_> {
    /// The name of the stream or delivery stream that the input is about, for faults that name one.
    pub(crate) fn stream_name(&self) -> Option<&str> {
        match self {
            Self::CreateStream(input) => Some(input.stream_name),
            Self::DeleteStream(input) => input.stream.any_name(),
            Self::DeregisterStreamConsumer(input) => input.consumer.stream_name(),
            Self::DescribeStream(input) => input.stream.any_name(),
            Self::DescribeStreamConsumer(input) => input.consumer.stream_name(),
            Self::DescribeStreamSummary(input) => input.stream.any_name(),
            Self::GetShardIterator(input) => input.stream.any_name(),
            Self::ListShards(input) => input.stream.any_name(),
            Self::ListStreamConsumers(input) => StreamRef::with_arn(input.stream_arn).any_name(),
            Self::MergeShards(input) => input.stream.any_name(),
            Self::PutRecord(input) => input.stream.any_name(),
            Self::PutRecords(input) => input.stream.any_name(),
            Self::RegisterStreamConsumer(input) => StreamRef::with_arn(input.stream_arn).any_name(),
            Self::SplitShard(input) => input.stream.any_name(),
            Self::SubscribeToShard(input) => ConsumerRef::with_arn(input.consumer_arn).stream_name(),
            Self::UpdateShardCount(input) => input.stream.any_name(),
            Self::CreateDeliveryStream(input) => Some(input.delivery_stream_name),
            Self::DeleteDeliveryStream(input) => Some(input.delivery_stream_name),
            Self::DescribeDeliveryStream(input) => Some(input.delivery_stream_name),
            Self::PutDeliveryRecord(input) => Some(input.delivery_stream_name),
            Self::PutDeliveryRecordBatch(input) => Some(input.delivery_stream_name),
            Self::GetRecords(_) | Self::ListStreams(_) | Self::ListDeliveryStreams(_) => None,
        }
    }
}
