//! Reading records: iterators and GetRecords.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use super::put::refusal;
use super::shards::HashKeyRange;
use super::streams::Address;
use super::{Context, StreamRef, Streams, stop_if_dry_run};
use crate::arn::parse_stream_arn;
use crate::error::{Error, ErrorKind};
use crate::metrics::Read;
use crate::sequence::{SequenceNumber, SequenceNumberError};
use crate::shard::{ITERATOR_LIFE_MS, Shard, ShardIterator, StoredRecord};
use crate::shard_id::ShardId;
use crate::stream::{EncryptionType, Stream};
use crate::time::Timestamp;

/// The most records in one answer, and how many there are at most without a limit.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html>
pub(crate) const MAX_RECORDS: u32 = 10_000;
/// The most bytes of data and partition keys in one answer.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html>
pub(crate) const MAX_BYTES: usize = 10 << 20;

/// Asks for a position in a shard.
#[derive(Clone, Copy, Debug)]
pub struct GetShardIterator<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The shard.
    pub shard_id: &'a str,
    /// How the position is given.
    pub shard_iterator_type: ShardIteratorType,
    /// For the two types that go by sequence number.
    pub starting_sequence_number: Option<&'a str>,
    /// For the type that goes by time.
    pub timestamp: Option<Timestamp>,
    /// Check everything and hand out nothing.
    pub dry_run: bool,
}

/// How a position in a shard is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShardIteratorType {
    /// After the record with the sequence number.
    AfterSequenceNumber,
    /// At the record with the sequence number.
    AtSequenceNumber,
    /// At the first record that arrived at the time or later.
    AtTimestamp,
    /// After the newest record.
    Latest,
    /// At the oldest record that is kept.
    TrimHorizon,
}

/// Where in a shard to start.
#[derive(Clone, Copy, Debug)]
pub struct StartingPosition<'a> {
    /// How the position is given.
    pub kind: ShardIteratorType,
    /// For the two types that go by sequence number.
    pub sequence_number: Option<&'a str>,
    /// For the type that goes by time.
    pub timestamp: Option<Timestamp>,
}

/// Reads records from a position on.
#[derive(Clone, Copy, Debug, Default)]
pub struct GetRecords<'a> {
    /// The position.
    pub shard_iterator: &'a str,
    /// The most records to return; 10,000 without it.
    pub limit: Option<u32>,
    /// The stream's ARN, which must be that of the iterator.
    pub stream_arn: Option<&'a str>,
    /// Check everything and read nothing.
    pub dry_run: bool,
}

/// The answer to [`GetShardIterator`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetShardIteratorReply {
    /// The position, good for five minutes.
    pub shard_iterator: String,
}

/// The answer to [`GetRecords`] before it is written, or made a [`GetRecordsReply`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GotRecords {
    records: Records,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_shard_iterator: Option<String>,
    millis_behind_latest: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_shards: Vec<ChildShard>,
}

impl From<GotRecords> for GetRecordsReply {
    fn from(got: GotRecords) -> Self {
        Self {
            records: got.records.to_vec(),
            next_shard_iterator: got.next_shard_iterator,
            millis_behind_latest: got.millis_behind_latest,
            child_shards: got.child_shards,
        }
    }
}

/// The answer to [`GetRecords`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRecordsReply {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Where to go on; absent at the end of a closed shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_shard_iterator: Option<String>,
    /// How long before now the last of these records arrived; 0 when there are no more.
    pub millis_behind_latest: u64,
    /// The shards that took over, at the end of a closed shard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub child_shards: Vec<ChildShard>,
}

/// A record as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's sequence number.
    pub sequence_number: SequenceNumber,
    /// When the record arrived.
    pub approximate_arrival_timestamp: Timestamp,
    /// The payload.
    pub data: Vec<u8>,
    /// The key that the record was put with, if there was one.
    pub partition_key: Option<String>,
    /// How the record was encrypted when it was put; absent if it was not.
    pub encryption_type: Option<EncryptionType>,
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = BorrowedRecord {
            sequence_number: self.sequence_number,
            approximate_arrival_timestamp: self.approximate_arrival_timestamp,
            data: &self.data,
            partition_key: self.partition_key.as_deref(),
            encryption_type: self.encryption_type,
        };
        record.serialize(serializer)
    }
}

/// A shard that a closed one was split or merged into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChildShard {
    /// The child's id.
    pub shard_id: ShardId,
    /// All its parents.
    pub parent_shards: Vec<ShardId>,
    /// The hash keys that go to it.
    pub hash_key_range: HashKeyRange,
}

impl ShardIteratorType {
    /// The type as the service writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AfterSequenceNumber => "AFTER_SEQUENCE_NUMBER",
            Self::AtSequenceNumber => "AT_SEQUENCE_NUMBER",
            Self::AtTimestamp => "AT_TIMESTAMP",
            Self::Latest => "LATEST",
            Self::TrimHorizon => "TRIM_HORIZON",
        }
    }
}

impl Streams {
    pub(crate) fn get_shard_iterator(
        &mut self,
        cx: &Context<'_>,
        input: &GetShardIterator<'_>,
    ) -> Result<GetShardIteratorReply, Error> {
        let address = Address::of(cx, input.stream)?;
        let id = ShardId::parse(input.shard_id).ok_or_else(|| address.no_such_shard(input.shard_id))?;
        let stream = self
            .find_mut(&address)
            .ok()
            .filter(|stream| stream.is_born())
            .ok_or_else(|| address.shard_does_not_exist(id))?;
        let shard = stream.shard(cx.now, id).ok_or_else(|| address.shard_does_not_exist(id))?;
        let start = StartingPosition {
            kind: input.shard_iterator_type,
            sequence_number: input.starting_sequence_number,
            timestamp: input.timestamp,
        };
        let next_index = start_index(cx, &address, shard, &start, "GetShardIterator")?;
        stop_if_dry_run(input.dry_run)?;
        if !stream.take_iterator(cx.limits, cx.now, id) {
            return Err(rate_exceeded(&address, id));
        }
        Ok(GetShardIteratorReply { shard_iterator: seal_iterator(cx, stream, id, next_index) })
    }

    pub(crate) fn get_records(
        &mut self,
        cx: &Context<'_>,
        input: &GetRecords<'_>,
    ) -> Result<GotRecords, Error> {
        let iterator = self.open_iterator(cx, input)?;
        let (account, region, name) = parse_stream_arn(&iterator.stream_arn).unwrap_or_default();
        let address = Address { account, region, name };
        let gone = || address.shard_does_not_exist(iterator.shard);
        let stream = self.find_mut(&address).ok().filter(|stream| stream.is_born()).ok_or_else(gone)?;
        stream.shard(cx.now, iterator.shard).ok_or_else(gone)?;
        stop_if_dry_run(input.dry_run)?;
        if !stream.take_read(cx.limits, cx.now, iterator.shard, cx.latency_ms) {
            return Err(rate_exceeded(&address, iterator.shard));
        }
        let shard = stream.shard(cx.now, iterator.shard).ok_or_else(gone)?;

        // An iterator is good for the stream that has the name now (recorded). On one that was created again all
        // records are newer than the position.
        let next_index = if stream.id == iterator.stream { iterator.next_index } else { 0 };
        let limit = input.limit.unwrap_or(MAX_RECORDS);
        let batch = Batch::read(stream, shard, cx.now, next_index, limit, MAX_BYTES);
        let Batch { records, next_index, bytes, millis_behind_latest, child_shards } = batch;
        let age = records.last().map(|last| cx.now.millis_since(last.arrival));
        let read = Read {
            bytes: bytes as u64,
            records: records.places.len() as u64,
            age_ms: age.unwrap_or_default(),
        };
        stream.count_read(cx.limits, cx.now, iterator.shard, &read, cx.latency_ms);
        let next_shard_iterator =
            child_shards.is_none().then(|| seal_iterator(cx, stream, iterator.shard, next_index));
        Ok(GotRecords {
            records,
            next_shard_iterator,
            millis_behind_latest,
            child_shards: child_shards.unwrap_or_default(),
        })
    }

    /// Checks an iterator: made by this engine, not too old, and of the stream that the request names.
    fn open_iterator(&self, cx: &Context<'_>, input: &GetRecords<'_>) -> Result<ShardIterator, Error> {
        let invalid = || Error::invalid_argument("Invalid ShardIterator.");
        let iterator = ShardIterator::open(&cx.sealer, input.shard_iterator).ok_or_else(invalid)?;
        if iterator.is_expired(cx.now) {
            let message = format!(
                "Iterator expired. The iterator was created at time {} while right now it is {} which is further in \
                 the future than the tolerated delay of {ITERATOR_LIFE_MS} milliseconds.",
                iterator.created.to_civil().to_java_date(),
                cx.now.to_civil().to_java_date()
            );
            return Err(Error::new(ErrorKind::ExpiredIterator, message));
        }
        let is_foreign =
            self.get(iterator.stream).is_some_and(|stream| stream.arn.as_str() != iterator.stream_arn);
        if is_foreign || input.stream_arn.is_some_and(|arn| arn != iterator.stream_arn) {
            return Err(invalid());
        }
        Ok(iterator)
    }
}

fn seal_iterator(cx: &Context<'_>, stream: &mut Stream, shard: ShardId, next_index: u64) -> String {
    let iterator = ShardIterator {
        stream: stream.id,
        stream_arn: stream.arn.as_str().to_string(),
        shard,
        next_index,
        created: cx.now,
        serial: stream.next_iterator_serial(),
    };
    iterator.seal(&cx.sealer)
}

/// The error of reads that come too fast for a shard.
fn rate_exceeded(address: &Address<'_>, shard: ShardId) -> Error {
    let kind = ErrorKind::ProvisionedThroughputExceeded;
    Error::new(kind, refusal(kind, address, shard))
}

/// What is read from a position on.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) records: Records,
    /// Where to go on.
    pub(super) next_index: u64,
    /// What the records count.
    pub(super) bytes: usize,
    pub(super) millis_behind_latest: u64,
    /// At the end of a closed shard, those that took over.
    pub(super) child_shards: Option<Vec<ChildShard>>,
}

impl Batch {
    /// Reads up to `limit` records and `max_bytes` from `next_index` on, or from the oldest record that is kept.
    pub(super) fn read(
        stream: &Stream,
        shard: &Shard,
        now: Timestamp,
        next_index: u64,
        limit: u32,
        max_bytes: usize,
    ) -> Self {
        let first = next_index.max(shard.log().first_at_or_after(stream.trim_horizon(now)));
        let (records, next_index, bytes) = read_records(shard, first, limit, max_bytes);
        let is_at_tip = next_index >= shard.log().next_index();
        let ended_ago = shard.millis_since_closed(now).filter(|_| is_at_tip);
        let millis_behind_latest = match (ended_ago, records.last()) {
            (Some(ended_ago), _) => ended_ago,
            (None, Some(last)) if !is_at_tip => now.millis_since(last.arrival),
            // Nothing was to be read, though there is something.
            (None, None) if !is_at_tip => {
                let next = shard.log().read(next_index).next();
                next.map_or(0, |next| now.millis_since(next.arrival))
            }
            _ => 0,
        };
        let child_shards = ended_ago.map(|_| child_shards(stream, shard));
        Self { records, next_index, bytes, millis_behind_latest, child_shards }
    }
}

/// Up to `limit` records and `max_bytes` from `first` on, at least one if there is one; where to go on;
/// and what the records count.
fn read_records(shard: &Shard, first: u64, limit: u32, max_bytes: usize) -> (Records, u64, usize) {
    let mut records = Records::default();
    let mut next_index = first;
    let mut bytes = 0;
    let left = shard.log().next_index().saturating_sub(first).min(u64::from(limit));
    records.places.reserve(left as usize);
    for stored in shard.log().read_within(first, limit as usize, max_bytes) {
        bytes += stored.size();
        next_index = stored.index + 1;
        records.push(&stored, shard.sequence_number(stored.index, stored.arrival));
    }
    (records, next_index, bytes)
}

/// Records that were read, copied into one piece for all keys and one for all data: there may be thousands.
#[derive(Debug, Default)]
pub(super) struct Records {
    places: Vec<Place>,
    keys: String,
    data: Vec<u8>,
}

/// A record, and where its key and its data end; they begin where those of the one before end.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) sequence_number: SequenceNumber,
    arrival: Timestamp,
    has_key: bool,
    is_encrypted: bool,
    key_end: usize,
    data_end: usize,
}

/// One of them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BorrowedRecord<'a> {
    sequence_number: SequenceNumber,
    approximate_arrival_timestamp: Timestamp,
    #[serde(serialize_with = "crate::serialize::blob")]
    data: &'a [u8],
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_type: Option<EncryptionType>,
}

/// What a record in an answer takes beside its data and its key, in JSON.
const WRITTEN_BYTES: usize = 180;
/// What an answer has beside records.
const WRITTEN_ONCE_BYTES: usize = 512;

impl GotRecords {
    /// About how many bytes the answer takes, rather more, where data is base64 and where it is not.
    pub(crate) fn written_bytes(&self, is_base64: bool) -> usize {
        let Records { places, keys, data } = &self.records;
        let data_bytes = if is_base64 { data.len() / 3 * 4 } else { data.len() };
        WRITTEN_ONCE_BYTES + places.len() * WRITTEN_BYTES + keys.len() + data_bytes
    }
}

impl Records {
    fn push(&mut self, stored: &StoredRecord<'_>, sequence_number: SequenceNumber) {
        self.keys.push_str(stored.partition_key.unwrap_or_default());
        self.data.extend_from_slice(stored.data);
        self.places.push(Place {
            sequence_number,
            arrival: stored.arrival,
            has_key: stored.partition_key.is_some(),
            is_encrypted: stored.is_encrypted,
            key_end: self.keys.len(),
            data_end: self.data.len(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn last(&self) -> Option<&Place> {
        self.places.last()
    }

    fn iter(&self) -> impl Iterator<Item = BorrowedRecord<'_>> {
        let (mut key, mut data) = (0, 0);
        self.places.iter().map(move |place| {
            let key_start = core::mem::replace(&mut key, place.key_end);
            let data_start = core::mem::replace(&mut data, place.data_end);
            BorrowedRecord {
                sequence_number: place.sequence_number,
                approximate_arrival_timestamp: place.arrival,
                data: &self.data[data_start..place.data_end],
                partition_key: place.has_key.then(|| &self.keys[key_start..place.key_end]),
                encryption_type: place.is_encrypted.then_some(EncryptionType::Kms),
            }
        })
    }

    /// Each for itself.
    pub(super) fn to_vec(&self) -> Vec<Record> {
        let each = self.iter().map(|record| Record {
            sequence_number: record.sequence_number,
            approximate_arrival_timestamp: record.approximate_arrival_timestamp,
            data: record.data.to_vec(),
            partition_key: record.partition_key.map(String::from),
            encryption_type: record.encryption_type,
        });
        each.collect()
    }
}

impl Serialize for Records {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

fn child_shards(stream: &Stream, shard: &Shard) -> Vec<ChildShard> {
    let children = shard.children().iter().filter_map(|id| stream.shard_of_any_age(*id));
    children
        .map(|child| ChildShard {
            shard_id: child.id(),
            parent_shards: child.parents().iter().collect(),
            hash_key_range: child.range().into(),
        })
        .collect()
}

/// The index of the first record to read, for the operation that asks.
pub(super) fn start_index(
    cx: &Context<'_>,
    address: &Address<'_>,
    shard: &Shard,
    start: &StartingPosition<'_>,
    operation: &str,
) -> Result<u64, Error> {
    use ShardIteratorType as Type;
    let kind = start.kind;
    match (kind, start.sequence_number) {
        (Type::TrimHorizon, None) => Ok(0),
        (Type::Latest, None) => Ok(shard.log().next_index()),
        (Type::AtTimestamp, None) => {
            let time = start.timestamp.ok_or_else(|| {
                Error::invalid_argument(
                    "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has \
                     no timestamp parameter.",
                )
            })?;
            if time > cx.now {
                return Err(Error::invalid_argument(format!(
                    "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. \
                     timestampInMillis: {}, currentTimestampInMillis: {}",
                    time.as_millis(),
                    cx.now.as_millis()
                )));
            }
            Ok(shard.log().first_at_or_after(time))
        }
        (Type::AtSequenceNumber | Type::AfterSequenceNumber, Some(number)) => {
            index_of_number(address, shard, kind, number, operation)
        }
        (_, number) => Err(Error::invalid_argument(format!(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) \
             TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {} and {} \
             StartingSequenceNumber.",
            kind.as_str(),
            if number.is_some() { "also a" } else { "no" }
        ))),
    }
}

fn index_of_number(
    address: &Address<'_>,
    shard: &Shard,
    kind: ShardIteratorType,
    text: &str,
    operation: &str,
) -> Result<u64, Error> {
    let id = shard.id();
    let invalid = |reason: &str| {
        Error::invalid_argument(format!(
            "StartingSequenceNumber {text} used in {operation} on shard {id} in stream {} under account {} is \
             invalid{reason}.",
            address.name, address.account
        ))
    };
    let of_shard = |other: u32| {
        Error::invalid_argument(format!(
            "Invalid StartingSequenceNumber. It encodes {}, while it was used in a call to a shard with {id}",
            ShardId::new(other)
        ))
    };
    let number: SequenceNumber = text.parse().map_err(|error| match error {
        // The last 16 bits of the oldest layout are the shard.
        SequenceNumberError::Version0 => match text.parse::<u128>().map(|bits| (bits & 0xFFFF) as u32) {
            Ok(shard) if shard != id.index() => of_shard(shard),
            Ok(_) => invalid(" because it did not come from this stream"),
            Err(_) => invalid(""),
        },
        SequenceNumberError::Version1 | SequenceNumberError::Invalid => invalid(""),
    })?;
    if number.shard() != id.index() {
        return Err(of_shard(number.shard()));
    }
    if number.create_secs() != shard.created_secs() {
        return Err(invalid(" because it did not come from this stream"));
    }
    if kind == ShardIteratorType::AtSequenceNumber {
        return Ok(shard.index_at_or_after(number));
    }
    if number.is_end() {
        return Err(Error::invalid_argument(
            "Invalid SequenceNumber for ShardIteratorType AFTER_SEQUENCE_NUMBER, SequenceNumber has reached max \
             possible value for the shard.",
        ));
    }
    Ok(shard.index_after(number))
}
