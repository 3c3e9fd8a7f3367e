//! Reading a whole stream in order.

use alloc::vec::Vec;
use core::fmt;

use crate::aggregate::{BadMember, DeaggregateMode, Deaggregated, deaggregate_batch};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::hash::HashKey;
use crate::sequence::SequenceNumber;
use crate::shard::{Shard, StoredRecord};
use crate::shard_id::ShardId;
use crate::stream::{Progress, Stream};
use crate::time::Timestamp;

/// Stored records that one batch takes from a shard at most.
const MAX_BATCH_RECORDS: usize = 10_000;
/// Stored bytes after which a batch ends.
const MAX_BATCH_BYTES: usize = 1 << 20;

/// Reads the user records of a stream: all shards, parents before children, aggregates taken apart. Records of one
/// partition key come in the order in which they were put, also across splits and merges.
///
/// Made by [`Engine::records`]. It starts at the oldest record that is kept and can go on for ever: an empty batch
/// means that it is at the tip of every shard.
#[derive(Clone, Debug)]
pub struct RecordReader {
    stream: u64,
    progress: Progress,
    /// Where to look first: the shards before had nothing more to read. So a whole stream takes one walk over its
    /// shards, not one for each batch.
    next: ShardId,
}

/// A user record as it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadRecord<'e> {
    /// The shard that holds the record.
    pub shard_id: ShardId,
    /// The sequence number of the stored record, which all members of an aggregate share.
    pub sequence_number: SequenceNumber,
    /// The record's place in its aggregate; 0 for a record that is none.
    pub sub_sequence_number: u64,
    /// When the stored record arrived.
    pub approximate_arrival_timestamp: Timestamp,
    /// The record's own partition key; none for a record that was put without one.
    pub partition_key: Option<&'e str>,
    /// The record's own explicit hash key, which only aggregates keep.
    pub explicit_hash_key: Option<HashKey>,
    /// The payload.
    pub data: &'e [u8],
}

/// A member of an aggregate that cannot be read; those around it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRecord {
    /// The shard that holds the aggregate.
    pub shard_id: ShardId,
    /// The aggregate's sequence number.
    pub sequence_number: SequenceNumber,
    /// What is wrong.
    pub member: BadMember,
}

impl fmt::Display for BadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} of {}: {}", self.sequence_number, self.shard_id, self.member)
    }
}

impl core::error::Error for BadRecord {}

impl Engine {
    /// Reads the user records of a stream in order: all shards, parents before children, aggregates taken apart. The
    /// stream is given by name, or by ARN if it is not of the default account and region.
    ///
    /// # Errors
    /// When there is no such stream.
    pub fn records(&mut self, now: Timestamp, stream: &str) -> Result<RecordReader, Error> {
        self.handle_timeout(now);
        Ok(RecordReader::new(self.find_stream(stream)?))
    }
}

impl RecordReader {
    fn new(stream: &Stream) -> Self {
        Self { stream: stream.id, progress: Progress::default(), next: ShardId::new(0) }
    }

    /// The next records, of one shard: those of up to 1 MiB of stored records. Empty when there is nothing more to
    /// read at `now`.
    ///
    /// # Errors
    /// When the stream does not exist any more.
    pub fn next_batch<'e>(
        &mut self,
        engine: &'e mut Engine,
        now: Timestamp,
    ) -> Result<Vec<Result<ReadRecord<'e>, BadRecord>>, Error> {
        engine.handle_timeout(now);
        let (stream, now) = (engine.stream(self.stream), engine.now());
        let stream = stream.ok_or_else(|| {
            Error::new(ErrorKind::ResourceNotFound, "The stream that is read does not exist any more.")
        })?;
        let next = core::mem::replace(&mut self.next, ShardId::new(0));
        let round =
            stream.shards_from(next, now).chain(stream.shards(now).take_while(|shard| shard.id() < next));
        for shard in round {
            if !self.progress.has_read_ancestors(stream, shard, now) {
                continue;
            }
            let stored = next_stored(shard, self.progress.position(stream, shard, now));
            if let Some(last) = stored.last() {
                self.progress.set(shard.id(), last.index + 1);
                self.next = shard.id();
                return Ok(take_apart(shard, &stored));
            }
        }
        Ok(Vec::new())
    }
}

fn next_stored(shard: &Shard, first: u64) -> Vec<StoredRecord<'_>> {
    let mut bytes = 0;
    let mut records = Vec::new();
    for stored in shard.log().read(first).take(MAX_BATCH_RECORDS) {
        bytes += stored.size();
        records.push(stored);
        if bytes >= MAX_BATCH_BYTES {
            break;
        }
    }
    records
}

fn take_apart<'e>(shard: &Shard, stored: &[StoredRecord<'e>]) -> Vec<Result<ReadRecord<'e>, BadRecord>> {
    let data: Vec<&[u8]> = stored.iter().map(|record| record.data).collect();
    let mut records = Vec::with_capacity(stored.len());
    // Members outside the shard's range are passed on: nothing that is stored stays unseen.
    for (stored, parts) in stored.iter().zip(deaggregate_batch(&data, None, DeaggregateMode::Off)) {
        let sequence_number = shard.sequence_number(stored.index, stored.arrival);
        let outer = ReadRecord {
            shard_id: shard.id(),
            sequence_number,
            sub_sequence_number: 0,
            approximate_arrival_timestamp: stored.arrival,
            partition_key: stored.partition_key,
            explicit_hash_key: None,
            data: stored.data,
        };
        match parts {
            Deaggregated::Raw(_) => records.push(Ok(outer)),
            Deaggregated::Aggregate(members) => records.extend(members.map(|member| match member {
                Ok(member) => Ok(ReadRecord {
                    sub_sequence_number: member.sub_sequence_number,
                    partition_key: Some(member.partition_key),
                    explicit_hash_key: member.explicit_hash_key,
                    data: member.data,
                    ..outer
                }),
                Err(member) => Err(BadRecord { shard_id: shard.id(), sequence_number, member }),
            })),
        }
    }
    records
}
