//! Which quotas are enforced, and how large they are.

#![expect(clippy::wildcard_enum_match_arm, reason = "a value is asked for one kind; all others are alike")]

use alloc::format;
use alloc::string::String;
use core::num::NonZeroU32;

use super::calls::{CALLS, place_of};
use crate::json::{FromJson, Json};
use crate::quoted::Quoted;
use crate::snapshot::Persist;

/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
const SHARD_WRITE_BYTES: u32 = 1 << 20;
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
const SHARD_WRITE_RECORDS: u32 = 1000;
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
const SHARD_READ_BYTES: u32 = 2 << 20;
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html>
const CONSUMER_READ_BYTES: u32 = 2 << 20;
/// The documentation says 500 KB, and MB where it means MiB.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html>
const ON_DEMAND_SPLIT_BYTES: u32 = 500 << 10;

/// Which throughput quotas are enforced; `None` stands for one that is not. Sizes, counts and the number of shards are
/// limited always.
///
/// As JSON: `"off"`, `"aws"`, or an object with single values, each a number from 1 on, `"aws"` or `"off"`. What it does
/// not name is off, or as AWS has it where the object says `"preset": "aws"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of data and partition keys that each shard takes in a second.
    pub shard_write_bytes_per_second: Option<NonZeroU32>,
    /// Records that each shard takes in a second.
    pub shard_write_records_per_second: Option<NonZeroU32>,
    /// Bytes that `GetRecords` reads from each shard in a second.
    pub shard_read_bytes_per_second: Option<NonZeroU32>,
    /// Bytes that each registered consumer gets from each shard in a second.
    pub consumer_read_bytes_per_second: Option<NonZeroU32>,
    /// A shard of an on-demand stream that takes more bytes than these in a second is split.
    pub on_demand_split_bytes_per_second: Option<NonZeroU32>,
    /// How often each operation can be called in a second, by its place among those that have a quota.
    pub(super) calls: [Option<NonZeroU32>; CALLS.len()],
}

/// How the options call the quotas on bytes and records, in the order of their fields.
const RATES: [&str; 5] = [
    "shardWriteBytesPerSecond",
    "shardWriteRecordsPerSecond",
    "shardReadBytesPerSecond",
    "consumerReadBytesPerSecond",
    "onDemandSplitBytesPerSecond",
];

impl Default for Limits {
    fn default() -> Self {
        Self::OFF
    }
}

impl Limits {
    /// Nothing is enforced.
    pub const OFF: Self = Self {
        shard_write_bytes_per_second: None,
        shard_write_records_per_second: None,
        shard_read_bytes_per_second: None,
        consumer_read_bytes_per_second: None,
        on_demand_split_bytes_per_second: None,
        calls: [None; CALLS.len()],
    };

    /// Everything is enforced as AWS documents it.
    pub const AWS: Self = {
        let mut calls = [None; CALLS.len()];
        let mut place = 0;
        while place < CALLS.len() {
            calls[place] = NonZeroU32::new(CALLS[place].per_second);
            place += 1;
        }
        Self {
            shard_write_bytes_per_second: NonZeroU32::new(SHARD_WRITE_BYTES),
            shard_write_records_per_second: NonZeroU32::new(SHARD_WRITE_RECORDS),
            shard_read_bytes_per_second: NonZeroU32::new(SHARD_READ_BYTES),
            consumer_read_bytes_per_second: NonZeroU32::new(CONSUMER_READ_BYTES),
            on_demand_split_bytes_per_second: NonZeroU32::new(ON_DEMAND_SPLIT_BYTES),
            calls,
        }
    };

    /// Whether shards take whatever comes, and are never split because of it.
    pub(crate) const fn are_writes_free(&self) -> bool {
        self.shard_write_bytes_per_second.is_none()
            && self.shard_write_records_per_second.is_none()
            && self.on_demand_split_bytes_per_second.is_none()
    }

    /// How often an operation can be called in a second: by an account in a region, for a stream or for a shard, as
    /// AWS has it for the operation.
    pub fn calls_per_second(&self, operation: &str) -> Option<NonZeroU32> {
        self.calls[place_of(operation)?]
    }

    /// Sets how often an operation can be called in a second. Gives `false` for an operation without a quota.
    #[must_use]
    pub fn set_calls_per_second(&mut self, operation: &str, rate: Option<NonZeroU32>) -> bool {
        let Some(place) = place_of(operation) else { return false };
        self.calls[place] = rate;
        true
    }

    fn named(&mut self, name: &str) -> Option<&mut Option<NonZeroU32>> {
        let rates = [
            &mut self.shard_write_bytes_per_second,
            &mut self.shard_write_records_per_second,
            &mut self.shard_read_bytes_per_second,
            &mut self.consumer_read_bytes_per_second,
            &mut self.on_demand_split_bytes_per_second,
        ];
        rates.into_iter().nth(RATES.iter().position(|rate| *rate == name)?)
    }

    fn read_calls(&mut self, node: &Json) -> Result<(), String> {
        let Json::Object(members) = node else {
            let all = preset(node)
                .ok_or_else(|| format!(r#"callsPerSecond must be "off", "aws" or an object, not {node}"#))?;
            self.calls = all.calls;
            return Ok(());
        };
        for (name, node) in members {
            let rate = rate(name, node, Self::AWS.calls_per_second(name))?;
            if !self.set_calls_per_second(name, rate) {
                return Err(format!("callsPerSecond: there is no quota on calls of {}", Quoted(name)));
            }
        }
        Ok(())
    }
}

fn preset(node: &Json) -> Option<Limits> {
    match node {
        Json::Text(text) if text == "off" => Some(Limits::OFF),
        Json::Text(text) if text == "aws" => Some(Limits::AWS),
        _ => None,
    }
}

fn rate(name: &str, node: &Json, aws: Option<NonZeroU32>) -> Result<Option<NonZeroU32>, String> {
    match node {
        Json::Text(text) if text == "off" => return Ok(None),
        Json::Text(text) if text == "aws" => return Ok(aws),
        Json::Whole(number) => {
            if let Some(rate) = u32::try_from(*number).ok().and_then(NonZeroU32::new) {
                return Ok(Some(rate));
            }
        }
        _ => {}
    }
    Err(format!(r#"{name} must be 1 to {}, "off" or "aws", not {node}"#, u32::MAX))
}

impl FromJson for Limits {
    fn from_json(json: Json) -> Result<Self, String> {
        let members = match &json {
            Json::Object(members) => members,
            other => {
                return preset(other)
                    .ok_or_else(|| format!(r#"it must be "off", "aws" or an object, not {other}"#));
            }
        };
        let mut limits = Self::OFF;
        if let Some((_, node)) = members.iter().find(|(name, _)| name == "preset") {
            limits = preset(node).ok_or_else(|| format!(r#"preset must be "off" or "aws", not {node}"#))?;
        }
        for (name, node) in members {
            if let Some(limit) = limits.named(name) {
                let mut aws = Self::AWS;
                *limit = rate(name, node, aws.named(name).and_then(|limit| *limit))?;
            } else if name == "callsPerSecond" {
                limits.read_calls(node)?;
            } else if name != "preset" {
                return Err(format!(
                    "there is no {}; there are preset, {} and callsPerSecond",
                    Quoted(name),
                    RATES.join(", ")
                ));
            }
        }
        Ok(limits)
    }
}
