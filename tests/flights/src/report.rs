//! What came out of a job, and whether it is right.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, Result, ensure};
use flate2::read::GzDecoder;
use memchr::memmem::Finder;
use sha2::{Digest, Sha256};
use shardbrook::{HashKey, HashKeyRange, Object, ShardId};

use crate::job::{BUCKET, Job, Progress};
use crate::ledger::{Ledger, Tally};
use crate::stages::{Stage, Stages};

/// What came out.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// Flights in the input.
    pub flights: usize,
    /// Partition keys among them.
    pub keys: usize,
    /// Flights that the stream took.
    pub put: usize,
    /// The bytes of their records.
    pub put_bytes: u64,
    /// All shards, by id.
    pub shards: Vec<Shard>,
    /// What the reader gave.
    pub read: Tally,
    /// Records that were read from a shard whose range does not hold their key.
    pub misplaced: usize,
    /// What the objects hold.
    pub delivered: Tally,
    /// The objects.
    pub objects: Objects,
    /// SHA-256 over all objects in key order, each as key, line feed, decimal length, line feed, bytes.
    pub digest: String,
    /// Where the time went.
    pub stages: Stages,
}

/// A shard, and what was read from it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Shard {
    /// Its id.
    pub id: ShardId,
    /// Its hash keys.
    pub range: HashKeyRange,
    /// The shards it was made from.
    pub parents: [Option<ShardId>; 2],
    /// Whether it takes records.
    pub is_open: bool,
    /// User records.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The delivered objects.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Objects {
    /// How many.
    pub count: usize,
    /// Their bytes, compressed.
    pub bytes: u64,
}

/// One thing that must be so.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// Whether it is.
    pub passed: bool,
    /// What was compared.
    pub detail: String,
}

impl Report {
    /// Reads the stream and the objects of a job whose flights are all put, and accounts for each record.
    ///
    /// # Errors
    /// When something cannot be read at all.
    pub fn of(job: &mut Job<'_>, mut progress: impl FnMut(Progress)) -> Result<Self> {
        let flights = job.flights();
        let mut shards: BTreeMap<ShardId, Shard> = BTreeMap::new();
        for (id, listed) in job.shards()? {
            let shard = Shard {
                id,
                range: listed.hash_key_range,
                parents: [listed.parent_shard_id, listed.adjacent_parent_shard_id],
                is_open: listed.sequence_number_range.ending_sequence_number.is_none(),
                records: 0,
                bytes: 0,
            };
            shards.insert(id, shard);
        }

        let hashes: Vec<HashKey> = flights.keys().iter().map(|key| HashKey::of(key)).collect();
        let mut ledger = Ledger::new(flights);
        let (mut read, mut misplaced) = (0, 0);
        job.read_all(|record| {
            let partition_key = record.partition_key.unwrap_or_default();
            ledger.arrive(partition_key, record.data);
            let hash = flights.find_key(partition_key).map(|key| hashes[key]);
            match shards.get_mut(&record.shard_id) {
                Some(shard) if hash.is_some_and(|hash| shard.holds(hash)) => {
                    shard.records += 1;
                    shard.bytes += record.data.len() as u64;
                }
                _ => misplaced += 1,
            }
            read += 1;
            if read % 4096 == 0 {
                progress(Progress { flights: read, time_hour: None });
            }
        })?;
        let read = ledger.close();

        let mut stages = *job.stages();
        let mut ledger = Ledger::new(flights);
        let mut inflated = Vec::new();
        let mut digest = Sha256::new();
        let mut objects = Objects::default();
        let key_finder = KeyFinder::new();
        for (key, object) in job.engine().objects().list(BUCKET, "") {
            objects.count += 1;
            objects.bytes += object.body.len() as u64;
            stages.time(Stage::Digest, || {
                digest.update(format!("{key}\n{}\n", object.body.len()));
                digest.update(&object.body);
            });
            stages
                .time(Stage::CheckDelivered, || {
                    inflate(object, &mut inflated)?;
                    for line in inflated.split_inclusive(|&byte| byte == b'\n') {
                        ledger.arrive(&key_finder.key_of(line), line);
                    }
                    anyhow::Ok(())
                })
                .with_context(|| format!("object {key}"))?;
        }
        let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        *job.stages_mut() = stages;
        Ok(Self {
            flights: flights.len(),
            keys: flights.keys().len(),
            put: job.put_records(),
            put_bytes: job.put_bytes(),
            shards: shards.into_values().collect(),
            read,
            misplaced,
            delivered: ledger.close(),
            objects,
            digest,
            stages,
        })
    }

    /// Whether all is right, point by point.
    pub fn checks(&self) -> Vec<Check> {
        let Self { flights, put, read, delivered, .. } = self;
        let check = |name, passed, detail| Check { name, passed, detail };
        let both = |of: fn(&Tally) -> usize| (of(read), of(delivered));
        let (lost, twice, foreign) = (both(|t| t.lost), both(|t| t.repeated), both(|t| t.foreign));
        vec![
            check(
                "in = read = delivered",
                [*put, read.records, delivered.records] == [*flights; 3],
                format!("{} = {} = {}", count(*put), count(read.records), count(delivered.records)),
            ),
            check(
                "nothing lost",
                lost == (0, 0),
                format!("{} flights not read, {} not delivered", count(lost.0), count(lost.1)),
            ),
            check(
                "nothing twice",
                twice == (0, 0),
                format!("{} read again, {} delivered again", count(twice.0), count(twice.1)),
            ),
            check(
                "nothing changed",
                foreign == (0, 0) && read.bytes == self.put_bytes && delivered.bytes == self.put_bytes,
                format!(
                    "{} bytes each way, {} records differ",
                    count(self.put_bytes as usize),
                    count(foreign.0 + foreign.1)
                ),
            ),
            check(
                "order kept for every key",
                read.late == 0,
                format!("{} keys, {} flights after a later one", count(self.keys), count(read.late)),
            ),
            check(
                "each in its shard",
                self.misplaced == 0,
                format!("{} flights outside their shard's hash keys", count(self.misplaced)),
            ),
        ]
    }
}

impl Shard {
    fn holds(&self, hash: HashKey) -> bool {
        (self.range.starting_hash_key..=self.range.ending_hash_key).contains(&hash)
    }
}

/// Decompresses an object into `out`.
fn inflate(object: &Object, out: &mut Vec<u8>) -> Result<()> {
    out.clear();
    let mut decoder = GzDecoder::new(&object.body[..]);
    decoder.read_to_end(out).context("it is no gzip")?;
    ensure!(decoder.into_inner().is_empty(), "something follows the gzip member");
    Ok(())
}

/// Finds the partition key in a record.
struct KeyFinder(Finder<'static>);

impl KeyFinder {
    fn new() -> Self {
        Self(Finder::new(b"\"tailnum\":\""))
    }

    /// The key of a record; empty for what is none.
    fn key_of<'r>(&self, record: &'r [u8]) -> Cow<'r, str> {
        // Inside a value the quotes would be escaped, so the first match is the member.
        let Some(place) = self.0.find(record) else { return "".into() };
        let value = &record[place + self.0.needle().len()..];
        let end = memchr::memchr(b'"', value).unwrap_or(0);
        if memchr::memchr(b'\\', &value[..end]).is_none() {
            return String::from_utf8_lossy(&value[..end]);
        }
        let quoted = &record[place + self.0.needle().len() - 1..];
        let mut json = serde_json::Deserializer::from_slice(quoted).into_iter::<String>();
        json.next().and_then(Result::ok).unwrap_or_default().into()
    }
}

/// A number with its digits in groups of three: `336,776`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!(
            [0, 999, 1000, 336_776, 1_000_000].map(count),
            ["0", "999", "1,000", "336,776", "1,000,000"]
        );
    }

    #[test]
    fn finds_keys_in_records() {
        let finder = KeyFinder::new();
        assert_eq!(finder.key_of(b"{\"a\":\"\\\"tailnum\\\":\\\"x\",\"tailnum\":\"N1\",\"b\":\"\"}\n"), "N1");
        assert_eq!(finder.key_of(b"{\"tailnum\":\"a\\\"\\\\b\"}"), "a\"\\b");
        assert_eq!(finder.key_of(b"{}"), "");
    }
}
