//! Amazon Kinesis Data Streams and Amazon Data Firehose semantics as one deterministic engine.
//!
//! The engine does no I/O, reads no clock, draws no entropy, spawns nothing and logs nothing. Requests are bytes
//! in and bytes out, time is an argument, and the same inputs give the same outputs on every platform.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod error;
mod rng;
mod time;
pub mod wire;

pub use error::{Error, ErrorKind};
pub use rng::{EntityRng, Seed};
pub use time::{CivilTime, Timestamp};
