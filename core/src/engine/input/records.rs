//! Inputs that put and read records.

use alloc::vec::Vec;

use super::Reading;
use crate::error::Error;
use crate::service::{
    GetRecords, GetShardIterator, PutRecord, PutRecords, PutRecordsEntry, ShardIteratorType,
};
use crate::wire::{List, Members};

impl<'d> Reading<'d> {
    pub(super) fn put_record(self) -> Result<PutRecord<'d>, Error> {
        let record = ["Data", "PartitionKey", "ExplicitHashKey", "SequenceNumberForOrdering", "DryRun"];
        self.honours(&record)?;
        Ok(PutRecord {
            stream: self.stream(),
            record: entry(&self.members),
            sequence_number_for_ordering: self.members.str("SequenceNumberForOrdering"),
            dry_run: self.is_dry_run(),
        })
    }

    pub(super) fn put_records(self) -> Result<PutRecords<'d>, Error> {
        self.honours(&["Records", "DryRun"])?;
        let list = self.members.list("Records");
        let mut records = Vec::with_capacity(list.as_ref().map_or(0, List::len));
        records.extend(list.into_iter().flat_map(|list| list.structures()).map(|record| entry(&record)));
        Ok(PutRecords { stream: self.stream(), records, dry_run: self.is_dry_run() })
    }

    pub(super) fn get_records(self) -> Result<GetRecords<'d>, Error> {
        self.honours(&["ShardIterator", "Limit", "DryRun"])?;
        Ok(GetRecords {
            shard_iterator: self.text("ShardIterator"),
            limit: self.number("Limit"),
            stream_arn: self.members.str("StreamARN"),
            dry_run: self.is_dry_run(),
        })
    }

    pub(super) fn get_shard_iterator(self) -> Result<GetShardIterator<'d>, Error> {
        self.honours(&["ShardId", "ShardIteratorType", "StartingSequenceNumber", "Timestamp", "DryRun"])?;
        Ok(GetShardIterator {
            stream: self.stream(),
            shard_id: self.text("ShardId"),
            shard_iterator_type: iterator_type(self.text("ShardIteratorType")),
            starting_sequence_number: self.members.str("StartingSequenceNumber"),
            timestamp: self.members.timestamp("Timestamp"),
            dry_run: self.is_dry_run(),
        })
    }
}

pub(super) fn iterator_type(text: &str) -> ShardIteratorType {
    match text {
        "AFTER_SEQUENCE_NUMBER" => ShardIteratorType::AfterSequenceNumber,
        "AT_SEQUENCE_NUMBER" => ShardIteratorType::AtSequenceNumber,
        "AT_TIMESTAMP" => ShardIteratorType::AtTimestamp,
        "LATEST" => ShardIteratorType::Latest,
        _ => ShardIteratorType::TrimHorizon,
    }
}

#[inline]
fn entry<'d>(members: &Members<'d>) -> PutRecordsEntry<'d> {
    PutRecordsEntry {
        data: members.blob("Data").unwrap_or_default(),
        partition_key: members.str("PartitionKey"),
        explicit_hash_key: members.str("ExplicitHashKey"),
    }
}
