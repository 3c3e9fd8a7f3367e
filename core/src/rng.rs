//! Randomness per entity: every value is a hash of the seed, the resource and the resource's own counter, so
//! one more call on one resource changes nothing on another.

use alloc::string::String;
use core::fmt::Write;

use md5::{Digest, Md5};

use crate::snapshot::Persist;

/// The seed of an engine. The default is fixed, so that two runs agree unless they ask not to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub struct Seed(u64);

impl Seed {
    /// A seed made of a number.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 128 random bits for the `counter`-th draw of `resource` (an ARN, or a fixed word for the engine's own draws).
    pub fn draw(self, resource: &str, counter: u64) -> u128 {
        let mut hash = Md5::new();
        hash.update(b"shardbrook");
        hash.update(self.0.to_be_bytes());
        hash.update((resource.len() as u64).to_be_bytes());
        hash.update(resource.as_bytes());
        hash.update(counter.to_be_bytes());
        u128::from_be_bytes(hash.finalize().into())
    }

    /// The seed of resources that may have the names of others before them, of which there were `number`.
    pub(crate) const fn nth(self, number: u64) -> Self {
        if number == 0 { self } else { Self(mix(self.0.wrapping_add(number))) }
    }

    /// The generator of one resource, at its first draw.
    pub fn entity(self, resource: impl Into<String>) -> EntityRng {
        EntityRng { seed: self, resource: resource.into(), counter: 0 }
    }
}

/// The random numbers of one resource.
#[derive(Clone, Debug, Persist)]
pub struct EntityRng {
    seed: Seed,
    resource: String,
    counter: u64,
}

impl EntityRng {
    /// The next 128 bits.
    pub fn next_bits(&mut self) -> u128 {
        let bits = self.seed.draw(&self.resource, self.counter);
        self.counter = self.counter.wrapping_add(1);
        bits
    }

    /// The next version 4 UUID, in lower case.
    pub fn next_uuid(&mut self) -> String {
        uuid_text(self.next_bits())
    }
}

/// The next number of the SplitMix64 generator.
pub(crate) const fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mix(*state)
}

/// The output function of SplitMix64: a bijection that leaves no bit in its place.
pub(crate) const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// `bits` as the text of a version 4 UUID.
pub(crate) fn uuid_text(bits: u128) -> String {
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let mut text = String::with_capacity(36);
    let _ = write!(
        text,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        (bits >> 96) as u32,
        (bits >> 80) as u16,
        (bits >> 64) as u16,
        (bits >> 48) as u16,
        bits as u64 & 0xFFFF_FFFF_FFFF
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_have_seeds_of_their_own() {
        let seed = Seed::new(7);
        assert_eq!(seed.nth(0), seed);
        let seeds = [seed.nth(1), seed.nth(2), seed.nth(1).nth(2), seed.nth(2).nth(1)];
        assert!((1..seeds.len()).all(|place| !seeds[..place].contains(&seeds[place])), "{seeds:?}");
    }

    #[test]
    fn draws_depend_on_seed_resource_and_counter_alone() {
        let one = Seed::new(1);
        assert_eq!(one.draw("a", 0), one.draw("a", 0));
        assert_ne!(one.draw("a", 0), one.draw("a", 1));
        assert_ne!(one.draw("a", 0), one.draw("b", 0));
        assert_ne!(one.draw("a", 0), Seed::new(2).draw("a", 0));
    }

    #[test]
    fn uuids_are_version_4() {
        assert_eq!(uuid_text(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid_text(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
