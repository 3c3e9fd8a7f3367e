//! The conformance suite: vectors as data, the simulated world, peer comparisons.

pub mod client;
pub mod matcher;
pub mod runner;
pub mod scenario;
pub mod sim;
