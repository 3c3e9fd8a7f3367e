//! Reading: by iterators, and in order.

use serde_json::{Value, json};
use shardbrook::Timestamp;

use super::model::{seconds, shard_id};
use super::{Outcome, Start, World, ensure, ensure_code};

const ITERATOR_LIFE_MS: u64 = 300_000;
/// As many iterators are kept; the oldest make room.
const MAX_HELD: usize = 12;

/// An iterator: whose it is, when it came, and what it is good for.
#[derive(Clone, Debug)]
pub(super) struct Held {
    stream: usize,
    shard: usize,
    issued: u64,
    /// The place of the next record.
    next: usize,
    text: String,
}

impl World {
    // ---- by iterators

    /// Asks for an iterator.
    pub(super) fn start(&mut self, at: usize, shard: usize, start: Start) -> Outcome {
        let model = &self.streams[at].model;
        let shard = shard % model.shards.len();
        let records = &model.shards[shard].records;
        let chosen = |choice: u8| usize::from(choice) % records.len().max(1);
        let mut expected = None;
        let (kind, mut next) = match start {
            Start::TrimHorizon => ("TRIM_HORIZON", 0),
            Start::Latest => ("LATEST", records.len()),
            Start::AtNumber(choice) => ("AT_SEQUENCE_NUMBER", chosen(choice)),
            Start::AfterNumber(choice) => ("AFTER_SEQUENCE_NUMBER", chosen(choice) + 1),
            Start::AtTime(..) => ("AT_TIMESTAMP", 0),
            Start::Foreign(_) => ("AT_SEQUENCE_NUMBER", 0),
        };
        let mut input = json!({"ShardId": shard_id(shard), "ShardIteratorType": kind});
        match start {
            Start::TrimHorizon | Start::Latest => {}
            Start::AtNumber(choice) | Start::AfterNumber(choice) => {
                let Some(record) = records.get(chosen(choice)) else { return Ok(()) };
                input["StartingSequenceNumber"] = record.number.as_str().into();
            }
            Start::AtTime(choice, shift) => {
                let arrival = records.get(chosen(choice)).map_or(self.now, |record| record.arrival);
                let time = arrival.saturating_add_signed(i64::from(shift));
                input["Timestamp"] = seconds(time);
                next = records.iter().take_while(|record| record.arrival < time).count();
                expected = (time > self.now).then_some("InvalidArgumentException");
            }
            Start::Foreign(choice) => {
                let other = usize::from(choice) % model.shards.len();
                let Some(record) = model.shards[other].records.first() else { return Ok(()) };
                input["StartingSequenceNumber"] = record.number.as_str().into();
                expected = (other != shard).then_some("InvalidArgumentException");
            }
        }
        if !model.is_visible(shard) {
            expected = Some("ResourceNotFoundException");
        }
        let answer = self.call(at, "GetShardIterator", input.clone());
        ensure_code(&answer, expected, || format!("GetShardIterator {input}"))?;
        if expected.is_none() {
            self.hold(at, shard, next, &answer.body["ShardIterator"])?;
        }
        Ok(())
    }

    fn hold(&mut self, stream: usize, shard: usize, next: usize, iterator: &Value) -> Outcome {
        let text = iterator.as_str().unwrap_or_default().to_owned();
        ensure(self.seen.insert(text.clone()), || format!("an iterator came twice, or none: {iterator}"))?;
        if self.iterators.len() == MAX_HELD {
            self.iterators.remove(0);
        }
        self.iterators.push(Held { stream, shard, issued: self.now, next, text });
        Ok(())
    }

    /// Reads from an iterator and gives how many records came.
    pub(super) fn read(&mut self, iterator: usize, limit: usize, again: bool) -> Result<usize, String> {
        let Some(place) = iterator.checked_rem(self.iterators.len()) else { return Ok(0) };
        let held = if again { self.iterators[place].clone() } else { self.iterators.remove(place) };
        let input = json!({"ShardIterator": held.text, "Limit": limit});
        let mut answer = self.call_as(held.stream, "GetRecords", &input);
        let model = &self.streams[held.stream].model;
        let error = if self.now - held.issued > ITERATOR_LIFE_MS {
            Some("ExpiredIteratorException")
        } else if !model.is_visible(held.shard) {
            Some("ResourceNotFoundException")
        } else {
            None
        };
        ensure_code(&answer, error, || format!("{held:?} at {}", self.now))?;
        if error.is_some() {
            return Ok(0);
        }
        let range = model.read(held.shard, held.next, limit);
        let (expected, ends) = model.answer(self.now, held.shard, &range);
        let next = answer.body.as_object_mut().and_then(|body| body.remove("NextShardIterator"));
        ensure(answer.body == expected && next.is_none() == ends, || {
            format!(
                "{held:?} at {}, at its end: {ends}\nexpected {expected}\nfound {}",
                self.now, answer.body
            )
        })?;
        if let Some(next) = next {
            self.hold(held.stream, held.shard, range.end, &next)?;
        }
        Ok(range.len())
    }

    // ---- in order

    /// Reads a batch in order and gives how many records it had.
    pub(super) fn read_in_order(&mut self, at: usize) -> Result<usize, String> {
        let now = Timestamp::from_millis(self.now);
        let reader = &mut self.streams[at].reader;
        let batch = reader.next_batch(&mut self.engine, now).map_err(|error| error.to_string())?;
        let mut records = Vec::with_capacity(batch.len());
        for record in batch {
            let record = record.map_err(|error| error.to_string())?;
            let index = record.shard_id.index() as usize;
            records.push((index, record.sequence_number.to_string(), record.data.to_vec()));
        }
        let count = records.len();
        records.into_iter().try_for_each(|(index, number, data)| self.was_read(at, index, &number, &data))?;
        Ok(count)
    }

    fn was_read(&mut self, at: usize, index: usize, number: &str, data: &[u8]) -> Outcome {
        let stream = &mut self.streams[at];
        let model = &stream.model;
        let shard = &model.shards[index];
        let position = |shard: usize| stream.read.get(&shard).copied().unwrap_or(0);
        let place = model.read(index, position(index), 1).start;
        let record = shard.records.get(place).filter(|record| record.number == number);
        let Some(record) = record.filter(|record| record.serial.to_be_bytes() == data) else {
            return Err(format!("shard {index}: {number} was read in place of record {place}"));
        };
        for &parent in &shard.parents {
            let is_read = model.read(parent, position(parent), 1).is_empty();
            ensure(is_read, || format!("shard {index} was read before its parent {parent}"))?;
        }
        let last = stream.last_read.insert(record.hash, record.serial);
        ensure(last.is_none_or(|last| last < record.serial), || {
            format!("records of hash key {} were read out of order", record.hash)
        })?;
        stream.read.insert(index, place + 1);
        Ok(())
    }

    /// Reads all that is left, in order, and then each shard from its begin to its end.
    pub(super) fn read_to_the_end(&mut self, at: usize) -> Outcome {
        while self.read_in_order(at)? > 0 {}
        let shards = self.streams[at].model.shards.len();
        for index in 0..shards {
            let stream = &self.streams[at];
            let position = stream.read.get(&index).copied().unwrap_or(0);
            let left = stream.model.read(index, position, usize::MAX).len();
            ensure(left == 0, || format!("shard {index}: {left} records were not read in order"))?;
        }
        for index in 0..shards {
            self.iterators.clear();
            self.start(at, index, Start::TrimHorizon)?;
            while self.read(0, 7, false)? > 0 {}
        }
        Ok(())
    }
}
