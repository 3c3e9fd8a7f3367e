//! Decimal text of numbers: of wide ones eight digits at a time, of those with a fraction as answers have it.

use alloc::string::String;

/// The largest power of ten that fits 64 bits: wide numbers are cut into limbs of 19 digits.
const LIMB: u64 = 10_u64.pow(LIMB_DIGITS as u32);
/// Digits of a limb.
pub(crate) const LIMB_DIGITS: usize = 19;
/// The most digits that a text has.
pub(crate) const MAX_DIGITS: usize = 56;

/// The eight digits of a number below 10^8. The halves, then the pairs, then the digits are split within one
/// 64-bit word: multiplications by a rounded reciprocal stand for divisions by 100 and by 10.
#[inline]
fn eight_digits(number: u32) -> [u8; 8] {
    let fours = u64::from(number / 10_000) | (u64::from(number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    let digits = tens | ((pairs - tens * 10) << 8);
    (digits | 0x3030_3030_3030_3030).to_le_bytes()
}

/// Quotient and remainder of `high` and `low`, as one number of 128 bits, by [`LIMB`]; `high` must be below it.
///
/// A multiplication by the reciprocal stands for the division, and the quotient is off by one at most: algorithm 4 of
/// Möller and Granlund, "Improved division by invariant integers", 2011. It wants a divisor whose first bit is set.
#[inline]
pub(crate) fn divide_by_limb(high: u64, low: u64) -> (u64, u64) {
    const RECIPROCAL: u64 = (u128::MAX / LIMB as u128 - (1 << 64)) as u64;
    debug_assert!(high < LIMB);
    let estimate =
        (u128::from(RECIPROCAL) * u128::from(high)).wrapping_add(u128::from(high) << 64 | u128::from(low));
    let mut quotient = ((estimate >> 64) as u64).wrapping_add(1);
    let mut rest = low.wrapping_sub(quotient.wrapping_mul(LIMB));
    if rest > estimate as u64 {
        quotient = quotient.wrapping_sub(1);
        rest = rest.wrapping_add(LIMB);
    }
    if rest >= LIMB {
        quotient = quotient.wrapping_add(1);
        rest -= LIMB;
    }
    (quotient, rest)
}

/// The limbs of a number of 128 bits, most significant first.
pub(crate) fn limbs_of_u128(number: u128) -> [u64; 3] {
    let high = (number >> 64) as u64;
    let (quotient, last) = divide_by_limb(high % LIMB, number as u64);
    let (first, middle) = divide_by_limb(high / LIMB, quotient);
    [first, middle, last]
}

/// The digits of three limbs, most significant first, by eight; the first limb has 18 at most.
fn eights([high, middle, low]: [u64; 3]) -> [u64; MAX_DIGITS / 8] {
    const EIGHT: u64 = 100_000_000;
    debug_assert!(high < LIMB / 10 && middle < LIMB && low < LIMB);
    // Two digits of the first limb stand with six of the second, and five of that with three of the last.
    let (high, two) = (high / 100, high % 100);
    let (middle, five) = (middle / 100_000, middle % 100_000);
    let (three, low) = (low / (EIGHT * EIGHT), low % (EIGHT * EIGHT));
    [
        high / EIGHT,
        high % EIGHT,
        two * 1_000_000 + middle / EIGHT,
        middle % EIGHT,
        five * 1000 + three,
        low / EIGHT,
        low % EIGHT,
    ]
}

/// Decimal text of at most [`MAX_DIGITS`] digits, on the stack.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    digits: [u8; MAX_DIGITS],
    start: usize,
}

impl Text {
    /// The text of the number with these limbs, without leading zeros. It must not have more digits than a text can.
    pub(crate) fn of_limbs(limbs: [u64; 3]) -> Self {
        let mut digits = [b'0'; MAX_DIGITS];
        for (place, number) in digits.chunks_exact_mut(8).zip(eights(limbs)) {
            place.copy_from_slice(&eight_digits(number as u32));
        }
        let start = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len() - 1);
        Self { digits, start }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        // Digits are ASCII; the fallback is never taken.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text's bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.digits[self.start..]
    }
}

/// The text of a number with a fraction, for messages. It is that of JSON, so that the wasm module holds one writer of
/// such numbers; a whole number has no fraction.
pub(crate) fn of_f64(number: f64) -> String {
    let mut text = serde_json::to_string(&number).unwrap_or_default();
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_four_digits_come_out_right() {
        for number in 0..10_000 {
            let expected = alloc::format!("{:08}", number * 10_000 + (9_999 - number));
            assert_eq!(eight_digits(number * 10_000 + (9_999 - number)), expected.as_bytes());
        }
    }

    #[test]
    fn zero_has_one_digit() {
        assert_eq!(Text::of_limbs([0, 0, 0]).as_str(), "0");
    }

    #[test]
    fn division_is_exact_at_its_edges() {
        for high in [0, 1, LIMB / 2, LIMB - 2, LIMB - 1] {
            for low in [0, 1, LIMB - 1, LIMB, LIMB + 1, u64::MAX - 1, u64::MAX] {
                let number = u128::from(high) << 64 | u128::from(low);
                let limb = u128::from(LIMB);
                assert_eq!(divide_by_limb(high, low), ((number / limb) as u64, (number % limb) as u64));
            }
        }
    }

    proptest! {
        #[test]
        fn division_is_exact(high in 0..LIMB, low: u64) {
            let (number, limb) = (u128::from(high) << 64 | u128::from(low), u128::from(LIMB));
            prop_assert_eq!(divide_by_limb(high, low), ((number / limb) as u64, (number % limb) as u64));
        }

        #[test]
        fn text_is_that_of_the_standard_library(number: u128) {
            let text = Text::of_limbs(limbs_of_u128(number));
            prop_assert_eq!(text.as_str(), number.to_string());
        }
    }
}
