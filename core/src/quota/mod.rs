//! Throughput quotas: how much a second of a shard, a consumer, a stream or an account holds.
//!
//! Each quota is a [`Bucket`] of tokens that come back at the quota's rate, exact to the millisecond of the engine's
//! clock. A bucket holds what comes in one second, so a quota that was not used for a second gives all of it at once.
//! Nothing runs while nobody asks: what came back is worked out at the next call. Calls that are refused take nothing.

mod bucket;
mod calls;
mod limits;
mod shard;
#[cfg(test)]
mod tests;

pub(crate) use self::bucket::Bucket;
pub(crate) use self::calls::{CallBuckets, Scope, StreamCalls};
pub use self::limits::Limits;
pub(crate) use self::shard::{FanOutQuota, ShardQuota};
