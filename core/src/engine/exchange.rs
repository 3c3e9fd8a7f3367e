//! Answers that come later, or in pieces.

use alloc::collections::VecDeque;

use super::Engine;
use super::output::{ExchangeId, Output};
use super::subscriptions::Subscribed;
use crate::by_id::ById;
use crate::error::{Error, ErrorKind};
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::wire::Response;

/// Exchanges that an engine keeps open at most; beyond them requests are refused as if the service were busy.
pub(super) const MAX_EXCHANGES: usize = 10_000;

/// A request whose answer is not complete.
#[derive(Debug)]
pub(super) enum Exchange {
    /// The answer is held back until the exchange's timer.
    HeldBack(Response),
    /// The answer comes in pieces.
    Subscribed(Subscribed),
}

/// The requests whose answers are not complete. Their numbers are never used again.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    pub(super) open: ById<Exchange>,
    next: u64,
    /// Streamed answers that have something to say; some may have gone since.
    pub(super) line: VecDeque<u64>,
}

impl Exchanges {
    pub(super) fn are_full(&self) -> bool {
        self.open.len() >= MAX_EXCHANGES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ExchangeId> {
        self.open.ids().map(ExchangeId)
    }

    pub(super) fn open(&mut self, exchange: Exchange) -> ExchangeId {
        let id = self.next;
        self.next += 1;
        self.open.push(id, exchange);
        ExchangeId(id)
    }

    /// No exchange is open; ids go on.
    pub(super) fn after_reset(&self) -> Self {
        Self { next: self.next, ..Self::default() }
    }
}

/// The answer to a request that would have to wait while too many do already.
pub(super) fn too_many() -> Error {
    Error::new(ErrorKind::ServiceUnavailable, "Too many answers are pending.")
}

impl Engine {
    /// Gives an answer later.
    pub(super) fn hold_back(&mut self, response: Response, latency_ms: u64) -> ExchangeId {
        let id = self.exchanges.open(Exchange::HeldBack(response));
        self.timers.set(Timer::Exchange(id.0), Some(self.now.plus_millis(latency_ms)));
        id
    }

    /// The client of a pending or streamed answer has gone: nothing more comes for it.
    pub fn handle_disconnect(&mut self, now: Timestamp, id: ExchangeId) {
        self.advance(now);
        self.close_subscription(id.0);
        self.exchanges.open.remove(id.0);
        self.timers.set(Timer::Exchange(id.0), None);
        self.outputs.retain(|output| output.exchange() != Some(id));
    }

    /// The time of an exchange has come.
    pub(super) fn handle_exchange_timeout(&mut self, id: u64) {
        if let Some(Exchange::HeldBack(response)) = self.exchanges.open.remove(id) {
            self.outputs.push_back(Output::Response(ExchangeId(id), response));
        }
    }
}
