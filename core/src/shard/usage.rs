//! What was used of a shard: counters, and quotas where they are enforced.

use crate::metrics::ShardMetrics;
use crate::quota::ShardQuota;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// What was used of a shard.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Usage {
    pub(crate) metrics: ShardMetrics,
    pub(crate) quota: ShardQuota,
    pub(crate) traffic: Traffic,
}

/// What came in during one second of the clock.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Traffic {
    second: u64,
    bytes: u64,
    /// Whether the shard's stream knows that more came in than the shard is for.
    pub(crate) is_reported: bool,
}

impl Traffic {
    /// Counts a record, and gives what came in during the second of `now`.
    pub(crate) fn count(&mut self, now: Timestamp, bytes: usize) -> u64 {
        if self.second != now.as_secs() {
            *self = Self { second: now.as_secs(), bytes: 0, ..*self };
        }
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.bytes
    }
}
