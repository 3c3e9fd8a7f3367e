//! How far someone has read a stream.

use alloc::vec::Vec;

use super::Stream;
use crate::shard::Shard;
use crate::shard_id::ShardId;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// The index of the next record to read of each shard, by the shard's index; 0 for a shard that was not met yet.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Progress {
    next: Vec<u64>,
    /// Which shards are done with, and all their ancestors too, by the shard's index. They are closed, so what is done
    /// stays done.
    done: Vec<bool>,
    /// What arrived before is passed over.
    from: Timestamp,
}

impl Progress {
    /// At the tip of every shard, where LATEST is.
    pub(crate) fn at_tips(stream: &Stream) -> Self {
        let next = stream.shards.iter().map(|shard| shard.log().next_index()).collect();
        Self { next, ..Self::default() }
    }

    /// At the first record of every shard that arrived at `from` or later.
    pub(crate) fn since(from: Timestamp) -> Self {
        Self { from, ..Self::default() }
    }

    /// The index of the next record to read of a shard; what has expired is passed over.
    pub(crate) fn position(&self, stream: &Stream, shard: &Shard, now: Timestamp) -> u64 {
        let next = self.next.get(shard.id().index() as usize).copied().unwrap_or(0);
        next.max(shard.log().first_at_or_after(stream.trim_horizon(now).max(self.from)))
    }

    /// Goes on at `next` in a shard.
    pub(crate) fn set(&mut self, shard: ShardId, next: u64) {
        let place = shard.index() as usize;
        if self.next.len() <= place {
            self.next.resize(place + 1, 0);
        }
        self.next[place] = next;
    }

    /// Whether nothing is left to read in the ancestors of `shard`: children are read after their parents, also where
    /// a generation between them took no record.
    pub(crate) fn has_read_ancestors(&mut self, stream: &Stream, shard: &Shard, now: Timestamp) -> bool {
        let mut shard = shard;
        let mut descendants = Vec::new();
        loop {
            let mut parents = shard.parents().iter().filter(|id| !self.is_done(*id));
            match parents.next().and_then(|id| stream.shard_of_any_age(id)) {
                Some(parent) if self.has_read(stream, parent, now) => {
                    descendants.push(core::mem::replace(&mut shard, parent));
                }
                Some(_) => return false,
                None => {
                    let Some(child) = descendants.pop() else { return true };
                    let place = shard.id().index() as usize;
                    if self.done.len() <= place {
                        self.done.resize(place + 1, false);
                    }
                    self.done[place] = true;
                    shard = child;
                }
            }
        }
    }

    /// Whether something is left to read.
    pub(crate) fn is_behind(&self, stream: &Stream, now: Timestamp) -> bool {
        !stream.shards(now).all(|shard| self.has_read(stream, shard, now))
    }

    fn is_done(&self, shard: ShardId) -> bool {
        self.done.get(shard.index() as usize).copied().unwrap_or(false)
    }

    fn has_read(&self, stream: &Stream, shard: &Shard, now: Timestamp) -> bool {
        self.position(stream, shard, now) >= shard.log().next_index()
    }
}
