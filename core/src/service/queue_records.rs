//! Receiving the records of queues, and saying what became of them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::queues::{MAX_VISIBILITY_SECS, Queues, not_found, queue_not_active};
use super::{Context, Streams};
use crate::error::{Error, ErrorKind};
use crate::queue::{Delivery, Lane, Queue, Receipt, Terms};
use crate::rng::mix;
use crate::stream::Stream;
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::token::{TokenKind, TokenSealer};

/// The most records in one answer, and how many there are at most without a limit; also the most entries in one
/// request.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ReceiveQueueRecords.html>
const MAX_RECORDS: u32 = 10;

/// Receives records of a queue that are visible. The typed call does not wait for one.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiveQueueRecords<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
    /// The most records to return, 1 to 10; 10 without it.
    pub limit: Option<u32>,
    /// For how long these records are in flight, 0 to 43,200; as the queue says without it.
    pub visibility_timeout_seconds: Option<u32>,
}

/// Says that records are done with.
#[derive(Clone, Debug, Default)]
pub struct AcknowledgeQueueRecords<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
    /// The receipt handles of the records, 1 to 10.
    pub receipt_handles: Vec<&'a str>,
}

/// Changes for how long received records are in flight.
#[derive(Clone, Debug, Default)]
pub struct UpdateQueueRecordsVisibility<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
    /// The records, 1 to 10.
    pub entries: Vec<VisibilityEntry<'a>>,
}

/// A record, and for how long it is in flight.
#[derive(Clone, Copy, Debug, Default)]
pub struct VisibilityEntry<'a> {
    /// The record's receipt handle.
    pub receipt_handle: &'a str,
    /// Seconds from now, 0 to 43,200; 0 makes the record visible.
    pub visibility_timeout_seconds: u32,
}

/// Takes dead-letter records back among those that are received normally.
#[derive(Clone, Debug, Default)]
pub struct RestoreDeadLetterQueueRecords<'a> {
    /// The queue's ARN.
    pub queue_arn: &'a str,
    /// The receipt handles of the records, 1 to 10.
    pub receipt_handles: Vec<&'a str>,
}

/// The answer to [`ReceiveQueueRecords`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReceiveQueueRecordsReply {
    /// The records.
    pub queue_records: Vec<QueueRecord>,
}

/// A record as a queue delivers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueRecord {
    /// Names this delivery of the record.
    pub receipt_handle: String,
    /// Names the record, in every delivery and in every queue on the stream.
    pub record_id: String,
    /// The key that the record was put with, if it was put with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<String>,
    /// The payload.
    #[serde(serialize_with = "crate::serialize::blob")]
    pub data: Vec<u8>,
    /// When the record arrived in the stream.
    pub approximate_arrival_timestamp: Timestamp,
    /// When the record was received from the queue for the first time.
    pub first_receive_timestamp: Timestamp,
    /// How often the record was received since it was new or restored, this time included.
    pub receive_count: u32,
}

/// The answer to what is said of several records: what became of each entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueEntriesReply {
    /// The entries that took effect.
    pub successful: Vec<SuccessfulQueueEntry>,
    /// The entries that did not.
    pub failed: Vec<FailedQueueEntry>,
}

/// An entry that took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SuccessfulQueueEntry {
    /// The entry's receipt handle.
    pub receipt_handle: String,
}

/// An entry that did not take effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FailedQueueEntry {
    /// The entry's receipt handle.
    pub receipt_handle: String,
    /// The code of an error.
    pub error_code: &'static str,
    /// What is wrong.
    pub error_message: String,
}

/// What is said of a record.
#[derive(Clone, Copy, Debug)]
enum Word {
    Acknowledge,
    SetVisibility(u64),
    Restore,
}

impl Queues {
    pub(crate) fn receive(
        &mut self,
        streams: &Streams,
        cx: &mut Context<'_>,
        lane: Lane,
        input: &ReceiveQueueRecords<'_>,
    ) -> Result<ReceiveQueueRecordsReply, Error> {
        let limit = input.limit.unwrap_or(MAX_RECORDS);
        if !(1..=MAX_RECORDS).contains(&limit) {
            return Err(Error::new(ErrorKind::Validation, "Limit must be 1 to 10."));
        }
        let (queue, stream) = self.delivering(streams, input.queue_arn)?;
        let attributes = queue.attributes();
        let secs = input.visibility_timeout_seconds.unwrap_or(attributes.visibility_secs);
        let terms = Terms {
            limit: limit as usize,
            visibility_ms: visibility_ms(secs)?,
            max_receive_count: attributes.max_receive_count,
        };
        let id = queue.identity.id;
        let deliveries = queue.ledger.receive(stream, cx.now, lane, terms);
        let records = deliveries.iter().map(|delivery| record(&cx.sealer, id, stream, delivery));
        let queue_records = records.collect();
        // Those that were received for the last time are dead later.
        cx.timers.set(Timer::Queue(id), queue.poll_timeout(Some(stream), cx.now));
        Ok(ReceiveQueueRecordsReply { queue_records })
    }

    pub(crate) fn acknowledge(
        &mut self,
        streams: &Streams,
        cx: &mut Context<'_>,
        lane: Lane,
        input: &AcknowledgeQueueRecords<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        let entries = input.receipt_handles.iter().map(|handle| (*handle, Word::Acknowledge));
        self.tell(streams, cx, lane, input.queue_arn, entries.collect())
    }

    pub(crate) fn restore(
        &mut self,
        streams: &Streams,
        cx: &mut Context<'_>,
        input: &RestoreDeadLetterQueueRecords<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        let entries = input.receipt_handles.iter().map(|handle| (*handle, Word::Restore));
        self.tell(streams, cx, Lane::Dead, input.queue_arn, entries.collect())
    }

    pub(crate) fn update_visibility(
        &mut self,
        streams: &Streams,
        cx: &mut Context<'_>,
        lane: Lane,
        input: &UpdateQueueRecordsVisibility<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        let entries = input.entries.iter().map(|entry| {
            let millis = visibility_ms(entry.visibility_timeout_seconds)?;
            Ok((entry.receipt_handle, Word::SetVisibility(millis)))
        });
        let entries: Result<Vec<_>, Error> = entries.collect();
        self.tell(streams, cx, lane, input.queue_arn, entries?)
    }

    /// Carries out entries one by one, and wakes those who wait for what is visible then.
    fn tell(
        &mut self,
        streams: &Streams,
        cx: &mut Context<'_>,
        lane: Lane,
        arn: &str,
        entries: Vec<(&str, Word)>,
    ) -> Result<QueueEntriesReply, Error> {
        if !(1..=MAX_RECORDS as usize).contains(&entries.len()) {
            return Err(Error::new(ErrorKind::Validation, "Entries must have 1 to 10 members."));
        }
        let (queue, stream) = self.delivering(streams, arn)?;
        let mut reply = QueueEntriesReply::default();
        for (handle, word) in entries {
            match carry_out(queue, stream, cx, lane, handle, word, &reply) {
                Ok(()) => reply.successful.push(SuccessfulQueueEntry { receipt_handle: handle.to_string() }),
                Err(error) => reply.failed.push(FailedQueueEntry {
                    receipt_handle: handle.to_string(),
                    error_code: error.kind.code(),
                    error_message: error.message.into_owned(),
                }),
            }
        }
        cx.timers.set(Timer::Queue(queue.identity.id), queue.poll_timeout(Some(stream), cx.now));
        Ok(reply)
    }

    /// The number of the queue with this ARN.
    pub(crate) fn number_of(&self, arn: &str) -> Option<u64> {
        self.find(arn).ok().map(|queue| queue.identity.id)
    }

    /// The queue and its stream, if records are delivered.
    fn delivering<'s>(&mut self, streams: &'s Streams, arn: &str) -> Result<(&mut Queue, &'s Stream), Error> {
        let queue = self.find_mut(arn)?;
        if !queue.delivers() {
            return Err(queue_not_active(ErrorKind::ResourceNotFound, arn, queue));
        }
        let stream = streams.get(queue.identity.stream).ok_or_else(|| not_found(arn))?;
        Ok((queue, stream))
    }
}

fn carry_out(
    queue: &mut Queue,
    stream: &Stream,
    cx: &Context<'_>,
    lane: Lane,
    handle: &str,
    word: Word,
    before: &QueueEntriesReply,
) -> Result<(), Error> {
    let receipt = open_handle(&cx.sealer, handle, queue.identity.id).ok_or_else(|| {
        Error::invalid_argument("The receipt handle is invalid: it was not issued by this queue.")
    })?;
    let (ledger, now) = (&mut queue.ledger, cx.now);
    let is_good = match word {
        // A handle that is there twice: what it says is done once, and both entries are answered alike.
        Word::Acknowledge | Word::Restore
            if before.successful.iter().any(|entry| entry.receipt_handle == handle) =>
        {
            true
        }
        Word::Acknowledge => ledger.acknowledge(stream, now, lane, receipt),
        Word::Restore => ledger.restore(stream, now, receipt),
        Word::SetVisibility(millis) => ledger.set_visibility(stream, now, lane, receipt, millis),
    };
    if is_good {
        return Ok(());
    }
    let kind = match lane {
        Lane::Main => "record in flight",
        Lane::Dead => "dead-letter record",
    };
    let message = format!(
        "The receipt handle is not that of a {kind}: the record was acknowledged, received again, or has expired, or it \
         has become a dead-letter record or was restored."
    );
    Err(Error::new(ErrorKind::ResourceNotFound, message))
}

fn visibility_ms(secs: u32) -> Result<u64, Error> {
    if secs > MAX_VISIBILITY_SECS {
        return Err(Error::new(ErrorKind::Validation, "VisibilityTimeoutSeconds must be 0 to 43200."));
    }
    Ok(u64::from(secs) * 1000)
}

fn record(sealer: &TokenSealer, queue: u64, stream: &Stream, delivery: &Delivery<'_>) -> QueueRecord {
    let stored = delivery.record;
    QueueRecord {
        receipt_handle: seal_handle(sealer, queue, delivery.receipt),
        record_id: record_id(stream, delivery),
        partition_key: stored.partition_key.map(ToString::to_string),
        data: stored.data.to_vec(),
        approximate_arrival_timestamp: stored.arrival,
        first_receive_timestamp: delivery.first_received,
        receive_count: delivery.receive_count,
    }
}

/// The same for a record in every queue, and another for every record of the engine: stream, shard and index, mixed by
/// a bijection so that nothing can be read out of it.
fn record_id(stream: &Stream, delivery: &Delivery<'_>) -> String {
    let place = mix(u64::from(delivery.shard.id().index()) << 32 ^ mix(stream.id));
    format!("{place:016x}{:016x}", mix(delivery.record.index ^ place))
}

fn seal_handle(sealer: &TokenSealer, queue: u64, receipt: Receipt) -> String {
    let mut payload = Vec::with_capacity(20);
    payload.extend_from_slice(&queue.to_be_bytes());
    payload.extend_from_slice(&receipt.delivery.to_be_bytes());
    payload.extend_from_slice(&receipt.slot.to_be_bytes());
    sealer.seal(TokenKind::ReceiptHandle, &payload)
}

/// Reads a receipt handle; `None` if this queue did not issue it.
fn open_handle(sealer: &TokenSealer, handle: &str, queue: u64) -> Option<Receipt> {
    let payload = sealer.open(TokenKind::ReceiptHandle, handle)?;
    let (of, rest) = payload.split_first_chunk::<8>()?;
    let (delivery, rest) = rest.split_first_chunk::<8>()?;
    let (slot, _) = rest.split_first_chunk::<4>()?;
    let receipt = Receipt { slot: u32::from_be_bytes(*slot), delivery: u64::from_be_bytes(*delivery) };
    (u64::from_be_bytes(*of) == queue).then_some(receipt)
}
