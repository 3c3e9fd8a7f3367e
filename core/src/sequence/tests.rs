use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

#[test]
fn numbers_are_read_as_the_vectors_say() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/hash/sequence.json")).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let read = text.parse::<SequenceNumber>();
        match case["error"].as_str() {
            Some(error) => {
                let expected = match error {
                    "version0" => SequenceNumberError::Version0,
                    "version1" => SequenceNumberError::Version1,
                    _ => SequenceNumberError::Invalid,
                };
                assert_eq!(read, Err(expected), "{case}");
            }
            None => {
                let number = read.unwrap();
                assert_eq!(number.create_secs(), case["create_secs"].as_u64().unwrap(), "{case}");
                assert_eq!(u64::from(number.shard()), case["shard"].as_u64().unwrap(), "{case}");
                assert_eq!(number.counter().to_string(), case["counter"].as_str().unwrap(), "{case}");
                assert_eq!(number.time_secs(), case["time_secs"].as_u64().unwrap(), "{case}");
                assert_eq!(number.is_end(), case["is_end"].as_bool().unwrap(), "{case}");
                assert_eq!(number.to_string(), text);
            }
        }
    }
}

#[test]
fn a_shard_starts_before_and_ends_after_its_records() {
    let record = SequenceNumber::record(100, 3, 1, 100);
    assert!(SequenceNumber::first(100, 3) < record);
    assert!(record < SequenceNumber::record(100, 3, 2, 100));
    assert!(SequenceNumber::record(100, 3, u64::MAX - 1, 1 << 40) < SequenceNumber::end(100, 3, 100));
    assert!(SequenceNumber::end(100, 3, 200) < SequenceNumber::first(101, 3));
}

#[test]
fn the_writer_carries_into_the_first_limb() {
    // The counter at which the value passes a multiple of 10^38, from a walk over the limbs.
    let number = |counter| SequenceNumber::record(1_795_000_000, 0, counter, 1_795_000_000);
    let high = |counter| number(counter).limbs()[0];
    let (mut below, mut above) = (0, 1 << 62);
    assert_ne!(high(below), high(above));
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if high(middle) == high(0) { below = middle } else { above = middle }
    }
    let mut writer = SequenceWriter::new();
    for counter in below - 2..above + 3 {
        let mut text = Vec::new();
        writer.write(number(counter), &mut text);
        assert_eq!(String::from_utf8(text).unwrap(), number(counter).to_string());
    }
}

fn any_number() -> impl Strategy<Value = SequenceNumber> {
    (0..CREATE_SECS_END, any::<u32>(), any::<u64>(), any::<u64>())
        .prop_map(|(create, shard, counter, time)| SequenceNumber::record(create, shard, counter, time))
}

proptest! {
    #[test]
    fn numbers_are_read_as_they_are_written(number in any_number()) {
        prop_assert_eq!(number.to_string().parse(), Ok(number));
    }

    #[test]
    fn numbers_order_as_their_texts(a in any_number(), b in any_number()) {
        // All have the same length.
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn the_writer_writes_what_is_displayed(first in any_number(), steps in proptest::collection::vec(0..3_u64, 0..50)) {
        let mut writer = SequenceWriter::new();
        let mut counter = first.counter();
        for step in steps {
            counter = counter.wrapping_add(step);
            let number = SequenceNumber::record(first.create_secs(), first.shard(), counter, first.time_secs());
            let mut text = Vec::new();
            writer.write(number, &mut text);
            prop_assert_eq!(String::from_utf8(text).unwrap(), number.to_string());
        }
    }

    #[test]
    fn no_text_panics(text in "[0-9]{0,60}|.{0,8}") {
        let _ = text.parse::<SequenceNumber>();
    }
}
