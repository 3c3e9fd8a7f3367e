//! Changing and listing shards, and how long records are kept.

use serde_json::{Value, json};

use super::model::{Change, DAY_MS, ModelShard, is_greater, seconds, shard_id};
use super::{Filter, Outcome, World, ensure, ensure_code};

const RETENTION_HOURS: core::ops::RangeInclusive<u64> = 24..=8760;
const COUNT_UPDATES_PER_DAY: usize = 10;
/// Scaling up ends here, so that worlds stay small.
const MAX_OPEN: usize = 24;

impl World {
    pub(super) fn split(&mut self, at: usize, shard: u8, key: u8) -> Outcome {
        let model = &self.streams[at].model;
        let shard = usize::from(shard) % model.shards.len();
        let ModelShard { start, end, .. } = model.shards[shard];
        let key = start + (end - start) / 256 * u128::from(key) + u128::from(key);
        let expected = if !model.is_visible(shard) {
            Some("ResourceNotFoundException")
        } else if !model.is_open(shard) || key <= start.saturating_add(1) || key >= end {
            Some("InvalidArgumentException")
        } else {
            None
        };
        let input = json!({"ShardToSplit": shard_id(shard), "NewStartingHashKey": key.to_string()});
        self.change(at, "SplitShard", input, expected, Change::Split { shard, at: key })
    }

    pub(super) fn merge(&mut self, at: usize, shard: u8, other: Option<u8>) -> Outcome {
        let model = &self.streams[at].model;
        let count = model.shards.len();
        let low = usize::from(shard) % count;
        let after = model.shards[low].end.checked_add(1);
        let neighbour = model.open().into_iter().find(|&open| after == Some(model.shards[open].start));
        let high = match other {
            Some(other) => usize::from(other) % count,
            None => neighbour.unwrap_or(low),
        };
        let expected = if !model.is_visible(low) || !model.is_visible(high) {
            Some("ResourceNotFoundException")
        } else if !model.is_open(low) || neighbour != Some(high) {
            Some("InvalidArgumentException")
        } else {
            None
        };
        let input = json!({"ShardToMerge": shard_id(low), "AdjacentShardToMerge": shard_id(high)});
        self.change(at, "MergeShards", input, expected, Change::Merge { low, high })
    }

    pub(super) fn scale(&mut self, at: usize, sixteenths: u8) -> Outcome {
        let now = self.now;
        let model = &mut self.streams[at].model;
        let open = model.open().len();
        let target = (open * usize::from(sixteenths) / 16).max(1);
        if target > MAX_OPEN {
            return Ok(());
        }
        model.count_updates.retain(|accepted| now - accepted < DAY_MS);
        let is_spent = model.count_updates.len() >= COUNT_UPDATES_PER_DAY;
        let is_refused = target > open * 2 || target * 2 < open || is_spent;
        let expected = is_refused.then_some("LimitExceededException");
        let input = json!({"TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"});
        self.change(at, "UpdateShardCount", input, expected, Change::Scale { target })
    }

    /// Asks for a change, which is refused with the `expected` error, or due later.
    fn change(
        &mut self,
        at: usize,
        operation: &str,
        input: Value,
        expected: Option<&str>,
        change: Change,
    ) -> Outcome {
        let is_updating = self.streams[at].model.pending.is_some();
        let expected = if is_updating { Some("ResourceInUseException") } else { expected };
        let answer = self.call(at, operation, input.clone());
        ensure_code(&answer, expected, || format!("{operation} {input}"))?;
        if expected.is_none() {
            let model = &mut self.streams[at].model;
            if matches!(change, Change::Scale { .. }) {
                model.count_updates.push(self.now);
            }
            model.pending = Some((self.now + self.update_ms, change));
            self.settle()?;
        }
        Ok(())
    }

    pub(super) fn retain(&mut self, at: usize, hours: u64, increase: bool) -> Outcome {
        let model = &self.streams[at].model;
        let is_against = if increase { hours < model.retention_hours } else { hours > model.retention_hours };
        let expected = if model.pending.is_some() {
            Some("ResourceInUseException")
        } else if is_against || !RETENTION_HOURS.contains(&hours) {
            Some("InvalidArgumentException")
        } else {
            None
        };
        let operation =
            if increase { "IncreaseStreamRetentionPeriod" } else { "DecreaseStreamRetentionPeriod" };
        let answer = self.call(at, operation, json!({"RetentionPeriodHours": hours}));
        ensure_code(&answer, expected, || format!("{operation} to {hours}"))?;
        if expected.is_none() {
            self.streams[at].model.retention_hours = hours;
            self.settle()?;
            self.compare_shards(at)?;
        }
        Ok(())
    }

    // ---- listing

    /// Compares the stream and all its shards with the model, and checks that the open ones have every hash key once.
    pub(super) fn compare_shards(&mut self, at: usize) -> Outcome {
        self.list_by(at, Filter::All, u8::MAX)?;
        let answer = self.call(at, "DescribeStreamSummary", json!({}));
        let model = &self.streams[at].model;
        let open = model.open();
        let summary = &answer.body["StreamDescriptionSummary"];
        let status = if model.pending.is_some() { "UPDATING" } else { "ACTIVE" };
        let is_same = summary["StreamStatus"] == status
            && summary["OpenShardCount"] == open.len()
            && summary["RetentionPeriodHours"] == model.retention_hours;
        ensure(is_same, || format!("{status}, {} open, {} h: {summary}", open.len(), model.retention_hours))?;
        let ranges: Vec<_> = open.iter().map(|&index| &model.shards[index]).collect();
        let is_whole = ranges.first().is_some_and(|first| first.start == 0)
            && ranges.last().is_some_and(|last| last.end == u128::MAX)
            && ranges.windows(2).all(|pair| pair[0].end.checked_add(1) == Some(pair[1].start));
        ensure(is_whole, || format!("the open shards do not have every hash key once: {ranges:?}"))
    }

    pub(super) fn list_by(&mut self, at: usize, filter: Filter, page: u8) -> Outcome {
        let model = &self.streams[at].model;
        let count = model.shards.len();
        let moment = |shard: u8, shift: i8| {
            let shard = &model.shards[usize::from(shard) % count];
            shard.closed.unwrap_or(shard.opened).saturating_add_signed(i64::from(shift))
        };
        let horizon = model.horizon.max(model.created);
        let was_open = |shard: usize, time: u64| {
            let time = time.max(horizon);
            model.shards[shard].opened <= time && model.ends_at_or_after(shard, time)
        };
        let after = |shard: u8| usize::from(shard) % count;
        let is_listed = |shard: &usize| match filter {
            Filter::All | Filter::FromTrimHorizon => true,
            Filter::AtTrimHorizon => was_open(*shard, horizon),
            Filter::AtLatest => model.is_open(*shard),
            Filter::After(other) => *shard > after(other),
            Filter::AtTime(other, shift) => was_open(*shard, moment(other, shift)),
            Filter::FromTime(other, shift) => model.ends_at_or_after(*shard, moment(other, shift)),
        };
        let expected: Vec<usize> =
            (0..count).filter(|&shard| model.is_visible(shard)).filter(is_listed).collect();
        let filter = match filter {
            Filter::All => None,
            Filter::FromTrimHorizon => Some(json!({"Type": "FROM_TRIM_HORIZON"})),
            Filter::AtTrimHorizon => Some(json!({"Type": "AT_TRIM_HORIZON"})),
            Filter::AtLatest => Some(json!({"Type": "AT_LATEST"})),
            Filter::After(other) => {
                Some(json!({"Type": "AFTER_SHARD_ID", "ShardId": shard_id(after(other))}))
            }
            Filter::AtTime(other, shift) => {
                Some(json!({"Type": "AT_TIMESTAMP", "Timestamp": seconds(moment(other, shift))}))
            }
            Filter::FromTime(other, shift) => {
                Some(json!({"Type": "FROM_TIMESTAMP", "Timestamp": seconds(moment(other, shift))}))
            }
        };
        let listed = self.pages(at, filter.as_ref(), usize::from(page.max(1)))?;
        ensure(listed.len() == expected.len(), || {
            format!("ListShards by {filter:?}: {expected:?} are expected, listed are {listed:?}")
        })?;
        listed.iter().zip(expected).try_for_each(|(listed, index)| self.compare_shard(at, listed, index))
    }

    /// All shards that a filter gives, by pages.
    fn pages(&mut self, at: usize, filter: Option<&Value>, page: usize) -> Result<Vec<Value>, String> {
        let mut input = json!({"StreamName": self.streams[at].name, "MaxResults": page});
        if let Some(filter) = filter {
            input["ShardFilter"] = filter.clone();
        }
        let mut listed = Vec::new();
        loop {
            let mut answer = self.call_as(at, "ListShards", &input);
            let shards = answer.body["Shards"].as_array().cloned().unwrap_or_default();
            let token = answer.body["NextToken"].take();
            let is_page = if token.is_null() { shards.len() <= page } else { shards.len() == page };
            ensure(answer.status == 200 && is_page, || format!("ListShards {input}: {answer:?}"))?;
            listed.extend(shards);
            if token.is_null() {
                return Ok(listed);
            }
            input = json!({"NextToken": token, "MaxResults": page});
        }
    }

    fn compare_shard(&self, at: usize, listed: &Value, index: usize) -> Outcome {
        let model = &self.streams[at].model;
        let shard = &model.shards[index];
        let mut expected = json!({"ShardId": shard_id(index), "HashKeyRange": shard.range()});
        for (name, &parent) in ["ParentShardId", "AdjacentParentShardId"].iter().zip(&shard.parents) {
            expected[name] = shard_id(parent).into();
        }
        let mut said = listed.clone();
        let numbers = said["SequenceNumberRange"].take();
        said.as_object_mut().map(|said| said.remove("SequenceNumberRange"));
        ensure(said == expected, || format!("shard {index} is {expected}, listed is {listed}"))?;
        let starting = numbers["StartingSequenceNumber"].as_str().unwrap_or_default();
        let ending = numbers["EndingSequenceNumber"].as_str();
        let is_over = |last: &str| ending.is_none_or(|ending| is_greater(ending, last));
        let fits = is_greater(starting, &shard.floor)
            && ending.is_some() == shard.closed.is_some()
            && is_over(starting)
            && shard.records.first().is_none_or(|first| is_greater(&first.number, starting))
            && shard.records.last().is_none_or(|last| is_over(&last.number));
        ensure(fits, || format!("numbers of shard {index} do not fit: {listed}"))
    }
}
