//! One aggregate in the making.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::proto::{field_len, put_bytes, put_varint, varint_len};
use super::{DIGEST_BYTES, MAGIC, tag};
use crate::hash::HashKey;

/// The three parts of an aggregate, encoded as records come in, so that its size is always exact.
#[derive(Debug)]
pub(super) struct Builder {
    partition_keys: Table,
    hash_keys: Table,
    records: Vec<u8>,
    count: u32,
    first_hash: HashKey,
    first_data_bytes: usize,
}

/// A record that is to be added, and what that takes.
pub(super) struct Plan {
    partition_key: Place,
    hash_key: Option<Place>,
    record_bytes: usize,
    /// By how much the aggregate grows.
    pub(super) added_bytes: usize,
}

impl Builder {
    pub(super) const fn new() -> Self {
        Self {
            partition_keys: Table::new(tag::PARTITION_KEY_TABLE),
            hash_keys: Table::new(tag::HASH_KEY_TABLE),
            records: Vec::new(),
            count: 0,
            first_hash: HashKey::MIN,
            first_data_bytes: 0,
        }
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The hash of the first record, under which all travel.
    pub(super) const fn first_hash(&self) -> HashKey {
        self.first_hash
    }

    /// The bytes of the aggregate.
    pub(super) fn size(&self) -> usize {
        MAGIC.len()
            + self.partition_keys.encoded.len()
            + self.hash_keys.encoded.len()
            + self.records.len()
            + DIGEST_BYTES
    }

    /// What adding this record takes.
    pub(super) fn plan(&self, partition_key: &[u8], hash_key: Option<&[u8]>, data_bytes: usize) -> Plan {
        let (partition_key, key_bytes) = self.partition_keys.find(partition_key);
        let mut record_bytes = 1 + varint_len(partition_key.index.into()) + field_len(data_bytes);
        let mut added_bytes = key_bytes;
        let hash_key = hash_key.map(|hash_key| {
            let (place, hash_key_bytes) = self.hash_keys.find(hash_key);
            record_bytes += 1 + varint_len(place.index.into());
            added_bytes += hash_key_bytes;
            place
        });
        added_bytes += field_len(record_bytes);
        Plan { partition_key, hash_key, record_bytes, added_bytes }
    }

    /// Adds the record that `plan` was made for, with the builder as it was then.
    pub(super) fn add(
        &mut self,
        plan: &Plan,
        partition_key: &[u8],
        hash_key: Option<&[u8]>,
        data: &[u8],
        hash: impl FnOnce() -> HashKey,
    ) {
        if self.count == 0 {
            self.first_hash = hash();
            self.first_data_bytes = data.len();
        }
        self.count += 1;
        self.partition_keys.insert(plan.partition_key, partition_key);
        let records = &mut self.records;
        records.reserve(plan.added_bytes);
        put_varint(tag::RECORDS.into(), records);
        put_varint(plan.record_bytes as u64, records);
        // Required fields are written even where they have the default: index 0 is `08 00`.
        put_varint(tag::PARTITION_KEY_INDEX.into(), records);
        put_varint(plan.partition_key.index.into(), records);
        if let (Some(place), Some(hash_key)) = (plan.hash_key, hash_key) {
            self.hash_keys.insert(place, hash_key);
            put_varint(tag::HASH_KEY_INDEX.into(), records);
            put_varint(place.index.into(), records);
        }
        put_bytes(tag::DATA, data, records);
    }

    /// The aggregate, all but its digest, for which there is room.
    pub(super) fn unsigned(&self) -> Vec<u8> {
        let mut aggregate = Vec::with_capacity(self.size());
        aggregate.extend_from_slice(&MAGIC);
        aggregate.extend_from_slice(&self.partition_keys.encoded);
        aggregate.extend_from_slice(&self.hash_keys.encoded);
        aggregate.extend_from_slice(&self.records);
        aggregate
    }

    /// The key and the data of the only record.
    pub(super) fn single(&self) -> (String, Vec<u8>) {
        let key =
            self.partition_keys.first().and_then(|key| core::str::from_utf8(key).ok()).unwrap_or_default();
        let data = &self.records[self.records.len() - self.first_data_bytes..];
        (key.to_owned(), data.to_owned())
    }

    /// Forgets the records and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.partition_keys.clear();
        self.hash_keys.clear();
        self.records.clear();
        self.count = 0;
    }
}

/// How many slots a lookup tries. Readers do not ask that a table be free of doubles, so a string that is not
/// found in so many is written again: keys that were made to collide cost bytes, never time.
const MAX_PROBES: usize = 64;

/// A table of strings, each once, encoded as it grows.
#[derive(Debug)]
struct Table {
    tag: u32,
    encoded: Vec<u8>,
    count: u32,
    /// Open addressing with linear probing; a power of two, at most half full.
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    /// 0 for a vacant slot.
    index_plus_1: u32,
    start: u32,
    length: u32,
}

/// Where a string is in a table, or will be.
#[derive(Clone, Copy, Debug)]
struct Place {
    index: u32,
    hash: u32,
    found: bool,
}

impl Table {
    const fn new(tag: u32) -> Self {
        Self { tag, encoded: Vec::new(), count: 0, slots: Vec::new() }
    }

    /// The place of `text`, and how many bytes the table grows when it goes there.
    fn find(&self, text: &[u8]) -> (Place, usize) {
        let hash = hash_text(text);
        for at in self.probes(hash) {
            let slot = &self.slots[at];
            if slot.index_plus_1 == 0 {
                break;
            }
            let (start, length) = (slot.start as usize, slot.length as usize);
            if slot.hash == hash && self.encoded[start..start + length] == *text {
                return (Place { index: slot.index_plus_1 - 1, hash, found: true }, 0);
            }
        }
        (Place { index: self.count, hash, found: false }, field_len(text.len()))
    }

    /// Puts `text` where [`Self::find`] said.
    fn insert(&mut self, place: Place, text: &[u8]) {
        if place.found {
            return;
        }
        if self.slots.len() <= 2 * self.count as usize {
            self.grow();
        }
        put_bytes(self.tag, text, &mut self.encoded);
        self.count += 1;
        let start = (self.encoded.len() - text.len()) as u32;
        self.enter(Slot { hash: place.hash, index_plus_1: self.count, start, length: text.len() as u32 });
    }

    fn enter(&mut self, slot: Slot) {
        if let Some(at) = self.probes(slot.hash).find(|&at| self.slots[at].index_plus_1 == 0) {
            self.slots[at] = slot;
        }
    }

    fn probes(&self, hash: u32) -> impl Iterator<Item = usize> + use<> {
        let slots = self.slots.len();
        (0..slots.min(MAX_PROBES)).map(move |step| (hash as usize + step) & (slots - 1))
    }

    fn grow(&mut self) {
        let mut slots = Vec::new();
        slots.resize((self.slots.len() * 2).max(16), Slot::default());
        let old = core::mem::replace(&mut self.slots, slots);
        for slot in old {
            if slot.index_plus_1 != 0 {
                self.enter(slot);
            }
        }
    }

    /// The first string.
    fn first(&self) -> Option<&[u8]> {
        let slot = self.slots.iter().find(|slot| slot.index_plus_1 == 1)?;
        let start = slot.start as usize;
        Some(&self.encoded[start..start + slot.length as usize])
    }

    fn clear(&mut self) {
        self.encoded.clear();
        self.count = 0;
        self.slots.fill(Slot::default());
    }
}

/// A quick hash, eight bytes at a time. It need not resist anyone (see [`MAX_PROBES`]).
fn hash_text(text: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut hash = text.len() as u64;
    for word in words.iter().chain([&last]) {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        hash ^= hash >> 32;
    }
    (hash.wrapping_mul(FACTOR) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::aggregate::{Deaggregated, deaggregate};
    use crate::hash::lanes::digest_all;

    #[test]
    fn keys_made_to_collide_cost_bytes_and_nothing_else() {
        // 200 keys for the same slot of any table of up to 1,024: more than a lookup tries.
        let keys = (0..).map(|i| format!("{i}")).filter(|key| hash_text(key.as_bytes()) & 0x3FF == 0);
        let keys: Vec<_> = keys.take(200).collect();
        let mut builder = Builder::new();
        for key in keys.iter().chain(&keys) {
            let plan = builder.plan(key.as_bytes(), None, key.len());
            let expected = builder.size() + plan.added_bytes;
            builder.add(&plan, key.as_bytes(), None, key.as_bytes(), || HashKey::MIN);
            assert_eq!(builder.size(), expected);
        }
        assert!(builder.partition_keys.count > 200, "some keys are in the table twice");

        let mut data = builder.unsigned();
        data.extend_from_slice(&digest_all(&[&data[4..]])[0]);
        assert_eq!(data.len(), builder.size());
        let Deaggregated::Aggregate(members) = deaggregate(&data) else { panic!("an aggregate") };
        for (member, key) in members.zip(keys.iter().chain(&keys)) {
            assert_eq!((member.unwrap().partition_key, member.unwrap().data), (key.as_str(), key.as_bytes()));
        }
    }
}
