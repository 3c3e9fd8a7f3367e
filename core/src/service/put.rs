//! Putting records.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use super::streams::Address;
use super::{Context, StreamRef, Streams, stop_if_dry_run};
use crate::error::{Error, ErrorKind};
use crate::hash::{HashKey, hash_keys};
use crate::metrics::Put;
use crate::sequence::{SequenceNumber, SequenceNumberError};
use crate::shard::Shard;
use crate::shard_id::ShardId;
use crate::stream::{EncryptionType, RecordDistributionStrategy, Stream};

/// The most bytes in one PutRecords call, partition keys included.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>
const MAX_REQUEST_BYTES: usize = 10 << 20;
/// The most records in one PutRecords call.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>
const MAX_REQUEST_RECORDS: usize = 500;

/// Puts one record.
#[derive(Clone, Copy, Debug, Default)]
pub struct PutRecord<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The record.
    pub record: PutRecordsEntry<'a>,
    /// The sequence number of an earlier record that this one must come after.
    pub sequence_number_for_ordering: Option<&'a str>,
    /// Check everything and write nothing.
    pub dry_run: bool,
}

/// Puts up to 500 records.
#[derive(Clone, Debug, Default)]
pub struct PutRecords<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The records, in the order in which those of one shard are to be read.
    pub records: Vec<PutRecordsEntry<'a>>,
    /// Check everything and write nothing.
    pub dry_run: bool,
}

/// A record to put.
#[derive(Clone, Copy, Debug, Default)]
pub struct PutRecordsEntry<'a> {
    /// The payload.
    pub data: &'a [u8],
    /// Decides the shard by its MD5 hash, 1 to 256 characters. Streams that place records by themselves need none.
    pub partition_key: Option<&'a str>,
    /// Decides the shard in place of the partition key's hash, in decimal.
    pub explicit_hash_key: Option<&'a str>,
}

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlacedRecord {
    /// The record's sequence number.
    pub sequence_number: SequenceNumber,
    /// The shard that took the record.
    pub shard_id: ShardId,
}

/// The answer to [`PutRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutRecordReply {
    /// The record's sequence number.
    pub sequence_number: SequenceNumber,
    /// The shard that took the record.
    pub shard_id: ShardId,
    /// How the record was encrypted; absent if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_type: Option<EncryptionType>,
}

/// The answer to [`PutRecords`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutRecordsReply {
    /// How many records were not taken.
    pub failed_record_count: usize,
    /// What became of each record, in the order of the request.
    pub records: Vec<PutRecordsResultEntry>,
    /// How the records were encrypted; absent if they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_type: Option<EncryptionType>,
}

/// What became of one record of [`PutRecords`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(clippy::exhaustive_enums, reason = "a record is stored, or it is not")]
pub enum PutRecordsResultEntry {
    /// It is stored.
    Placed(PlacedRecord),
    /// It is not stored; it may be if it is put again.
    Failed(FailedRecord),
}

impl PutRecordsResultEntry {
    /// Where the record went, if it is stored.
    pub const fn placed(&self) -> Option<&PlacedRecord> {
        match self {
            Self::Placed(placed) => Some(placed),
            Self::Failed(_) => None,
        }
    }
}

/// Why a record of [`PutRecords`] is not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FailedRecord {
    /// The code of the error: `ProvisionedThroughputExceededException` or `InternalFailure`.
    pub error_code: &'static str,
    /// What went wrong, and where.
    pub error_message: Cow<'static, str>,
}

/// Says for each record, in the order of the request and just before it is stored, whether something keeps it out of
/// its shard. Given are the stream, the shard, and what the record counts: the bytes of data and partition key.
pub(crate) type Verdict<'v> = &'v mut dyn FnMut(&mut Stream, ShardId, usize) -> Option<ErrorKind>;

impl Streams {
    /// Also returns the stream's number, so that those who read the stream can be told.
    pub(crate) fn put_record(
        &mut self,
        cx: &Context<'_>,
        input: &PutRecord<'_>,
        mut verdict: Option<Verdict<'_>>,
    ) -> Result<(PutRecordReply, u64), Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_usable(&address)?;
        let key = partition_key(stream, &input.record, || "partitionKey".into())?;
        check_size(stream, &input.record, || "data".into())?;
        let hash = match key {
            None => None,
            Some(key) => Some(explicit_hash_key(&input.record)?.unwrap_or_else(|| HashKey::of(key))),
        };
        if let Some(earlier) = input.sequence_number_for_ordering {
            check_ordering(cx, stream, &address, earlier)?;
        }
        stop_if_dry_run(input.dry_run)?;
        let mut put = Put { latency_ms: cx.latency_ms, ..Put::default() };
        stream.start_put();
        let placed = append(cx, stream, hash, &input.record, &mut verdict, &mut put);
        let placed = placed.map(|placed| placed.record(cx));
        stream.count_put_record(&put);
        match placed {
            Ok(PlacedRecord { sequence_number, shard_id }) => {
                let encryption_type = encryption_type(stream);
                Ok((PutRecordReply { sequence_number, shard_id, encryption_type }, stream.id))
            }
            Err((kind, shard)) => Err(Error::new(kind, refusal(kind, &address, shard))),
        }
    }

    /// The shard that would take the record of this input now.
    pub(crate) fn shard_of(&self, cx: &Context<'_>, input: &PutRecord<'_>) -> Option<ShardId> {
        let stream = self.find(&Address::of(cx, input.stream).ok()?).ok()?;
        if stream.distribution == RecordDistributionStrategy::Auto {
            return Some(stream.shard_in_turn());
        }
        let hash = explicit_hash_key(&input.record).ok()?;
        Some(stream.place(hash.or_else(|| input.record.partition_key.map(HashKey::of))?))
    }

    /// Also returns the stream's number, so that those who read the stream can be told.
    pub(crate) fn put_records(
        &mut self,
        cx: &Context<'_>,
        input: &PutRecords<'_>,
        mut verdict: Option<Verdict<'_>>,
    ) -> Result<(PutRecordsReply, u64), Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_usable(&address)?;
        if input.records.len() > MAX_REQUEST_RECORDS {
            let message = format!("Records must have at most {MAX_REQUEST_RECORDS} members.");
            return Err(Error::new(ErrorKind::Validation, message));
        }
        let mut keys = Vec::with_capacity(input.records.len());
        let mut total_bytes = 0;
        for (entry, position) in input.records.iter().zip(1..) {
            keys.extend(partition_key(stream, entry, || format!("records.{position}.member.partitionKey"))?);
            total_bytes += check_size(stream, entry, || format!("records.{position}.member.data"))?;
        }
        if total_bytes > MAX_REQUEST_BYTES {
            return Err(Error::invalid_argument("Records size exceeds 10 MB limit"));
        }
        let mut hashes = Vec::with_capacity(keys.len());
        hash_keys(&keys, &mut hashes);
        // No keys, no hashes: the stream places the records by itself.
        for (hash, entry) in hashes.iter_mut().zip(&input.records) {
            if let Some(explicit) = explicit_hash_key(entry)? {
                *hash = explicit;
            }
        }
        stop_if_dry_run(input.dry_run)?;
        let mut counts = Put { latency_ms: cx.latency_ms, ..Put::default() };
        stream.start_put();
        let mut hashes = hashes.into_iter();
        let mut put = |entry| match append(cx, stream, hashes.next(), entry, &mut verdict, &mut counts) {
            Ok(placed) => PutRecordsResultEntry::Placed(placed.record(cx)),
            Err((kind, shard)) => PutRecordsResultEntry::Failed(FailedRecord {
                error_code: kind.code(),
                error_message: refusal(kind, &address, shard),
            }),
        };
        let records = input.records.iter().map(&mut put).collect();
        stream.count_put_records(&counts);
        let failed_record_count = (counts.throttled + counts.failed) as usize;
        let encryption_type = encryption_type(stream);
        Ok((PutRecordsReply { failed_record_count, records, encryption_type }, stream.id))
    }
}

/// A record that a shard took.
struct Placed<'s> {
    shard: &'s Shard,
    index: u64,
}

impl Placed<'_> {
    /// What is answered. It is made where it is to stand, for it is large.
    #[inline]
    fn record(&self, cx: &Context<'_>) -> PlacedRecord {
        let Self { shard, index } = *self;
        PlacedRecord { sequence_number: shard.sequence_number(index, cx.now), shard_id: shard.id() }
    }
}

/// Stores a record in the shard of its hash, or in the one whose turn it is; or gives the error and the shard that would
/// have taken it.
fn append<'s>(
    cx: &Context<'_>,
    stream: &'s mut Stream,
    hash: Option<HashKey>,
    entry: &PutRecordsEntry<'_>,
    verdict: &mut Option<Verdict<'_>>,
    put: &mut Put,
) -> Result<Placed<'s>, (ErrorKind, ShardId)> {
    let shard = match hash {
        Some(hash) => stream.place(hash),
        None => stream.place_by_turns(),
    };
    let size = entry.partition_key.map_or(0, str::len) + entry.data.len();
    let mut refused = verdict.as_mut().and_then(|verdict| verdict(stream, shard, size));
    if refused.is_none() && !stream.has_room(shard) {
        refused = Some(ErrorKind::InternalFailure);
    }
    if refused.is_none() && !stream.take_write(cx.limits, cx.now, shard, size) {
        refused = Some(ErrorKind::ProvisionedThroughputExceeded);
    }
    if let Some(kind) = refused {
        put.refuse(kind);
        return Err((kind, shard));
    }
    put.store(size);
    let (shard, index) = stream.append(cx.now, shard, entry.partition_key, entry.data);
    Ok(Placed { shard, index })
}

/// The message for a record that its shard did not take.
pub(super) fn refusal(kind: ErrorKind, address: &Address<'_>, shard: impl fmt::Display) -> Cow<'static, str> {
    if kind == ErrorKind::ProvisionedThroughputExceeded {
        let (name, account) = (address.name, address.account);
        Cow::Owned(format!("Rate exceeded for shard {shard} in stream {name} under account {account}."))
    } else {
        Cow::Borrowed("Internal service failure.")
    }
}

fn encryption_type(stream: &Stream) -> Option<EncryptionType> {
    stream.key_id().map(|_| EncryptionType::Kms)
}

/// The partition key that decides the shard: none on a stream that places records by itself. The model leaves it open
/// for those alone.
fn partition_key<'a>(
    stream: &Stream,
    entry: &PutRecordsEntry<'a>,
    path: impl FnOnce() -> alloc::string::String,
) -> Result<Option<&'a str>, Error> {
    if stream.distribution == RecordDistributionStrategy::Auto {
        return Ok(None);
    }
    if entry.partition_key.is_some() {
        return Ok(entry.partition_key);
    }
    let message = format!(
        "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
        path()
    );
    Err(Error::new(ErrorKind::Validation, message))
}

/// Checks a record against the stream's record size and returns what it counts: data and partition key.
fn check_size(
    stream: &Stream,
    entry: &PutRecordsEntry<'_>,
    path: impl FnOnce() -> alloc::string::String,
) -> Result<usize, Error> {
    let limit = stream.max_record_kib as usize * 1024;
    let data = entry.data.len();
    let size = data + entry.partition_key.map_or(0, str::len);
    if data > limit {
        let message = format!(
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim={data} cap={data}]' at '{}' failed \
             to satisfy constraint: Member must have length less than or equal to {limit}",
            path()
        );
        return Err(Error::new(ErrorKind::Validation, message));
    }
    if size > limit {
        return Err(Error::invalid_argument(format!(
            "Record size, data and partition key together, exceeds the limit of the stream: {size} bytes, at most \
             {limit} allowed."
        )));
    }
    Ok(size)
}

fn explicit_hash_key(entry: &PutRecordsEntry<'_>) -> Result<Option<HashKey>, Error> {
    entry.explicit_hash_key.map(|text| {
        text.parse().map_err(|_| {
            Error::invalid_argument(format!(
                "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {text}"
            ))
        })
    }).transpose()
}

/// Records of one shard get strictly increasing numbers anyhow, so all that is left to check is that `earlier` can
/// have been issued already.
fn check_ordering(
    cx: &Context<'_>,
    stream: &Stream,
    address: &Address<'_>,
    earlier: &str,
) -> Result<(), Error> {
    if stream.distribution == RecordDistributionStrategy::Auto {
        return Err(Error::invalid_argument(format!(
            "SequenceNumberForOrdering must not be specified: stream {} under account {} has the \
             RecordDistributionStrategy AUTO, which keeps no order.",
            address.name, address.account
        )));
    }
    let is_issued = match earlier.parse::<SequenceNumber>() {
        Ok(number) => number.time_secs() <= cx.now.as_secs(),
        // Recorded: a number of the layout before this one is accepted.
        Err(error) => error == SequenceNumberError::Version1,
    };
    if is_issued {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "ExclusiveMinimumSequenceNumber {earlier} used in PutRecord on stream {} under account {} is invalid.",
        address.name, address.account
    )))
}
