//! The engine behind its lock.

use core::time::Duration;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use shardbrook::wire::{self, WireConfig};
use shardbrook::{
    Call, Engine, Error, ExchangeId, Faults, Handled, Output, Refusal, Request, Response, Timestamp,
};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::exchanges::{Exchanges, Frames, Later};
use crate::memory::MemoryBound;

/// An engine that many connections share. Requests are read and answers written outside its lock.
pub struct Host {
    shared: Mutex<Shared>,
    clock: Arc<dyn Clock>,
    wire: WireConfig,
    /// Told when something is due earlier than before.
    sooner: Notify,
    /// Told when an output went to whoever waits for it.
    delivered: Condvar,
}

impl core::fmt::Debug for Host {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

/// What the lock protects.
#[derive(Debug)]
struct Shared {
    engine: Engine,
    exchanges: Exchanges,
    /// When something is due that somebody waits for.
    due: Option<Timestamp>,
    memory: MemoryBound,
}

/// What a request is answered.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "whoever sends answers must handle each of the three")]
pub enum Answer {
    /// All of it.
    Whole(Response),
    /// It comes later.
    Later(Later),
    /// Its head; the body comes in pieces.
    Pieces(Response, Frames),
}

impl Shared {
    fn await_answer(&mut self, host: &Arc<Host>, handled: Handled) -> Answer {
        match handled {
            Handled::Done(response) => Answer::Whole(response),
            Handled::Pending(id) => Answer::Later(self.exchanges.wait(host, id)),
            Handled::Stream(head, id) => {
                self.engine.pause_frames(id);
                Answer::Pieces(head, self.exchanges.stream(host, id))
            }
        }
    }
}

impl Host {
    /// A host of `engine`, whose time is that of `clock`.
    pub fn new(engine: Engine, clock: Arc<dyn Clock>) -> Arc<Self> {
        let wire = engine.wire_config().clone();
        let shared =
            Shared { engine, exchanges: Exchanges::default(), due: None, memory: MemoryBound::default() };
        Arc::new(Self {
            shared: Mutex::new(shared),
            clock,
            wire,
            sooner: Notify::new(),
            delivered: Condvar::new(),
        })
    }

    /// Answers a request.
    pub async fn call(self: &Arc<Self>, request: &Request<'_>) -> Answer {
        let answer = self.execute(request, || self.clock.now());
        // What is answered, also by a read, must not be lost after that.
        self.durable().await;
        answer
    }

    /// Answers a request, at the time that is told once the engine is had.
    pub(crate) fn execute(
        self: &Arc<Self>,
        request: &Request<'_>,
        now: impl FnOnce() -> Timestamp,
    ) -> Answer {
        let decoded = wire::decode(&self.wire, request);
        let call = Call::read(request, &decoded);
        let ready = {
            let mut shared = self.lock();
            let now = now();
            let executed = match call {
                Ok(call) => {
                    let Shared { engine, memory, .. } = &mut *shared;
                    if call.can_grow()
                        && let Err(error) = memory.take(request.body.len(), || engine.stored_bytes())
                    {
                        return Answer::Whole(engine.refuse(now, call.refusal(error)));
                    }
                    engine.execute(now, &call)
                }
                Err(refusal) => return Answer::Whole(shared.engine.refuse(now, refusal)),
            };
            let ready = executed.into_ready().map_err(|executed| {
                let handled = shared.engine.hand_over(executed);
                shared.await_answer(self, handled)
            });
            self.deliver_outputs(&mut shared);
            ready
        };
        ready.map_or_else(|answer| answer, |ready| Answer::Whole(ready.encode()))
    }

    /// Answers a request that is not even read, for this reason.
    pub fn refuse(&self, request: &Request<'_>, error: Error) -> Response {
        let refusal = Refusal::new(request, error);
        self.lock().engine.refuse(self.clock.now(), refusal)
    }

    /// Refuses what makes the engine hold more, as long as it holds more than so many bytes.
    pub fn limit_memory(&self, bytes: u64) {
        self.lock().memory = MemoryBound::new(bytes);
    }

    /// Waits until nothing that the engine did so far can be lost.
    pub(crate) async fn durable(&self) {
        // Without a journal, everything is lost with the process anyway.
    }

    /// Runs what is due when it is due, for those who wait for it, until the future is dropped. Only a host whose clock
    /// moves by itself needs this.
    pub async fn run_timers(&self) {
        loop {
            let due = self.lock().due;
            let wait = async {
                match due {
                    Some(due) => {
                        let left = due.as_millis().saturating_sub(self.clock.now().as_millis());
                        tokio::time::sleep(Duration::from_millis(left)).await;
                    }
                    None => core::future::pending().await,
                }
            };
            tokio::select! {
                () = wait => self.tick(),
                () = self.sooner.notified() => {}
            }
        }
    }

    /// Runs what is due.
    pub fn tick(&self) {
        self.tick_at(|| self.clock.now());
    }

    /// Runs what is due at the time that is told once the engine is had; when something is due next that somebody waits
    /// for.
    pub(crate) fn tick_at(&self, now: impl FnOnce() -> Timestamp) -> Option<Timestamp> {
        let mut shared = self.lock();
        shared.engine.handle_timeout(now());
        self.deliver_outputs(&mut shared);
        shared.due
    }

    /// Does something else with the engine, at the time of the clock.
    pub fn with_engine<R>(&self, act: impl FnOnce(&mut Engine, Timestamp) -> R) -> R {
        self.use_engine(|engine| act(engine, self.clock.now()))
    }

    /// Does something else with the engine, at a time that the caller knows.
    pub(crate) fn use_engine<R>(&self, act: impl FnOnce(&mut Engine) -> R) -> R {
        let mut shared = self.lock();
        let result = act(&mut shared.engine);
        self.deliver_outputs(&mut shared);
        result
    }

    /// Frees records that expired. An engine does so by itself where records are put.
    pub(crate) fn trim_expired(&self) {
        self.with_engine(Engine::trim_expired);
    }

    /// Answers those who wait, and ends what is streamed.
    pub(crate) fn end_exchanges(&self) {
        let mut shared = self.lock();
        let now = self.clock.now();
        shared.engine.release_receivers(now);
        for id in shared.exchanges.end_pieces() {
            shared.engine.handle_disconnect(now, id);
        }
        self.deliver_outputs(&mut shared);
    }

    /// Does something with the faults that requests meet. A host that keeps a journal has none.
    pub(crate) fn with_faults<R>(&self, act: impl FnOnce(&mut Faults) -> R) -> Option<R> {
        Some(self.with_engine(|engine, _| act(engine.faults_mut())))
    }

    /// Why nothing can be acknowledged any more, if so.
    pub(crate) fn failure(&self) -> Option<String> {
        None
    }

    /// What the engine holds in bytes, and how many answers are not complete.
    pub(crate) fn look(&self) -> (u64, u64) {
        let shared = self.lock();
        (shared.engine.stored_bytes(), shared.exchanges.len() as u64)
    }

    /// Lets go on what waits for a reader.
    pub(crate) fn resume(&self, id: ExchangeId, now: impl FnOnce() -> Timestamp) {
        let mut shared = self.lock();
        shared.engine.handle_timeout(now());
        shared.engine.resume_frames(id);
        self.deliver_outputs(&mut shared);
    }

    /// The time of the clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits for a delivery that makes `is_there` true, at most for `patience`; whether it is.
    pub(crate) fn wait_for(&self, patience: Duration, is_there: impl Fn(&Exchanges) -> bool) -> bool {
        let is_missing = |shared: &mut Shared| !is_there(&shared.exchanges);
        let waited = self.delivered.wait_timeout_while(self.lock(), patience, is_missing);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Nobody waits for this exchange any more.
    pub(crate) fn disconnect(&self, id: ExchangeId) {
        let mut shared = self.lock();
        if shared.exchanges.forget(id) {
            shared.engine.handle_disconnect(self.clock.now(), id);
            self.deliver_outputs(&mut shared);
        }
    }

    /// Takes outputs to those who wait for them.
    fn deliver_outputs(&self, shared: &mut Shared) {
        let mut is_any = false;
        let due = loop {
            let output = shared.engine.poll_output();
            is_any |= !matches!(output, Output::Timeout(_));
            match output {
                Output::Response(id, response) => shared.exchanges.answer(id, response),
                Output::Frame(id, frame) => {
                    // The next one is taken when this one is on its way.
                    shared.engine.pause_frames(id);
                    shared.exchanges.frame(id, frame);
                }
                Output::End(id) => drop(shared.exchanges.forget(id)),
                Output::Reset(id) => shared.exchanges.reset(id),
                Output::Effect(_) | Output::Event(_) => {}
                Output::Timeout(due) => break due,
            }
        };
        if is_any {
            self.delivered.notify_all();
        }
        let due = due.filter(|_| shared.engine.awaits_host());
        if due.is_some() && shared.due.is_none_or(|before| due < Some(before)) {
            self.sooner.notify_one();
        }
        shared.due = due;
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic under the lock is a bug of the engine, which stays as it was before the call.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
