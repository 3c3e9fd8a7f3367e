//! A piece of the hash space.

use alloc::vec::Vec;
use core::fmt;

use super::HashKey;
use crate::snapshot::{Persist, Reader, Writer};

/// An inclusive range of hash keys that holds at least one key.
///
/// ```
/// use shardbrook::{HashKey, HashRange};
///
/// let thirds = HashRange::uniform(3);
/// assert_eq!(thirds[0].end().to_string(), "113427455640312821154458202477256070484");
/// assert!(thirds[0].is_followed_by(&thirds[1]));
/// assert_eq!(HashRange::ALL.midpoint(), HashKey::from_bits(1 << 127));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashRange {
    start: HashKey,
    end: HashKey,
}

impl Persist for HashRange {
    fn save(&self, to: &mut Writer<'_>) {
        self.start.save(to);
        self.end.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let range = Self::new(HashKey::load(from), HashKey::load(from));
        from.check(range.is_some(), "a range of hash keys ends before it starts");
        range.unwrap_or(Self::ALL)
    }
}

impl HashRange {
    /// The whole hash space.
    pub const ALL: Self = Self { start: HashKey::MIN, end: HashKey::MAX };

    /// The range from `start` to `end`, both included; `None` when `end` comes first.
    pub fn new(start: HashKey, end: HashKey) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// The first key.
    pub const fn start(self) -> HashKey {
        self.start
    }

    /// The last key.
    pub const fn end(self) -> HashKey {
        self.end
    }

    /// Whether `key` is in the range.
    pub fn contains(self, key: HashKey) -> bool {
        self.start <= key && key <= self.end
    }

    /// The `NewStartingHashKey` that halves the range: its start plus half its size. The start itself when the
    /// range is one key, which cannot be split.
    pub const fn midpoint(self) -> HashKey {
        let last = self.end.to_bits() - self.start.to_bits();
        HashKey::from_bits(self.start.to_bits() + last / 2 + last % 2)
    }

    /// Whether `next` begins with the key after this range's last.
    pub fn is_followed_by(self, next: &Self) -> bool {
        self.end.to_bits().checked_add(1) == Some(next.start.to_bits())
    }

    /// The range's part of the hash space, in units of one `whole`-th, rounded down: `share(100)` is a
    /// percentage and `ALL.share(whole)` is `whole`.
    pub const fn share(self, whole: u64) -> u64 {
        let last = self.end.to_bits() - self.start.to_bits();
        let whole = whole as u128;
        // (last + 1) × whole / 2^128, by halves; neither sum can overflow.
        let low = (last & u64::MAX as u128) * whole + whole;
        (((last >> 64) * whole + (low >> 64)) >> 64) as u64
    }

    /// The ranges of a new stream's shards: each is floor(2^128 / `count`) keys and the last takes the rest.
    pub fn uniform(count: u32) -> Vec<Self> {
        // For one shard the width would be 2^128; the last range does not use it.
        let width = match u128::from(count) {
            0 | 1 => 0,
            count => u128::MAX / count + u128::from(u128::MAX % count == count - 1),
        };
        (0..count)
            .map(|i| {
                let start = width * u128::from(i);
                let end = if i == count - 1 { u128::MAX } else { start + (width - 1) };
                Self { start: HashKey::from_bits(start), end: HashKey::from_bits(end) }
            })
            .collect()
    }
}

impl fmt::Debug for HashRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HashRange({}..={})", self.start, self.end)
    }
}
