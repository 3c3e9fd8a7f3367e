//! Answers that come later, or in pieces.

use alloc::collections::VecDeque;
use alloc::format;

use super::Engine;
use super::output::{ExchangeId, Output};
use super::queues::Receiver;
use super::subscriptions::Subscribed;
use crate::by_id::ById;
use crate::error::{Error, ErrorKind};
use crate::service::Streams;
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::wire::Response;

/// Answers that wait at most; beyond them requests are refused as if the service were busy. Subscriptions are counted
/// apart: they change nothing, and so decide nothing either.
pub(super) const MAX_EXCHANGES: usize = 10_000;

/// Subscriptions that an engine keeps at most. Each holds up to a mebibyte and an event: that bounds what waits in the
/// whole engine.
pub(super) const MAX_SUBSCRIPTIONS: usize = 1_000;

/// A request whose answer is not complete.
#[derive(Debug)]
pub(super) enum Exchange {
    /// The answer is held back until the exchange's timer.
    HeldBack(Response),
    /// The connection is dropped at the exchange's timer.
    Dropped,
    /// A receiver waits for a record of a queue, at most until the exchange's timer.
    Receiver(Receiver),
    /// The answer comes in pieces.
    Subscribed(Subscribed),
}

/// The requests whose answers are not complete. Their numbers are never used again.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    pub(super) open: ById<Exchange>,
    /// How many of them are subscriptions.
    subscriptions: usize,
    /// Streamed answers that have something to say; some may have gone since.
    pub(super) line: VecDeque<u64>,
}

impl Exchanges {
    /// Whether no more answers can wait.
    pub(super) fn are_full(&self) -> bool {
        self.open.len() - self.subscriptions >= MAX_EXCHANGES
    }

    /// The subscription to be dropped for one more, if it takes that: the oldest that has ended, or else the oldest
    /// that would end if it were read. How much is read is no input, so none of these may be why one is refused.
    pub(super) fn make_room(&self, streams: &Streams) -> Result<Option<ExchangeId>, Error> {
        if self.subscriptions < MAX_SUBSCRIPTIONS {
            return Ok(None);
        }
        let subscriptions = self.open.iter().filter_map(|(id, exchange)| match exchange {
            Exchange::Subscribed(open) => Some((id, open.subscription())),
            Exchange::HeldBack(_) | Exchange::Dropped | Exchange::Receiver(_) => None,
        });
        let spare = subscriptions
            .filter(|(_, open)| !open.lasts(streams.get(open.stream)))
            .min_by_key(|(id, open)| (!open.has_ended(), *id));
        match spare {
            Some((id, _)) => Ok(Some(ExchangeId(id))),
            None => {
                let message = format!("{MAX_SUBSCRIPTIONS} subscriptions are open. Close some connections.");
                Err(Error::new(ErrorKind::LimitExceeded, message))
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ExchangeId> {
        self.open.ids().map(ExchangeId)
    }

    pub(super) fn open(&mut self, exchange: Exchange) -> ExchangeId {
        self.subscriptions += usize::from(matches!(exchange, Exchange::Subscribed(_)));
        ExchangeId(self.open.add(exchange))
    }

    pub(super) fn get(&self, id: u64) -> Option<&Exchange> {
        self.open.get(id)
    }

    /// Puts something else in the place of an exchange.
    pub(super) fn replace(&mut self, id: u64, exchange: Exchange) -> Option<Exchange> {
        self.open.get_mut(id).map(|open| core::mem::replace(open, exchange))
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Exchange> {
        let exchange = self.open.remove(id)?;
        self.subscriptions -= usize::from(matches!(exchange, Exchange::Subscribed(_)));
        Some(exchange)
    }

    /// The number of the next exchange.
    pub(super) fn next(&self) -> u64 {
        self.open.next_id()
    }

    /// No exchange is open, and the next one has this number.
    pub(super) fn starting_at(next: u64) -> Self {
        Self { open: ById::starting_at(next), ..Self::default() }
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

    /// Drops the connection of a request, later.
    pub(super) fn drop_connection(&mut self, latency_ms: u64) -> ExchangeId {
        let id = self.exchanges.open(Exchange::Dropped);
        self.timers.set(Timer::Exchange(id.0), Some(self.now.plus_millis(latency_ms)));
        id
    }

    /// The client of a pending or streamed answer has gone: nothing more comes for it.
    pub fn handle_disconnect(&mut self, now: Timestamp, id: ExchangeId) {
        self.advance(now);
        match self.exchanges.remove(id.0) {
            Some(Exchange::Receiver(receiver)) => self.forget_receiver(id.0, &receiver),
            Some(Exchange::Subscribed(subscribed)) => self.forget_subscription(id.0, &subscribed),
            Some(Exchange::HeldBack(_) | Exchange::Dropped) | None => {}
        }
        self.timers.set(Timer::Exchange(id.0), None);
        self.outputs.retain(|output| output.exchange() != Some(id));
    }

    /// The time of an exchange has come.
    pub(super) fn handle_exchange_timeout(&mut self, id: u64, now: Timestamp) {
        if let Some(Exchange::Receiver(receiver)) = self.exchanges.get(id) {
            let queue = receiver.queue();
            self.end_receiver(id, queue, now);
            return;
        }
        match self.exchanges.remove(id) {
            Some(Exchange::HeldBack(response)) => {
                self.outputs.push_back(Output::Response(ExchangeId(id), response));
            }
            Some(Exchange::Dropped) => self.outputs.push_back(Output::Reset(ExchangeId(id))),
            Some(Exchange::Receiver(_) | Exchange::Subscribed(_)) | None => {}
        }
    }
}
