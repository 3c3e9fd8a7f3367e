//! What all connections share.

use std::sync::Arc;

use crate::auth::AccessKeys;
use crate::budget::Budget;
use crate::clock::ManualClock;
use crate::cors::Cors;
use crate::host::Host;
use crate::limits::ConnectionLimits;
use crate::listen::ServerConfig;
use crate::metrics::{Levels, Metrics};

/// What all connections share: the host, and what is allowed.
#[derive(Debug)]
pub(crate) struct Front {
    host: Arc<Host>,
    config: ServerConfig,
    metrics: Metrics,
    budget: Arc<Budget>,
}

impl Front {
    pub(crate) fn new(host: Arc<Host>, config: ServerConfig) -> Self {
        let budget = Budget::new(config.limits.bytes_in_flight);
        Self { host, config, metrics: Metrics::new(), budget }
    }

    pub(crate) fn host(&self) -> &Arc<Host> {
        &self.host
    }

    pub(crate) fn limits(&self) -> &ConnectionLimits {
        &self.config.limits
    }

    pub(crate) fn access_keys(&self) -> &AccessKeys {
        &self.config.access_keys
    }

    pub(crate) fn cors(&self) -> &Cors {
        &self.config.cors
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What is counted, for Prometheus.
    pub(crate) fn metrics_text(&self) -> String {
        let (stored_bytes, exchanges) = self.host.look();
        let in_flight_bytes = self.budget.used() as u64;
        let journal = self.host.journal_stats();
        self.metrics.text(Levels { stored_bytes, exchanges, in_flight_bytes, journal })
    }

    pub(crate) fn manual_clock(&self) -> Option<&ManualClock> {
        self.config.manual_clock.as_deref()
    }

    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }
}
