//! Which quotas are enforced, and how large they are.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::calls::{CALLS, place_of};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
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
        Some(match name {
            "shardWriteBytesPerSecond" => &mut self.shard_write_bytes_per_second,
            "shardWriteRecordsPerSecond" => &mut self.shard_write_records_per_second,
            "shardReadBytesPerSecond" => &mut self.shard_read_bytes_per_second,
            "consumerReadBytesPerSecond" => &mut self.consumer_read_bytes_per_second,
            "onDemandSplitBytesPerSecond" => &mut self.on_demand_split_bytes_per_second,
            _ => return None,
        })
    }

    fn read(node: &Node) -> Result<Self, String> {
        let members = match node {
            Node::Object(members) => members,
            Node::Text(_) | Node::Number(_) => {
                return preset(node)
                    .ok_or_else(|| format!(r#"limits must be "off", "aws" or an object, not {node}"#));
            }
        };
        let mut limits = Self::OFF;
        if let Some((_, node)) = members.iter().find(|(name, _)| name == "preset") {
            limits =
                preset(node).ok_or_else(|| format!(r#"limits.preset must be "off" or "aws", not {node}"#))?;
        }
        for (name, node) in members {
            if let Some(limit) = limits.named(name) {
                let mut aws = Self::AWS;
                *limit = rate(name, node, aws.named(name).and_then(|limit| *limit))?;
            } else if name == "callsPerSecond" {
                limits.read_calls(node)?;
            } else if name != "preset" {
                return Err(format!(
                    "limits has no {name:?}; it has preset, shardWriteBytesPerSecond, shardWriteRecordsPerSecond, \
                     shardReadBytesPerSecond, consumerReadBytesPerSecond, onDemandSplitBytesPerSecond and callsPerSecond"
                ));
            }
        }
        Ok(limits)
    }

    fn read_calls(&mut self, node: &Node) -> Result<(), String> {
        let Node::Object(members) = node else {
            let all = preset(node).ok_or_else(|| {
                format!(r#"limits.callsPerSecond must be "off", "aws" or an object, not {node}"#)
            })?;
            self.calls = all.calls;
            return Ok(());
        };
        for (name, node) in members {
            let rate = rate(name, node, Self::AWS.calls_per_second(name))?;
            if !self.set_calls_per_second(name, rate) {
                return Err(format!("limits.callsPerSecond: there is no quota on calls of {name:?}"));
            }
        }
        Ok(())
    }
}

fn preset(node: &Node) -> Option<Limits> {
    match node {
        Node::Text(text) if text == "off" => Some(Limits::OFF),
        Node::Text(text) if text == "aws" => Some(Limits::AWS),
        Node::Text(_) | Node::Number(_) | Node::Object(_) => None,
    }
}

fn rate(name: &str, node: &Node, aws: Option<NonZeroU32>) -> Result<Option<NonZeroU32>, String> {
    match node {
        Node::Text(text) if text == "off" => return Ok(None),
        Node::Text(text) if text == "aws" => return Ok(aws),
        Node::Number(number) => {
            if let Some(rate) = u32::try_from(*number).ok().and_then(NonZeroU32::new) {
                return Ok(Some(rate));
            }
        }
        Node::Text(_) | Node::Object(_) => {}
    }
    Err(format!(r#"limits: {name} must be 1 to {}, "off" or "aws", not {node}"#, u32::MAX))
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Node::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// JSON as far as limits need it. Reading it first gives errors that name the member.
#[derive(Debug)]
enum Node {
    Text(String),
    Number(u64),
    Object(Vec<(String, Self)>),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"a whole number, "off", "aws" or an object with limits"#)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(members))
    }
}
