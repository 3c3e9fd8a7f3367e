//! What became of each record of a queue: never received, in flight, visible again, dead, done.
//!
//! Records that were never received lie in the stream's shards, after the queue's position in each. Of those before it,
//! only the ones that were received and not acknowledged are held here, without their data; all others are done. So
//! memory goes by what is in flight, and so does time, by its logarithm.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::shard::{Shard, ShardId, StoredRecord};
use crate::snapshot::{SnapshotError, unsound};
use crate::stream::{Progress, Stream};
use crate::time::Timestamp;
use borsh::{BorshDeserialize, BorshSerialize};

/// Bytes of data and partition keys after which an answer ends, as for GetRecords.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html>
const MAX_BYTES: usize = 10 << 20;
/// Held records below which it is not worth while to look for those that have expired.
const MIN_SWEEP: usize = 1024;
/// Outdated turns that a line may have, beside as many as there are held records.
const MAX_OUTDATED: usize = 64;

/// The two lines in which records wait to be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// That of ReceiveQueueRecords.
    Main,
    /// That of ReceiveDeadLetterQueueRecords.
    Dead,
}

/// What a receipt handle says beside its queue: which held record, and which delivery of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) slot: u32,
    pub(crate) delivery: u64,
}

/// A record that is being received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery<'s> {
    pub(crate) receipt: Receipt,
    pub(crate) shard: &'s Shard,
    pub(crate) record: StoredRecord<'s>,
    pub(crate) first_received: Timestamp,
    pub(crate) receive_count: u32,
}

/// How records are received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// The most records.
    pub(crate) limit: usize,
    /// For how long they are in flight.
    pub(crate) visibility_ms: u64,
    /// The number of the receipt that is a record's last in the main lane.
    pub(crate) max_receive_count: Option<u32>,
}

/// A record that was received and not acknowledged.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
struct Held {
    shard: ShardId,
    index: u64,
    arrival: Timestamp,
    first_received: Timestamp,
    receive_count: u32,
    state: State,
    /// In flight before, visible from then on.
    visible_at: Timestamp,
    /// The number of its turn in its line; turns with other numbers are outdated.
    turn: u64,
    /// The number of its newest delivery, which is that of the only handle that acts; 0 when there is none.
    delivery: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
enum State {
    /// In the main lane.
    Main,
    /// In flight for the last time: in the main lane until it is visible, and dead from then on.
    Last,
    /// In the dead lane.
    Dead,
}

impl State {
    /// The line in which the record waits.
    fn line(self) -> Lane {
        match self {
            Self::Main => Lane::Main,
            Self::Last | Self::Dead => Lane::Dead,
        }
    }
}

/// A place in a line: the one that is visible first, or was, comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    visible_at: Timestamp,
    number: u64,
    slot: u32,
}

type Line = BinaryHeap<Reverse<Turn>>;

/// The next record of a shard that was never received.
#[derive(Clone, Copy, Debug)]
struct Fresh<'s> {
    shard: &'s Shard,
    record: StoredRecord<'s>,
}

/// A record chosen to be delivered.
enum Chosen<'s> {
    Fresh(Fresh<'s>),
    Again(u32, Fresh<'s>),
}

/// The records of one queue.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Ledger {
    /// The first record of each shard that was never received.
    progress: Progress,
    held: Vec<Option<Held>>,
    /// The places in `held` that are free.
    free: Vec<u32>,
    #[borsh(skip)]
    main: Line,
    #[borsh(skip)]
    dead: Line,
    /// Numbers of turns and deliveries, which are never used again.
    last_number: u64,
    /// How many places `held` has when expired records are looked for next.
    sweep_at: usize,
}

impl Ledger {
    /// What is kept of received records takes this in memory. Each has a place, and most are in a line too.
    pub(crate) fn stored_bytes(&self) -> u64 {
        2 * (self.held.len() * size_of::<Option<Held>>()) as u64
    }

    /// Of a queue that starts at `progress`.
    pub(crate) fn new(progress: Progress) -> Self {
        Self {
            progress,
            held: Vec::new(),
            free: Vec::new(),
            main: Line::new(),
            dead: Line::new(),
            last_number: 0,
            sweep_at: MIN_SWEEP,
        }
    }

    /// Makes the lines anew that follow from the records of a snapshot; fails if these do not hold together.
    pub(crate) fn rebuild(&mut self) -> Result<(), SnapshotError> {
        let mut free = self.free.clone();
        free.sort_unstable();
        let places = (0u32..).zip(&self.held);
        if !free.into_iter().eq(places.filter(|(_, held)| held.is_none()).map(|(slot, _)| slot)) {
            return Err(unsound("the records of a queue"));
        }
        for (slot, held) in (0u32..).zip(&self.held) {
            let Some(held) = held else { continue };
            let turn = Reverse(Turn { visible_at: held.visible_at, number: held.turn, slot });
            match held.state.line() {
                Lane::Main => self.main.push(turn),
                Lane::Dead => self.dead.push(turn),
            }
        }
        Ok(())
    }

    /// Receives what is visible in a lane at `now`. What is visible the longest comes first.
    pub(crate) fn receive<'s>(
        &mut self,
        stream: &'s Stream,
        now: Timestamp,
        lane: Lane,
        terms: Terms,
    ) -> Vec<Delivery<'s>> {
        let chosen = match lane {
            Lane::Main => self.choose(stream, now, terms.limit),
            Lane::Dead => self.choose_dead(stream, now, terms.limit),
        };
        // Only now: with a visibility timeout of 0 they are visible at once, and no record comes twice in an answer.
        chosen.into_iter().map(|chosen| self.deliver(stream, now, lane, terms, chosen)).collect()
    }

    fn choose<'s>(&mut self, stream: &'s Stream, now: Timestamp, limit: usize) -> Vec<Chosen<'s>> {
        let mut chosen = Vec::new();
        let mut bytes = 0;
        let mut fresh = self.fresh(stream, now);
        while chosen.len() < limit {
            let again = self.first_visible(stream, now, Lane::Main);
            let first = fresh
                .iter()
                .enumerate()
                .min_by_key(|(_, fresh)| (fresh.record.arrival, fresh.shard.id()))
                .map(|(place, fresh)| (place, *fresh));
            // At equal times the one that was never received, or a record with a visibility timeout of 0 would keep
            // all others back while the clock stands still.
            let next = match (again, first) {
                (Some((turn, record)), first)
                    if first.is_none_or(|(_, fresh)| turn.visible_at < fresh.record.arrival) =>
                {
                    Chosen::Again(turn.slot, record)
                }
                (_, Some((_, fresh))) => Chosen::Fresh(fresh),
                _ => break,
            };
            let (Chosen::Fresh(Fresh { record, .. }) | Chosen::Again(_, Fresh { record, .. })) = &next;
            bytes += record.size();
            if bytes > MAX_BYTES && !chosen.is_empty() {
                break;
            }
            match (&next, first) {
                (Chosen::Fresh(taken), Some((place, _))) => {
                    let after = taken.record.index + 1;
                    self.progress.set(taken.shard.id(), after);
                    match taken.shard.log().read(after).next() {
                        Some(record) => fresh[place].record = record,
                        // The children of a shard that is read to its end are next.
                        None => fresh = self.fresh(stream, now),
                    }
                }
                _ => {
                    self.main.pop();
                }
            }
            chosen.push(next);
        }
        chosen
    }

    fn choose_dead<'s>(&mut self, stream: &'s Stream, now: Timestamp, limit: usize) -> Vec<Chosen<'s>> {
        let mut chosen = Vec::new();
        let mut bytes = 0;
        while chosen.len() < limit
            && let Some((turn, again)) = self.first_visible(stream, now, Lane::Dead)
        {
            bytes += again.record.size();
            if bytes > MAX_BYTES && !chosen.is_empty() {
                break;
            }
            self.dead.pop();
            chosen.push(Chosen::Again(turn.slot, again));
        }
        chosen
    }

    /// The next record of each shard that was never received: parents before children.
    fn fresh<'s>(&mut self, stream: &'s Stream, now: Timestamp) -> Vec<Fresh<'s>> {
        let mut fresh = Vec::new();
        for shard in stream.shards(now) {
            let position = self.progress.position(stream, shard, now);
            if let Some(record) = shard.log().read(position).next()
                && self.progress.has_read_ancestors(stream, shard, now)
            {
                fresh.push(Fresh { shard, record });
            }
        }
        fresh
    }

    /// The record that is first in a line, if it is visible.
    fn first_visible<'s>(
        &mut self,
        stream: &'s Stream,
        now: Timestamp,
        lane: Lane,
    ) -> Option<(Turn, Fresh<'s>)> {
        loop {
            let turn = self.first_turn(stream, now, lane).filter(|turn| turn.visible_at <= now)?;
            let held = self.held[turn.slot as usize].as_ref()?;
            let shard = stream.shard_of_any_age(held.shard);
            let record = shard.and_then(|shard| {
                let record =
                    shard.log().read(held.index).next().filter(|record| record.index == held.index)?;
                Some(Fresh { shard, record })
            });
            match record {
                Some(record) => return Some((turn, record)),
                // It was trimmed while the retention period was shorter than it is now.
                None => self.release(turn.slot),
            }
        }
    }

    /// The first turn in a line. Those that are outdated, and those of records that have expired, are taken out.
    fn first_turn(&mut self, stream: &Stream, now: Timestamp, lane: Lane) -> Option<Turn> {
        let horizon = stream.trim_horizon(now);
        loop {
            let &Reverse(turn) = self.line(lane).peek()?;
            match self.held.get(turn.slot as usize).and_then(Option::as_ref) {
                Some(held) if held.turn == turn.number && held.arrival >= horizon => return Some(turn),
                Some(held) if held.turn == turn.number => self.release(turn.slot),
                _ => {
                    self.line(lane).pop();
                }
            }
        }
    }

    /// When the record that is first in a line is visible, or was.
    pub(crate) fn next_visible(&mut self, stream: &Stream, now: Timestamp, lane: Lane) -> Option<Timestamp> {
        self.first_turn(stream, now, lane).map(|turn| turn.visible_at)
    }

    fn deliver<'s>(
        &mut self,
        stream: &Stream,
        now: Timestamp,
        lane: Lane,
        terms: Terms,
        chosen: Chosen<'s>,
    ) -> Delivery<'s> {
        let (slot, Fresh { shard, record }) = match chosen {
            Chosen::Again(slot, record) => (slot, record),
            Chosen::Fresh(fresh) => (self.hold(stream, now, &fresh), fresh),
        };
        let delivery = self.next_number();
        let mut seen = (now, 1);
        if let Some(held) = self.held.get_mut(slot as usize).and_then(Option::as_mut) {
            held.receive_count = held.receive_count.saturating_add(1);
            held.delivery = delivery;
            held.state = match (lane, terms.max_receive_count) {
                (Lane::Dead, _) => State::Dead,
                (Lane::Main, Some(max)) if held.receive_count >= max => State::Last,
                (Lane::Main, _) => State::Main,
            };
            seen = (held.first_received, held.receive_count);
        }
        self.queue_up(slot, now.plus_millis(terms.visibility_ms));
        let receipt = Receipt { slot, delivery };
        Delivery { receipt, shard, record, first_received: seen.0, receive_count: seen.1 }
    }

    /// Acknowledges a record. Whether the receipt is still good.
    pub(crate) fn acknowledge(
        &mut self,
        stream: &Stream,
        now: Timestamp,
        lane: Lane,
        receipt: Receipt,
    ) -> bool {
        let is_good = self.find(stream, now, lane, receipt).is_some();
        if is_good {
            self.release(receipt.slot);
        }
        is_good
    }

    /// Makes a record visible so long after `now`. Whether the receipt is still good.
    pub(crate) fn set_visibility(
        &mut self,
        stream: &Stream,
        now: Timestamp,
        lane: Lane,
        receipt: Receipt,
        visibility_ms: u64,
    ) -> bool {
        let is_good = self.find(stream, now, lane, receipt).is_some();
        if is_good {
            self.queue_up(receipt.slot, now.plus_millis(visibility_ms));
        }
        is_good
    }

    /// Takes a dead record back into the main lane, where it is visible. Whether the receipt is still good.
    pub(crate) fn restore(&mut self, stream: &Stream, now: Timestamp, receipt: Receipt) -> bool {
        let Some(held) = self.find(stream, now, Lane::Dead, receipt) else { return false };
        held.state = State::Main;
        held.receive_count = 0;
        held.delivery = 0;
        self.queue_up(receipt.slot, now);
        true
    }

    /// Applies another maximum of receipts to the records that are not dead. A linear walk, once for each change.
    pub(crate) fn change_max_receive_count(&mut self, now: Timestamp, max: Option<u32>) {
        for slot in 0..self.held.len() {
            let Some(held) = &mut self.held[slot] else { continue };
            let is_visible = held.visible_at <= now;
            let is_exhausted = max.is_some_and(|max| held.receive_count >= max);
            let state = match held.state {
                State::Dead => continue,
                State::Last if is_visible => State::Dead,
                State::Main if is_exhausted && is_visible => State::Dead,
                State::Main | State::Last if is_exhausted => State::Last,
                State::Main | State::Last => State::Main,
            };
            if state == State::Dead {
                held.delivery = 0;
            }
            if core::mem::replace(&mut held.state, state).line() != state.line() {
                let visible_at = held.visible_at;
                self.queue_up(slot as u32, visible_at);
            }
        }
    }

    /// The held record of a receipt, if the receipt is that of the newest delivery in this lane.
    fn find(&mut self, stream: &Stream, now: Timestamp, lane: Lane, receipt: Receipt) -> Option<&mut Held> {
        let horizon = stream.trim_horizon(now);
        let held = self.held.get_mut(receipt.slot as usize)?.as_mut()?;
        let lane_now = match held.state {
            State::Main => Some(Lane::Main),
            State::Last => Some(Lane::Main).filter(|_| now < held.visible_at),
            State::Dead => Some(Lane::Dead),
        };
        let is_good = held.delivery == receipt.delivery && held.arrival >= horizon && lane_now == Some(lane);
        is_good.then_some(held)
    }

    /// Keeps a record that is received for the first time.
    fn hold(&mut self, stream: &Stream, now: Timestamp, fresh: &Fresh<'_>) -> u32 {
        if self.free.is_empty() && self.held.len() >= self.sweep_at {
            self.sweep(stream.trim_horizon(now));
        }
        let held = Some(Held {
            shard: fresh.shard.id(),
            index: fresh.record.index,
            arrival: fresh.record.arrival,
            first_received: now,
            receive_count: 0,
            state: State::Main,
            visible_at: now,
            turn: 0,
            delivery: 0,
        });
        if let Some(slot) = self.free.pop() {
            self.held[slot as usize] = held;
            return slot;
        }
        self.held.push(held);
        self.held.len() as u32 - 1
    }

    /// Forgets what has expired. Done when the places have doubled, so that a place costs the same on average.
    fn sweep(&mut self, horizon: Timestamp) {
        for slot in 0..self.held.len() {
            if self.held[slot].as_ref().is_some_and(|held| held.arrival < horizon) {
                self.held[slot] = None;
                self.free.push(slot as u32);
            }
        }
        self.sweep_at = MIN_SWEEP.max(2 * (self.held.len() - self.free.len()));
    }

    /// Forgets a held record: it was acknowledged or has expired. Its turn is outdated.
    fn release(&mut self, slot: u32) {
        self.held[slot as usize] = None;
        self.free.push(slot);
        if self.free.len() == self.held.len() {
            // Numbers go on, so that old receipts fit no new record.
            self.held = Vec::new();
            self.free = Vec::new();
            self.main = Line::new();
            self.dead = Line::new();
        }
    }

    /// Gives a held record a new turn in its line.
    fn queue_up(&mut self, slot: u32, visible_at: Timestamp) {
        let number = self.next_number();
        let Some(held) = self.held.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        held.turn = number;
        held.visible_at = visible_at;
        let lane = held.state.line();
        self.line(lane).push(Reverse(Turn { visible_at, number, slot }));
        let held_records = self.held.len() - self.free.len();
        if self.line(lane).len() > 2 * held_records + MAX_OUTDATED {
            let mut line = core::mem::take(self.line(lane));
            line.retain(|Reverse(turn)| {
                let held = self.held.get(turn.slot as usize).and_then(Option::as_ref);
                held.is_some_and(|held| held.turn == turn.number)
            });
            *self.line(lane) = line;
        }
    }

    fn line(&mut self, lane: Lane) -> &mut Line {
        match lane {
            Lane::Main => &mut self.main,
            Lane::Dead => &mut self.dead,
        }
    }

    fn next_number(&mut self) -> u64 {
        self.last_number = self.last_number.wrapping_add(1);
        self.last_number
    }

    /// How many records are held, and the turns in both lines.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.held.len() - self.free.len(), self.main.len() + self.dead.len())
    }
}
