//! The conformance suite: vectors as data, and the simulated world.

#![allow(
    clippy::std_instead_of_alloc,
    clippy::wildcard_enum_match_arm,
    reason = "this crate has std, and JSON has the kinds of values that it has"
)]

pub mod bare;
pub mod cbor;
pub mod check;
pub mod client;
pub mod fuzz;
pub mod matcher;
pub mod replay;
pub mod runner;
pub mod scenario;
pub mod sim;
pub mod twin;
