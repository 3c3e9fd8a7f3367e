use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::hash::{HashKey, HashRange, ShardMap};

fn cases(vectors: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors["cases"].as_array().unwrap().clone()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key(value: &Value) -> Option<HashKey> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn show_entry(entry: &Entry) -> Value {
    json!({
        "partition_key": entry.partition_key,
        "explicit_hash_key": entry.explicit_hash_key.to_string(),
        "data": hex(&entry.data),
        "user_records": entry.user_records,
        "shard": entry.shard,
    })
}

#[test]
fn records_are_aggregated_as_the_vectors_say() {
    for case in cases(include_str!("../../../tests/vectors/aggregate/encode.json")) {
        let shards = case["shards"].as_u64().map(|n| ShardMap::new(&HashRange::uniform(n as u32)).unwrap());
        let mut aggregator = Aggregator::new(shards, case["max_bytes"].as_u64().unwrap() as usize).unwrap();
        let data: Vec<_> = case["records"].as_array().unwrap().iter().map(|r| bytes(&r["data"])).collect();
        let records = case["records"].as_array().unwrap().iter().zip(&data);
        let records: Vec<_> = records
            .map(|(record, data)| NewRecord {
                partition_key: record["partition_key"].as_str().unwrap(),
                explicit_hash_key: key(&record["explicit_hash_key"]),
                data,
            })
            .collect();
        // Twice: an aggregator that was used is as good as new.
        for _ in 0..2 {
            let mut entries = Vec::new();
            for record in &records {
                aggregator
                    .add(record.partition_key, record.explicit_hash_key, record.data, &mut entries)
                    .unwrap();
            }
            aggregator.flush(&mut entries);
            let shown: Vec<_> = entries.iter().map(show_entry).collect();
            assert_eq!(&shown, case["entries"].as_array().unwrap(), "{}", case["name"]);

            let mut at_once = Vec::new();
            aggregator.add_all(&records, &mut at_once).unwrap();
            aggregator.flush(&mut at_once);
            assert_eq!(at_once, entries, "{}", case["name"]);
        }
    }
}

fn show(deaggregated: Deaggregated<'_>) -> Value {
    let Deaggregated::Aggregate(mut members) = deaggregated else { return json!("raw") };
    let (mut records, mut bad) = (Vec::new(), Vec::new());
    for member in members.by_ref() {
        match member {
            Ok(record) => {
                let mut shown = json!({
                    "partition_key": record.partition_key,
                    "data": hex(record.data),
                    "sub_sequence_number": record.sub_sequence_number,
                });
                if let Some(key) = record.explicit_hash_key {
                    shown["explicit_hash_key"] = json!(key.to_string());
                }
                records.push(shown);
            }
            Err(error) => {
                let reason = match error.reason {
                    BadMemberReason::PartitionKeyIndex => "partition_key_index",
                    BadMemberReason::PartitionKeyText => "partition_key_text",
                    BadMemberReason::ExplicitHashKeyIndex => "explicit_hash_key_index",
                    BadMemberReason::ExplicitHashKeyText => "explicit_hash_key_text",
                    BadMemberReason::ExplicitHashKeyRange => "explicit_hash_key_range",
                };
                bad.push(json!({"index": error.index, "reason": reason}));
            }
        }
    }
    json!({"records": records, "bad": bad, "dropped": members.dropped()})
}

#[test]
fn records_are_taken_apart_as_the_vectors_say() {
    let cases = cases(include_str!("../../../tests/vectors/aggregate/deaggregate.json"));
    for case in &cases {
        let data = bytes(&case["data"]);
        let shard = case["shard"]
            .as_array()
            .map(|shard| HashRange::new(key(&shard[0]).unwrap(), key(&shard[1]).unwrap()).unwrap());
        let mode = match case["mode"].as_str() {
            None | Some("off") => DeaggregateMode::Off,
            Some("kcl") => DeaggregateMode::Kcl,
            Some(_) => DeaggregateMode::PerRecord,
        };
        assert_eq!(show(deaggregate_in(&data, shard, mode)), case["result"], "{}", case["name"]);
    }

    let data: Vec<_> = cases.iter().map(|case| bytes(&case["data"])).collect();
    let data: Vec<_> = data.iter().map(Vec::as_slice).collect();
    for (data, together) in data.iter().zip(deaggregate_batch(&data, None, DeaggregateMode::Off)) {
        assert_eq!(show(together), show(deaggregate(data)));
    }
}

#[test]
fn bad_records_are_refused_with_a_reason() {
    let mut aggregator = Aggregator::new(None, DEFAULT_MAX_BYTES).unwrap();
    let mut out = Vec::new();
    let long_key = "é".repeat(257);
    let large = vec![0; MAX_RECORD_BYTES];
    let mut text =
        |key: &str, data: &[u8]| aggregator.add(key, None, data, &mut out).unwrap_err().to_string();
    assert_eq!(text("", b""), "a partition key has at least 1 character");
    assert_eq!(text(&long_key, b""), "a partition key has at most 256 characters; this one has 257");
    assert_eq!(
        text("k", &large),
        "data and partition key have at most 10485760 bytes together; this record has 10485761"
    );
    aggregator.add(&"é".repeat(256), None, &large[..large.len() - 512], &mut out).unwrap();
    assert_eq!(out.len(), 1);

    let records =
        ["good", ""].map(|partition_key| NewRecord { partition_key, explicit_hash_key: None, data: b"" });
    assert_eq!(aggregator.add_all(&records, &mut out), Err((1, AggregateError::EmptyPartitionKey)));
    aggregator.flush(&mut out);
    assert_eq!(out.len(), 1, "nothing of a refused batch is kept");

    for max_bytes in [0, 63, MAX_RECORD_BYTES + 1] {
        assert_eq!(
            Aggregator::new(None, max_bytes).err(),
            Some(AggregateError::MaxBytesOutOfRange { max_bytes })
        );
    }
    assert!(Aggregator::new(None, 64).is_ok() && Aggregator::new(None, MAX_RECORD_BYTES).is_ok());
}

#[test]
fn the_largest_aggregate_fits_a_record_with_its_key() {
    let mut aggregator = Aggregator::new(None, MAX_RECORD_BYTES).unwrap();
    let mut out = Vec::new();
    for size in [6 << 20, (4 << 20) - 64, 30, 20, 10, 5, 1, 1, 1, 1, 1, 1, 1, 1] {
        aggregator.add("k", None, &vec![7; size], &mut out).unwrap();
    }
    aggregator.flush(&mut out);
    assert!(out.iter().all(|entry| entry.data.len() + entry.partition_key.len() <= MAX_RECORD_BYTES));
    assert!(out[0].data.len() > MAX_RECORD_BYTES - 32);
}

#[test]
fn a_key_no_shard_covers_goes_out_alone() {
    let shards = ShardMap::new(&HashRange::uniform(2)[..1]).unwrap();
    let mut aggregator = Aggregator::new(Some(shards), DEFAULT_MAX_BYTES).unwrap();
    let mut out = Vec::new();
    aggregator.add("a", None, b"covered", &mut out).unwrap();
    aggregator.add("b", None, b"not covered", &mut out).unwrap();
    assert_eq!((out.len(), out[0].shard, out[0].user_records), (1, None, 1));
    assert_eq!(out[0].explicit_hash_key, HashKey::of("b"));
}

#[test]
fn long_keys_of_many_members_are_hashed_once() {
    // 100,000 members share a key of 1 MiB: hashing it for each would take minutes.
    let mut body = Vec::new();
    proto::put_bytes(tag::PARTITION_KEY_TABLE, &vec![b'k'; 1 << 20], &mut body);
    for _ in 0..100_000 {
        body.extend([0x1a, 4, 8, 0, 0x1a, 0]);
    }
    let data = [&MAGIC[..], &body, &crate::hash::lanes::digest_all(&[&body])[0]].concat();
    for mode in [DeaggregateMode::PerRecord, DeaggregateMode::Kcl] {
        let Deaggregated::Aggregate(members) = deaggregate_in(&data, Some(HashRange::ALL), mode) else {
            panic!()
        };
        assert_eq!(members.member_count(), 100_000);
        assert_eq!(members.filter(Result::is_ok).count(), 100_000);
    }
}

fn any_record() -> impl Strategy<Value = (String, Option<u128>, Vec<u8>)> {
    let key = prop_oneof!["[a-c]", "[a-z]{1,12}", "\\PC{1,40}"];
    let hash =
        prop_oneof![3 => Just(None), 1 => any::<u128>().prop_map(Some), 1 => (0..3_u128).prop_map(Some)];
    (key, hash, vec_of(any::<u8>(), 0..200))
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(
        records in vec_of(any_record(), 0..80),
        shards in proptest::option::of(1..6_u32),
        max_bytes in prop_oneof![64..600_usize, Just(DEFAULT_MAX_BYTES)],
    ) {
        let ranges = shards.map(HashRange::uniform);
        let map = ranges.as_ref().map(|ranges| ShardMap::new(ranges).unwrap());
        let mut aggregator = Aggregator::new(map, max_bytes).unwrap();
        let mut entries = Vec::new();
        for (key, hash, data) in &records {
            aggregator.add(key, hash.map(HashKey::from_bits), data, &mut entries).unwrap();
        }
        aggregator.flush(&mut entries);

        type Seen = (String, Option<HashKey>, Vec<u8>);
        let mut seen: Vec<Vec<Seen>> = vec![Vec::new(); shards.unwrap_or(1) as usize];
        for entry in &entries {
            let shard = entry.shard.unwrap_or(0) as usize;
            let range = ranges.as_ref().map_or(HashRange::ALL, |ranges| ranges[shard]);
            prop_assert!(range.contains(entry.explicit_hash_key));
            prop_assert!(entry.user_records == 1 || entry.data.len() <= max_bytes);
            let before = seen[shard].len();
            if entry.user_records == 1 {
                // The entry of a single record always carries a hash; whether the user gave it is not said.
                seen[shard].push((entry.partition_key.clone(), None, entry.data.clone()));
            } else {
                let deaggregated = deaggregate_in(&entry.data, Some(range), DeaggregateMode::Kcl);
                let Deaggregated::Aggregate(members) = deaggregated else { panic!("an aggregate") };
                for member in members {
                    let member = member.unwrap();
                    let hash = member.explicit_hash_key;
                    seen[shard].push((member.partition_key.to_string(), hash, member.data.to_vec()));
                }
                prop_assert_eq!(entry.partition_key.as_str(), "a");
            }
            prop_assert_eq!(seen[shard].len() - before, entry.user_records as usize);
        }
        let mut seen: Vec<_> = seen.into_iter().map(Vec::into_iter).collect();
        for (key, hash, data) in records {
            let hash = hash.map(HashKey::from_bits);
            let place = hash.unwrap_or_else(|| HashKey::of(&key));
            let shard = ranges.as_ref().map_or(0, |r| r.iter().position(|r| r.contains(place)).unwrap());
            let (seen_key, seen_hash, seen_data) = seen[shard].next().unwrap();
            prop_assert_eq!((seen_key, seen_data), (key, data));
            prop_assert!(seen_hash.is_none() || seen_hash == hash);
        }
    }

    #[test]
    fn no_input_panics(body in vec_of(prop_oneof![0..0x30_u8, any::<u8>()], 0..60), mode in 0..3) {
        let data = [&MAGIC[..], &body, &crate::hash::lanes::digest_all(&[&body])[0]].concat();
        let mode = [DeaggregateMode::Off, DeaggregateMode::PerRecord, DeaggregateMode::Kcl][mode as usize];
        if let Deaggregated::Aggregate(members) = deaggregate_in(&data, Some(HashRange::ALL), mode) {
            prop_assert!(Iterator::count(members) <= body.len());
        }
    }
}
