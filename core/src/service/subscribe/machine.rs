//! One subscription: what is pushed when, and what waits for the host to take it.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::super::read::Batch;
use super::{SubscribeToShardEvent, taken};
use crate::error::{Error, ErrorKind};
use crate::quota::{FanOutQuota, Limits};
use crate::sequence::SequenceNumber;
use crate::shard::Shard;
use crate::shard_id::ShardId;
use crate::stream::Stream;
use crate::time::Timestamp;

/// How long a subscription lasts.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html>
const LIFE_MS: u64 = 300_000;
/// An event comes at least this often, also without records.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/building-enhanced-consumers-api.html>
const HEARTBEAT_MS: u64 = 5_000;
/// Records of one event at most; no source says how many the service sends.
const MAX_EVENT_RECORDS: u32 = 10_000;
/// The data and partition keys of one event, unless a single record has more; no source says how much the service
/// sends.
const MAX_EVENT_BYTES: usize = 1 << 20;
/// While this much waits for the host, nothing more is read. So no more than this and one event ever waits.
const MAX_WAITING_BYTES: usize = 1 << 20;
/// What a piece takes beside the bytes of its records, and what a record does.
const PIECE_BYTES: usize = 256;

/// A subscription of a consumer to a shard. The stream is lent for each step.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) stream: u64,
    consumer: u64,
    shard: ShardId,
    /// The index of the record to read next.
    next_index: u64,
    opened: Timestamp,
    phase: Phase,
    quota: FanOutQuota,
    waiting: VecDeque<Piece>,
    waiting_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is pushed before this time.
    Opening(Timestamp),
    /// Events are pushed; the last one, or the head, at this time.
    Open(Timestamp),
    /// Nothing more comes than what waits.
    Ended,
}

/// What goes to the subscriber.
#[derive(Debug)]
pub(crate) enum Piece {
    /// The subscription is open.
    Head,
    Event(Box<SubscribeToShardEvent>),
    /// Why the subscription ends before its time.
    Exception(Error),
    /// Nothing comes any more.
    End,
}

impl Subscription {
    pub(super) fn new(now: Timestamp, stream: u64, consumer: u64, shard: ShardId, next_index: u64) -> Self {
        Self {
            stream,
            consumer,
            shard,
            next_index,
            opened: now,
            phase: Phase::Opening(now),
            quota: FanOutQuota::default(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
        }
    }

    /// Pushes nothing before so many milliseconds have passed.
    pub(crate) fn delay(&mut self, millis: u64) {
        if let Phase::Opening(from) = &mut self.phase {
            *from = from.plus_millis(millis);
        }
    }

    /// Whether both are of the same consumer for the same shard.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        (self.stream, self.consumer, self.shard) == (other.stream, other.consumer, other.shard)
    }

    /// The consumer has subscribed to the shard again. What was sent is still to be paid back.
    pub(crate) fn handle_takeover(&mut self, next: &mut Self) {
        next.quota = self.quota;
        self.fail(taken());
    }

    /// Pushes what there is at `now`. `stream` is the one with the subscription's number, if it still exists.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp, stream: Option<&Stream>, limits: &Limits) {
        if let Phase::Opening(from) = self.phase {
            if now < from {
                return;
            }
            self.phase = Phase::Open(now);
            self.push(Piece::Head);
        }
        let Phase::Open(mut heard) = self.phase else { return };
        let stream = stream.filter(|stream| stream.consumers.is_active(self.consumer));
        let Some((stream, shard)) = stream.and_then(|stream| Some((stream, stream.shard(now, self.shard)?)))
        else {
            let message = "The consumer, its stream or the shard does not exist any more.";
            self.fail(Error::new(ErrorKind::ResourceNotFound, message));
            return;
        };
        if now >= self.expires() {
            self.end();
            return;
        }
        while !self.is_full() {
            // Heartbeats, and the end of a shard, do not wait for the quota.
            let max_records = if self.quota.is_ready(now) { MAX_EVENT_RECORDS } else { 0 };
            let batch = Batch::read(stream, shard, now, self.next_index, max_records, MAX_EVENT_BYTES);
            let is_silent = batch.records.is_empty() && batch.child_shards.is_none();
            if is_silent && now < heard.plus_millis(HEARTBEAT_MS) {
                break;
            }
            heard = now;
            self.phase = Phase::Open(now);
            self.quota.charge(limits, now, batch.bytes);
            if self.push_batch(now, shard, batch) {
                self.end();
            }
        }
    }

    /// Pushes an event; says whether it is the last of the shard.
    fn push_batch(&mut self, now: Timestamp, shard: &Shard, batch: Batch) -> bool {
        let Batch { records, next_index, millis_behind_latest, child_shards, .. } = batch;
        self.next_index = next_index;
        let continuation_sequence_number = match (&child_shards, records.last()) {
            (Some(_), _) => None,
            (None, Some(last)) => Some(last.sequence_number),
            // The number is that of the last record, if there is one, but for its time, which goes on.
            (None, None) => Some(match next_index.checked_sub(1) {
                Some(last) => shard.sequence_number(last, now),
                None => SequenceNumber::record(
                    shard.created_secs(),
                    shard.id().index(),
                    0,
                    now.as_secs().max(shard.created_secs()),
                ),
            }),
        };
        let is_last = child_shards.is_some();
        let event = SubscribeToShardEvent {
            records: records.to_vec(),
            continuation_sequence_number,
            millis_behind_latest,
            child_shards: child_shards.unwrap_or_default(),
        };
        self.push(Piece::Event(Box::new(event)));
        is_last
    }

    /// When there is something to do next, also if nothing is put.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Opening(from) => Some(from),
            Phase::Open(_) if self.is_full() => Some(self.expires()),
            Phase::Open(heard) => {
                let next = heard.plus_millis(HEARTBEAT_MS).min(self.expires());
                Some(self.quota.poll_timeout().map_or(next, |ready| ready.min(next)))
            }
            Phase::Ended => None,
        }
    }

    /// Takes what comes next.
    pub(crate) fn poll(&mut self) -> Option<Piece> {
        if let Some(piece) = self.waiting.pop_front() {
            self.waiting_bytes -= piece.bytes();
            return Some(piece);
        }
        (self.phase == Phase::Ended).then_some(Piece::End)
    }

    /// Whether [`poll`](Self::poll) gives something.
    pub(crate) fn has_news(&self) -> bool {
        self.phase == Phase::Ended || !self.waiting.is_empty()
    }

    /// Whether so much waits that nothing more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting_bytes >= MAX_WAITING_BYTES || self.phase == Phase::Ended
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// Whether the subscription goes on until its time is over, however much of it is read: a closed shard comes to its
    /// end sooner.
    pub(crate) fn lasts(&self, stream: Option<&Stream>) -> bool {
        !self.has_ended() && stream.is_some_and(|stream| stream.is_open(self.shard))
    }

    fn expires(&self) -> Timestamp {
        self.opened.plus_millis(LIFE_MS)
    }

    fn fail(&mut self, error: Error) {
        if self.phase != Phase::Ended {
            if matches!(self.phase, Phase::Opening(_)) {
                self.push(Piece::Head);
            }
            self.push(Piece::Exception(error));
            self.end();
        }
    }

    fn end(&mut self) {
        self.phase = Phase::Ended;
    }

    fn push(&mut self, piece: Piece) {
        self.waiting_bytes += piece.bytes();
        self.waiting.push_back(piece);
    }
}

impl Piece {
    /// What the piece takes while it waits.
    fn bytes(&self) -> usize {
        let records = match self {
            Self::Event(event) => &event.records[..],
            Self::Head | Self::Exception(_) | Self::End => &[],
        };
        let sizes = records.iter().map(|record| {
            PIECE_BYTES + record.data.len() + record.partition_key.as_deref().map_or(0, str::len)
        });
        PIECE_BYTES + sizes.sum::<usize>()
    }
}
