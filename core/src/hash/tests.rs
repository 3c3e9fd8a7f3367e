use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use md5::{Digest, Md5};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn cases(vectors: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors["cases"].as_array().unwrap().clone()
}

fn key(value: &Value) -> HashKey {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn keys_hash_as_the_vectors_say() {
    let cases = cases(include_str!("../../../tests/vectors/hash/keys.json"));
    let keys: Vec<&str> = cases.iter().map(|case| case["key"].as_str().unwrap()).collect();
    let mut hashes = Vec::new();
    hash_keys(keys.iter().copied(), &mut hashes);
    for ((case, text), hash) in cases.iter().zip(keys).zip(hashes) {
        assert_eq!(HashKey::of(text), key(&case["hash"]));
        assert_eq!(hash, key(&case["hash"]));
    }
}

#[test]
fn texts_are_read_as_the_vectors_say() {
    for case in cases(include_str!("../../../tests/vectors/hash/texts.json")) {
        let read = case["text"].as_str().unwrap().parse::<HashKey>().ok();
        assert_eq!(read.map(|key| key.to_string()).as_deref(), case["key"].as_str(), "{case}");
    }
}

#[test]
fn ranges_are_as_the_vectors_say() {
    for case in cases(include_str!("../../../tests/vectors/hash/ranges.json")) {
        let ranges = HashRange::uniform(case["count"].as_u64().unwrap() as u32);
        let same = |index: usize, expected: &Value| {
            assert_eq!(ranges[index], HashRange::new(key(&expected[0]), key(&expected[1])).unwrap());
        };
        match case["ranges"].as_array() {
            Some(all) => all.iter().enumerate().for_each(|(index, expected)| same(index, expected)),
            None => case["at"]
                .as_object()
                .unwrap()
                .iter()
                .for_each(|(at, range)| same(at.parse().unwrap(), range)),
        }
    }
}

#[test]
fn uniform_ranges_follow_one_another() {
    assert_eq!(HashRange::uniform(0), []);
    for count in [1, 2, 3, 7, 4096, 10_000] {
        let ranges = HashRange::uniform(count);
        assert_eq!(ranges[0].start(), HashKey::MIN);
        assert_eq!(ranges[ranges.len() - 1].end(), HashKey::MAX);
        assert!(ranges.windows(2).all(|pair| pair[0].is_followed_by(&pair[1])));
    }
}

#[test]
fn ranges_are_halved_and_measured() {
    let range = |start, end| HashRange::new(HashKey::from_bits(start), HashKey::from_bits(end)).unwrap();
    assert_eq!(range(0, 9).midpoint().to_bits(), 5);
    assert_eq!(range(0, 8).midpoint().to_bits(), 4);
    assert_eq!(range(7, 7).midpoint().to_bits(), 7);
    assert_eq!(range(u128::MAX - 1, u128::MAX).midpoint(), HashKey::MAX);
    assert_eq!(HashRange::ALL.share(100), 100);
    assert_eq!(HashRange::ALL.share(u64::MAX), u64::MAX);
    assert_eq!(range(0, u128::MAX / 2).share(100), 50);
    assert_eq!(range(0, 0).share(u64::MAX), 0);
    assert!(!HashRange::ALL.is_followed_by(&range(0, 0)));
    assert_eq!(HashRange::new(HashKey::MAX, HashKey::MIN), None);
}

#[test]
fn maps_keep_the_order_of_their_list_and_know_gaps() {
    let range = |start, end| HashRange::new(HashKey::from_bits(start), HashKey::from_bits(end)).unwrap();
    let map = ShardMap::new(&[range(1 << 127, u128::MAX), range(10, 19), range(30, 39)]).unwrap();
    let find = |key| map.find(HashKey::from_bits(key));
    assert_eq!([find(9), find(10), find(19), find(20)], [None, Some(1), Some(1), None]);
    assert_eq!([find(30), find(40), find(1 << 127), find(u128::MAX)], [Some(2), None, Some(0), Some(0)]);
    assert_eq!(ShardMap::new(&[]).err(), Some(ShardMapError::Empty));
    let overlap = ShardMap::new(&[range(5, 9), range(0, 3), range(9, 12)]);
    assert_eq!(overlap.err(), Some(ShardMapError::Overlap { first: 0, second: 2 }));
}

#[test]
fn keys_without_a_shard_are_marked() {
    let map = ShardMap::new(&HashRange::uniform(2)[..1]).unwrap();
    let mut shards = Vec::new();
    assign_shards(&["a", "b"], &map, &mut shards);
    assert_eq!(shards, [0, NO_SHARD]);
}

proptest! {
    #[test]
    fn hashing_together_is_hashing_alone(keys in vec(".{0,70}", 0..70)) {
        let mut hashes = Vec::new();
        hash_keys(keys.iter().map(String::as_str), &mut hashes);
        let alone: Vec<_> = keys.iter().map(|key| HashKey::of(key)).collect();
        prop_assert_eq!(hashes, alone);
    }

    #[test]
    fn digests_together_are_digests_alone(
        messages in vec((0..400_usize, any::<u8>()), 0..40),
        long in 0..3_usize,
    ) {
        let mut messages: Vec<Vec<u8>> =
            messages.into_iter().map(|(length, byte)| (0..length).map(|i| byte ^ i as u8).collect()).collect();
        messages.extend((0..long).map(|i| alloc::vec![i as u8; 20_000 * i]));
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let alone: Vec<[u8; 16]> = messages.iter().map(|message| Md5::digest(message).into()).collect();
        prop_assert_eq!(lanes::digest_all(&messages), alone);
    }

    #[test]
    fn a_map_finds_the_range_that_contains(starts in vec(any::<u128>(), 1..50), keys in vec(any::<u128>(), 50)) {
        let mut starts = starts;
        starts.sort_unstable();
        starts.dedup();
        // Every other range ends early, and the list is not in order.
        let mut ranges: Vec<_> = starts
            .iter()
            .enumerate()
            .map(|(i, &start)| {
                let last = starts.get(i + 1).map_or(u128::MAX, |next| next - 1);
                let end = if i % 2 == 0 { last } else { start + (last - start) / 2 };
                HashRange::new(HashKey::from_bits(start), HashKey::from_bits(end)).unwrap()
            })
            .collect();
        ranges.reverse();
        let map = ShardMap::new(&ranges).unwrap();
        let edges = ranges.iter().flat_map(|range| [range.start(), range.end()]);
        for key in keys.into_iter().map(HashKey::from_bits).chain(edges) {
            prop_assert_eq!(map.find(key), ranges.iter().position(|range| range.contains(key)));
        }
    }

    #[test]
    fn keys_are_read_as_they_are_written(bits: u128) {
        let key = HashKey::from_bits(bits);
        prop_assert_eq!(key.to_string(), bits.to_string());
        prop_assert_eq!(key.to_string().parse(), Ok(key));
        prop_assert_eq!(format!("{key:>40}").trim_start().parse(), Ok(key));
    }
}
