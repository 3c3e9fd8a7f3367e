//! A request that was read, and the answer before it is written.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::Serialize;

use super::output::{ExchangeId, Handled};
use crate::arn::AccountId;
use crate::error::Error;
use crate::firehose;
use crate::queue::Lane;
use crate::service::{self, StreamRef, Target};
use crate::wire::{Protocol, Request, Response, encode, event_stream};

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
    DecreaseStreamRetentionPeriod(service::DecreaseStreamRetentionPeriod<'a>),
    DeleteResourcePolicy(service::DeleteResourcePolicy<'a>),
    DeleteStream(service::DeleteStream<'a>),
    DescribeAccountSettings,
    DescribeLimits,
    CreateChannel(service::CreateChannel<'a>),
    DeleteChannel(service::DeleteChannel<'a>),
    DescribeChannel(service::DescribeChannel<'a>),
    AcknowledgeQueueRecords(Lane, service::AcknowledgeQueueRecords<'a>),
    CreateQueue(service::CreateQueue<'a>),
    DeleteQueue(service::DeleteQueue<'a>),
    DescribeQueue(service::DescribeQueue<'a>),
    DeregisterStreamConsumer(service::DeregisterStreamConsumer<'a>),
    DescribeStream(service::DescribeStream<'a>),
    DescribeStreamConsumer(service::DescribeStreamConsumer<'a>),
    DescribeStreamSummary(service::DescribeStreamSummary<'a>),
    DisableEnhancedMonitoring(service::DisableEnhancedMonitoring<'a>),
    EnableEnhancedMonitoring(service::EnableEnhancedMonitoring<'a>),
    GetRecords(service::GetRecords<'a>),
    GetResourcePolicy(service::GetResourcePolicy<'a>),
    GetShardIterator(service::GetShardIterator<'a>),
    IncreaseStreamRetentionPeriod(service::IncreaseStreamRetentionPeriod<'a>),
    ListChannels(service::ListChannels<'a>),
    ListQueues(service::ListQueues<'a>),
    ListShards(service::ListShards<'a>),
    ListStreamConsumers(service::ListStreamConsumers<'a>),
    ListStreams(service::ListStreams<'a>),
    ListTagsForResource(service::ListTagsForResource<'a>),
    ListTagsForStream(service::ListTagsForStream<'a>),
    MergeShards(service::MergeShards<'a>),
    PutRecord(service::PutRecord<'a>),
    PutRecords(service::PutRecords<'a>),
    PutResourcePolicy(service::PutResourcePolicy<'a>),
    RemoveTagsFromStream(service::RemoveTagsFromStream<'a>),
    SplitShard(service::SplitShard<'a>),
    StartStreamEncryption(service::StartStreamEncryption<'a>),
    StopStreamEncryption(service::StopStreamEncryption<'a>),
    UpdateAccountSettings(service::UpdateAccountSettings),
    UpdateMaxRecordSize(service::UpdateMaxRecordSize<'a>),
    TagResource(service::TagResource<'a>),
    UntagResource(service::UntagResource<'a>),
    UpdateChannel(service::UpdateChannel<'a>),
    /// With the milliseconds that the request waits.
    ReceiveQueueRecords(Lane, service::ReceiveQueueRecords<'a>, u64),
    RestoreDeadLetterQueueRecords(service::RestoreDeadLetterQueueRecords<'a>),
    UpdateQueue(service::UpdateQueue<'a>),
    UpdateQueueRecordsVisibility(Lane, service::UpdateQueueRecordsVisibility<'a>),
    RegisterStreamConsumer(service::RegisterStreamConsumer<'a>),
    SubscribeToShard(service::SubscribeToShard<'a>),
    UpdateShardCount(service::UpdateShardCount<'a>),
    UpdateStreamMode(service::UpdateStreamMode<'a>),
    UpdateStreamRecordDistributionStrategy(service::UpdateStreamRecordDistributionStrategy<'a>),
    UpdateStreamWarmThroughput(service::UpdateStreamWarmThroughput<'a>),
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
    AccountSettings(service::AccountSettingsReply),
    DescribeLimits(service::DescribeLimitsReply),
    /// Of CreateChannel, DescribeChannel and UpdateChannel.
    Channel(service::DescribeChannelReply),
    /// The answer comes in pieces.
    #[serde(skip)]
    Subscribed(ExchangeId),
    DescribeStream(service::DescribeStreamReply),
    DescribeStreamConsumer(service::DescribeStreamConsumerReply),
    DescribeStreamSummary(service::DescribeStreamSummaryReply),
    EnhancedMonitoring(service::EnhancedMonitoringReply),
    GetRecords(service::GotRecords),
    GetResourcePolicy(service::GetResourcePolicyReply),
    GetShardIterator(service::GetShardIteratorReply),
    ListChannels(service::ListChannelsReply),
    ListQueues(service::ListQueuesReply),
    ListShards(service::ListShardsReply),
    ListStreamConsumers(service::ListStreamConsumersReply),
    ListStreams(service::ListStreamsReply),
    ListTagsForResource(service::ListTagsForResourceReply),
    ListTagsForStream(service::ListTagsForStreamReply),
    PutRecord(service::PutRecordReply),
    PutRecords(service::PutRecordsReply),
    Queue(service::QueueReply),
    QueueEntries(service::QueueEntriesReply),
    ReceiveQueueRecords(service::ReceiveQueueRecordsReply),
    RegisterStreamConsumer(service::RegisterStreamConsumerReply),
    UpdateShardCount(service::UpdateShardCountReply),
    UpdateStreamWarmThroughput(service::UpdateStreamWarmThroughputReply),
    CreateDeliveryStream(firehose::CreateDeliveryStreamOutput),
    DeleteDeliveryStream(firehose::DeleteDeliveryStreamOutput),
    DescribeDeliveryStream(firehose::DescribeDeliveryStreamOutput),
    ListDeliveryStreams(firehose::ListDeliveryStreamsOutput),
    PutDeliveryRecord(firehose::PutRecordOutput),
    PutDeliveryRecordBatch(firehose::PutRecordBatchOutput),
}

impl Reply {
    /// About how many bytes the answer takes, where that is known and may be much.
    fn written_bytes(&self, protocol: Protocol) -> usize {
        if let Self::GetRecords(got) = self { got.written_bytes(protocol == Protocol::Json) } else { 0 }
    }
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
            Ok(reply) => encode::long_reply(self.protocol, reply, reply.written_bytes(self.protocol)),
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

/// A request that no operation sees, with its answer but for what names that.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// A browser's question before a request to another origin.
    Preflight(Response),
    /// The request can't be decoded.
    Wire {
        /// What the services say.
        response: Response,
        /// Whether a browser asks on behalf of another origin.
        has_origin: bool,
    },
    /// The operation or a member of its input is not supported, or the host won't have it.
    Error {
        /// How to answer.
        protocol: Protocol,
        /// Whether a browser asks on behalf of another origin.
        has_origin: bool,
        /// Why not.
        error: Error,
    },
}

impl Refusal {
    /// The refusal of a request that was not decoded, by a host that won't have it. Where the request does not say which
    /// protocol it speaks, the answer is JSON.
    pub fn new(request: &Request<'_>, error: Error) -> Self {
        let protocol = Protocol::of_request(request).unwrap_or(Protocol::Json);
        Self::Error { protocol, has_origin: encode::has_origin(request), error }
    }

    /// The whole answer, named by `request_id`.
    pub(super) fn answer(self, request_id: u128) -> Response {
        match self {
            Self::Preflight(mut response) => {
                encode::name(&mut response, request_id);
                response
            }
            Self::Wire { response, has_origin } => {
                Head { protocol: Protocol::Json, request_id, has_origin }.finish(response)
            }
            Self::Error { protocol, has_origin, error } => {
                Head { protocol, request_id, has_origin }.response(&Err(error))
            }
        }
    }
}

/// A call that was executed, and the answer before it is written.
#[derive(Debug)]
pub struct Executed {
    pub(crate) head: Head,
    pub(crate) outcome: Outcome,
    /// How much later than the call the answer is to be given, in milliseconds on the engine's clock. An answer that
    /// comes as an output has waited already.
    pub(crate) latency_ms: u64,
}

/// The whole answer to a call, before it is written.
#[derive(Debug)]
pub struct Ready {
    head: Head,
    result: Result<Reply, Error>,
}

impl Ready {
    /// Writes the answer.
    pub fn encode(&self) -> Response {
        self.head.response(&self.result)
    }
}

/// What came of a call.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and nearly all are answers")]
pub(crate) enum Outcome {
    /// Here is what the answer says.
    Answer(Result<Reply, Error>),
    /// No answer comes: the connection is dropped.
    Dropped(ExchangeId),
    /// The answer comes later.
    Pending(ExchangeId),
    /// It comes in pieces.
    Stream(ExchangeId),
}

impl Executed {
    /// The answer, if it is complete and goes out at once.
    ///
    /// # Errors
    /// The call itself, if its answer has to wait; it goes to [`Engine::hand_over`](super::Engine::hand_over) then.
    #[expect(clippy::result_large_err, reason = "both are what was executed")]
    pub fn into_ready(self) -> Result<Ready, Self> {
        match self.outcome {
            Outcome::Answer(result) if self.latency_ms == 0 => Ok(Ready { head: self.head, result }),
            Outcome::Answer(_) | Outcome::Dropped(_) | Outcome::Pending(_) | Outcome::Stream(_) => Err(self),
        }
    }

    /// Writes the answer.
    pub(super) fn encode(&self) -> Handled {
        match &self.outcome {
            Outcome::Answer(result) => Handled::Done(self.head.response(result)),
            Outcome::Stream(id) => Handled::Stream(self.head.stream_head(), *id),
            Outcome::Pending(id) => Handled::Pending(*id),
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

impl Call<'_> {
    /// The operation's name.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The refusal of the call, by a host that won't have it.
    pub fn refusal(&self, error: Error) -> Refusal {
        Refusal::Error { protocol: self.protocol, has_origin: self.has_origin, error }
    }

    /// Whether the call can make the engine hold more than before: it puts something, or makes a resource.
    pub fn can_grow(&self) -> bool {
        matches!(
            self.input,
            Input::AddTagsToStream(_)
                | Input::CreateChannel(_)
                | Input::CreateDeliveryStream(_)
                | Input::CreateQueue(_)
                | Input::CreateStream(_)
                | Input::PutDeliveryRecord(_)
                | Input::PutDeliveryRecordBatch(_)
                | Input::PutRecord(_)
                | Input::PutRecords(_)
                | Input::PutResourcePolicy(_)
                | Input::RegisterStreamConsumer(_)
                | Input::SplitShard(_)
                | Input::TagResource(_)
                | Input::UpdateShardCount(_)
                | Input::UpdateStreamMode(_)
                | Input::UpdateStreamWarmThroughput(_)
        )
    }

    /// Whether the call can change what later calls of this kind do, or what there is to read. One that can't still
    /// counts: the ids of answers and the serials of iterators, the metrics of reads, the quotas of its own operation
    /// and of reads, when a consumer last subscribed, and faults, which it may use up. None of these decides what a
    /// mutation does (faults apart, which are for tests), so a host that keeps a journal need not keep such a call.
    pub fn is_mutation(&self) -> bool {
        !matches!(
            self.input,
            Input::DescribeAccountSettings
                | Input::DescribeChannel(_)
                | Input::DescribeDeliveryStream(_)
                | Input::DescribeLimits
                | Input::DescribeQueue(_)
                | Input::DescribeStream(_)
                | Input::DescribeStreamConsumer(_)
                | Input::DescribeStreamSummary(_)
                | Input::GetRecords(_)
                | Input::GetResourcePolicy(_)
                | Input::GetShardIterator(_)
                | Input::ListChannels(_)
                | Input::ListDeliveryStreams(_)
                | Input::ListQueues(_)
                | Input::ListShards(_)
                | Input::ListStreamConsumers(_)
                | Input::ListStreams(_)
                | Input::ListTagsForResource(_)
                | Input::ListTagsForStream(_)
                | Input::SubscribeToShard(_)
        )
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
            Self::DescribeAccountSettings
            | Self::DescribeLimits
            | Self::ListStreams(_)
            | Self::UpdateAccountSettings(_) => Target::None.into(),
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
            Self::DecreaseStreamRetentionPeriod(input) => stream(input.stream),
            Self::DisableEnhancedMonitoring(input) => stream(input.stream),
            Self::EnableEnhancedMonitoring(input) => stream(input.stream),
            Self::IncreaseStreamRetentionPeriod(input) => stream(input.stream),
            Self::StartStreamEncryption(input) => stream(input.stream),
            Self::StopStreamEncryption(input) => stream(input.stream),
            Self::UpdateMaxRecordSize(input) => stream(input.stream),
            Self::UpdateStreamMode(input) => stream(input.stream),
            Self::UpdateStreamRecordDistributionStrategy(input) => stream(input.stream),
            Self::UpdateStreamWarmThroughput(input) => stream(input.stream),
            Self::CreateChannel(input) => {
                let source = input.stream_configuration_list.first();
                source
                    .map_or(Target::None, |source| Target::Stream(StreamRef::with_arn(source.stream_arn)))
                    .into()
            }
            Self::DeleteChannel(input) => arn(input.channel_arn),
            Self::DescribeChannel(input) => arn(input.channel_arn),
            Self::ListChannels(_) => Target::None.into(),
            Self::UpdateChannel(input) => arn(input.channel_arn),
            Self::CreateQueue(input) => {
                let source = input.stream_configuration_list.first();
                source
                    .map_or(Target::None, |source| Target::Stream(StreamRef::with_arn(source.stream_arn)))
                    .into()
            }
            Self::AcknowledgeQueueRecords(_, input) => arn(input.queue_arn),
            Self::DeleteQueue(input) => arn(input.queue_arn),
            Self::DescribeQueue(input) => arn(input.queue_arn),
            Self::ListQueues(_) => Target::None.into(),
            Self::ReceiveQueueRecords(_, input, _) => arn(input.queue_arn),
            Self::RestoreDeadLetterQueueRecords(input) => arn(input.queue_arn),
            Self::UpdateQueue(input) => arn(input.queue_arn),
            Self::UpdateQueueRecordsVisibility(_, input) => arn(input.queue_arn),
            Self::DeregisterStreamConsumer(input) => Target::of_consumer(input.consumer).into(),
            Self::DescribeStreamConsumer(input) => Target::of_consumer(input.consumer).into(),
            Self::ListStreamConsumers(input) => stream(StreamRef::with_arn(input.stream_arn)),
            Self::RegisterStreamConsumer(input) => stream(StreamRef::with_arn(input.stream_arn)),
            Self::SubscribeToShard(input) => {
                Subject { target: Target::Arn(input.consumer_arn), shards: [Some(input.shard_id), None] }
            }
        }
    }
}
