//! Registering, deregistering, describing and listing the consumers of a stream.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::page::invalid_token;
use super::resources::parse_resource_arn;
use super::streams::{Address, check_active};
use super::tags::Tags;
use super::{Context, StreamRef, Streams};
use crate::arn::{ConsumerArn, StreamArn, is_stream_name, parse_consumer_arn};
use crate::error::{Error, ErrorKind};
use crate::stream::{Consumer, ConsumerStatus, Stream, StreamMode};
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::token::TokenKind;

/// Consumers and queues that a stream may have.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html>
const MAX_REGISTERED: usize = 20;
/// The same of an On-demand Advantage stream.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html>
const MAX_REGISTERED_ADVANTAGE: usize = 50;
/// Consumers of a stream that may be in CREATING at a time.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html>
const MAX_CREATING: usize = 5;
/// Consumers that ListStreamConsumers returns in one answer.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html>
const LIST_PAGE: usize = 100;

/// Registers a consumer with a stream: it is CREATING and then ACTIVE.
#[derive(Clone, Debug, Default)]
pub struct RegisterStreamConsumer<'a> {
    /// The stream.
    pub stream_arn: &'a str,
    /// The consumer's name, unique in its stream.
    pub consumer_name: &'a str,
    /// Keys and values of the consumer's tags.
    pub tags: Vec<(&'a str, &'a str)>,
}

/// Takes a consumer from its stream. Its subscriptions end.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeregisterStreamConsumer<'a> {
    /// The consumer.
    pub consumer: ConsumerRef<'a>,
}

/// Describes a consumer.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeStreamConsumer<'a> {
    /// The consumer.
    pub consumer: ConsumerRef<'a>,
}

/// Which consumer a request is about: its ARN, or its stream and name. If more is given, it must not conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumerRef<'a> {
    /// The ARN of the consumer's stream.
    pub stream_arn: Option<&'a str>,
    /// The consumer's name.
    pub consumer_name: Option<&'a str>,
    /// The consumer's ARN.
    pub consumer_arn: Option<&'a str>,
}

/// Lists the consumers of a stream in order of their names.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListStreamConsumers<'a> {
    /// The stream.
    pub stream_arn: &'a str,
    /// Go on where the answer with this token ended.
    pub next_token: Option<&'a str>,
    /// The most consumers to return; at most 100 are.
    pub max_results: Option<u32>,
    /// The creation time of the stream that is meant, where a name was used more than once.
    pub stream_creation_timestamp: Option<Timestamp>,
}

/// The answer to [`RegisterStreamConsumer`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisterStreamConsumerReply {
    /// The new consumer.
    pub consumer: ConsumerSummary,
}

/// The answer to [`DescribeStreamConsumer`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeStreamConsumerReply {
    /// The consumer.
    pub consumer_description: ConsumerDescription,
}

/// The answer to [`ListStreamConsumers`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListStreamConsumersReply {
    /// The consumers, in order of their names.
    pub consumers: Vec<ConsumerSummary>,
    /// Where to go on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A consumer in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConsumerSummary {
    /// The consumer's name.
    pub consumer_name: String,
    /// The consumer's ARN, which also says when it was registered.
    #[serde(rename = "ConsumerARN")]
    pub consumer_arn: String,
    /// What the consumer does at the moment.
    pub consumer_status: ConsumerStatus,
    /// When the consumer was registered, in whole seconds.
    pub consumer_creation_timestamp: Timestamp,
}

/// A consumer and the stream that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConsumerDescription {
    /// The consumer's name.
    pub consumer_name: String,
    /// The consumer's ARN, which also says when it was registered.
    #[serde(rename = "ConsumerARN")]
    pub consumer_arn: String,
    /// What the consumer does at the moment.
    pub consumer_status: ConsumerStatus,
    /// When the consumer was registered, in whole seconds.
    pub consumer_creation_timestamp: Timestamp,
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
}

impl<'a> ConsumerRef<'a> {
    /// The consumer with this ARN.
    pub const fn with_arn(arn: &'a str) -> Self {
        Self { stream_arn: None, consumer_name: None, consumer_arn: Some(arn) }
    }
}

/// A consumer as a request names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConsumerAddress<'a> {
    pub(super) stream: Address<'a>,
    name: &'a str,
    /// The second in the ARN, if there is one.
    created_secs: Option<u64>,
}

impl<'a> ConsumerAddress<'a> {
    pub(super) fn of(cx: &'a Context<'_>, consumer: ConsumerRef<'a>) -> Result<Self, Error> {
        let ConsumerRef { stream_arn, consumer_name, consumer_arn } = consumer;
        let stream = stream_arn.map(|arn| Address::of(cx, StreamRef::with_arn(arn))).transpose()?;
        let Some(arn) = consumer_arn else {
            let (stream, name) = stream.zip(consumer_name).ok_or_else(|| {
                Error::invalid_argument("Either ConsumerARN, or StreamARN and ConsumerName must be provided.")
            })?;
            return Ok(Self { stream, name, created_secs: None });
        };
        let ConsumerArn { account, region, stream: stream_name, consumer: name, created_secs } =
            parse_consumer_arn(arn).ok_or_else(|| {
                Error::invalid_argument(format!("ConsumerARN {arn} is not the ARN of a stream's consumer."))
            })?;
        let address = Address { account, region, name: stream_name };
        if stream.is_some_and(|stream| stream != address) {
            let stream_arn = stream_arn.unwrap_or_default();
            let message = format!("StreamARN {stream_arn} does not match ConsumerARN {arn}.");
            return Err(Error::invalid_argument(message));
        }
        if let Some(other) = consumer_name.filter(|other| *other != name) {
            let message = format!("ConsumerName {other} does not match ConsumerARN {arn}.");
            return Err(Error::invalid_argument(message));
        }
        Ok(Self { stream: address, name, created_secs: Some(created_secs) })
    }

    /// The consumer among those of its stream.
    pub(super) fn find(self, stream: &Stream) -> Result<&Consumer, Error> {
        let is_meant =
            |consumer: &&Consumer| self.created_secs.is_none_or(|secs| secs == consumer.created_secs);
        stream.consumers.get(self.name).filter(is_meant).ok_or_else(|| {
            let message = format!(
                "Consumer {} under stream {} and account {} not found.",
                self.name, self.stream.name, self.stream.account
            );
            Error::new(ErrorKind::ResourceNotFound, message)
        })
    }
}

impl Streams {
    pub(crate) fn register_stream_consumer(
        &mut self,
        cx: &mut Context<'_>,
        input: &RegisterStreamConsumer<'_>,
    ) -> Result<RegisterStreamConsumerReply, Error> {
        let name = input.consumer_name;
        if !is_stream_name(name) {
            // For callers that come without the wire and its validator.
            let message = "ConsumerName must have 1 to 128 letters, digits, underscores, points or hyphens.";
            return Err(Error::new(ErrorKind::Validation, message));
        }
        let address = Address::of(cx, StreamRef::with_arn(input.stream_arn))?;
        let is_committed = self.commitment(address.account, address.region).is_enabled(cx.now);
        let stream = self.find_mut(&address)?;
        check_active(stream)?;
        let of_stream = format!("under stream {} and account {}", address.name, address.account);
        if stream.consumers.get(name).is_some() {
            let message = format!("Consumer {name} {of_stream} already exists.");
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        let (registered, limit) = (stream.registered_consumers(), max_registered(stream, is_committed));
        if registered >= limit {
            let message = format!(
                "Consumer {name} {of_stream} cannot be registered: {registered} are registered; limit: {limit}."
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let creating = stream.consumers.creating();
        if creating >= MAX_CREATING {
            let message = format!(
                "Consumer {name} {of_stream} cannot be registered: {creating} are in the CREATING state; limit: \
                 {MAX_CREATING}."
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let active_at = cx.now.plus_millis(cx.durations.create_consumer);
        let arn = stream.arn.clone();
        let owner = format!("{}/consumer/{name}:{}", arn.as_str(), cx.now.as_secs());
        let tags = Tags::of(&parse_resource_arn(&owner)?, &input.tags)?;
        let registered = stream.consumers.register(cx.now, name, active_at);
        let consumer = ConsumerSummary::of(&arn, registered);
        cx.timers.set(Timer::Consumers(stream.id), stream.consumers.poll_timeout());
        self.attachments.add(consumer.consumer_arn.clone(), tags);
        Ok(RegisterStreamConsumerReply { consumer })
    }

    pub(crate) fn deregister_stream_consumer(
        &mut self,
        cx: &mut Context<'_>,
        input: &DeregisterStreamConsumer<'_>,
    ) -> Result<(), Error> {
        let address = ConsumerAddress::of(cx, input.consumer)?;
        let stream = self.find_mut(&address.stream)?;
        address.find(stream)?;
        stream.consumers.deregister(address.name, cx.now.plus_millis(cx.durations.delete_consumer));
        stream.wake_subscriptions(cx.now, cx.timers);
        cx.timers.set(Timer::Consumers(stream.id), stream.consumers.poll_timeout());
        Ok(())
    }

    pub(crate) fn describe_stream_consumer(
        &self,
        cx: &Context<'_>,
        input: &DescribeStreamConsumer<'_>,
    ) -> Result<DescribeStreamConsumerReply, Error> {
        let address = ConsumerAddress::of(cx, input.consumer)?;
        let stream = self.find(&address.stream)?;
        let consumer = ConsumerSummary::of(&stream.arn, address.find(stream)?);
        Ok(DescribeStreamConsumerReply {
            consumer_description: ConsumerDescription {
                consumer_name: consumer.consumer_name,
                consumer_arn: consumer.consumer_arn,
                consumer_status: consumer.consumer_status,
                consumer_creation_timestamp: consumer.consumer_creation_timestamp,
                stream_arn: stream.arn.as_str().to_string(),
            },
        })
    }

    pub(crate) fn list_stream_consumers(
        &self,
        cx: &Context<'_>,
        input: &ListStreamConsumers<'_>,
    ) -> Result<ListStreamConsumersReply, Error> {
        if input.next_token.is_some() && input.stream_creation_timestamp.is_some() {
            let message = "NextToken and StreamCreationTimestamp cannot be provided together.";
            return Err(Error::invalid_argument(message));
        }
        let address = Address::of(cx, StreamRef::with_arn(input.stream_arn))?;
        let stream = self.find(&address)?;
        if input.stream_creation_timestamp.is_some_and(|created| created != stream.created) {
            return Err(address.not_found());
        }
        // A token names the stream by its number, and the last consumer before.
        let page =
            input.next_token.map(|token| cx.open_page(TokenKind::ListStreamConsumers, token)).transpose()?;
        let after = match &page {
            None => "",
            Some(page) => {
                let (id, after) = page.split_first_chunk::<8>().ok_or_else(invalid_token)?;
                if u64::from_be_bytes(*id) != stream.id {
                    return Err(invalid_token());
                }
                core::str::from_utf8(after).map_err(|_| invalid_token())?
            }
        };
        let limit = input.max_results.map_or(LIST_PAGE, |max| (max as usize).min(LIST_PAGE));
        let rest = stream.consumers.after(after);
        let listed = &rest[..limit.min(rest.len())];
        let next_token = listed.last().filter(|_| rest.len() > limit).map(|last| {
            let page = [&stream.id.to_be_bytes(), last.name.as_bytes()].concat();
            cx.seal_page(TokenKind::ListStreamConsumers, &page)
        });
        let consumers = listed.iter().map(|consumer| ConsumerSummary::of(&stream.arn, consumer)).collect();
        Ok(ListStreamConsumersReply { consumers, next_token })
    }
}

impl ConsumerSummary {
    fn of(stream: &StreamArn, consumer: &Consumer) -> Self {
        Self {
            consumer_name: consumer.name.clone(),
            consumer_arn: consumer.arn(stream),
            consumer_status: consumer.status(),
            consumer_creation_timestamp: Timestamp::from_millis(consumer.created_secs.saturating_mul(1000)),
        }
    }
}

/// How many consumers and queues the stream may have. `is_committed` says whether its account has the minimum throughput
/// billing commitment, which makes on-demand streams On-demand Advantage.
pub(super) fn max_registered(stream: &Stream, is_committed: bool) -> usize {
    if is_committed && stream.mode == StreamMode::OnDemand {
        MAX_REGISTERED_ADVANTAGE
    } else {
        MAX_REGISTERED
    }
}
