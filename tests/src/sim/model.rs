//! The model: a stream as a list of records for each shard that there ever was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A stream as the model sees it: a list of records for each shard that there ever was.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) shards: Vec<ModelShard>,
    /// What is due, and when.
    pub(super) pending: Option<(u64, Change)>,
    pub(super) count_updates: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct ModelShard {
    pub(super) start: u128,
    pub(super) end: u128,
    pub(super) parents: Vec<usize>,
    pub(super) closed_at: Option<u64>,
    pub(super) records: Vec<ModelRecord>,
}

#[derive(Debug)]
pub(super) struct ModelRecord {
    /// The record's place among all that were ever put; it is also the record's data.
    pub(super) serial: u64,
    pub(super) number: String,
    pub(super) key: String,
    pub(super) hash: u128,
    pub(super) arrival: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Split { shard: usize, at: u128 },
    Merge { shard: usize, other: usize },
    Scale { target: usize },
}

impl Model {
    pub(super) fn open(&self) -> impl Iterator<Item = usize> {
        (0..self.shards.len()).filter(|&index| self.shards[index].closed_at.is_none())
    }

    pub(super) fn shard_of(&self, hash: u128) -> usize {
        let mut open =
            self.open().filter(|&index| (self.shards[index].start..=self.shards[index].end).contains(&hash));
        open.next().unwrap_or(usize::MAX)
    }

    pub(super) fn children(&self, index: usize) -> impl Iterator<Item = usize> {
        (0..self.shards.len()).filter(move |&child| self.shards[child].parents.contains(&index))
    }

    /// The highest number of a shard and all its ancestors.
    pub(super) fn highest_number(&self, index: usize) -> String {
        let mut highest =
            self.shards[index].records.last().map_or_else(String::new, |last| last.number.clone());
        for &parent in &self.shards[index].parents {
            let other = self.highest_number(parent);
            if is_greater(&other, &highest) {
                highest = other;
            }
        }
        highest
    }

    pub(super) fn replace(&mut self, now: u64, parents: Vec<usize>, ranges: &[(u128, u128)]) {
        for &parent in &parents {
            self.shards[parent].closed_at = Some(now);
        }
        for &(start, end) in ranges {
            let parents = parents.clone();
            self.shards.push(ModelShard { start, end, parents, closed_at: None, records: Vec::new() });
        }
    }
}

impl ModelRecord {
    pub(super) fn to_json(&self) -> Value {
        let seconds = if self.arrival.is_multiple_of(1000) {
            json!(self.arrival / 1000)
        } else {
            json!(self.arrival as f64 / 1000.0)
        };
        json!({
            "SequenceNumber": self.number,
            "ApproximateArrivalTimestamp": seconds,
            "Data": STANDARD.encode(self.serial.to_be_bytes()),
            "PartitionKey": self.key,
        })
    }
}

/// Compares decimal numbers without leading zeros.
pub(super) fn is_greater(number: &str, other: &str) -> bool {
    (number.len(), number) > (other.len(), other)
}
