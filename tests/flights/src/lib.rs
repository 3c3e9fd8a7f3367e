//! The main job: the flights of a year go into a data stream, are read back in order, and are delivered as objects.
//!
//! [`Flights`] is the input, [`Job`] the stream and what happens to it, [`Ledger`] the proof that nothing was lost,
//! doubled or reordered, [`Report`] what came out, with the digest that every host must print. The same job in other
//! languages stands in `examples/`.
#![allow(clippy::std_instead_of_alloc, reason = "a crate with a standard library has no need of alloc")]

mod hot;
mod input;
mod job;
mod ledger;
mod report;
mod stages;

pub use hot::{HotShard, Offered, ROUNDS, Round, put_by_airport};
pub use input::{Batch, Flight, Flights};
pub use job::{BUCKET, Job, Progress, START};
pub use ledger::{Ledger, Tally};
pub use report::{Check, Objects, Report, Shard, count};
pub use stages::{Stage, Stages};
