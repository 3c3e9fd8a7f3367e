//! The fuzz targets without a fuzzer: every seed, and some changes of each.

use shardbrook_tests::fuzz::TARGETS;

/// Changes of each seed, at least.
const CHANGES: u64 = 4;
/// Changes of all seeds of a target together, at least: a few have seeds that are few.
const CHANGES_TOGETHER: u64 = 2000;

#[test]
fn seeds_and_changes_of_them() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        let changes = CHANGES.max(CHANGES_TOGETHER / seeds.len() as u64);
        for (number, seed) in (0..).zip(&seeds) {
            (target.run)(seed);
            for change in 0..changes {
                (target.run)(&changed(seed, number * changes + change));
            }
        }
    }
}

/// One byte set, taken away or doubled, as `number` says.
fn changed(seed: &[u8], number: u64) -> Vec<u8> {
    let mut bits = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits ^= bits >> 29;
    let at = (bits >> 8) as usize % seed.len().max(1);
    let mut bytes = seed.to_vec();
    match bits % 3 {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, bits as u8),
        _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = (bits >> 40) as u8),
    }
    bytes
}
