//! What is counted, for Prometheus.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::journal::JournalStats;

/// The type of the text.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper ends of the histogram's buckets, in seconds: from what a put takes to a long poll.
const LATENCY_BUCKETS: [f64; 12] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 1.0, 10.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    service: &'static str,
    operation: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    service: &'static str,
    operation: &'static str,
}

/// What is counted from the start of the server on.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    latency: Family<Operation, Histogram, fn() -> Histogram>,
    connections: Counter,
    open_connections: Gauge,
    in_flight: Gauge<u64, AtomicU64>,
    engine: EngineMetrics,
    journal: JournalMetrics,
}

/// What the journal did; nothing of it counts without one.
#[derive(Debug, Default)]
struct JournalMetrics {
    waiting: Gauge<u64, AtomicU64>,
    entries: Counter,
    bytes: Counter,
    syncs: Counter,
    snapshots: Counter,
    snapshot_bytes: Gauge<u64, AtomicU64>,
}

impl JournalMetrics {
    fn register(&self, registry: &mut Registry) {
        for (name, help, gauge) in [
            ("journal_waiting_entries", "Changes that are not on the disk yet", &self.waiting),
            ("journal_snapshot_bytes", "Bytes of the last snapshot", &self.snapshot_bytes),
        ] {
            registry.register(name, help, gauge.clone());
        }
        for (name, help, counter) in [
            ("journal_entries", "Changes that were written", &self.entries),
            ("journal_bytes", "Bytes of changes that were written", &self.bytes),
            ("journal_syncs", "Transactions, each of which synced", &self.syncs),
            ("journal_snapshots", "Snapshots that were taken", &self.snapshots),
        ] {
            registry.register(name, help, counter.clone());
        }
    }

    fn set(&self, stats: JournalStats) {
        self.waiting.set(stats.waiting_entries);
        self.snapshot_bytes.set(stats.snapshot_bytes);
        for (counter, count) in [
            (&self.entries, stats.entries),
            (&self.bytes, stats.bytes),
            (&self.syncs, stats.syncs),
            (&self.snapshots, stats.snapshots),
        ] {
            // The journal counts by itself, from its start on, and never back.
            counter.inner().store(count, Ordering::Relaxed);
        }
    }
}

/// What the engine holds at the moment.
#[derive(Debug, Default)]
struct EngineMetrics {
    stored: Gauge<u64, AtomicU64>,
    exchanges: Gauge<u64, AtomicU64>,
}

/// How much there is at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    pub(crate) stored_bytes: u64,
    pub(crate) exchanges: u64,
    pub(crate) in_flight_bytes: u64,
    pub(crate) journal: Option<JournalStats>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("shardbrook");
        let requests = Family::default();
        registry.register("requests", "Requests that were answered", requests.clone());
        let latency: Family<_, _, fn() -> _> =
            Family::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS));
        registry.register_with_unit(
            "request_duration",
            "From the head of a request to the head of its answer",
            Unit::Seconds,
            latency.clone(),
        );
        let connections = Counter::default();
        registry.register("connections", "Connections that were taken", connections.clone());
        let open_connections = Gauge::default();
        registry.register("open_connections", "Connections that are open", open_connections.clone());
        let in_flight = Gauge::default();
        let help = "Requests and answers that are on their way";
        registry.register_with_unit("in_flight", help, Unit::Bytes, in_flight.clone());
        let engine = EngineMetrics::default();
        let help = "What the engine holds: records, objects, and what they cost beyond their bytes";
        registry.register_with_unit("stored", help, Unit::Bytes, engine.stored.clone());
        let help = "Long polls and subscriptions that are open";
        registry.register("open_exchanges", help, engine.exchanges.clone());
        let journal = JournalMetrics::default();
        journal.register(&mut registry);
        Self { registry, requests, latency, connections, open_connections, in_flight, engine, journal }
    }

    /// A connection is open until the guard is dropped.
    pub(crate) fn connection(&self) -> OpenConnection {
        self.connections.inc();
        self.open_connections.inc();
        OpenConnection(self.open_connections.clone())
    }

    /// A request was answered.
    pub(crate) fn answered(
        &self,
        service: &'static str,
        operation: &'static str,
        status: u16,
        took: Duration,
    ) {
        self.requests.get_or_create(&Request { service, operation, status }).inc();
        self.latency.get_or_create(&Operation { service, operation }).observe(took.as_secs_f64());
    }

    /// All of it, as text.
    pub(crate) fn text(&self, levels: Levels) -> String {
        self.engine.stored.set(levels.stored_bytes);
        self.engine.exchanges.set(levels.exchanges);
        self.in_flight.set(levels.in_flight_bytes);
        self.journal.set(levels.journal.unwrap_or_default());
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}
