//! What can be part of a state, and how common types are written.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::{Reader, Writer};

/// A part of an engine's state. Most are derived: `#[derive(Persist)]`, with `#[persist(skip)]` at what is worked out
/// anew.
///
/// Neither direction gives a `Result`, so that a field costs the wasm module a few bytes and not a branch with all
/// that must be dropped there. [`Reader::fail`] says what that means for reading.
pub(crate) trait Persist: Sized {
    /// Writes the part.
    fn save(&self, to: &mut Writer<'_>);

    /// Reads the part: any value once the reader has failed.
    fn load(from: &mut Reader<'_>) -> Self;

    /// Writes many in a row.
    fn save_all(many: &[Self], to: &mut Writer<'_>) {
        many.iter().for_each(|one| one.save(to));
    }

    /// Reads `count` in a row; memory grows with what is really there.
    fn load_all(count: usize, from: &mut Reader<'_>) -> Vec<Self> {
        let mut many = Vec::new();
        for _ in 0..count {
            if from.failure.is_some() {
                break;
            }
            many.push(Self::load(from));
        }
        many
    }
}

impl Persist for u32 {
    fn save(&self, to: &mut Writer<'_>) {
        to.number((*self).into(), 4);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        from.number(4) as Self
    }
}

impl Persist for u64 {
    fn save(&self, to: &mut Writer<'_>) {
        to.number(*self, 8);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        from.number(8)
    }
}

impl Persist for u128 {
    fn save(&self, to: &mut Writer<'_>) {
        to.number(*self as u64, 8);
        to.number((*self >> 64) as u64, 8);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let (low, high) = (u64::load(from), u64::load(from));
        Self::from(high) << 64 | Self::from(low)
    }
}

impl Persist for u8 {
    fn save(&self, to: &mut Writer<'_>) {
        to.number((*self).into(), 1);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        from.number(1) as Self
    }

    fn save_all(many: &[Self], to: &mut Writer<'_>) {
        to.put(many);
    }

    fn load_all(count: usize, from: &mut Reader<'_>) -> Vec<Self> {
        from.take(count).into()
    }
}

impl Persist for usize {
    fn save(&self, to: &mut Writer<'_>) {
        (*self as u64).save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let number = Self::try_from(u64::load(from));
        from.check(number.is_ok(), "a number is too large for this machine");
        number.unwrap_or_default()
    }
}

impl Persist for NonZeroU32 {
    fn save(&self, to: &mut Writer<'_>) {
        self.get().save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let number = Self::new(u32::load(from));
        from.check(number.is_some(), "a number is zero that cannot be");
        number.unwrap_or(Self::MIN)
    }
}

impl Persist for f64 {
    fn save(&self, to: &mut Writer<'_>) {
        self.to_bits().save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let number = Self::from_bits(u64::load(from));
        from.check(!number.is_nan(), "a number is none");
        number
    }
}

impl Persist for bool {
    fn save(&self, to: &mut Writer<'_>) {
        to.variant((*self).into());
    }

    fn load(from: &mut Reader<'_>) -> Self {
        from.variant(2) != 0
    }
}

impl Persist for String {
    fn save(&self, to: &mut Writer<'_>) {
        to.bytes(self.as_bytes());
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let text = Self::from_utf8(Vec::load(from));
        from.check(text.is_ok(), "a text is not UTF-8");
        text.unwrap_or_default()
    }
}

impl<T: Persist> Persist for Option<T> {
    fn save(&self, to: &mut Writer<'_>) {
        self.is_some().save(to);
        if let Some(value) = self {
            value.save(to);
        }
    }

    fn load(from: &mut Reader<'_>) -> Self {
        bool::load(from).then(|| T::load(from))
    }
}

impl<T: Persist> Persist for Box<T> {
    fn save(&self, to: &mut Writer<'_>) {
        (**self).save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        Self::new(T::load(from))
    }
}

impl<T: Persist> Persist for Vec<T> {
    fn save(&self, to: &mut Writer<'_>) {
        to.count(self.len());
        T::save_all(self, to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let count = from.count();
        T::load_all(count, from)
    }
}

impl<T: Persist> Persist for VecDeque<T> {
    fn save(&self, to: &mut Writer<'_>) {
        let (front, back) = self.as_slices();
        to.count(self.len());
        T::save_all(front, to);
        T::save_all(back, to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        Vec::load(from).into()
    }
}

impl<T: Persist, const N: usize> Persist for [T; N] {
    fn save(&self, to: &mut Writer<'_>) {
        T::save_all(self, to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        core::array::from_fn(|_| T::load(from))
    }
}

impl<A: Persist, B: Persist> Persist for (A, B) {
    fn save(&self, to: &mut Writer<'_>) {
        self.0.save(to);
        self.1.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        (A::load(from), B::load(from))
    }
}

impl<A: Persist, B: Persist, C: Persist> Persist for (A, B, C) {
    fn save(&self, to: &mut Writer<'_>) {
        self.0.save(to);
        self.1.save(to);
        self.2.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        (A::load(from), B::load(from), C::load(from))
    }
}

impl<K: Persist + Ord, V: Persist> Persist for BTreeMap<K, V> {
    fn save(&self, to: &mut Writer<'_>) {
        to.count(self.len());
        for (key, value) in self {
            key.save(to);
            value.save(to);
        }
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let entries: Vec<(K, V)> = Vec::load(from);
        from.check(entries.is_sorted_by(|(a, _), (b, _)| a < b), "the keys of a table are out of order");
        entries.into_iter().collect()
    }
}
