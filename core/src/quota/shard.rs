//! The quotas of a shard, and of a consumer's subscription to one.

use super::{Bucket, Limits};
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// What was used of a shard's quotas. A new shard has all of them.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct ShardQuota {
    write_bytes: Bucket,
    write_records: Bucket,
    read_bytes: Bucket,
    read_calls: Bucket,
    iterator_calls: Bucket,
}

impl ShardQuota {
    /// Takes what a record of `bytes` needs, of both bytes and records, or nothing. A record that is larger than a
    /// second's bytes needs a full bucket, and is paid back before the next.
    pub(crate) fn take_write(&mut self, limits: &Limits, now: Timestamp, bytes: usize) -> bool {
        let bytes = bytes as u64;
        let has_bytes =
            limits.shard_write_bytes_per_second.is_none_or(|rate| self.write_bytes.has(now, rate, bytes));
        let takes = has_bytes
            && limits.shard_write_records_per_second.is_none_or(|rate| self.write_records.take(now, rate, 1));
        if takes && let Some(rate) = limits.shard_write_bytes_per_second {
            self.write_bytes.spend(now, rate, bytes);
        }
        takes
    }

    /// Takes one reading call, if earlier ones are paid back.
    pub(crate) fn take_read(&mut self, limits: &Limits, now: Timestamp) -> bool {
        let has_bytes =
            limits.shard_read_bytes_per_second.is_none_or(|rate| self.read_bytes.has_any(now, rate));
        has_bytes
            && limits.calls_per_second("GetRecords").is_none_or(|rate| self.read_calls.take(now, rate, 1))
    }

    /// Counts what a reading call gave.
    pub(crate) fn charge_read(&mut self, limits: &Limits, now: Timestamp, bytes: u64) {
        if let Some(rate) = limits.shard_read_bytes_per_second {
            self.read_bytes.charge(now, rate, bytes);
        }
    }

    /// Takes one call of GetShardIterator.
    pub(crate) fn take_iterator(&mut self, limits: &Limits, now: Timestamp) -> bool {
        limits.calls_per_second("GetShardIterator").is_none_or(|rate| self.iterator_calls.take(now, rate, 1))
    }
}

/// What a registered consumer was sent from one shard.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FanOutQuota {
    bytes: Bucket,
    /// When something can be sent again; nothing if that is now.
    ready: Option<Timestamp>,
}

impl FanOutQuota {
    /// When something can be sent again, if that is later than the last charge or look.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        self.ready
    }

    /// Whether what was sent before is paid back.
    pub(crate) fn is_ready(&mut self, now: Timestamp) -> bool {
        self.ready = self.ready.filter(|ready| now < *ready);
        self.ready.is_none()
    }

    /// Counts records that are sent, data and partition keys.
    pub(crate) fn charge(&mut self, limits: &Limits, now: Timestamp, bytes: usize) {
        if let Some(rate) = limits.consumer_read_bytes_per_second {
            self.bytes.charge(now, rate, bytes as u64);
            self.ready = Some(self.bytes.ready_at(now, rate)).filter(|ready| now < *ready);
        }
    }
}
