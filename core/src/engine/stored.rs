//! What an engine takes in memory.

use super::Engine;
use crate::time::Timestamp;

impl Engine {
    /// What records, buffers and objects take in memory, with what is kept of each beside its bytes: near the truth where
    /// there are many, and less than it by what names, tags and settings take. It looks at every shard, which takes some
    /// 20 ns each; a host with many calls asks from time to time.
    pub fn stored_bytes(&self) -> u64 {
        self.streams.stored_bytes()
            + self.queues.stored_bytes()
            + self.deliveries.stored_bytes()
            + self.objects.used_bytes()
    }

    /// Frees the records of all streams that expired. Nobody sees them anyway, and a put frees those of its shard; this
    /// is for shards that get no more puts. Nothing else changes.
    pub fn trim_expired(&mut self, now: Timestamp) {
        self.advance(now);
        self.streams.trim(self.now);
    }
}
