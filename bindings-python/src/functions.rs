//! The functions that need no engine.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use shardbrook::{
    Aggregator, DEFAULT_MAX_BYTES, DeaggregateMode, Deaggregated, HashKey, NewRecord,
    assign_shards as assign, deaggregate_in,
};

use crate::convert::{Entry, Shards, expected, range, value_error};
use crate::error::raised;
use crate::record::UserRecord;

/// The place of a member that cannot be read, and its trouble.
type BadMember = (u64, String);

/// The number that decides which shard a partition key belongs to: its MD5.
#[pyfunction]
pub(crate) fn hash_key(partition_key: &str) -> u128 {
    HashKey::of(partition_key).to_bits()
}

/// For each key the index of its shard, as 32-bit numbers in the machine's byte order.
#[pyfunction]
pub(crate) fn assign_shards<'py>(
    py: Python<'py>,
    keys: &Bound<'py, PyAny>,
    shards: Shards,
) -> PyResult<Bound<'py, PyBytes>> {
    if keys.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("keys must be an iterable of str, not one str"));
    }
    let map = shards.map()?;
    let text = |key: PyResult<Bound<'py, PyAny>>| {
        let key = key?;
        key.cast_into::<PyString>().map_err(|error| expected("a key", "str", &error.into_inner()))
    };
    let keys = keys.try_iter()?.map(text).collect::<PyResult<Vec<_>>>()?;
    let keys = keys.iter().map(|key| key.to_str()).collect::<PyResult<Vec<_>>>()?;
    let found = py.detach(|| {
        let mut found = Vec::new();
        assign(&keys, &map, &mut found);
        found.into_iter().flat_map(u32::to_ne_bytes).collect::<Vec<u8>>()
    });
    Ok(PyBytes::new(py, &found))
}

/// Packs entries into as few as the KPL's format allows, ready for PutRecords.
#[pyfunction]
#[pyo3(signature = (entries, shards=None, max_bytes=DEFAULT_MAX_BYTES))]
pub(crate) fn aggregate<'py>(
    py: Python<'py>,
    entries: &Bound<'py, PyAny>,
    shards: Option<Shards>,
    max_bytes: usize,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let map = shards.map(Shards::map).transpose()?;
    let read = |(place, item): (usize, PyResult<_>)| Entry::read(place, &item?);
    let entries = entries.try_iter()?.enumerate().map(read).collect::<PyResult<Vec<_>>>()?;
    let records = entries.iter().map(Entry::as_new_record).collect::<PyResult<Vec<NewRecord<'_>>>>()?;
    let packed = py.detach(|| {
        let mut packed = Vec::new();
        let mut aggregator = Aggregator::new(map, max_bytes).map_err(|error| error.to_string())?;
        let added = aggregator.add_all(&records, &mut packed);
        added.map_err(|(place, error)| format!("entry {place}: {error}"))?;
        aggregator.flush(&mut packed);
        Ok(packed)
    });
    let packed = packed.map_err(|message: String| raised(py, "AggregateError", message))?;
    let entry = |packed: shardbrook::Entry| {
        let entry = PyDict::new(py);
        entry.set_item("PartitionKey", packed.partition_key)?;
        entry.set_item("Data", PyBytes::new(py, &packed.data))?;
        entry.set_item("ExplicitHashKey", packed.explicit_hash_key.to_string())?;
        Ok(entry)
    };
    packed.into_iter().map(entry).collect()
}

/// The user records in `data`, and the place and the trouble of each member that cannot be read.
#[pyfunction]
#[pyo3(signature = (data, shard, mode, partition_key, explicit_hash_key, sequence_number))]
pub(crate) fn deaggregate(
    py: Python<'_>,
    data: &[u8],
    shard: Option<(u128, u128)>,
    mode: &str,
    partition_key: String,
    explicit_hash_key: Option<String>,
    sequence_number: Option<String>,
) -> PyResult<(Vec<UserRecord>, Vec<BadMember>)> {
    let mode = match mode {
        "per_record" => DeaggregateMode::PerRecord,
        "kcl" => DeaggregateMode::Kcl,
        "off" => DeaggregateMode::Off,
        _ => return Err(value_error(format!("mode must be 'per_record', 'kcl' or 'off', not {mode:?}"))),
    };
    let shard = shard.map(range).transpose()?;
    let (mut records, mut bad) = (Vec::new(), Vec::new());
    match py.detach(|| deaggregate_in(data, shard, mode)) {
        Deaggregated::Raw(data) => {
            let data = PyBytes::new(py, data).unbind();
            records.push(UserRecord::new(partition_key, explicit_hash_key, data, sequence_number, 0));
        }
        Deaggregated::Aggregate(members) => {
            for member in members {
                match member {
                    Ok(member) => records.push(UserRecord::new(
                        member.partition_key.to_owned(),
                        member.explicit_hash_key.map(|hash| hash.to_string()),
                        PyBytes::new(py, member.data).unbind(),
                        sequence_number.clone(),
                        member.sub_sequence_number,
                    )),
                    Err(error) => bad.push((error.index, error.to_string())),
                }
            }
        }
    }
    Ok((records, bad))
}
