//! Splitting, merging and changing the number of shards.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::Stream;
use crate::hash::{HashKey, HashRange};
use crate::shard::{Parents, Shard, ShardId};
use crate::time::Timestamp;

const DAY_MS: u64 = 86_400_000;

/// A change of the shards, decided when the request came and carried out when UPDATING ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reshard {
    Split { shard: ShardId, new_start: HashKey },
    Merge { shard: ShardId, adjacent: ShardId },
    Count { target: u32 },
}

impl Stream {
    /// How many times UpdateShardCount was accepted in the 24 hours before `now`.
    pub(crate) fn recent_count_updates(&mut self, now: Timestamp) -> usize {
        self.count_updates.retain(|accepted| now.millis_since(*accepted) < DAY_MS);
        self.count_updates.len()
    }

    /// Counts an accepted UpdateShardCount.
    pub(crate) fn record_count_update(&mut self, now: Timestamp) {
        self.count_updates.push(now);
    }

    pub(super) fn apply(&mut self, now: Timestamp, reshard: &Reshard) {
        match *reshard {
            Reshard::Split { shard, new_start } => self.split(now, shard, new_start),
            Reshard::Merge { shard, adjacent } => self.merge(now, shard, adjacent),
            Reshard::Count { target } => self.scale_to(now, target as usize),
        }
        self.index_open_shards();
    }

    fn split(&mut self, now: Timestamp, shard: ShardId, new_start: HashKey) {
        let range = self.shards[shard.index() as usize].range();
        let before = HashKey::from_bits(new_start.to_bits().saturating_sub(1));
        let halves = HashRange::new(range.start(), before).zip(HashRange::new(new_start, range.end()));
        // Checked when the request came, and ranges never change; one hash key alone cannot be split.
        if let Some((low, high)) = halves.filter(|_| range.start() < new_start) {
            self.replace(now, Parents { parent: Some(shard), adjacent: None }, &[low, high]);
        }
    }

    fn merge(&mut self, now: Timestamp, shard: ShardId, adjacent: ShardId) {
        let ranges = [shard, adjacent].map(|id| self.shards[id.index() as usize].range());
        // Checked when the request came, and ranges never change.
        if let Some(merged) = HashRange::new(ranges[0].start(), ranges[1].end()) {
            self.replace(now, Parents { parent: Some(shard), adjacent: Some(adjacent) }, &[merged]);
        }
    }

    /// Closes the parents and opens a child for each range.
    fn replace(&mut self, now: Timestamp, parents: Parents, ranges: &[HashRange]) {
        let first_child = self.shards.len() as u32;
        let children: Vec<_> = (first_child..).map(ShardId::new).take(ranges.len()).collect();
        let created_secs = parents
            .iter()
            .map(|parent| self.shards[parent.index() as usize].close(now, children.clone()))
            .max()
            .unwrap_or_else(|| now.as_secs());
        let opened = children.iter().zip(ranges);
        self.shards.extend(opened.map(|(id, range)| Shard::new(*id, *range, parents, now, created_secs)));
    }

    /// Uniform scaling as the service does it: to grow, split every open shard and then merge neighbours until
    /// the target is reached; to shrink, merge neighbours. The smallest pair of neighbours is merged first, the
    /// one with the lowest hash keys among equals.
    fn scale_to(&mut self, now: Timestamp, target: usize) {
        let mut open: Vec<ShardId> = self.open.iter().map(|open| open.shard).collect();
        if target > open.len() {
            let mut halves = Vec::with_capacity(open.len() * 2);
            for shard in open {
                let first_child = self.shards.len() as u32;
                let middle = self.shards[shard.index() as usize].range().midpoint();
                self.split(now, shard, middle);
                let children = first_child..self.shards.len() as u32;
                if children.is_empty() {
                    halves.push(shard); // one hash key cannot be halved
                }
                halves.extend(children.map(ShardId::new));
            }
            open = halves;
        }
        Neighbours::new(open.iter().map(|id| (*id, self.shards[id.index() as usize].range()))).merge_down_to(
            target,
            |low, high| {
                let merged = ShardId::new(self.shards.len() as u32);
                self.merge(now, low, high);
                merged
            },
        );
    }
}

/// Open shards side by side, with the pairs of neighbours in the order in which they are to be merged.
struct Neighbours {
    /// By the start of their ranges.
    shards: BTreeMap<HashKey, (ShardId, HashKey)>,
    /// What both together have of the hash key space, and where they start.
    pairs: BTreeSet<(u128, HashKey)>,
}

impl Neighbours {
    /// Of shards in order of their ranges, which leave no gap.
    fn new(shards: impl Iterator<Item = (ShardId, HashRange)>) -> Self {
        let shards: BTreeMap<_, _> = shards.map(|(id, range)| (range.start(), (id, range.end()))).collect();
        let mut neighbours = Self { shards, pairs: BTreeSet::new() };
        let starts: Vec<HashKey> = neighbours.shards.keys().copied().collect();
        neighbours.pairs = starts.iter().filter_map(|start| neighbours.pair(*start)).collect();
        neighbours
    }

    /// The pair whose first shard starts here.
    fn pair(&self, start: HashKey) -> Option<(u128, HashKey)> {
        let (_, (_, end)) = self.shards.range(start..).nth(1)?;
        Some((end.to_bits() - start.to_bits(), start))
    }

    /// Merges until `target` shards are left. `merge` makes one shard of two.
    fn merge_down_to(&mut self, target: usize, mut merge: impl FnMut(ShardId, ShardId) -> ShardId) {
        while self.shards.len() > target
            && let Some((_, start)) = self.pairs.pop_first()
        {
            let mut two = self.shards.range(start..);
            let (Some((_, &(low, _))), Some((&middle, &(high, end)))) = (two.next(), two.next()) else {
                return;
            };
            let before = self.shards.range(..start).next_back().map(|(start, _)| *start);
            for start in before.into_iter().chain([middle]) {
                if let Some(pair) = self.pair(start) {
                    self.pairs.remove(&pair);
                }
            }
            self.shards.remove(&middle);
            self.shards.insert(start, (merge(low, high), end));
            for start in before.into_iter().chain([start]) {
                self.pairs.extend(self.pair(start));
            }
        }
    }
}
