//! The object store in memory: where delivery streams put their objects unless a host takes them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Bound, Deref};

use crate::arn::AccountId;
use crate::snapshot::{Persist, Reader, SnapshotError, Writer, unsound};
use crate::time::Timestamp;

/// What an object costs beyond its body and its key, by estimate: map nodes, the names of its types, its times.
const OBJECT_OVERHEAD_BYTES: u64 = 128;

/// The bytes of an object. A clone shares them, so that a delivery that waits for its answer can be repeated
/// without a copy.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body(Arc<Vec<u8>>);

impl Persist for Body {
    fn save(&self, to: &mut Writer<'_>) {
        to.bytes(self);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        Vec::load(from).into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

/// What an object costs, and how fast it is read: a name that is kept with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum StorageClass {
    /// For data that is read often.
    #[default]
    Standard,
    /// Moved between tiers by use.
    IntelligentTiering,
    /// For data that is rarely read.
    GlacierIr,
}

impl StorageClass {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierIr => "GLACIER_IR",
        }
    }
}

/// What is asked of S3 for an object beside its bytes and their type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub struct Handling {
    /// The storage class.
    pub storage_class: StorageClass,
    /// The key that encrypts it, if one of the customer's does.
    pub kms_key_id: Option<String>,
    /// Whose bucket it must be, if that is to be checked.
    pub expected_bucket_owner: Option<AccountId>,
}

/// An object and what S3 would say of it.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub struct Object {
    /// The bytes, as they were put.
    pub body: Body,
    /// When it was put.
    pub last_modified: Timestamp,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its `Content-Encoding`, if it has one.
    pub content_encoding: Option<&'static str>,
    /// How it is stored. The store keeps that beside the bytes, which stay as they are.
    pub handling: Handling,
}

impl Object {
    /// An object that is put at `last_modified`.
    pub fn new(
        body: impl Into<Body>,
        last_modified: Timestamp,
        content_type: &'static str,
        content_encoding: Option<&'static str>,
    ) -> Self {
        let handling = Handling::default();
        Self { body: body.into(), last_modified, content_type, content_encoding, handling }
    }

    /// The same object, stored in this way.
    #[must_use]
    pub fn with_handling(self, handling: Handling) -> Self {
        Self { handling, ..self }
    }
}

/// The `Content-Type` of every object that is delivered (reference: firehose.md §2.3).
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";
/// The types and encodings that objects are put with.
const CONTENT_WORDS: [&str; 3] = [CONTENT_TYPE, "gzip", "zstd"];

/// Only for these words: no other fixed text is part of a state.
impl Persist for &'static str {
    fn save(&self, to: &mut Writer<'_>) {
        to.bytes(self.as_bytes());
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let word = String::load(from);
        let known = CONTENT_WORDS.into_iter().find(|known| *known == word);
        from.check(known.is_some(), "an object has an unknown type");
        known.unwrap_or_default()
    }
}

/// The store has no room for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreFull {
    /// Bytes that the object needs.
    pub needed: u64,
    /// Bytes that are free.
    pub free: u64,
}

impl fmt::Display for StoreFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object store is full: {} bytes needed, {} free", self.needed, self.free)
    }
}

impl core::error::Error for StoreFull {}

/// Buckets of objects, bounded in bytes. A bucket exists as soon as something is put into it.
///
/// The bound counts bodies, keys and a fixed estimate for the rest of an object. At the bound a put is refused,
/// and the delivery stream that tried treats it as a failing S3: it retries, and in the end drops and reports.
#[derive(Clone, Debug, Persist)]
pub struct ObjectStore {
    /// In order of their names: few buckets, of many objects each.
    buckets: Vec<(String, BTreeMap<String, Object>)>,
    #[persist(skip)]
    used: u64,
    #[persist(skip)]
    body_bytes: u64,
    #[persist(skip)]
    capacity: u64,
}

impl ObjectStore {
    /// Takes at most so many bytes from now on; what is there stays.
    pub(crate) fn set_capacity(&mut self, capacity: u64) {
        self.capacity = capacity;
    }

    /// An empty store that takes at most `capacity` bytes.
    pub const fn new(capacity: u64) -> Self {
        Self { buckets: Vec::new(), used: 0, body_bytes: 0, capacity }
    }

    /// Stores an object, in place of the one with the same key if there is one.
    pub fn put(&mut self, bucket: &str, key: String, object: Object) -> Result<(), StoreFull> {
        let needed = cost(&key, &object);
        let replaced = self.get(bucket, &key);
        let (freed, freed_body) = replaced.map_or((0, 0), |old| (cost(&key, old), old.body.len() as u64));
        let free = self.capacity.saturating_sub(self.used - freed);
        if needed > free {
            return Err(StoreFull { needed, free });
        }
        self.used = self.used - freed + needed;
        self.body_bytes = self.body_bytes - freed_body + object.body.len() as u64;
        let place = self.search(bucket).unwrap_or_else(|place| {
            self.buckets.insert(place, (bucket.into(), BTreeMap::new()));
            place
        });
        self.buckets[place].1.insert(key, object);
        Ok(())
    }

    /// Takes an object out.
    pub fn remove(&mut self, bucket: &str, key: &str) -> Option<Object> {
        let place = self.search(bucket).ok()?;
        let (_, objects) = &mut self.buckets[place];
        let object = objects.remove(key)?;
        if objects.is_empty() {
            self.buckets.remove(place);
        }
        self.used -= cost(key, &object);
        self.body_bytes -= object.body.len() as u64;
        Some(object)
    }

    /// Forgets every object.
    pub fn clear(&mut self) {
        self.buckets.clear();
        self.used = 0;
        self.body_bytes = 0;
    }

    /// Makes anew what follows from the objects of a snapshot; fails if they do not hold together.
    pub(crate) fn rebuild(&mut self, capacity: u64) -> Result<(), SnapshotError> {
        self.capacity = capacity;
        let is_empty = |(_, objects): &(String, BTreeMap<String, Object>)| objects.is_empty();
        if !self.buckets.is_sorted_by(|(a, _), (b, _)| a < b) || self.buckets.iter().any(is_empty) {
            return Err(unsound("a bucket"));
        }
        for (key, object) in self.buckets.iter().flat_map(|(_, objects)| objects) {
            self.used += cost(key, object);
            self.body_bytes += object.body.len() as u64;
        }
        Ok(())
    }

    /// The object with this key.
    pub fn get(&self, bucket: &str, key: &str) -> Option<&Object> {
        self.bucket(bucket)?.get(key)
    }

    /// The objects of a bucket whose keys start with `prefix`, in key order (byte order, as in S3).
    pub fn list(&self, bucket: &str, prefix: &str) -> impl Iterator<Item = (&str, &Object)> {
        self.bucket(bucket)
            .into_iter()
            .flat_map(move |objects| objects.range::<str, _>((Bound::Included(prefix), Bound::Unbounded)))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, object)| (key.as_str(), object))
    }

    /// The names of the buckets that hold something, in order.
    pub fn buckets(&self) -> impl Iterator<Item = &str> {
        self.buckets.iter().map(|(name, _)| name.as_str())
    }

    /// How many objects there are, in all buckets.
    pub fn len(&self) -> usize {
        self.buckets.iter().map(|(_, objects)| objects.len()).sum()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Bytes of all bodies.
    pub const fn total_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// Bytes that count against the bound: bodies, keys and the overhead of each object.
    pub const fn used_bytes(&self) -> u64 {
        self.used
    }

    /// The bound.
    pub const fn capacity(&self) -> u64 {
        self.capacity
    }

    fn bucket(&self, name: &str) -> Option<&BTreeMap<String, Object>> {
        self.search(name).ok().map(|place| &self.buckets[place].1)
    }

    /// The place of a bucket, or where it belongs.
    fn search(&self, name: &str) -> Result<usize, usize> {
        self.buckets.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

fn cost(key: &str, object: &Object) -> u64 {
    OBJECT_OVERHEAD_BYTES + key.len() as u64 + object.body.len() as u64
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::snapshot::tests::{loaded, saved};

    fn object(bytes: &[u8]) -> Object {
        Object::new(bytes.to_vec(), Timestamp::EPOCH, "application/octet-stream", None)
    }

    fn keys(store: &ObjectStore, bucket: &str, prefix: &str) -> Vec<String> {
        store.list(bucket, prefix).map(|(key, _)| key.into()).collect()
    }

    #[test]
    fn lists_by_prefix_in_key_order() {
        let mut store = ObjectStore::new(1 << 20);
        for key in ["b/2", "a", "b/10", "b", "c/1", "b/é"] {
            store.put("x", key.into(), object(key.as_bytes())).unwrap();
        }
        store.put("y", "b/0".into(), object(b"")).unwrap();
        assert_eq!(keys(&store, "x", ""), ["a", "b", "b/10", "b/2", "b/é", "c/1"]);
        assert_eq!(keys(&store, "x", "b/"), ["b/10", "b/2", "b/é"]);
        assert_eq!(keys(&store, "x", "d"), Vec::<String>::new());
        assert_eq!(keys(&store, "z", ""), Vec::<String>::new());
        assert_eq!(store.buckets().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(store.len(), 7);
    }

    #[test]
    fn snapshots_have_no_empty_buckets() {
        let mut store = ObjectStore::new(1 << 20);
        store.put("x", "a".into(), object(b"1234")).unwrap();
        let mut restored: ObjectStore = loaded(&saved(&store)).unwrap();
        restored.rebuild(7).unwrap();
        assert_eq!((restored.capacity(), restored.used_bytes()), (7, store.used_bytes()));
        store.buckets.push(("y".into(), BTreeMap::new()));
        assert!(loaded::<ObjectStore>(&saved(&store)).unwrap().rebuild(7).is_err());
    }

    #[test]
    fn refuses_what_does_not_fit_and_counts_what_is_taken_out() {
        let mut store = ObjectStore::new(2 * OBJECT_OVERHEAD_BYTES + 12);
        store.put("x", "a".into(), object(&[1; 5])).unwrap();
        let full = store.put("x", "b".into(), object(&[2; 6])).unwrap_err();
        assert_eq!((full.needed, full.free), (OBJECT_OVERHEAD_BYTES + 7, OBJECT_OVERHEAD_BYTES + 6));
        store.put("x", "b".into(), object(&[2; 5])).unwrap();
        assert_eq!(store.total_bytes(), 10);
        store.put("x", "a".into(), object(&[3; 5])).unwrap();
        assert_eq!(store.get("x", "a").unwrap().body.to_vec(), vec![3; 5]);
        assert_eq!(store.total_bytes(), 10);
        assert!(store.remove("x", "a").is_some());
        assert!(store.remove("x", "a").is_none());
        assert_eq!(store.total_bytes(), 5);
        store.clear();
        assert!(store.is_empty());
        assert_eq!((store.total_bytes(), store.used_bytes()), (0, 0));
    }
}
