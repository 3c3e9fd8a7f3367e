//! How far someone has read a stream.

use alloc::vec::Vec;

use super::Stream;
use crate::shard::{Shard, ShardId};
use crate::time::Timestamp;

/// How far someone has read each shard, by the shard's index; not at all where a shard was not met yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    shards: Vec<Place>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// The index of the next record to read.
    next: u64,
    /// Whether nothing is left to read in a closed shard and all that came before it.
    is_done: bool,
}

impl Progress {
    /// At the tip of every shard, where LATEST is.
    pub(crate) fn at_tips(stream: &Stream) -> Self {
        let at_tip = |shard: &Shard| Place { next: shard.log().next_index(), is_done: false };
        Self { shards: stream.shards.iter().map(at_tip).collect() }
    }

    /// The index of the next record to read of a shard; what has expired is passed over.
    pub(crate) fn position(&self, stream: &Stream, shard: &Shard, now: Timestamp) -> u64 {
        self.place(shard.id()).next.max(shard.log().first_at_or_after(stream.trim_horizon(now)))
    }

    /// Goes on at `next` in a shard.
    pub(crate) fn set(&mut self, shard: ShardId, next: u64) {
        self.place_mut(shard).next = next;
    }

    /// Whether nothing is left to read in the parents of `shard`, and in theirs: children are read after their
    /// parents. Who asks for a shard must have asked for those with lower ids before.
    pub(crate) fn has_read_parents(&mut self, stream: &Stream, shard: &Shard, now: Timestamp) -> bool {
        // What cannot be seen any more has nothing to read, nor has what came before it.
        let mut parents = shard.parents().iter().filter_map(|id| stream.shard(now, id));
        parents.all(|parent| {
            let is_done = self.place(parent.id()).is_done
                || self.has_read(stream, parent, now)
                    && parent
                        .parents()
                        .iter()
                        .all(|id| self.place(id).is_done || stream.shard(now, id).is_none());
            self.place_mut(parent.id()).is_done = is_done;
            is_done
        })
    }

    /// Whether something is left to read.
    pub(crate) fn is_behind(&self, stream: &Stream, now: Timestamp) -> bool {
        !stream.shards(now).all(|shard| self.has_read(stream, shard, now))
    }

    fn has_read(&self, stream: &Stream, shard: &Shard, now: Timestamp) -> bool {
        self.position(stream, shard, now) >= shard.log().next_index()
    }

    fn place(&self, shard: ShardId) -> Place {
        self.shards.get(shard.index() as usize).copied().unwrap_or_default()
    }

    fn place_mut(&mut self, shard: ShardId) -> &mut Place {
        let index = shard.index() as usize;
        if self.shards.len() <= index {
            self.shards.resize(index + 1, Place::default());
        }
        &mut self.shards[index]
    }
}
