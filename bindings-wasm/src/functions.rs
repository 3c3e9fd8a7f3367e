//! The functions that need no engine.

use js_sys::{Array, Object, Uint32Array};
use wasm_bindgen::prelude::*;

use shardbrook::HashKey;
use shardbrook_js::{Aggregation, Packed, Part};

use crate::convert::{self, RawColumns, RawErrorKinds, set, throw};

/// The hash of a partition key.
#[wasm_bindgen(js_name = hashKey)]
pub fn hash_key(partition_key: &str) -> u128 {
    HashKey::of(partition_key).to_bits()
}

/// The index of each key's shard. Shards are given by their ranges, numbers with commas between
/// them, or without any by how many there are.
#[wasm_bindgen(js_name = assignShards)]
pub fn assign_shards(
    keys: &[u8],
    key_ends: &[u32],
    count: u32,
    ranges: &str,
) -> Result<Uint32Array, JsValue> {
    let shards = shardbrook_js::shard_map(count, ranges).map_err(throw)?;
    let assigned = shardbrook_js::assign_shards(Packed { bytes: keys, ends: key_ends }, &shards);
    assigned.map(|assigned| Uint32Array::from(assigned.as_slice())).map_err(throw)
}

/// The entries of PutRecords for user records; a `count` of 0 stands for no shards.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "columns cross cheaper than objects")]
pub fn aggregate(
    keys: &[u8],
    key_ends: &[u32],
    hash_keys: &[u8],
    hash_key_ends: &[u32],
    data: &[u8],
    data_ends: &[u32],
    max_bytes: Option<u32>,
    count: u32,
    ranges: &str,
) -> Result<RawColumns, JsValue> {
    let shards = (count > 0).then(|| shardbrook_js::shard_map(count, ranges)).transpose().map_err(throw)?;
    let entries = shardbrook_js::aggregate(Aggregation {
        partition_keys: Packed { bytes: keys, ends: key_ends },
        hash_keys: Packed { bytes: hash_keys, ends: hash_key_ends },
        data: Packed { bytes: data, ends: data_ends },
        shards,
        max_bytes,
    });
    entries.map(|entries| convert::columns(&entries)).map_err(throw)
}

/// The user records of a stream record; `shard` is empty, or start and end of a range with a comma.
#[wasm_bindgen]
pub fn deaggregate(data: &[u8], partition_key: &str, shard: &str, mode: &str) -> Result<RawColumns, JsValue> {
    let records = shardbrook_js::deaggregate(&Part { data, partition_key, shard, mode });
    records.map(|records| convert::columns(&records)).map_err(throw)
}

/// Every kind of error.
#[wasm_bindgen(js_name = errorKinds)]
pub fn error_kinds() -> RawErrorKinds {
    let kinds = shardbrook_js::error_kinds().map(|(code, status, retryable)| {
        let kind = Object::new();
        set(&kind, "code", code);
        set(&kind, "status", status);
        set(&kind, "retryable", retryable);
        kind
    });
    kinds.collect::<Array>().unchecked_into()
}
