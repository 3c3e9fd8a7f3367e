//! The engine behind its lock.

use core::time::Duration;
use std::io;
use std::sync::{Arc, Condvar, LockResult, Mutex, MutexGuard, PoisonError, TryLockError};

use shardbrook::wire::{self, WireConfig};
use shardbrook::{
    Call, Engine, Error, ErrorKind, ExchangeId, Faults, Handled, Output, Refusal, Request, Response,
    Timestamp,
};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};
use tokio::task::block_in_place;

use crate::clock::Clock;
use crate::exchanges::{Exchanges, Frames, Later};
use crate::journal::{Input, Journal, JournalFailure, JournalStats, pack_request};
use crate::memory::MemoryBound;

/// How long to wait for a clock that did not come as far as it should have in the meantime.
const SLOW_CLOCK_PAUSE: Duration = Duration::from_millis(100);

/// An engine that many connections share. Requests are read and answers written outside its lock.
///
/// A panic under the lock is a bug of the engine, whose state may be half of what it should be. Nothing is acknowledged
/// or kept after that.
pub struct Host {
    shared: Mutex<Shared>,
    /// Exchanges that nobody waits for any more, of which the engine has not heard yet.
    left: Mutex<Vec<ExchangeId>>,
    /// Whether a snapshot is written, for which the lock is held for long.
    is_written: watch::Sender<bool>,
    clock: Arc<dyn Clock>,
    wire: WireConfig,
    /// Told when something is due earlier than before.
    sooner: Notify,
    /// Told when an output went to whoever waits for it.
    delivered: Condvar,
    journal: Option<Journal>,
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

/// A request on its way to the journal.
struct Kept {
    packed: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
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
        Arc::new(Self::make(engine, clock, None))
    }

    /// A host of an engine that [`Journal::open`] gave, and that goes on being kept.
    ///
    /// # Errors
    /// When the thread that takes snapshots cannot be started.
    pub fn with_journal(engine: Engine, clock: Arc<dyn Clock>, journal: Journal) -> io::Result<Arc<Self>> {
        let host = Arc::new(Self::make(engine, clock, Some(journal)));
        if let Some(journal) = &host.journal {
            let weak = Arc::downgrade(&host);
            journal.take_snapshots(move || weak.upgrade().map(|host| host.take_snapshot()))?;
        }
        Ok(host)
    }

    fn make(engine: Engine, clock: Arc<dyn Clock>, journal: Option<Journal>) -> Self {
        let wire = engine.wire_config().clone();
        let shared =
            Shared { engine, exchanges: Exchanges::default(), due: None, memory: MemoryBound::default() };
        Self {
            shared: Mutex::new(shared),
            left: Mutex::default(),
            is_written: watch::Sender::new(false),
            clock,
            wire,
            sooner: Notify::new(),
            delivered: Condvar::new(),
            journal,
        }
    }

    /// Answers a request.
    pub async fn call(self: &Arc<Self>, request: &Request<'_>) -> Answer {
        let decoded = wire::decode(&self.wire, request);
        let call = Call::read(request, &decoded);
        self.written().await;
        let call = match call {
            Ok(call) => call,
            Err(refusal) => return Answer::Whole(self.answer_refusal(refusal)),
        };
        let answer = match self.keep(request, &call).await {
            Ok(kept) => self.execute(&call, request.body.len(), kept, || self.clock.now()),
            Err(failure) => Err(failure),
        };
        // What is answered, also by a read, must not be lost after that.
        let answer = match answer {
            Ok(answer) => self.durable().await.map(|()| answer),
            failure @ Err(_) => failure,
        };
        answer.unwrap_or_else(|failure| {
            let error = Error::new(ErrorKind::InternalFailure, failure.to_string());
            Answer::Whole(self.answer_refusal(call.refusal(error)))
        })
    }

    /// Gets ready to keep a call, if it is to be kept.
    async fn keep(&self, request: &Request<'_>, call: &Call<'_>) -> Result<Option<Kept>, JournalFailure> {
        let Some(journal) = self.journal.as_ref().filter(|_| call.is_mutation()) else { return Ok(None) };
        journal.failure().map_or(Ok(()), Err)?;
        let packed = pack_request(request);
        let room = journal.admit(packed.len()).await;
        Ok(Some(Kept { packed, room }))
    }

    /// Answers a request at a time that the caller knows. It is not kept.
    pub(crate) fn call_at(self: &Arc<Self>, now: Timestamp, request: &Request<'_>) -> Answer {
        let decoded = wire::decode(&self.wire, request);
        let refusal = match Call::read(request, &decoded) {
            Ok(call) => match self.execute(&call, request.body.len(), None, || now) {
                Ok(answer) => return answer,
                Err(failure) => call.refusal(Error::new(ErrorKind::InternalFailure, failure.to_string())),
            },
            Err(refusal) => refusal,
        };
        Answer::Whole(self.lock().engine.refuse(now, refusal))
    }

    /// Executes a call, at the time that is told once the engine is had.
    fn execute(
        self: &Arc<Self>,
        call: &Call<'_>,
        body_len: usize,
        kept: Option<Kept>,
        now: impl FnOnce() -> Timestamp,
    ) -> Result<Answer, JournalFailure> {
        // Dropped after the lock is let go, also by a panic: who no longer waits for an answer takes the lock.
        let ready;
        {
            let mut shared = self.engine()?;
            let now = now();
            let Shared { engine, memory, .. } = &mut *shared;
            if call.can_grow()
                && let Err(error) = memory.take(body_len, || engine.stored_bytes())
            {
                return Ok(Answer::Whole(engine.refuse(now, call.refusal(error))));
            }
            let executed = engine.execute(now, call);
            let mut exchange = None;
            ready = executed.into_ready().map_err(|executed| {
                let handled = shared.engine.hand_over(executed);
                if let Handled::Pending(id) = &handled {
                    exchange = Some(id.to_u64());
                }
                shared.await_answer(self, handled)
            });
            if let Some(Kept { packed, room }) = kept {
                self.append(&shared, Input::Call(packed, exchange), room);
            }
            self.deliver_outputs(&mut shared);
        }
        Ok(ready.map_or_else(|answer| answer, |ready| Answer::Whole(ready.encode())))
    }

    /// Answers a request that is not even read, for this reason.
    pub fn refuse(&self, request: &Request<'_>, error: Error) -> Response {
        self.answer_refusal(Refusal::new(request, error))
    }

    /// Refuses what makes the engine hold more, as long as it holds more than so many bytes.
    pub fn limit_memory(&self, bytes: u64) {
        self.lock().memory = MemoryBound::new(bytes);
    }

    fn answer_refusal(&self, refusal: Refusal) -> Response {
        self.lock().engine.refuse(self.clock.now(), refusal)
    }

    /// Keeps what the engine has just executed, if this host keeps a journal. The time is the engine's: another clock may
    /// have gone back.
    fn append(&self, shared: &Shared, input: Input, room: Option<OwnedSemaphorePermit>) {
        if let Some(journal) = &self.journal {
            journal.append(shared.engine.now(), input, room);
        }
    }

    /// Waits until nothing that the engine did so far can be lost; without a journal, all is lost with the process anyway.
    ///
    /// # Errors
    /// When it may be lost, because the journal cannot be written.
    pub async fn durable(&self) -> Result<(), JournalFailure> {
        if let Some(journal) = &self.journal {
            journal.durable().await?;
        }
        if self.shared.is_poisoned() { Err(JournalFailure::of_engine()) } else { Ok(()) }
    }

    /// What the journal did, if there is one.
    pub fn journal_stats(&self) -> Option<JournalStats> {
        self.journal.as_ref().map(Journal::stats)
    }

    /// Takes a snapshot, so that a start need not go through the entries before. Those who wait for records of queues are
    /// answered. Blocks; requests wait for as long as the state is written, not for the disk to sync it.
    ///
    /// # Errors
    /// When the snapshot cannot be written. Nothing is lost then, for the entries are.
    pub fn take_snapshot(&self) -> io::Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let _turn = journal.snapshot_turn();
        drop(self.engine().map_err(io::Error::other)?);
        let mut file = journal.begin_snapshot()?;
        let next = {
            let _written = Written::begin(&self.is_written);
            let mut shared = self.engine().map_err(io::Error::other)?;
            let now = self.clock.now();
            shared.engine.release_receivers(now);
            self.append(&shared, Input::Release, None);
            self.deliver_outputs(&mut shared);
            shared.engine.snapshot(now, &mut |piece| file.write(piece));
            journal.next()
        };
        journal.finish_snapshot(file, next)
    }

    /// Takes a last snapshot, and lets go of the journal's directory. What comes after that is not acknowledged. Blocks.
    ///
    /// # Errors
    /// When the snapshot cannot be written. Nothing that was acknowledged is lost then.
    pub fn close(&self) -> io::Result<()> {
        let taken = self.take_snapshot();
        if let Some(journal) = &self.journal {
            journal.close();
        }
        taken
    }

    /// Runs what is due when it is due, for those who wait for it, until the future is dropped. What is due by a clock that
    /// does not move by itself waits for [`Host::tick`].
    pub async fn run_timers(&self) {
        if !self.clock.moves_by_itself() {
            return core::future::pending().await;
        }
        loop {
            let due = self.lock().due;
            let wait = async {
                let Some(due) = due else { return core::future::pending().await };
                let left = || due.as_millis().saturating_sub(self.clock.now().as_millis());
                tokio::time::sleep(Duration::from_millis(left())).await;
                if left() > 0 {
                    // Set back, or stopped.
                    tokio::time::sleep(SLOW_CLOCK_PAUSE).await;
                }
                self.written().await;
            };
            tokio::select! {
                () = wait => self.run_due(),
                () = self.sooner.notified() => {}
            }
        }
    }

    /// Waits until no snapshot is written.
    pub(crate) async fn written(&self) {
        let is_written = *self.is_written.borrow();
        if is_written {
            // The sender is this host's.
            let _ = self.is_written.subscribe().wait_for(|is_written| !is_written).await;
        }
    }

    /// Runs what is due after the clock was moved on.
    pub fn tick(&self) {
        let Ok(mut shared) = self.engine() else { return };
        shared.engine.handle_timeout(self.clock.now());
        self.append(&shared, Input::Timeout, None);
        self.deliver_outputs(&mut shared);
    }

    fn run_due(&self) {
        self.run_until(|| self.clock.now());
    }

    /// Runs what is due at the time that is told once the engine is had; when something is due next that somebody waits
    /// for. That is not kept: it is a matter of time alone.
    pub(crate) fn run_until(&self, now: impl FnOnce() -> Timestamp) -> Option<Timestamp> {
        let mut shared = self.engine().ok()?;
        shared.engine.handle_timeout(now());
        self.deliver_outputs(&mut shared);
        shared.due
    }

    /// Does something else with the engine, at the time of the clock. That is not kept: with a journal, it must change
    /// nothing that a snapshot holds.
    pub fn with_engine<R>(&self, act: impl FnOnce(&mut Engine, Timestamp) -> R) -> R {
        self.use_engine(|engine| act(engine, self.clock.now()))
    }

    /// The same, at a time that the caller knows.
    pub(crate) fn use_engine<R>(&self, act: impl FnOnce(&mut Engine) -> R) -> R {
        let mut shared = self.lock();
        self.forget_left(&mut shared);
        let result = act(&mut shared.engine);
        self.deliver_outputs(&mut shared);
        result
    }

    /// Frees records that expired. An engine does so by itself where records are put.
    pub(crate) fn trim_expired(&self) {
        if let Ok(mut shared) = self.engine() {
            let now = self.clock.now();
            shared.engine.trim_expired(now);
            self.deliver_outputs(&mut shared);
        }
    }

    /// Answers those who wait, and ends what is streamed.
    pub(crate) fn end_exchanges(&self) {
        let Ok(mut shared) = self.engine() else { return };
        let now = self.clock.now();
        if shared.exchanges.is_empty() {
            return;
        }
        shared.engine.release_receivers(now);
        self.append(&shared, Input::Release, None);
        for id in shared.exchanges.end_pieces() {
            shared.engine.handle_disconnect(now, id);
            self.append(&shared, Input::Disconnect(id.to_u64()), None);
        }
        self.deliver_outputs(&mut shared);
    }

    /// Does something with the faults that requests meet. A host that keeps a journal has none.
    pub(crate) fn with_faults<R>(&self, act: impl FnOnce(&mut Faults) -> R) -> Option<R> {
        let has_faults = self.journal.is_none();
        has_faults.then(|| self.with_engine(|engine, _| act(engine.faults_mut())))
    }

    /// Why nothing can be acknowledged any more, if so.
    pub fn failure(&self) -> Option<JournalFailure> {
        if self.shared.is_poisoned() {
            return Some(JournalFailure::of_engine());
        }
        self.journal.as_ref()?.failure()
    }

    /// What the engine holds in bytes, and how many answers are not complete.
    pub(crate) fn look(&self) -> (u64, u64) {
        let shared = self.lock();
        (shared.engine.stored_bytes(), shared.exchanges.len() as u64)
    }

    /// Lets go on what waits for a reader.
    pub(crate) fn resume(&self, id: ExchangeId, now: impl FnOnce() -> Timestamp) {
        let Ok(mut shared) = self.engine() else { return };
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
        self.left().push(id);
        // This thread may have the engine itself: a clock may run a program that frees what is no longer used. So nobody
        // waits here; who has the engine next tells it.
        if let Ok(mut shared) = self.shared.try_lock() {
            self.forget_left(&mut shared);
        }
    }

    fn left(&self) -> MutexGuard<'_, Vec<ExchangeId>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the engine of exchanges that nobody waits for any more.
    fn forget_left(&self, shared: &mut Shared) {
        let left = core::mem::take(&mut *self.left());
        for id in left {
            if shared.exchanges.forget(id) {
                shared.engine.handle_disconnect(self.clock.now(), id);
                self.append(shared, Input::Disconnect(id.to_u64()), None);
                self.deliver_outputs(shared);
            }
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

    /// The engine, to do something with it.
    fn engine(&self) -> Result<MutexGuard<'_, Shared>, JournalFailure> {
        match self.acquire() {
            Ok(mut shared) => {
                self.forget_left(&mut shared);
                Ok(shared)
            }
            Err(broken) => {
                let mut shared = broken.into_inner();
                shared.exchanges.abandon();
                shared.due = None;
                Err(JournalFailure::of_engine())
            }
        }
    }

    /// The engine in any state, to look at it, or for what a program does with its own.
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.acquire().unwrap_or_else(PoisonError::into_inner)
    }

    fn acquire(&self) -> LockResult<MutexGuard<'_, Shared>> {
        match self.shared.try_lock() {
            Ok(shared) => Ok(shared),
            Err(TryLockError::Poisoned(broken)) => Err(broken),
            // The other tasks of this thread go on elsewhere, those that need no engine.
            Err(TryLockError::WouldBlock) if *self.is_written.borrow() && has_other_threads() => {
                block_in_place(|| self.shared.lock())
            }
            Err(TryLockError::WouldBlock) => self.shared.lock(),
        }
    }
}

/// Whether the tasks of this thread can go on in another.
fn has_other_threads() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// A snapshot is written until this is dropped.
struct Written<'a>(&'a watch::Sender<bool>);

impl<'a> Written<'a> {
    fn begin(is_written: &'a watch::Sender<bool>) -> Self {
        is_written.send_replace(true);
        Self(is_written)
    }
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        self.0.send_replace(false);
    }
}
