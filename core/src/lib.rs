//! Amazon Kinesis Data Streams and Amazon Data Firehose semantics as one deterministic engine.
//!
//! The engine does no I/O, reads no clock, draws no entropy, spawns nothing and logs nothing. Requests are bytes
//! in and bytes out, time is an argument, and the same inputs give the same outputs on every platform.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod aggregate;
mod decimal;
mod error;
mod hash;
mod rng;
mod sequence;
mod time;

pub use aggregate::{
    Aggregate, AggregateError, Aggregator, BadMember, BadMemberReason, DEFAULT_MAX_BYTES, DeaggregateMode,
    Deaggregated, Entry, MAX_PARTITION_KEY_CHARS, MAX_RECORD_BYTES, NewRecord, UserRecord, deaggregate,
    deaggregate_batch, deaggregate_in,
};
pub use error::{Error, ErrorKind};
pub use hash::{
    HashKey, HashKeyError, HashRange, NO_SHARD, ShardMap, ShardMapError, assign_shards, hash_keys,
};
pub use rng::{EntityRng, Seed};
pub use sequence::{SequenceNumber, SequenceNumberError, SequenceWriter};
pub use time::{CivilTime, Timestamp};
