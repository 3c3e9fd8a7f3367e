//! A request that was read, and the answer before it is written.

use alloc::borrow::Cow;

use serde::Serialize;

use super::output::{ExchangeId, Handled};
use crate::arn::{AccountId, ResourceArn};
use crate::error::Error;
use crate::firehose;
use crate::service::{self, Target};
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
    AddTagsToStream(service::AddTagsToStream<'a>),
    CreateStream(service::CreateStream<'a>),
    DeleteResourcePolicy(service::DeleteResourcePolicy<'a>),
    DeleteStream(service::DeleteStream<'a>),
    DescribeStream(service::DescribeStream<'a>),
    DescribeStreamSummary(service::DescribeStreamSummary<'a>),
    GetRecords(service::GetRecords<'a>),
    GetResourcePolicy(service::GetResourcePolicy<'a>),
    GetShardIterator(service::GetShardIterator<'a>),
    ListShards(service::ListShards<'a>),
    ListStreams(service::ListStreams<'a>),
    ListTagsForResource(service::ListTagsForResource<'a>),
    ListTagsForStream(service::ListTagsForStream<'a>),
    MergeShards(service::MergeShards<'a>),
    PutRecord(service::PutRecord<'a>),
    PutRecords(service::PutRecords<'a>),
    PutResourcePolicy(service::PutResourcePolicy<'a>),
    RemoveTagsFromStream(service::RemoveTagsFromStream<'a>),
    SplitShard(service::SplitShard<'a>),
    TagResource(service::TagResource<'a>),
    UntagResource(service::UntagResource<'a>),
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
    GetResourcePolicy(service::GetResourcePolicyReply),
    GetShardIterator(service::GetShardIteratorReply),
    ListShards(service::ListShardsReply),
    ListStreams(service::ListStreamsReply),
    ListTagsForResource(service::ListTagsForResourceReply),
    ListTagsForStream(service::ListTagsForStreamReply),
    PutRecord(service::PutRecordReply),
    PutRecords(service::PutRecordsReply),
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
#[expect(clippy::large_enum_variant, reason = "nearly every call has an answer, and it is not kept")]
pub(crate) enum Outcome {
    /// Here is what the answer says.
    Answer(Result<Reply, Error>),
    /// No answer comes: the connection is dropped.
    Dropped(ExchangeId),
}

impl Executed {
    /// Writes the answer.
    pub fn encode(&self) -> Handled {
        match &self.outcome {
            Outcome::Answer(result) => Handled::Done(self.head.response(result)),
            Outcome::Dropped(id) => Handled::Pending(*id),
        }
    }
}

/// What an input is about, for faults and policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) target: Target<'a>,
    /// The shards that the input names.
    pub(crate) shards: [Option<&'a str>; 2],
}

impl<'a> From<Target<'a>> for Subject<'a> {
    fn from(target: Target<'a>) -> Self {
        Self { target, shards: [None; 2] }
    }
}

impl Subject<'_> {
    /// The name of the stream or delivery stream, as far as the input says it.
    pub(crate) fn stream_name(&self) -> Option<&str> {
        match self.target {
            Target::None | Target::Iterator(_) => None,
            Target::Name(name) => Some(name),
            Target::Stream(stream) => stream.any_name(),
            Target::Arn(arn) => ResourceArn::parse(arn).and_then(|arn| arn.resource.stream()),
        }
    }
}

impl Input<'_> {
    pub(crate) fn subject(&self) -> Subject<'_> {
        let stream = |stream| Subject::from(Target::Stream(stream));
        let arn = |arn| Subject::from(Target::Arn(arn));
        let name = |name| Subject::from(Target::Name(name));
        match self {
            Self::AddTagsToStream(input) => stream(input.stream),
            Self::CreateStream(input) => name(input.stream_name),
            Self::DeleteResourcePolicy(input) => arn(input.resource_arn),
            Self::DeleteStream(input) => stream(input.stream),
            Self::DescribeStream(input) => stream(input.stream),
            Self::DescribeStreamSummary(input) => stream(input.stream),
            Self::GetRecords(input) => Target::Iterator(input.shard_iterator).into(),
            Self::GetResourcePolicy(input) => arn(input.resource_arn),
            Self::GetShardIterator(input) => {
                Subject { target: Target::Stream(input.stream), shards: [Some(input.shard_id), None] }
            }
            Self::ListShards(input) => stream(input.stream),
            Self::ListStreams(_) => Target::None.into(),
            Self::ListTagsForResource(input) => arn(input.resource_arn),
            Self::ListTagsForStream(input) => stream(input.stream),
            Self::MergeShards(input) => Subject {
                target: Target::Stream(input.stream),
                shards: [Some(input.shard_to_merge), Some(input.adjacent_shard_to_merge)],
            },
            Self::PutRecord(input) => stream(input.stream),
            Self::PutRecords(input) => stream(input.stream),
            Self::PutResourcePolicy(input) => arn(input.resource_arn),
            Self::RemoveTagsFromStream(input) => stream(input.stream),
            Self::SplitShard(input) => {
                Subject { target: Target::Stream(input.stream), shards: [Some(input.shard_to_split), None] }
            }
            Self::TagResource(input) => arn(input.resource_arn),
            Self::UntagResource(input) => arn(input.resource_arn),
            Self::UpdateShardCount(input) => stream(input.stream),
            Self::CreateDeliveryStream(input) => name(input.delivery_stream_name),
            Self::DeleteDeliveryStream(input) => name(input.delivery_stream_name),
            Self::DescribeDeliveryStream(input) => name(input.delivery_stream_name),
            Self::ListDeliveryStreams(_) => Target::None.into(),
            Self::PutDeliveryRecord(input) => name(input.delivery_stream_name),
            Self::PutDeliveryRecordBatch(input) => name(input.delivery_stream_name),
        }
    }
}
