//! The functions that need no engine.

use shardbrook::{
    Aggregator, DEFAULT_MAX_BYTES, DeaggregateMode, Deaggregated, HashKey, HashRange, NewRecord, ShardMap,
    deaggregate_in,
};

use crate::{Columns, Failure, Packed};

/// The map of shards that are given by their ranges, or by how many equal ones there are. The ranges are numbers in
/// decimal with commas between them, a start and an end each.
pub fn shard_map(count: u32, ranges: &str) -> Result<ShardMap, Failure> {
    if ranges.is_empty() {
        return Ok(ShardMap::new(&HashRange::uniform(count))?);
    }
    Ok(ShardMap::new(&read_ranges(ranges)?)?)
}

fn read_ranges(ranges: &str) -> Result<Vec<HashRange>, Failure> {
    let mut bounds = ranges.split(',');
    core::iter::from_fn(|| Some(range(bounds.next()?, bounds.next()?))).collect()
}

fn range(start: &str, end: &str) -> Result<HashRange, Failure> {
    HashRange::new(start.parse()?, end.parse()?)
        .ok_or_else(|| Failure::invalid(format!("a shard ends before it starts: {start} to {end}")))
}

/// The index of the shard of each key.
pub fn assign_shards(keys: Packed<'_>, shards: &ShardMap) -> Result<Vec<u32>, Failure> {
    let keys = keys.texts().collect::<Result<Vec<_>, _>>()?;
    let mut assigned = Vec::new();
    shardbrook::assign_shards(&keys, shards, &mut assigned);
    Ok(assigned)
}

/// What [`aggregate`] takes: three columns of as many pieces each, and the settings.
#[derive(Debug)]
pub struct Aggregation<'a> {
    /// The partition keys.
    pub partition_keys: Packed<'a>,
    /// The explicit hash keys, in decimal; empty for none.
    pub hash_keys: Packed<'a>,
    /// The payloads.
    pub data: Packed<'a>,
    /// The shards whose records are kept apart.
    pub shards: Option<ShardMap>,
    /// How large an aggregate grows.
    pub max_bytes: Option<u32>,
}

/// The entries of PutRecords for user records: partition key and explicit hash key as texts, and the data.
pub fn aggregate(input: Aggregation<'_>) -> Result<Columns, Failure> {
    let max_bytes = input.max_bytes.map_or(DEFAULT_MAX_BYTES, |bytes| bytes as usize);
    let mut aggregator = Aggregator::new(input.shards, max_bytes)?;
    let fields = input.partition_keys.texts().zip(input.hash_keys.texts()).zip(input.data.pieces());
    let records = fields.enumerate().map(|(index, ((partition_key, hash_key), data))| {
        let explicit_hash_key = match hash_key? {
            "" => None,
            text => Some(text.parse::<HashKey>().map_err(|error| of_entry(index, &error))?),
        };
        Ok(NewRecord { partition_key: partition_key?, explicit_hash_key, data: data? })
    });
    let records = records.collect::<Result<Vec<_>, Failure>>()?;
    let mut entries = Vec::new();
    aggregator.add_all(&records, &mut entries).map_err(|(index, error)| of_entry(index, &error))?;
    aggregator.flush(&mut entries);

    let mut columns = Columns::default();
    for entry in &entries {
        columns.push_str(&entry.partition_key);
        columns.push_text(entry.explicit_hash_key);
        columns.push_data(&entry.data);
    }
    Ok(columns)
}

fn of_entry(index: usize, error: &dyn core::fmt::Display) -> Failure {
    Failure::invalid(format!("entry {index}: {error}"))
}

/// One stream record that is to be taken apart.
#[derive(Debug)]
pub struct Part<'a> {
    /// Its data.
    pub data: &'a [u8],
    /// Its own partition key, which a record that is no aggregate keeps.
    pub partition_key: &'a str,
    /// The shard that is read: its start and its end with a comma between them, or nothing.
    pub shard: &'a str,
    /// `perRecord`, `kcl` or `off`.
    pub mode: &'a str,
}

/// The user records of a stream record: partition key, explicit hash key and what is wrong as texts, the data, and
/// the sub-sequence number.
pub fn deaggregate(part: &Part<'_>) -> Result<Columns, Failure> {
    let shard = if part.shard.is_empty() { None } else { read_ranges(part.shard)?.pop() };
    let mode = match part.mode {
        "perRecord" => DeaggregateMode::PerRecord,
        "kcl" => DeaggregateMode::Kcl,
        "off" => DeaggregateMode::Off,
        other => {
            return Err(Failure::invalid(format!("mode must be perRecord, kcl or off, not {other}")));
        }
    };
    let mut columns = Columns::default();
    let mut push =
        |partition_key: &str, hash_key: Option<HashKey>, problem: &str, data: &[u8], place: u64| {
            columns.push_str(partition_key);
            columns.push_optional(hash_key);
            columns.push_str(problem);
            columns.push_data(data);
            columns.numbers.push(place as f64);
        };
    match deaggregate_in(part.data, shard, mode) {
        Deaggregated::Raw(data) => push(part.partition_key, None, "", data, 0),
        Deaggregated::Aggregate(members) => {
            for member in members {
                match member {
                    Ok(member) => push(
                        member.partition_key,
                        member.explicit_hash_key,
                        "",
                        member.data,
                        member.sub_sequence_number,
                    ),
                    Err(bad) => push("", None, &bad.to_string(), &[], bad.index),
                }
            }
        }
    }
    Ok(columns)
}
