//! What the wasm module and the native add-on share: conversions between core's types and the few shapes that cross
//! into JavaScript cheaply. Nothing here knows wasm-bindgen or napi.
//!
//! A list of texts or bytes crosses as one packed array and the ends of its pieces, never as a list of objects: a
//! call across the border costs as much as a hundred bytes.

extern crate alloc;

mod columns;
mod failure;
mod functions;
mod host;

pub use columns::{Columns, Packed};
pub use failure::{ENGINE_PANICKED, Failure, error_kinds};
pub use functions::{Aggregation, Part, aggregate, assign_shards, deaggregate, shard_map};
pub use host::{
    Answer, add_fault, engine, metrics, next_batch, read_handled, read_output, request_headers, restore,
    settings, snapshot,
};

/// A time as JavaScript has it. The façade lets nothing through but whole numbers from 0 on.
pub const fn timestamp(millis: f64) -> shardbrook::Timestamp {
    shardbrook::Timestamp::from_millis(millis as u64)
}

/// A time for JavaScript.
pub const fn millis(timestamp: shardbrook::Timestamp) -> f64 {
    timestamp.as_millis() as f64
}
