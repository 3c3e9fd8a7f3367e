//! A request that was read, and the answer before it is written.

use alloc::borrow::Cow;

use serde::Serialize;

use super::output::{ExchangeId, Handled};
use crate::arn::AccountId;
use crate::error::Error;
use crate::firehose;
use crate::queue::Lane;
use crate::service;
use crate::wire::{Protocol, Response, encode};

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
    AcknowledgeQueueRecords(Lane, service::AcknowledgeQueueRecords<'a>),
    CreateQueue(service::CreateQueue<'a>),
    CreateStream(service::CreateStream<'a>),
    DeleteQueue(service::DeleteQueue<'a>),
    DeleteStream(service::DeleteStream<'a>),
    DescribeQueue(service::DescribeQueue<'a>),
    DescribeStream(service::DescribeStream<'a>),
    DescribeStreamSummary(service::DescribeStreamSummary<'a>),
    GetRecords(service::GetRecords<'a>),
    GetShardIterator(service::GetShardIterator<'a>),
    ListQueues(service::ListQueues<'a>),
    ListShards(service::ListShards<'a>),
    ListStreams(service::ListStreams<'a>),
    MergeShards(service::MergeShards<'a>),
    PutRecord(service::PutRecord<'a>),
    PutRecords(service::PutRecords<'a>),
    /// With the milliseconds that the request waits.
    ReceiveQueueRecords(Lane, service::ReceiveQueueRecords<'a>, u64),
    RestoreDeadLetterQueueRecords(service::RestoreDeadLetterQueueRecords<'a>),
    SplitShard(service::SplitShard<'a>),
    UpdateQueue(service::UpdateQueue<'a>),
    UpdateQueueRecordsVisibility(Lane, service::UpdateQueueRecordsVisibility<'a>),
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
    DescribeStream(service::DescribeStreamReply),
    DescribeStreamSummary(service::DescribeStreamSummaryReply),
    GetRecords(service::GetRecordsReply),
    GetShardIterator(service::GetShardIteratorReply),
    ListQueues(service::ListQueuesReply),
    ListShards(service::ListShardsReply),
    ListStreams(service::ListStreamsReply),
    PutRecord(service::PutRecordReply),
    PutRecords(service::PutRecordsReply),
    Queue(service::QueueReply),
    QueueEntries(service::QueueEntriesReply),
    ReceiveQueueRecords(service::ReceiveQueueRecordsReply),
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
        let mut response = match result {
            Ok(Reply::Nothing) => encode::empty_reply(self.protocol),
            Ok(reply) => encode::reply(self.protocol, reply),
            Err(error) => encode::error(self.protocol, error),
        };
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
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and nearly all are answers")]
pub(crate) enum Outcome {
    /// Here is what the answer says.
    Answer(Result<Reply, Error>),
    /// The answer comes later.
    Pending(ExchangeId),
}

impl Executed {
    /// Writes the answer.
    pub fn encode(&self) -> Handled {
        match &self.outcome {
            Outcome::Answer(result) => Handled::Done(self.head.response(result)),
            Outcome::Pending(id) => Handled::Pending(*id),
        }
    }
}

impl Input<'_> {
    /// The name of the stream or delivery stream that the input is about, for faults that name one.
    pub(crate) fn stream_name(&self) -> Option<&str> {
        match self {
            Self::CreateQueue(input) => {
                let stream = input.stream_configuration_list.first()?;
                service::StreamRef::with_arn(stream.stream_arn).any_name()
            }
            Self::CreateStream(input) => Some(input.stream_name),
            Self::DeleteStream(input) => input.stream.any_name(),
            Self::DescribeStream(input) => input.stream.any_name(),
            Self::DescribeStreamSummary(input) => input.stream.any_name(),
            Self::GetShardIterator(input) => input.stream.any_name(),
            Self::ListShards(input) => input.stream.any_name(),
            Self::MergeShards(input) => input.stream.any_name(),
            Self::PutRecord(input) => input.stream.any_name(),
            Self::PutRecords(input) => input.stream.any_name(),
            Self::SplitShard(input) => input.stream.any_name(),
            Self::UpdateShardCount(input) => input.stream.any_name(),
            Self::CreateDeliveryStream(input) => Some(input.delivery_stream_name),
            Self::DeleteDeliveryStream(input) => Some(input.delivery_stream_name),
            Self::DescribeDeliveryStream(input) => Some(input.delivery_stream_name),
            Self::PutDeliveryRecord(input) => Some(input.delivery_stream_name),
            Self::PutDeliveryRecordBatch(input) => Some(input.delivery_stream_name),
            // A queue's ARN does not name its stream.
            Self::AcknowledgeQueueRecords(..)
            | Self::DeleteQueue(_)
            | Self::DescribeQueue(_)
            | Self::ReceiveQueueRecords(..)
            | Self::RestoreDeadLetterQueueRecords(_)
            | Self::UpdateQueue(_)
            | Self::UpdateQueueRecordsVisibility(..) => None,
            Self::GetRecords(_)
            | Self::ListQueues(_)
            | Self::ListStreams(_)
            | Self::ListDeliveryStreams(_) => None,
        }
    }
}
