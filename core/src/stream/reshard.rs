//! Splitting, merging and changing the number of shards.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Stream;
use crate::hash::{HashKey, HashRange};
use crate::shard::{Parents, Shard};
use crate::shard_id::ShardId;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// A change of the shards, decided when the request came and carried out when UPDATING ends.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub(crate) enum Reshard {
    Split { shard: ShardId, new_start: HashKey },
    Merge { shard: ShardId, adjacent: ShardId },
    Count { target: u32 },
}

impl Stream {
    pub(super) fn apply(&mut self, now: Timestamp, reshard: &Reshard) {
        match *reshard {
            Reshard::Split { shard, new_start } => self.split(now, shard, new_start),
            Reshard::Merge { shard, adjacent } => self.merge(now, shard, adjacent),
            Reshard::Count { target } => self.scale_to(now, target as usize),
        }
        self.index_open_shards();
    }

    pub(super) fn split(&mut self, now: Timestamp, shard: ShardId, new_start: HashKey) {
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
        self.closed.extend(parents.iter());
        let opened = children.iter().zip(ranges);
        self.shards.extend(opened.map(|(id, range)| Shard::new(*id, *range, parents, now, created_secs)));
    }

    /// Uniform scaling as the service does it: to grow, split every open shard, more than once if need be, and then
    /// merge neighbours until the target is reached; to shrink, merge neighbours. The smallest pair of neighbours is
    /// merged first, the one with the lowest hash keys among equals.
    fn scale_to(&mut self, now: Timestamp, target: usize) {
        let mut open: Vec<ShardId> = self.open.iter().map(|open| open.shard).collect();
        while target > open.len() {
            let mut halves = Vec::with_capacity(open.len() * 2);
            for shard in open.iter().copied() {
                let first_child = self.shards.len() as u32;
                let middle = self.shards[shard.index() as usize].range().midpoint();
                self.split(now, shard, middle);
                let children = first_child..self.shards.len() as u32;
                if children.is_empty() {
                    halves.push(shard); // one hash key cannot be halved
                }
                halves.extend(children.map(ShardId::new));
            }
            if halves.len() == open.len() {
                break; // nothing is left to halve
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
    /// In order of their ranges, chained past those that were merged away.
    shards: Vec<Neighbour>,
    /// The smallest pair first, the one with the lowest hash keys among equals. Pairs that are no more are passed over.
    pairs: BinaryHeap<Reverse<Pair>>,
    open: usize,
}

#[derive(Clone, Copy)]
struct Neighbour {
    id: ShardId,
    range: HashRange,
    before: Option<usize>,
    after: Option<usize>,
}

/// What two neighbours together have of the hash key space, and the place of the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    width: u128,
    place: usize,
}

impl Neighbours {
    /// Of shards in order of their ranges, which leave no gap.
    fn new(shards: impl ExactSizeIterator<Item = (ShardId, HashRange)>) -> Self {
        let open = shards.len();
        let shards = shards.enumerate().map(|(place, (id, range))| Neighbour {
            id,
            range,
            before: place.checked_sub(1),
            after: Some(place + 1).filter(|after| *after < open),
        });
        let mut neighbours = Self { shards: shards.collect(), pairs: BinaryHeap::new(), open };
        neighbours.pairs = (0..open).filter_map(|place| neighbours.pair(place)).map(Reverse).collect();
        neighbours
    }

    /// The pair whose first shard is at this place.
    fn pair(&self, place: usize) -> Option<Pair> {
        let second = self.shards[place].after?;
        let width = self.shards[second].range.end().to_bits() - self.shards[place].range.start().to_bits();
        Some(Pair { width, place })
    }

    /// Merges until `target` shards are left. `merge` makes one shard of two.
    fn merge_down_to(&mut self, target: usize, mut merge: impl FnMut(ShardId, ShardId) -> ShardId) {
        while self.open > target
            && let Some(Reverse(pair)) = self.pairs.pop()
        {
            let place = pair.place;
            let Some(second) = self.shards[place].after.filter(|_| self.pair(place) == Some(pair)) else {
                continue;
            };
            let Neighbour { id, range, after, .. } = self.shards[second];
            let first = &mut self.shards[place];
            first.id = merge(first.id, id);
            first.range = HashRange::new(first.range.start(), range.end()).unwrap_or(range);
            first.after = after;
            let before = first.before;
            // The second is in no chain any more, so no pair that starts there is met again.
            self.shards[second].after = None;
            if let Some(after) = after {
                self.shards[after].before = Some(place);
            }
            self.open -= 1;
            let changed = before.into_iter().chain([place]);
            self.pairs.extend(changed.filter_map(|place| self.pair(place)).map(Reverse).collect::<Vec<_>>());
        }
    }
}
