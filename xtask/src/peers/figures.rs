//! What `tests/peers` measured, from the file that it leaves.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The figures of all servers.
#[derive(Deserialize)]
pub(super) struct Report {
    /// Whether the client and the servers had a core each.
    pub(super) pinned: bool,
    pub(super) servers: Vec<Figures>,
}

/// What a server did.
#[derive(Deserialize)]
pub(super) struct Figures {
    pub(super) name: String,
    pub(super) first_answer_ms: Vec<f64>,
    memory: Vec<Memory>,
    works: BTreeMap<String, Vec<Sample>>,
    pub(super) failures: Vec<String>,
}

/// The memory that a server occupied, in bytes.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Memory {
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) stored: f64,
}

/// A work in a round.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Sample {
    /// Requests a second.
    pub(super) rate: f64,
    /// Records a second.
    pub(super) records: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// Which part of the time the server was running on a core.
    pub(super) busy: f64,
}

impl Report {
    pub(super) fn server(&self, name: &str) -> Option<&Figures> {
        self.servers.iter().find(|server| server.name == name)
    }
}

impl Figures {
    /// The quickest round of a work.
    pub(super) fn work(&self, name: &str) -> Option<Sample> {
        self.works.get(name)?.iter().copied().max_by(|a, b| a.rate.total_cmp(&b.rate))
    }

    /// The quickest first answer, and the one in the middle.
    pub(super) fn first_answer_ms(&self) -> Option<(f64, f64)> {
        let mut times = self.first_answer_ms.clone();
        times.sort_by(f64::total_cmp);
        Some((*times.first()?, *times.get(times.len() / 2)?))
    }

    /// The memory of the round in which most of it was beyond what was stored.
    pub(super) fn memory(&self) -> Option<Memory> {
        let excess = |memory: &Memory| memory.after - memory.stored;
        self.memory.iter().copied().max_by(|a, b| excess(a).total_cmp(&excess(b)))
    }
}
