//! The hash of a partition key.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use md5::{Digest, Md5};

use super::lanes;
use crate::decimal::{Text, limbs_of_u128};
use crate::snapshot::Persist;

/// A point of the hash space, 0 to 2^128 - 1.
///
/// ```
/// use shardbrook::HashKey;
///
/// let key = HashKey::of("user-17");
/// assert_eq!(key, HashKey::from_bits(0x62ba5332_09fda25d_4b0d5e5e_2151a0b2));
/// assert_eq!("340282366920938463463374607431768211455".parse(), Ok(HashKey::MAX));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
pub struct HashKey(u128);

impl HashKey {
    /// 0.
    pub const MIN: Self = Self(0);
    /// 2^128 - 1.
    pub const MAX: Self = Self(u128::MAX);

    /// The hash of a partition key: MD5 of its UTF-8 bytes, read as a big-endian number.
    pub fn of(partition_key: &str) -> Self {
        Self::of_bytes(partition_key.as_bytes())
    }

    /// The key with this value.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The value.
    pub const fn to_bits(self) -> u128 {
        self.0
    }

    fn of_bytes(key: &[u8]) -> Self {
        // Without the general machinery around it, a single block takes a tenth less.
        if key.len() <= lanes::SHORT_BYTES {
            lanes::hash_one(key)
        } else {
            Self::from_digest(Md5::digest(key).into())
        }
    }

    pub(crate) const fn from_digest(digest: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(digest))
    }

    pub(crate) fn text(self) -> Text {
        Text::of_limbs(limbs_of_u128(self.0))
    }
}

impl fmt::Display for HashKey {
    /// Decimal, as the service writes hash keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HashKey({self})")
    }
}

impl FromStr for HashKey {
    type Err = HashKeyError;

    /// Reads what the service's model allows: `0|([1-9]\d{0,38})`, at most 2^128 - 1.
    fn from_str(text: &str) -> Result<Self, HashKeyError> {
        let well_formed = match text.as_bytes() {
            [b'0'] => true,
            [b'1'..=b'9', rest @ ..] => rest.len() <= 38 && rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        if !well_formed {
            return Err(HashKeyError::Malformed);
        }
        text.parse().map(Self).map_err(|_| HashKeyError::TooLarge)
    }
}

/// Why a text is no hash key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashKeyError {
    /// Not a decimal number without sign and leading zeros of at most 39 digits.
    Malformed,
    /// Above 2^128 - 1.
    TooLarge,
}

impl fmt::Display for HashKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a hash key is a decimal number without sign or leading zeros",
            Self::TooLarge => "a hash key is at most 340282366920938463463374607431768211455",
        })
    }
}

impl core::error::Error for HashKeyError {}

/// Appends the hash of every key to `out`. Several keys are hashed side by side, so this is several times as
/// fast as [`HashKey::of`] in a loop.
///
/// ```
/// use shardbrook::{HashKey, hash_keys};
///
/// let mut hashes = Vec::new();
/// hash_keys(["a", "b"], &mut hashes);
/// assert_eq!(hashes, [HashKey::of("a"), HashKey::of("b")]);
/// ```
pub fn hash_keys<'a, K>(keys: impl IntoIterator<Item = &'a K>, out: &mut Vec<HashKey>)
where
    K: AsRef<[u8]> + ?Sized + 'a,
{
    let mut keys = keys.into_iter();
    out.reserve(keys.size_hint().0);
    let mut batch: [&[u8]; lanes::WIDTH] = [&[]; lanes::WIDTH];
    loop {
        let mut filled = 0;
        while filled < lanes::WIDTH {
            let Some(key) = keys.next().map(AsRef::as_ref) else {
                lanes::hash_short(&batch[..filled], out);
                return;
            };
            if key.len() <= lanes::SHORT_BYTES {
                batch[filled] = key;
                filled += 1;
            } else {
                // A long key takes several blocks. It is rare; the keys before it go first, to keep the order.
                lanes::hash_short(&batch[..filled], out);
                out.push(HashKey::of_bytes(key));
                filled = 0;
            }
        }
        lanes::hash_short(&batch, out);
    }
}
