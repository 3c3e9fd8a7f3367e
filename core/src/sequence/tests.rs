use alloc::string::ToString;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::snapshot::tests::{loaded, saved};

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
    fn no_text_panics(text in "[0-9]{0,60}|.{0,8}") {
        let _ = text.parse::<SequenceNumber>();
    }
}

/// Found by the fuzzer: such a number has no text.
#[test]
fn a_number_of_too_many_bits_is_not_read_from_a_snapshot() {
    let number = SequenceNumber::end(1_700_000_000, 3, 1_700_000_001);
    let bytes = saved(&number);
    assert_eq!(loaded(&bytes), Ok(number));
    // The last bytes of the creation second, of the counter and of the time, least significant byte first.
    for place in [7, 19, 27] {
        let mut forged = bytes.clone();
        forged[place] = 0xFF;
        assert!(loaded::<SequenceNumber>(&forged).is_err(), "byte {place}");
    }
}
