//! The aggregated record of the Kinesis Producer Library: several user records in one stream record.
//!
//! ```text
//! F3 89 9A C2 | AggregatedRecord, protobuf (proto2) | MD5 of the protobuf
//!
//! AggregatedRecord { repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2;
//!                    repeated Record records = 3; }
//! Record           { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2;
//!                    required bytes data = 3; repeated Tag tags = 4; }
//! Tag              { required string key = 1; optional string value = 2; }
//! ```
//!
//! Format: <https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md>.

mod builder;
mod decode;
mod encode;
mod proto;

pub use decode::{
    Aggregate, BadMember, BadMemberReason, DeaggregateMode, Deaggregated, UserRecord, deaggregate,
    deaggregate_batch, deaggregate_in,
};
pub use encode::{
    AggregateError, Aggregator, DEFAULT_MAX_BYTES, Entry, MAX_PARTITION_KEY_CHARS, MAX_RECORD_BYTES,
    NewRecord,
};

/// The first bytes of an aggregate.
const MAGIC: [u8; 4] = 0xF389_9AC2_u32.to_be_bytes();
/// The bytes of the MD5 digest at its end.
const DIGEST_BYTES: usize = 16;

/// Field numbers, shifted as in a tag.
mod tag {
    use super::proto::{LENGTH_DELIMITED, VARINT};

    pub(super) const PARTITION_KEY_TABLE: u32 = 1 << 3 | LENGTH_DELIMITED;
    pub(super) const HASH_KEY_TABLE: u32 = 2 << 3 | LENGTH_DELIMITED;
    pub(super) const RECORDS: u32 = 3 << 3 | LENGTH_DELIMITED;

    pub(super) const PARTITION_KEY_INDEX: u32 = 1 << 3 | VARINT;
    pub(super) const HASH_KEY_INDEX: u32 = 2 << 3 | VARINT;
    pub(super) const DATA: u32 = 3 << 3 | LENGTH_DELIMITED;
    pub(super) const TAGS: u32 = 4 << 3 | LENGTH_DELIMITED;

    pub(super) const TAG_KEY: u32 = 1 << 3 | LENGTH_DELIMITED;
    pub(super) const TAG_VALUE: u32 = 2 << 3 | LENGTH_DELIMITED;
}

#[cfg(test)]
mod tests;
