//! Creating, describing, listing, updating and deleting queues.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::consumers::max_registered;
use super::directory::Directory;
use super::resources::parse_resource_arn;
use super::streams::Address;
use super::tags::Tags;
use super::{Context, Streams};
use crate::arn::{is_stream_name, partition_of};
use crate::by_id::ById;
use crate::error::{Error, ErrorKind};
use crate::queue::{Attributes, Identity, Outcome, Queue, QueueStart, QueueStatus};
use crate::rng::uuid_text;
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::stream::{Stream, StreamStatus};
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};
use crate::token::TokenKind;

/// Queues that ListQueues returns unless the request says otherwise.
const LIST_PAGE: usize = 100;
/// The most that a request may ask for.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListQueues.html>
const MAX_LIST_PAGE: u32 = 10_000;
/// The longest visibility timeout, twelve hours.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_QueueAttributes.html>
pub(super) const MAX_VISIBILITY_SECS: u32 = 43_200;
/// The largest MaxReceiveCount.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeadLetterConfiguration.html>
const MAX_MAX_RECEIVE_COUNT: u32 = 1000;

/// Makes a queue, which is CREATING and then ACTIVE.
#[derive(Clone, Debug, Default)]
pub struct CreateQueue<'a> {
    /// The queue's name, unique in its account and region.
    pub queue_name: &'a str,
    /// The stream that the queue delivers records from: exactly one.
    pub stream_configuration_list: Vec<QueueStreamConfiguration<'a>>,
    /// Visibility timeout and dead-letter handling, if they are not to be the default.
    pub queue_attributes: QueueAttributes,
    /// Keys and values of the queue's tags.
    pub tags: Vec<(&'a str, &'a str)>,
}

/// A stream that a queue delivers records from.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueStreamConfiguration<'a> {
    /// The stream's ARN.
    pub stream_arn: &'a str,
    /// Where delivery starts.
    pub starting_position: QueueStart,
}

/// What can be set of a queue; what is not given is the default, or stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueAttributes {
    /// For how long a received record is in flight, 0 to 43,200. Default: 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility_timeout_seconds: Option<u32>,
    /// When a record is dead. Default: after six receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_configuration: Option<DeadLetterConfiguration>,
}

/// When a record is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the target types of the service model")]
pub enum DeadLetterConfiguration {
    /// When it was received so often without being acknowledged, 1 to 1000.
    BuiltIn {
        /// How often.
        max_receive_count: u32,
    },
    /// Never.
    None,
}

/// Describes a queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeQueue<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
}

/// Changes a queue's attributes.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateQueue<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
    /// What changes; what is not given stays.
    pub queue_attributes: QueueAttributes,
}

/// Deletes a queue. Its stream and the records there stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteQueue<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
}

/// Lists the queues of the caller's account and region in order of their names.
#[derive(Clone, Debug, Default)]
pub struct ListQueues<'a> {
    /// The most queues to return; 100 without it.
    pub max_results: Option<u32>,
    /// Go on where the answer with this token ended.
    pub next_token: Option<&'a str>,
    /// Only the queues on these streams; all if empty.
    pub stream_filter: Vec<QueueStreamFilter<'a>>,
}

/// A stream whose queues are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueStreamFilter<'a> {
    /// The stream's ARN.
    pub stream_arn: &'a str,
    /// Only if the stream was created at this time.
    pub stream_creation_timestamp: Option<Timestamp>,
}

/// The answer to [`CreateQueue`], [`DescribeQueue`] and [`UpdateQueue`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueReply {
    /// The queue.
    pub queue_description: QueueDescription,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueDescription {
    /// The queue's name.
    pub queue_name: String,
    /// The queue's ARN.
    #[serde(rename = "QueueARN")]
    pub queue_arn: String,
    /// What the queue does at the moment.
    pub queue_status: QueueStatus,
    /// When the queue was created.
    pub queue_creation_timestamp: Timestamp,
    /// The stream that records come from, alone in its list.
    pub stream_configuration_list: Vec<QueueStreamDescription>,
    /// Visibility timeout and dead-letter handling.
    pub queue_attributes: QueueAttributes,
}

/// The stream that a queue delivers records from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueStreamDescription {
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// Where delivery started.
    pub starting_position: QueueStartingPosition,
}

/// Where a queue started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueStartingPosition {
    /// How it was given.
    pub r#type: &'static str,
    /// When the first records arrived that are delivered; not there before the queue is ACTIVE, unless it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
}

/// The answer to [`ListQueues`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListQueuesReply {
    /// The queues, in order of their names.
    pub queue_summaries: Vec<QueueSummary>,
    /// Where to go on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A queue in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueSummary {
    /// The queue's name.
    pub queue_name: String,
    /// The queue's ARN.
    #[serde(rename = "QueueARN")]
    pub queue_arn: String,
    /// What the queue does at the moment.
    pub queue_status: QueueStatus,
    /// When the queue was created.
    pub queue_creation_timestamp: Timestamp,
    /// The stream that records come from, alone in its list.
    pub streams: Vec<QueueStream>,
}

/// The stream of a queue in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueStream {
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
    /// When the stream was created.
    pub stream_creation_timestamp: Timestamp,
}

impl Serialize for DeadLetterConfiguration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut members = serializer.serialize_struct("DeadLetterConfiguration", 2)?;
        match self {
            Self::BuiltIn { max_receive_count } => {
                members.serialize_field("TargetType", "BUILT_IN")?;
                members.serialize_field("MaxReceiveCount", max_receive_count)?;
            }
            Self::None => members.serialize_field("TargetType", "NONE")?,
        }
        members.end()
    }
}

impl QueueAttributes {
    /// These on top of `before`.
    fn over(self, before: Attributes) -> Result<Attributes, Error> {
        let visibility_secs = self.visibility_timeout_seconds.unwrap_or(before.visibility_secs);
        if visibility_secs > MAX_VISIBILITY_SECS {
            return Err(invalid("VisibilityTimeoutSeconds must be 0 to 43200."));
        }
        let max_receive_count = match self.dead_letter_configuration {
            Some(DeadLetterConfiguration::BuiltIn { max_receive_count }) => Some(max_receive_count),
            Some(DeadLetterConfiguration::None) => None,
            None => before.max_receive_count,
        };
        if max_receive_count.is_some_and(|max| !(1..=MAX_MAX_RECEIVE_COUNT).contains(&max)) {
            return Err(invalid("MaxReceiveCount must be 1 to 1000."));
        }
        Ok(Attributes { visibility_secs, max_receive_count })
    }
}

impl From<Attributes> for QueueAttributes {
    fn from(attributes: Attributes) -> Self {
        let dead_letters = match attributes.max_receive_count {
            Some(max_receive_count) => DeadLetterConfiguration::BuiltIn { max_receive_count },
            None => DeadLetterConfiguration::None,
        };
        Self {
            visibility_timeout_seconds: Some(attributes.visibility_secs),
            dead_letter_configuration: Some(dead_letters),
        }
    }
}

impl QueueDescription {
    fn of(queue: &Queue, stream: &Stream) -> Self {
        let identity = &queue.identity;
        let given = match identity.start {
            QueueStart::AtTimestamp(time) => Some(time),
            QueueStart::Latest | QueueStart::TrimHorizon => None,
        };
        Self {
            queue_name: identity.name.clone(),
            queue_arn: identity.arn.clone(),
            queue_status: queue.status(),
            queue_creation_timestamp: identity.created,
            stream_configuration_list: alloc::vec![QueueStreamDescription {
                stream_arn: stream.arn.as_str().to_string(),
                starting_position: QueueStartingPosition {
                    r#type: identity.start.as_str(),
                    timestamp: queue.effective_start.or(given),
                },
            }],
            queue_attributes: queue.attributes_to_show().into(),
        }
    }
}

impl QueueSummary {
    fn of(queue: &Queue, stream: &Stream) -> Self {
        let identity = &queue.identity;
        Self {
            queue_name: identity.name.clone(),
            queue_arn: identity.arn.clone(),
            queue_status: queue.status(),
            queue_creation_timestamp: identity.created,
            streams: alloc::vec![QueueStream {
                stream_arn: stream.arn.as_str().to_string(),
                stream_creation_timestamp: stream.created,
            }],
        }
    }
}

/// All queues of an engine.
#[derive(Debug, Default, Persist)]
pub(crate) struct Queues {
    by_id: ById<Box<Queue>>,
    #[persist(skip)]
    directory: Directory,
}

impl Queues {
    /// What is kept of received records takes this in memory.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.by_id.iter().map(|(_, queue)| queue.ledger.stored_bytes()).sum()
    }

    pub(crate) fn create_queue(
        &mut self,
        streams: &mut Streams,
        cx: &mut Context<'_>,
        input: &CreateQueue<'_>,
    ) -> Result<QueueReply, Error> {
        if !is_stream_name(input.queue_name) {
            return Err(invalid(
                "QueueName must have 1 to 128 letters, digits, underscores, points or hyphens.",
            ));
        }
        let [source] = input.stream_configuration_list.as_slice() else {
            return Err(invalid("StreamConfigurationList must have exactly one entry."));
        };
        let attributes = input.queue_attributes.over(Attributes::default())?;
        let (account, region) = (cx.account, cx.region);
        let is_committed = streams.commitment(account, region).is_enabled(cx.now);
        let stream = streams.find_source(cx, source.stream_arn)?.id;
        let stream = streams.get_mut(stream).ok_or_else(|| not_found(source.stream_arn))?;
        if self.directory.has(&Address { account, region, name: input.queue_name }) {
            let message = format!("Queue {} under account {account} already exists.", input.queue_name);
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        let (registered, limit) = (stream.registered_consumers(), max_registered(stream, is_committed));
        if registered >= limit {
            let message = format!(
                "Stream {} under account {account} has {registered} registered consumers and queues; limit: {limit}.",
                stream.name()
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let arn = queue_arn(cx, stream, input.queue_name);
        let tags = Tags::of(&parse_resource_arn(&arn)?, &input.tags)?;
        let id = self.by_id.next_id();
        stream.queues += 1;
        stream.queues_made = stream.queues_made.wrapping_add(1);
        let identity = Identity {
            id,
            account,
            name: input.queue_name.to_string(),
            arn,
            region: region.to_string(),
            stream: stream.id,
            start: source.starting_position,
            created: cx.now,
        };
        let active_at = cx.now.plus_millis(cx.durations.create_queue);
        let queue = Queue::new(identity, stream, attributes, active_at);
        cx.timers.set(Timer::Queue(id), Some(active_at));
        let reply = QueueReply { queue_description: QueueDescription::of(&queue, stream) };
        streams.attachments.add(queue.identity.arn.clone(), tags);
        self.directory.add(&address_of(&queue.identity), &queue.identity.arn, id);
        self.by_id.add(Box::new(queue));
        Ok(reply)
    }

    /// Makes anew what follows from the queues of a snapshot; fails if they do not hold together. Nobody waits at them.
    pub(crate) fn rebuild(
        &mut self,
        streams: &mut Streams,
        now: Timestamp,
        timers: &TimerQueue<Timer>,
    ) -> Result<(), SnapshotError> {
        let mut queues = core::mem::take(&mut self.by_id);
        for (id, queue) in queues.iter_mut() {
            let due = queue.poll_timeout(None, now);
            let identity = &queue.identity;
            let is_sound = id == identity.id
                && identity.created <= now
                && self.directory.restore("queue", &address_of(identity), &identity.arn, id)
                && timers.has_by(Timer::Queue(id), due);
            let stream = streams.get_mut(identity.stream);
            let stream = stream.filter(|stream| is_sound && stream.status() != StreamStatus::Deleting);
            let Some(stream) = stream else { return Err(unsound(&identity.arn)) };
            stream.queues += 1;
            queue.ledger.rebuild()?;
        }
        streams.rebuild_attachments(queues.iter().map(|(_, queue)| queue.identity.arn.clone()).collect())?;
        self.by_id = queues;
        Ok(())
    }

    pub(crate) fn describe_queue(
        &self,
        streams: &Streams,
        input: &DescribeQueue<'_>,
    ) -> Result<QueueReply, Error> {
        let queue = self.find(input.queue_arn)?;
        let stream = streams.get(queue.identity.stream).ok_or_else(|| not_found(input.queue_arn))?;
        Ok(QueueReply { queue_description: QueueDescription::of(queue, stream) })
    }

    pub(crate) fn update_queue(
        &mut self,
        streams: &Streams,
        cx: &mut Context<'_>,
        input: &UpdateQueue<'_>,
    ) -> Result<QueueReply, Error> {
        let queue = self.find_mut(input.queue_arn)?;
        if queue.status() != QueueStatus::Active {
            return Err(queue_not_active(ErrorKind::ResourceInUse, input.queue_arn, queue));
        }
        let attributes = input.queue_attributes.over(queue.attributes())?;
        let stream = streams.get(queue.identity.stream).ok_or_else(|| not_found(input.queue_arn))?;
        queue.start_update(cx.now.plus_millis(cx.durations.update_queue), attributes);
        cx.timers.set(Timer::Queue(queue.identity.id), queue.poll_timeout(Some(stream), cx.now));
        Ok(QueueReply { queue_description: QueueDescription::of(queue, stream) })
    }

    /// Also returns the queue's number, so that those who wait for its records can be told.
    pub(crate) fn delete_queue(
        &mut self,
        cx: &mut Context<'_>,
        input: &DeleteQueue<'_>,
    ) -> Result<u64, Error> {
        let queue = self.find_mut(input.queue_arn)?;
        queue.start_deletion(cx.now.plus_millis(cx.durations.delete_queue));
        let id = queue.identity.id;
        cx.timers.set(Timer::Queue(id), queue.poll_timeout(None, cx.now));
        Ok(id)
    }

    pub(crate) fn list_queues(
        &self,
        streams: &Streams,
        cx: &Context<'_>,
        input: &ListQueues<'_>,
    ) -> Result<ListQueuesReply, Error> {
        if input.max_results.is_some_and(|max| !(1..=MAX_LIST_PAGE).contains(&max)) {
            return Err(invalid("MaxResults must be 1 to 10000."));
        }
        let limit = input.max_results.map_or(LIST_PAGE, |max| max as usize);
        let find = |id| {
            let queue = self.by_id.get(id)?;
            let stream = streams.get(queue.identity.stream)?;
            is_wanted(&input.stream_filter, stream).then(|| QueueSummary::of(queue, stream))
        };
        let token = (TokenKind::ListQueues, input.next_token);
        let (queue_summaries, next_token) =
            self.directory.page(cx, token, limit, find, |queue| &queue.queue_name)?;
        Ok(ListQueuesReply { queue_summaries, next_token })
    }

    pub(super) fn find(&self, arn: &str) -> Result<&Queue, Error> {
        let queue = self.directory.with_arn(arn).and_then(|id| self.by_id.get(id));
        queue.map(|queue| &**queue).ok_or_else(|| not_found(arn))
    }

    pub(super) fn find_mut(&mut self, arn: &str) -> Result<&mut Queue, Error> {
        let queue = self.directory.with_arn(arn).and_then(|id| self.by_id.get_mut(id));
        queue.map(|queue| &mut **queue).ok_or_else(|| not_found(arn))
    }

    /// Whether the queue with this number still exists.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.by_id.get(id).is_some()
    }

    /// The queue with this number, if it still exists.
    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Queue> {
        self.by_id.get_mut(id).map(|queue| &mut **queue)
    }

    /// Ends the transitional state of a queue that is due at `now`.
    pub(crate) fn handle_timeout(&mut self, streams: &mut Streams, id: u64, now: Timestamp) {
        let Some(queue) = self.by_id.get_mut(id) else { return };
        let Some(stream) = streams.get_mut(queue.identity.stream) else { return };
        if queue.handle_timeout(stream, now) == Outcome::Kept {
            return;
        }
        stream.queues -= 1;
        stream.remove_reader(Timer::QueueRead(id));
        streams.attachments.remove(&queue.identity.arn);
        self.directory.remove(&address_of(&queue.identity), &queue.identity.arn);
        self.by_id.remove(id);
    }

    /// Sets the queue's timers anew: for what it does by itself, and for puts if someone waits for its records.
    pub(crate) fn set_timers(
        &mut self,
        streams: &mut Streams,
        id: u64,
        now: Timestamp,
        timers: &mut TimerQueue<Timer>,
    ) {
        let Some(queue) = self.by_id.get_mut(id) else { return };
        let stream = streams.get_mut(queue.identity.stream);
        timers.set(Timer::Queue(id), queue.poll_timeout(stream.as_deref(), now));
        let Some(stream) = stream else { return };
        if queue.is_awaited() {
            stream.add_reader(Timer::QueueRead(id));
        } else {
            stream.remove_reader(Timer::QueueRead(id));
        }
    }
}

fn address_of(queue: &Identity) -> Address<'_> {
    Address { account: queue.account, region: &queue.region, name: &queue.name }
}

/// Whether a list with this filter has the queues of this stream.
fn is_wanted(filter: &[QueueStreamFilter<'_>], stream: &Stream) -> bool {
    let is_it = |wanted: &QueueStreamFilter<'_>| {
        wanted.stream_arn == stream.arn.as_str()
            && wanted.stream_creation_timestamp.is_none_or(|created| created == stream.created)
    };
    filter.is_empty() || filter.iter().any(is_it)
}

/// The ARN of the stream's newest queue. What it ends with is drawn for the queue and does not tell its name.
fn queue_arn(cx: &Context<'_>, stream: &Stream, name: &str) -> String {
    let entity = format!("{}/queue/{name}/{}", stream.arn.as_str(), stream.created.as_millis());
    let id = uuid_text(cx.seed.draw(&entity, stream.queues_made));
    format!("arn:{}:kinesis:{}:{}:queue/{id}", partition_of(cx.region), cx.region, cx.account)
}

/// What the service model says of the members, for callers that come without the wire and its validator; and what it
/// says in words.
fn invalid(message: impl Into<alloc::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Validation, message)
}

/// The error of an operation on a queue that is not active, with the kind that the operation has for it.
pub(super) fn queue_not_active(kind: ErrorKind, arn: &str, queue: &Queue) -> Error {
    Error::new(kind, format!("Queue {arn} not ACTIVE, instead in state {}", queue.status().as_str()))
}

pub(super) fn not_found(arn: &str) -> Error {
    Error::new(ErrorKind::ResourceNotFound, format!("Queue {arn} not found."))
}
