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

impl Sample {
    /// Requests in a second of the server's core: the same whatever else the machine does, as far as anything is.
    pub(super) fn rate_of_core(self) -> f64 {
        self.rate / self.busy
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_quickest_round_and_the_worst_memory_count() {
        let sample =
            |rate: f64| json!({ "rate": rate, "records": rate, "p50_us": 1.0, "p99_us": 2.0, "busy": 0.5 });
        let memory = |after: u64, stored: u64| json!({ "before": 1, "after": after, "stored": stored });
        let server = json!({
            "name": "a",
            "first_answer_ms": [3.0, 1.0, 2.0],
            "memory": [memory(50, 10), memory(60, 30)],
            "works": { "put_record": [sample(10.0), sample(30.0), sample(20.0)] },
            "failures": [],
        });
        let report: Report = serde_json::from_value(json!({ "pinned": true, "servers": [server] })).unwrap();
        let figures = report.server("a").unwrap();
        assert_eq!(figures.first_answer_ms(), Some((1.0, 2.0)));
        assert_eq!(figures.memory().unwrap().stored, 10.0);
        assert_eq!(figures.work("put_record").unwrap().rate_of_core(), 60.0);
        assert!(figures.work("put_records").is_none());
        assert!(report.server("b").is_none());
    }
}
