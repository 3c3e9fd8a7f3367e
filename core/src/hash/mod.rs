//! Where a record belongs: the 128-bit hash of its partition key and the shards that divide the hash space.

mod key;
pub(crate) mod lanes;
mod range;
mod shard_map;

pub use key::{HashKey, HashKeyError, hash_keys};
pub use range::HashRange;
pub use shard_map::{NO_SHARD, ShardMap, ShardMapError, assign_shards};

#[cfg(test)]
mod tests;
