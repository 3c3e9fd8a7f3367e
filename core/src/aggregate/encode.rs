//! From user records to the entries of PutRecords.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::builder::Builder;
use super::{DIGEST_BYTES, MAGIC};
use crate::hash::{HashKey, ShardMap, hash_keys, lanes};

/// How large an aggregate grows unless told otherwise: the KPL's `AggregationMaxSize`
/// (<https://github.com/awslabs/amazon-kinesis-producer/blob/master/java/amazon-kinesis-producer-sample/default_config.properties>).
pub const DEFAULT_MAX_BYTES: usize = 51_200;
/// The smallest `AggregationMaxSize` that the KPL takes (same page).
const MIN_MAX_BYTES: usize = 64;
/// The largest record of a stream, data and partition key together: 10 MiB
/// (<https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html>).
pub const MAX_RECORD_BYTES: usize = 10 << 20;
/// The longest partition key, in Unicode characters (same page).
pub const MAX_PARTITION_KEY_CHARS: usize = 256;
/// The partition key of every aggregate; the explicit hash key decides where it goes.
const AGGREGATE_KEY: &str = "a";
/// How many emptied builders keep their memory for the next aggregates.
const MAX_SPARE: usize = 64;

/// One user record to be sent.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "callers build it; it is what a put is made of")]
pub struct NewRecord<'a> {
    /// 1 to 256 characters.
    pub partition_key: &'a str,
    /// Overrides the hash of the partition key.
    pub explicit_hash_key: Option<HashKey>,
    /// The payload.
    pub data: &'a [u8],
}

impl NewRecord<'_> {
    /// Where the record belongs.
    fn hash(&self) -> HashKey {
        self.explicit_hash_key.unwrap_or_else(|| HashKey::of(self.partition_key))
    }

    fn check(&self) -> Result<(), AggregateError> {
        if self.partition_key.is_empty() {
            return Err(AggregateError::EmptyPartitionKey);
        }
        // A character has at most four bytes; most keys are too short to need counting.
        if self.partition_key.len() > MAX_PARTITION_KEY_CHARS {
            let chars = self.partition_key.chars().count();
            if chars > MAX_PARTITION_KEY_CHARS {
                return Err(AggregateError::PartitionKeyTooLong { chars });
            }
        }
        let bytes = self.partition_key.len() + self.data.len();
        if bytes > MAX_RECORD_BYTES {
            return Err(AggregateError::RecordTooLarge { bytes });
        }
        Ok(())
    }
}

/// One stream record, ready for PutRecords.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The user's key for a single record, `a` for an aggregate.
    pub partition_key: String,
    /// The hash of the first user record. Always to be sent: it decides the shard.
    pub explicit_hash_key: HashKey,
    /// The user's bytes for a single record, else an aggregate.
    pub data: Vec<u8>,
    /// How many user records are inside.
    pub user_records: u32,
    /// The shard, as an index of the aggregator's map; `None` without a map or where no shard covers the key.
    pub shard: Option<u32>,
}

/// Gathers user records into aggregates, one a shard at a time, as the Kinesis Producer Library does: two or
/// more records make an aggregate, a record alone goes out as it is, and records keep their order.
///
/// ```
/// use shardbrook::{Aggregator, DEFAULT_MAX_BYTES, HashRange, ShardMap};
///
/// let shards = ShardMap::new(&HashRange::uniform(2))?;
/// let mut aggregator = Aggregator::new(Some(shards), DEFAULT_MAX_BYTES)?;
/// let mut entries = Vec::new();
/// aggregator.add("a", None, b"one", &mut entries)?;
/// aggregator.add("c", None, b"two", &mut entries)?;
/// aggregator.add("b", None, b"three", &mut entries)?;
/// assert!(entries.is_empty());
///
/// aggregator.flush(&mut entries);
/// assert_eq!((entries[0].shard, entries[0].user_records), (Some(0), 2));
/// assert_eq!(entries[0].data[..4], [0xF3, 0x89, 0x9A, 0xC2]);
/// assert_eq!((entries[1].partition_key.as_str(), entries[1].data.as_slice()), ("b", &b"three"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Aggregator {
    shards: Option<ShardMap>,
    /// What an aggregate may not exceed.
    max_bytes: usize,
    /// The aggregates in the making, by shard; without a map, there is one.
    open: Vec<Option<Box<Builder>>>,
    #[expect(clippy::vec_box, reason = "boxes move between here and `open`")]
    spare: Vec<Box<Builder>>,
}

impl Aggregator {
    /// An aggregator that keeps the records of `shards` apart, or puts all together when there are none.
    /// `max_bytes` is 64 to 10 MiB.
    pub fn new(shards: Option<ShardMap>, max_bytes: usize) -> Result<Self, AggregateError> {
        if !(MIN_MAX_BYTES..=MAX_RECORD_BYTES).contains(&max_bytes) {
            return Err(AggregateError::MaxBytesOutOfRange { max_bytes });
        }
        // The partition key of an aggregate counts against the limit of the record.
        let max_bytes = max_bytes.min(MAX_RECORD_BYTES - AGGREGATE_KEY.len());
        let mut open = Vec::new();
        open.resize_with(shards.as_ref().map_or(1, ShardMap::len), || None);
        Ok(Self { shards, max_bytes, open, spare: Vec::new() })
    }

    /// Adds a record. What it makes complete is appended to `out`: a full aggregate leaves when the next record
    /// does not fit.
    pub fn add(
        &mut self,
        partition_key: &str,
        explicit_hash_key: Option<HashKey>,
        data: &[u8],
        out: &mut Vec<Entry>,
    ) -> Result<(), AggregateError> {
        let record = NewRecord { partition_key, explicit_hash_key, data };
        record.check()?;
        let start = out.len();
        // Without a map only the first record of an aggregate needs its hash.
        let hash = self.shards.is_some().then(|| record.hash());
        self.place(&record, hash, out);
        sign(&mut out[start..]);
        Ok(())
    }

    /// Adds many records, faster than one by one: keys are hashed and aggregates signed several at a time.
    /// When one is bad, none is added, and the error says which.
    pub fn add_all(
        &mut self,
        records: &[NewRecord<'_>],
        out: &mut Vec<Entry>,
    ) -> Result<(), (usize, AggregateError)> {
        for (index, record) in records.iter().enumerate() {
            record.check().map_err(|error| (index, error))?;
        }
        let start = out.len();
        let mut hashes = Vec::new();
        for records in records.chunks(1024) {
            hashes.clear();
            if self.shards.is_some() {
                let unhashed = records.iter().filter(|record| record.explicit_hash_key.is_none());
                hash_keys(unhashed.map(|record| record.partition_key), &mut hashes);
            }
            let mut hashes = hashes.iter().copied();
            for record in records {
                let hash = record.explicit_hash_key.or_else(|| hashes.next());
                self.place(record, hash, out);
            }
        }
        sign(&mut out[start..]);
        Ok(())
    }

    /// Appends everything that is under way to `out`, by shard.
    pub fn flush(&mut self, out: &mut Vec<Entry>) {
        let start = out.len();
        for slot in 0..self.open.len() {
            self.finish(slot, out);
        }
        sign(&mut out[start..]);
    }

    /// Adds a checked record; `hash` is given when there are shards. Aggregates in `out` lack their digests.
    fn place(&mut self, record: &NewRecord<'_>, hash: Option<HashKey>, out: &mut Vec<Entry>) {
        let hash = || hash.unwrap_or_else(|| record.hash());
        let slot = match &self.shards {
            None => 0,
            Some(shards) => match shards.find(hash()) {
                Some(slot) => slot,
                None => {
                    out.push(raw(record, hash(), None));
                    return;
                }
            },
        };
        if record.data.len() >= self.max_bytes {
            self.finish(slot, out);
            out.push(raw(record, hash(), self.shard_of(slot)));
            return;
        }

        let hash_key = record.explicit_hash_key.map(HashKey::text);
        let hash_key = hash_key.as_ref().map(|text| text.as_bytes());
        let key = record.partition_key.as_bytes();
        if let Some(builder) = &mut self.open[slot] {
            let plan = builder.plan(key, hash_key, record.data.len());
            if builder.size() + plan.added_bytes <= self.max_bytes {
                builder.add(&plan, key, hash_key, record.data, hash);
                return;
            }
            self.finish(slot, out);
        }
        let mut builder = self.spare.pop().unwrap_or_else(|| Box::new(Builder::new()));
        let plan = builder.plan(key, hash_key, record.data.len());
        builder.add(&plan, key, hash_key, record.data, hash);
        self.open[slot] = Some(builder);
    }

    /// Ends the aggregate of `slot`, if there is one.
    fn finish(&mut self, slot: usize, out: &mut Vec<Entry>) {
        let Some(mut builder) = self.open[slot].take() else { return };
        let (partition_key, data) = match builder.count() {
            1 => builder.single(),
            _ => (AGGREGATE_KEY.to_owned(), builder.unsigned()),
        };
        out.push(Entry {
            partition_key,
            explicit_hash_key: builder.first_hash(),
            data,
            user_records: builder.count(),
            shard: self.shard_of(slot),
        });
        if self.spare.len() < MAX_SPARE {
            builder.clear();
            self.spare.push(builder);
        }
    }

    fn shard_of(&self, slot: usize) -> Option<u32> {
        self.shards.is_some().then_some(slot as u32)
    }
}

/// A record that goes out alone.
fn raw(record: &NewRecord<'_>, hash: HashKey, shard: Option<u32>) -> Entry {
    Entry {
        partition_key: record.partition_key.to_owned(),
        explicit_hash_key: hash,
        data: record.data.to_owned(),
        user_records: 1,
        shard,
    }
}

/// Appends the digests to the aggregates among `entries`, several at a time.
fn sign(entries: &mut [Entry]) {
    let bodies: Vec<&[u8]> = entries
        .iter()
        .filter(|entry| entry.user_records > 1)
        .map(|entry| &entry.data[MAGIC.len()..])
        .collect();
    if bodies.is_empty() {
        return;
    }
    let digests: Vec<[u8; DIGEST_BYTES]> = lanes::digest_all(&bodies);
    for (entry, digest) in entries.iter_mut().filter(|entry| entry.user_records > 1).zip(digests) {
        entry.data.extend_from_slice(&digest);
    }
}

/// Why a record cannot be added, or an aggregator not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AggregateError {
    /// The partition key has no characters.
    EmptyPartitionKey,
    /// The partition key has more than 256 characters.
    #[non_exhaustive]
    PartitionKeyTooLong {
        /// How many it has.
        chars: usize,
    },
    /// Data and partition key exceed 10 MiB.
    #[non_exhaustive]
    RecordTooLarge {
        /// How many bytes they have together.
        bytes: usize,
    },
    /// `max_bytes` is not 64 to 10 MiB.
    #[non_exhaustive]
    MaxBytesOutOfRange {
        /// What was asked for.
        max_bytes: usize,
    },
}

impl fmt::Display for AggregateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPartitionKey => f.write_str("a partition key has at least 1 character"),
            Self::PartitionKeyTooLong { chars } => {
                write!(
                    f,
                    "a partition key has at most {MAX_PARTITION_KEY_CHARS} characters; this one has {chars}"
                )
            }
            Self::RecordTooLarge { bytes } => write!(
                f,
                "data and partition key have at most {MAX_RECORD_BYTES} bytes together; this record has {bytes}"
            ),
            Self::MaxBytesOutOfRange { max_bytes } => write!(
                f,
                "the size of an aggregate is limited to {MIN_MAX_BYTES} to {MAX_RECORD_BYTES} bytes, not to {max_bytes}"
            ),
        }
    }
}

impl core::error::Error for AggregateError {}
