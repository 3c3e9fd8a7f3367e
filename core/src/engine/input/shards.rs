//! Inputs about the shards of a stream.

use alloc::format;

use super::Reading;
use crate::error::Error;
use crate::service::{ListShards, MergeShards, ShardFilter, SplitShard, UpdateShardCount};
use crate::wire::Members;

impl<'d> Reading<'d> {
    pub(super) fn list_shards(self) -> Result<ListShards<'d>, Error> {
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

    pub(super) fn merge_shards(self) -> Result<MergeShards<'d>, Error> {
        self.honours(&["ShardToMerge", "AdjacentShardToMerge"])?;
        Ok(MergeShards {
            stream: self.stream(),
            shard_to_merge: self.text("ShardToMerge"),
            adjacent_shard_to_merge: self.text("AdjacentShardToMerge"),
        })
    }

    pub(super) fn split_shard(self) -> Result<SplitShard<'d>, Error> {
        self.honours(&["ShardToSplit", "NewStartingHashKey"])?;
        Ok(SplitShard {
            stream: self.stream(),
            shard_to_split: self.text("ShardToSplit"),
            new_starting_hash_key: self.text("NewStartingHashKey"),
        })
    }

    pub(super) fn update_shard_count(self) -> Result<UpdateShardCount<'d>, Error> {
        // ScalingType has one value, which the model checks.
        self.honours(&["TargetShardCount", "ScalingType"])?;
        Ok(UpdateShardCount {
            stream: self.stream(),
            target_shard_count: self.number("TargetShardCount").unwrap_or(0),
        })
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
