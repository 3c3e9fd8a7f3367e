//! The functions that need no engine.

use napi::bindgen_prelude::Uint32Array;
use napi_derive::napi;

use shardbrook::HashKey;
use shardbrook_js::{Aggregation, Packed, Part};

use crate::convert::{RawColumns, RawErrorKind};
use crate::{Result, catch};

/// The hash of a partition key.
#[napi]
pub fn hash_key(partition_key: String) -> u128 {
    HashKey::of(&partition_key).to_bits()
}

/// The index of each key's shard. Shards are given by their ranges, numbers with commas between
/// them, or without any by how many there are.
#[napi]
pub fn assign_shards(keys: &[u8], key_ends: &[u32], count: u32, ranges: String) -> Result<Uint32Array> {
    catch(|| {
        let shards = shardbrook_js::shard_map(count, &ranges)?;
        Ok(shardbrook_js::assign_shards(Packed { bytes: keys, ends: key_ends }, &shards)?.into())
    })
}

/// The entries of PutRecords for user records; a `count` of 0 stands for no shards.
#[napi]
#[allow(clippy::too_many_arguments, reason = "columns cross cheaper than objects")]
pub fn aggregate(
    keys: &[u8],
    key_ends: &[u32],
    hash_keys: &[u8],
    hash_key_ends: &[u32],
    data: &[u8],
    data_ends: &[u32],
    max_bytes: Option<u32>,
    count: u32,
    ranges: String,
) -> Result<RawColumns> {
    catch(|| {
        let shards = (count > 0).then(|| shardbrook_js::shard_map(count, &ranges)).transpose()?;
        let entries = shardbrook_js::aggregate(Aggregation {
            partition_keys: Packed { bytes: keys, ends: key_ends },
            hash_keys: Packed { bytes: hash_keys, ends: hash_key_ends },
            data: Packed { bytes: data, ends: data_ends },
            shards,
            max_bytes,
        });
        Ok(entries?.into())
    })
}

/// The user records of a stream record; `shard` is empty, or start and end of a range with a comma.
#[napi]
pub fn deaggregate(data: &[u8], partition_key: String, shard: String, mode: String) -> Result<RawColumns> {
    catch(|| {
        let part = Part { data, partition_key: &partition_key, shard: &shard, mode: &mode };
        Ok(shardbrook_js::deaggregate(&part)?.into())
    })
}

/// Every kind of error.
#[napi]
pub fn error_kinds() -> Vec<RawErrorKind> {
    let kinds = shardbrook_js::error_kinds();
    kinds.map(|(code, status, retryable)| RawErrorKind { code, status, retryable }).collect()
}
