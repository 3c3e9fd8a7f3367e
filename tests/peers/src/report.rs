//! What was measured.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::Work;

/// The figures of all servers.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Whether the client and the servers had a core each.
    pub(crate) pinned: bool,
    pub(crate) servers: Vec<Figures>,
}

/// What a server did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) name: String,
    /// From the start of the process to the first answer, in milliseconds, by round.
    pub(crate) first_answer_ms: Vec<f64>,
    pub(crate) memory: Vec<Memory>,
    pub(crate) works: BTreeMap<Work, Vec<Sample>>,
    /// What did not go well.
    pub(crate) failures: Vec<String>,
}

/// The memory that a server occupied, in bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Memory {
    /// After the start.
    pub(crate) before: u64,
    /// After records were put.
    pub(crate) after: u64,
    /// Keys and data of these records.
    pub(crate) stored: u64,
}

/// A work in a round.
#[derive(Debug, Serialize)]
pub(crate) struct Sample {
    /// How many requests were answered.
    pub(crate) requests: usize,
    /// Requests a second.
    pub(crate) rate: f64,
    /// Records a second.
    pub(crate) records: f64,
    /// The time of a request in the middle, and that which one in a hundred exceeds, in microseconds.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Which part of the time the server was running on a core. What is well below 1 was kept waiting: by the client, or
    /// by a disk.
    pub(crate) busy: f64,
}

impl Sample {
    /// Of the times of all requests, of which there is at least one.
    pub(crate) fn new(mut latencies: Vec<Duration>, elapsed: Duration, records: usize, busy: f64) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| {
            let place = ((latencies.len() as f64 * share) as usize).min(latencies.len() - 1);
            latencies[place].as_secs_f64() * 1e6
        };
        let rate = latencies.len() as f64 / elapsed.as_secs_f64();
        let (p50_us, p99_us) = (at(0.5), at(0.99));
        Self { requests: latencies.len(), rate, records: rate * records as f64, p50_us, p99_us, busy }
    }
}
