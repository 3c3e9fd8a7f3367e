use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::num::NonZeroU32;

use super::*;

#[derive(Debug, PartialEq, Persist)]
enum Choice {
    Nothing,
    Pair(u8, u32),
    Named {
        text: String,
        #[persist(skip)]
        counted: usize,
    },
}

pub(crate) fn saved(value: &impl Persist) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut out = |piece: &[u8]| bytes.extend_from_slice(piece);
    let mut writer = Writer::new(&mut out);
    value.save(&mut writer);
    writer.finish();
    open(&bytes).unwrap().to_vec()
}

pub(crate) fn loaded<T: Persist>(bytes: &[u8]) -> Result<T, SnapshotError> {
    let mut reader = Reader { rest: bytes, failure: None };
    let value = T::load(&mut reader);
    reader.finish().map(|()| value)
}

/// What is read is what was written, every piece of it counts, and more is too much.
fn comes_back<T: Persist + Debug + PartialEq>(value: T) {
    let mut bytes = saved(&value);
    assert_eq!(loaded(&bytes), Ok(value));
    bytes.push(0);
    assert!(loaded::<T>(&bytes).is_err());
}

#[test]
fn every_type_comes_back() {
    comes_back((7u8, 0x0102_0304u32, u64::MAX));
    comes_back((u128::MAX - 5, usize::MAX, 0.25f64));
    comes_back((true, NonZeroU32::MAX));
    comes_back((Some(String::from("é")), None::<u64>, Box::new(3u32)));
    comes_back((vec![1u8, 2], vec![Some(9u64), None], [false, true]));
    comes_back((VecDeque::from([1u32, 2]), BTreeMap::from([(1u64, 2u64), (3, 4)])));
    comes_back(vec![Choice::Nothing, Choice::Pair(1, 2), Choice::Named { text: "x".into(), counted: 0 }]);
}

#[test]
fn numbers_are_little_endian_and_lengths_have_eight_bytes() {
    assert_eq!(saved(&(0x0102u32, true, 1u8)), [2, 1, 0, 0, 1, 1]);
    let (one, two) = ([1, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(saved(&vec![String::from("ab")]), [&one[..], &two, b"ab"].concat());
    assert_eq!(saved(&(Some(5u8), None::<u8>)), [1, 5, 0]);
    assert_eq!(saved(&Choice::Pair(3, 4)), [1, 3, 4, 0, 0, 0]);
    // What is skipped starts anew.
    let named = Choice::Named { text: "x".into(), counted: 9 };
    assert_eq!(loaded(&saved(&named)), Ok(Choice::Named { text: "x".into(), counted: 0 }));
}

pub(crate) fn refused<T: Persist + Debug>(bytes: &[u8], why: &str) {
    assert_eq!(loaded::<T>(bytes).unwrap_err(), SnapshotError::Unsound(why.into()));
}

#[test]
fn what_no_engine_wrote_is_refused() {
    refused::<u64>(&[1; 7], "it ends too soon");
    refused::<u64>(&[1; 9], "it goes on after its end");
    refused::<bool>(&[2], "a choice is none of those that there are");
    refused::<Choice>(&[3], "a choice is none of those that there are");
    refused::<String>(&[1, 0, 0, 0, 0, 0, 0, 0, 0xFF], "a text is not UTF-8");
    refused::<NonZeroU32>(&[0; 4], "a number is zero that cannot be");
    refused::<f64>(&f64::NAN.to_bits().to_le_bytes(), "a number is none");
    refused::<BTreeMap<u8, u8>>(
        &[2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0],
        "the keys of a table are out of order",
    );
    // Lengths that nothing stands behind cost neither time nor memory.
    let long = [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0];
    refused::<Vec<u8>>(&long, "it ends too soon");
    refused::<Vec<Vec<u64>>>(&[long, long].concat(), "it ends too soon");
    refused::<Vec<Option<u64>>>(
        &[&long[..], &[0, 0, 7]].concat(),
        "a choice is none of those that there are",
    );
}
