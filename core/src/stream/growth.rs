//! Streams whose capacity the service plans: shards that take too much are split.

use alloc::vec::Vec;

use super::{Stream, StreamMode, StreamStatus};
use crate::shard_id::ShardId;
use crate::time::Timestamp;

/// How long after it took too much a shard is split: "within 15 minutes".
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html>
const SPLIT_AFTER_MS: u64 = 15 * 60_000;
/// Shards that carry what an on-demand stream goes up to: 10 GB in a second.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>
pub(super) const MAX_SHARDS: usize = 10 * 1024;

impl Stream {
    /// Has a shard split that took more in one second than it is for.
    pub(super) fn plan_growth(&mut self, now: Timestamp, shard: ShardId) {
        self.growing.push((now.plus_millis(SPLIT_AFTER_MS), shard));
    }

    /// Whether shards are to be split.
    pub(crate) fn is_growing(&self) -> bool {
        !self.growing.is_empty()
    }

    /// Splits the shards that are due at `now`, each in the middle, but opens no more than `room` shards: so many are
    /// left to the account. One that cannot be split takes too much anew before it is looked at again.
    pub(super) fn grow(&mut self, now: Timestamp, mut room: usize) {
        let due = self.growing.partition_point(|(due, _)| *due <= now);
        if due == 0 {
            return;
        }
        let shards: Vec<_> = self.growing.drain(..due).map(|(_, shard)| shard).collect();
        let mut open = self.open_shard_count();
        for shard in shards {
            let grows = self.mode == StreamMode::OnDemand
                && self.status() != StreamStatus::Deleting
                && self.is_open(shard)
                && open < MAX_SHARDS
                && room > 0;
            if grows {
                let middle = self.shards[shard.index() as usize].range().midpoint();
                self.split(now, shard, middle);
                open += 1;
                room -= 1;
            }
            self.shards[shard.index() as usize].usage_mut().traffic.is_reported = false;
        }
        self.index_open_shards();
    }
}
