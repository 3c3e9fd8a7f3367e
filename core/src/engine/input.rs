//! From validated members to typed inputs. A member that is not honoured is refused, never ignored.

use alloc::borrow::Cow;
use alloc::format;

use super::call::{Call, Input};
use crate::error::{Error, ErrorKind};
use crate::firehose;
use crate::service::{
    CreateStream, DeleteStream, DescribeStream, DescribeStreamSummary, GetRecords, GetShardIterator,
    ListShards, ListStreams, MergeShards, PutRecord, PutRecords, PutRecordsEntry, ShardFilter,
    ShardIteratorType, SplitShard, StreamRef, UpdateShardCount,
};
use crate::stream::StreamMode;
use crate::wire::{Decoded, Members, Service};

impl<'d> Call<'d> {
    /// Reads the input of a decoded request.
    ///
    /// # Errors
    /// When the operation, or a member of its input, is not supported.
    pub fn read(decoded: &'d Decoded<'_>) -> Result<Self, Error> {
        let members = Reading { members: decoded.input.members() };
        let operation = decoded.operation.name;
        Ok(Self {
            operation,
            protocol: decoded.protocol,
            account: decoded.account,
            region: Cow::Borrowed(&*decoded.region),
            input: match decoded.operation.service {
                Service::Kinesis => members.kinesis(operation)?,
                Service::Firehose => firehose(operation, &decoded.input.members())?,
            },
        })
    }
}

fn firehose<'d>(operation: &str, members: &Members<'d>) -> Result<Input<'d>, Error> {
    Ok(match operation {
        "CreateDeliveryStream" => {
            Input::CreateDeliveryStream(firehose::CreateDeliveryStream::from_members(members))
        }
        "DeleteDeliveryStream" => {
            Input::DeleteDeliveryStream(firehose::DeleteDeliveryStream::from_members(members))
        }
        "DescribeDeliveryStream" => {
            Input::DescribeDeliveryStream(firehose::DescribeDeliveryStream::from_members(members))
        }
        "ListDeliveryStreams" => {
            Input::ListDeliveryStreams(firehose::ListDeliveryStreams::from_members(members))
        }
        "PutRecord" => Input::PutDeliveryRecord(firehose::PutRecord::from_members(members)),
        "PutRecordBatch" => Input::PutDeliveryRecordBatch(firehose::PutRecordBatch::from_members(members)),
        _ => return Err(unsupported_operation(operation)),
    })
}

fn unsupported_operation(operation: &str) -> Error {
    Error::new(ErrorKind::UnknownOperation, format!("The operation {operation} is not supported yet."))
}

/// The members of an input while they are read.
#[derive(Clone, Copy, Debug)]
struct Reading<'d> {
    members: Members<'d>,
}

/// The members that name a stream.
const STREAM: [&str; 2] = ["StreamName", "StreamARN"];

impl<'d> Reading<'d> {
    fn kinesis(self, operation: &str) -> Result<Input<'d>, Error> {
        Ok(match operation {
            "CreateStream" => Input::CreateStream(self.create_stream()?),
            "DeleteStream" => {
                self.honours(&["EnforceConsumerDeletion"])?;
                Input::DeleteStream(DeleteStream { stream: self.stream() })
            }
            "DescribeStream" => {
                self.honours(&["Limit", "ExclusiveStartShardId"])?;
                Input::DescribeStream(DescribeStream {
                    stream: self.stream(),
                    limit: self.number("Limit"),
                    exclusive_start_shard_id: self.members.str("ExclusiveStartShardId"),
                })
            }
            "DescribeStreamSummary" => {
                self.honours(&[])?;
                Input::DescribeStreamSummary(DescribeStreamSummary { stream: self.stream() })
            }
            "GetRecords" => {
                self.honours(&["ShardIterator", "Limit", "DryRun"])?;
                Input::GetRecords(GetRecords {
                    shard_iterator: self.text("ShardIterator"),
                    limit: self.number("Limit"),
                    stream_arn: self.members.str("StreamARN"),
                    dry_run: self.is_dry_run(),
                })
            }
            "GetShardIterator" => Input::GetShardIterator(self.get_shard_iterator()?),
            "ListShards" => Input::ListShards(self.list_shards()?),
            "ListStreams" => Input::ListStreams(ListStreams {
                limit: self.number("Limit"),
                exclusive_start_stream_name: self.members.str("ExclusiveStartStreamName"),
                next_token: self.members.str("NextToken"),
            }),
            "MergeShards" => {
                self.honours(&["ShardToMerge", "AdjacentShardToMerge"])?;
                Input::MergeShards(MergeShards {
                    stream: self.stream(),
                    shard_to_merge: self.text("ShardToMerge"),
                    adjacent_shard_to_merge: self.text("AdjacentShardToMerge"),
                })
            }
            "PutRecord" => {
                let record =
                    ["Data", "PartitionKey", "ExplicitHashKey", "SequenceNumberForOrdering", "DryRun"];
                self.honours(&record)?;
                Input::PutRecord(PutRecord {
                    stream: self.stream(),
                    record: entry(&self.members),
                    sequence_number_for_ordering: self.members.str("SequenceNumberForOrdering"),
                    dry_run: self.is_dry_run(),
                })
            }
            "PutRecords" => {
                self.honours(&["Records", "DryRun"])?;
                let records = self.members.list("Records").into_iter().flat_map(|list| list.structures());
                Input::PutRecords(PutRecords {
                    stream: self.stream(),
                    records: records.map(|record| entry(&record)).collect(),
                    dry_run: self.is_dry_run(),
                })
            }
            "SplitShard" => {
                self.honours(&["ShardToSplit", "NewStartingHashKey"])?;
                Input::SplitShard(SplitShard {
                    stream: self.stream(),
                    shard_to_split: self.text("ShardToSplit"),
                    new_starting_hash_key: self.text("NewStartingHashKey"),
                })
            }
            "UpdateShardCount" => {
                // ScalingType has one value, which the model checks.
                self.honours(&["TargetShardCount", "ScalingType"])?;
                Input::UpdateShardCount(UpdateShardCount {
                    stream: self.stream(),
                    target_shard_count: self.number("TargetShardCount").unwrap_or(0),
                })
            }
            _ => return Err(unsupported_operation(operation)),
        })
    }

    fn create_stream(self) -> Result<CreateStream<'d>, Error> {
        let strategy = "RecordDistributionStrategy";
        self.honours(&["ShardCount", "StreamModeDetails", "MaxRecordSizeInKiB", strategy])?;
        if self.members.str(strategy) == Some("AUTO") {
            return Err(unsupported("RecordDistributionStrategy AUTO"));
        }
        let mode = self.members.structure("StreamModeDetails").and_then(|details| details.str("StreamMode"));
        Ok(CreateStream {
            stream_name: self.text("StreamName"),
            shard_count: self.number("ShardCount"),
            stream_mode: mode.map(|mode| match mode {
                "ON_DEMAND" => StreamMode::OnDemand,
                _ => StreamMode::Provisioned,
            }),
            max_record_size_in_kib: self.number("MaxRecordSizeInKiB"),
        })
    }

    fn get_shard_iterator(self) -> Result<GetShardIterator<'d>, Error> {
        self.honours(&["ShardId", "ShardIteratorType", "StartingSequenceNumber", "Timestamp", "DryRun"])?;
        Ok(GetShardIterator {
            stream: self.stream(),
            shard_id: self.text("ShardId"),
            shard_iterator_type: match self.text("ShardIteratorType") {
                "AFTER_SEQUENCE_NUMBER" => ShardIteratorType::AfterSequenceNumber,
                "AT_SEQUENCE_NUMBER" => ShardIteratorType::AtSequenceNumber,
                "AT_TIMESTAMP" => ShardIteratorType::AtTimestamp,
                "LATEST" => ShardIteratorType::Latest,
                _ => ShardIteratorType::TrimHorizon,
            },
            starting_sequence_number: self.members.str("StartingSequenceNumber"),
            timestamp: self.members.timestamp("Timestamp"),
            dry_run: self.is_dry_run(),
        })
    }

    fn list_shards(self) -> Result<ListShards<'d>, Error> {
        self.honours(&[
            "NextToken",
            "ExclusiveStartShardId",
            "MaxResults",
            "StreamCreationTimestamp",
            "ShardFilter",
        ])?;
        let filter = self.members.structure("ShardFilter");
        Ok(ListShards {
            stream: self.stream(),
            next_token: self.members.str("NextToken"),
            exclusive_start_shard_id: self.members.str("ExclusiveStartShardId"),
            max_results: self.number("MaxResults"),
            stream_creation_timestamp: self.members.timestamp("StreamCreationTimestamp"),
            shard_filter: filter.map(|filter| shard_filter(&filter)).transpose()?,
        })
    }

    fn stream(self) -> StreamRef<'d> {
        StreamRef { name: self.members.str("StreamName"), arn: self.members.str("StreamARN") }
    }

    /// A member that the model requires.
    fn text(self, name: &str) -> &'d str {
        self.members.str(name).unwrap_or_default()
    }

    fn number(self, name: &str) -> Option<u32> {
        self.members.integer(name).and_then(|number| u32::try_from(number).ok())
    }

    fn is_dry_run(self) -> bool {
        self.members.bool("DryRun").unwrap_or(false)
    }

    /// Refuses members other than these and those that name a stream.
    fn honours(self, names: &[&str]) -> Result<(), Error> {
        let mut given = self.members.iter();
        match given.find(|(name, _)| !names.contains(name) && !STREAM.contains(name)) {
            Some((name, _)) => Err(unsupported(name)),
            None => Ok(()),
        }
    }
}

fn unsupported(member: &str) -> Error {
    Error::invalid_argument(format!("{member} is not supported yet; leave it out."))
}

fn entry<'d>(members: &Members<'d>) -> PutRecordsEntry<'d> {
    PutRecordsEntry {
        data: members.blob("Data").unwrap_or_default(),
        partition_key: members.str("PartitionKey"),
        explicit_hash_key: members.str("ExplicitHashKey"),
    }
}

fn shard_filter<'d>(filter: &Members<'d>) -> Result<ShardFilter<'d>, Error> {
    let kind = filter.str("Type").unwrap_or_default();
    let (shard_id, time) = (filter.str("ShardId"), filter.timestamp("Timestamp"));
    let missing = |member: &str| {
        Error::invalid_argument(format!("{member} must be specified in a ShardFilter of type {kind}."))
    };
    let superfluous = |member: &str| {
        Err(Error::invalid_argument(format!(
            "{member} must not be specified in a ShardFilter of type {kind}."
        )))
    };
    if shard_id.is_some() && kind != "AFTER_SHARD_ID" {
        return superfluous("ShardId");
    }
    if time.is_some() && !matches!(kind, "AT_TIMESTAMP" | "FROM_TIMESTAMP") {
        return superfluous("Timestamp");
    }
    Ok(match kind {
        "AFTER_SHARD_ID" => ShardFilter::AfterShardId(shard_id.ok_or_else(|| missing("ShardId"))?),
        "AT_LATEST" => ShardFilter::AtLatest,
        "AT_TIMESTAMP" => ShardFilter::AtTimestamp(time.ok_or_else(|| missing("Timestamp"))?),
        "AT_TRIM_HORIZON" => ShardFilter::AtTrimHorizon,
        "FROM_TIMESTAMP" => ShardFilter::FromTimestamp(time.ok_or_else(|| missing("Timestamp"))?),
        _ => ShardFilter::FromTrimHorizon,
    })
}
