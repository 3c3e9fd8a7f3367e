//! Sequence numbers: 186 bits, written in decimal.
//!
//! The service documents only that the numbers of a shard increase. The layout is that of numbers seen from
//! 2014 on. In hexadecimal, from the left:
//!
//! ```text
//! digits  1      9           1             16       2   9     8      1
//!         2  create secs  shard & 15  counter (64)  00  secs  shard  version 2
//! ```

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use crate::decimal::{LIMB_DIGITS, MAX_DIGITS, Text, divide_by_limb};
use crate::snapshot::{Persist, Reader, Writer};

/// Seconds from this one on (2477-10-27) are in no valid number.
const CREATE_SECS_END: u64 = 16_025_175_000;
/// Times have nine hexadecimal digits.
const SECS_MASK: u64 = (1 << 36) - 1;
/// The digits of every number of version 1 and 2: they lie between 2^185 and 2^185 + 2^184.
const DIGITS: usize = 56;
const _: () = assert!(DIGITS <= MAX_DIGITS, "a text has no room for a number");

/// A sequence number of the current layout, version 2. Numbers order by value.
///
/// ```
/// use shardbrook::SequenceNumber;
///
/// let number: SequenceNumber = "49680474754921970504640439839265392249716361828153425922".parse()?;
/// assert_eq!(number.create_secs(), 0x6b0383ea);
/// assert_eq!((number.shard(), number.counter(), number.time_secs()), (0, 0, 0x6b0383ed));
/// assert!(number < SequenceNumber::end(0x6b0383ea, 0, 0x6b0383ed));
/// # Ok::<(), shardbrook::SequenceNumberError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SequenceNumber {
    create_secs: u64,
    shard: u32,
    counter: u64,
    time_secs: u64,
    /// Always 0 so far; its meaning is not known. Kept, so that any number comes out as it went in.
    unknown: u8,
}

impl SequenceNumber {
    /// The counter that marks the end of a closed shard; those of records are below.
    pub const END_COUNTER: u64 = 0x7FFF_FFFF_FFFF_FFFF;

    /// Where a shard starts.
    pub const fn first(create_secs: u64, shard: u32) -> Self {
        Self::record(create_secs, shard, 0, create_secs)
    }

    /// The number of a record. Times are cut to 36 bits and the counter to 63.
    pub const fn record(create_secs: u64, shard: u32, counter: u64, time_secs: u64) -> Self {
        Self {
            create_secs: create_secs & SECS_MASK,
            shard,
            counter: counter & Self::END_COUNTER,
            time_secs: time_secs & SECS_MASK,
            unknown: 0,
        }
    }

    /// Where a shard that was closed at `time_secs` ends.
    pub const fn end(create_secs: u64, shard: u32, time_secs: u64) -> Self {
        Self::record(create_secs, shard, Self::END_COUNTER, time_secs)
    }

    /// When the shard was created, in seconds since the epoch.
    pub const fn create_secs(self) -> u64 {
        self.create_secs
    }

    /// The index of the shard.
    pub const fn shard(self) -> u32 {
        self.shard
    }

    /// The place in the shard.
    pub const fn counter(self) -> u64 {
        self.counter
    }

    /// When the record was put, in seconds since the epoch.
    pub const fn time_secs(self) -> u64 {
        self.time_secs
    }

    /// Whether this is the end of a closed shard.
    pub const fn is_end(self) -> bool {
        self.counter == Self::END_COUNTER
    }

    /// The value in words of 64 bits, least significant first.
    fn words(self) -> [u64; 3] {
        [
            2 | u64::from(self.shard) << 4 | self.time_secs << 36,
            self.time_secs >> 28 | u64::from(self.unknown) << 8 | self.counter << 16,
            self.counter >> 48 | u64::from(self.shard & 0xF) << 16 | self.create_secs << 20 | 2 << 56,
        ]
    }

    /// The decimal text: as many digits for every number.
    pub(crate) fn text(self) -> Text {
        Text::of_limbs(self.limbs())
    }

    /// The value in decimal limbs, most significant first.
    fn limbs(self) -> [u64; 3] {
        let [low, middle, high] = self.words();
        // The high word is below a limb, so each quotient fits 64 bits.
        let (quotient_high, rest) = divide_by_limb(high, middle);
        let (quotient_low, last) = divide_by_limb(rest, low);
        let (first, second) = divide_by_limb(quotient_high, quotient_low);
        [first, second, last]
    }
}

impl Persist for SequenceNumber {
    fn save(&self, to: &mut Writer<'_>) {
        let Self { create_secs, shard, counter, time_secs, unknown } = self;
        create_secs.save(to);
        shard.save(to);
        counter.save(to);
        time_secs.save(to);
        unknown.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let (create_secs, shard, counter) = Persist::load(from);
        let (time_secs, unknown) = Persist::load(from);
        // What does not fit has no text.
        let fits = create_secs <= SECS_MASK && counter <= Self::END_COUNTER && time_secs <= SECS_MASK;
        from.check(fits, "a sequence number has more than 186 bits");
        Self { create_secs, shard, counter, time_secs, unknown }
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        let [low, middle, high] = self.words();
        let [other_low, other_middle, other_high] = other.words();
        (high, middle, low).cmp(&(other_high, other_middle, other_low))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    /// Decimal: 56 digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl FromStr for SequenceNumber {
    type Err = SequenceNumberError;

    fn from_str(text: &str) -> Result<Self, SequenceNumberError> {
        let [low, middle, high] = parse_words(text).ok_or(SequenceNumberError::Invalid)?;
        // Version 0 is known by its size: 128 bits of which the first is set, or left out.
        if high < 2 {
            return Err(SequenceNumberError::Version0);
        }
        if high >> 56 != 2 {
            return Err(SequenceNumberError::Invalid);
        }
        match low & 0xF {
            1 => return Err(SequenceNumberError::Version1),
            2 => {}
            _ => return Err(SequenceNumberError::Invalid),
        }
        let number = Self {
            create_secs: high >> 20 & SECS_MASK,
            shard: (low >> 4) as u32,
            counter: high << 48 | middle >> 16,
            time_secs: (middle & 0xFF) << 28 | low >> 36,
            unknown: (middle >> 8) as u8,
        };
        let sound = number.create_secs < CREATE_SECS_END
            && number.counter <= Self::END_COUNTER
            && u64::from(number.shard & 0xF) == high >> 16 & 0xF;
        if sound { Ok(number) } else { Err(SequenceNumberError::Invalid) }
    }
}

/// A text as a number of 192 bits, least significant word first; `None` for anything but `0|([1-9]\d*)` of at
/// most [`DIGITS`] digits, which do not overflow.
fn parse_words(text: &str) -> Option<[u64; 3]> {
    let digits = text.as_bytes();
    let leading_zero = digits.len() > 1 && digits[0] == b'0';
    if digits.is_empty() || digits.len() > DIGITS || leading_zero {
        return None;
    }
    let mut words = [0_u64; 3];
    for chunk in digits.chunks(LIMB_DIGITS) {
        let mut carry = 0_u64;
        let mut scale = 1_u64;
        for &digit in chunk {
            if !digit.is_ascii_digit() {
                return None;
            }
            carry = carry * 10 + u64::from(digit - b'0');
            scale *= 10;
        }
        for word in &mut words {
            let product = u128::from(*word) * u128::from(scale) + u128::from(carry);
            *word = product as u64;
            carry = (product >> 64) as u64;
        }
    }
    Some(words)
}

/// Why a text is no sequence number of version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SequenceNumberError {
    /// A number of version 0, which services of 2013 gave out.
    Version0,
    /// A number of version 1.
    Version1,
    /// Not a sequence number.
    Invalid,
}

impl fmt::Display for SequenceNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version0 => "a sequence number of version 0",
            Self::Version1 => "a sequence number of version 1",
            Self::Invalid => "not a sequence number",
        })
    }
}

impl core::error::Error for SequenceNumberError {}

#[cfg(test)]
mod tests;
