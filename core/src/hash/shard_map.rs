//! From hash keys to shards.

use alloc::vec::Vec;
use core::fmt;

use super::{HashKey, HashRange, hash_keys};

/// What [`assign_shards`] writes for a key that no shard covers.
pub const NO_SHARD: u32 = u32::MAX;

/// The ranges of a set of shards, arranged for lookups. A shard's index is its place in the list the map was
/// made of.
///
/// ```
/// use shardbrook::{HashKey, HashRange, ShardMap};
///
/// let map = ShardMap::new(&HashRange::uniform(4))?;
/// assert_eq!(map.find(HashKey::MIN), Some(0));
/// assert_eq!(map.find(HashKey::MAX), Some(3));
/// # Ok::<(), shardbrook::ShardMapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShardMap {
    /// By start, ascending; the three lists are parallel.
    starts: Vec<u128>,
    ends: Vec<u128>,
    indexes: Vec<u32>,
    /// For each value of the keys' first bits, how many shards start at or before its first key.
    buckets: Vec<u32>,
    bucket_shift: u32,
}

impl ShardMap {
    /// The map of `ranges`. Gaps are allowed; overlaps are not.
    pub fn new(ranges: &[HashRange]) -> Result<Self, ShardMapError> {
        if ranges.is_empty() {
            return Err(ShardMapError::Empty);
        }
        if ranges.len() >= NO_SHARD as usize {
            return Err(ShardMapError::TooMany);
        }
        let mut indexes: Vec<u32> = (0..ranges.len() as u32).collect();
        indexes.sort_unstable_by_key(|&index| ranges[index as usize].start());
        for pair in indexes.windows(2) {
            let (first, second) = (pair[0] as usize, pair[1] as usize);
            if ranges[second].start() <= ranges[first].end() {
                return Err(ShardMapError::Overlap { first: first.min(second), second: first.max(second) });
            }
        }
        let starts: Vec<u128> =
            indexes.iter().map(|&index| ranges[index as usize].start().to_bits()).collect();
        let ends = indexes.iter().map(|&index| ranges[index as usize].end().to_bits()).collect();

        // About as many buckets as shards: shards of like size are then found in a step or two.
        let bits = ranges.len().next_power_of_two().trailing_zeros().clamp(1, 16);
        let bucket_shift = u128::BITS - bits;
        let mut started = 0;
        let buckets = (0..1_u128 << bits)
            .map(|bucket| {
                while starts.get(started).is_some_and(|&start| start <= bucket << bucket_shift) {
                    started += 1;
                }
                started as u32
            })
            .collect();
        Ok(Self { starts, ends, indexes, buckets, bucket_shift })
    }

    /// The index of the shard that covers `key`.
    #[inline]
    pub fn find(&self, key: HashKey) -> Option<usize> {
        let key = key.to_bits();
        let bucket = (key >> self.bucket_shift) as usize;
        let from = self.buckets[bucket] as usize;
        let to = self.buckets.get(bucket + 1).map_or(self.starts.len(), |&to| to as usize);
        let started = from + self.starts[from..to].partition_point(|&start| start <= key);
        let place = started.checked_sub(1)?;
        (key <= self.ends[place]).then(|| self.indexes[place] as usize)
    }

    /// How many shards there are.
    #[expect(clippy::len_without_is_empty, reason = "a map has at least one shard")]
    pub fn len(&self) -> usize {
        self.indexes.len()
    }
}

/// Why ranges make no [`ShardMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShardMapError {
    /// There are no ranges.
    Empty,
    /// There are more ranges than 32 bits can number.
    TooMany,
    /// Two ranges share a key.
    #[non_exhaustive]
    Overlap {
        /// The index of one range.
        first: usize,
        /// The index of the other.
        second: usize,
    },
}

impl fmt::Display for ShardMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there must be at least one shard"),
            Self::TooMany => f.write_str("there are too many shards"),
            Self::Overlap { first, second } => write!(f, "the ranges of shards {first} and {second} overlap"),
        }
    }
}

impl core::error::Error for ShardMapError {}

/// Appends to `out`, for each key, the index of the shard that a record with this partition key goes to, or
/// [`NO_SHARD`].
///
/// ```
/// use shardbrook::{HashRange, ShardMap, assign_shards};
///
/// let map = ShardMap::new(&HashRange::uniform(2))?;
/// let mut shards = Vec::new();
/// assign_shards(&["a", "b"], &map, &mut shards);
/// assert_eq!(shards, [0, 1]);
/// # Ok::<(), shardbrook::ShardMapError>(())
/// ```
pub fn assign_shards(keys: &[&str], shards: &ShardMap, out: &mut Vec<u32>) {
    out.reserve(keys.len());
    let mut hashes = Vec::new();
    // In pieces, so that the hashes stay in the nearest cache.
    for keys in keys.chunks(1024) {
        hashes.clear();
        hash_keys(keys.iter().copied(), &mut hashes);
        out.extend(hashes.iter().map(|&hash| shards.find(hash).map_or(NO_SHARD, |index| index as u32)));
    }
}
