//! An engine inside another program, beside the ports that the program may open for it. The program tells the time with
//! each call, looks for answers, and waits for them in its own way.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;

use shardbrook::{ClockKind, Engine, Request, Response, Timestamp};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::exchanges::{Frames, Later};
use crate::host::{Answer, Host};

/// An engine inside another program. Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug)]
pub struct Embedded {
    host: Arc<Host>,
    clock: Arc<ToldClock>,
}

/// The time for requests that come over a port: what the program says when it is asked or, for a manual clock, what it told
/// last.
#[derive(Debug)]
struct ToldClock {
    ask: Option<fn() -> Option<u64>>,
    latest: AtomicU64,
}

impl Clock for ToldClock {
    fn now(&self) -> Timestamp {
        let asked = self.ask.and_then(|ask| ask());
        Timestamp::from_millis(asked.unwrap_or_else(|| self.latest.load(Ordering::SeqCst)))
    }

    fn moves_by_itself(&self) -> bool {
        self.ask.is_some()
    }
}

/// An answer that is under way to the program.
#[derive(Debug)]
pub struct UnderWay(Kind);

#[derive(Debug)]
enum Kind {
    Later(Later),
    Pieces(Frames),
}

/// What has come of an answer.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "whoever waits for an answer must handle each of these")]
pub enum Look {
    /// All of it.
    Answer(Response),
    /// The next piece.
    Piece(Vec<u8>),
    /// There is no more.
    Over,
    /// Its connection is dropped.
    Reset,
    /// Nothing for now; something is due at this time, if ever.
    Nothing(Option<u64>),
}

impl Embedded {
    /// Takes over `engine`. If that goes by the system's clock, requests over ports get the time from `ask`, or the one
    /// that the program told last where that gives none; it is called while the engine is held.
    pub fn new(engine: Engine, ask: fn() -> Option<u64>) -> Self {
        let is_manual = engine.config().clock == ClockKind::Manual;
        let latest = AtomicU64::new(engine.now().as_millis());
        let clock = Arc::new(ToldClock { ask: (!is_manual).then_some(ask), latest });
        Self { host: Host::new(engine, Arc::clone(&clock) as _), clock }
    }

    /// The host, for ports.
    pub const fn host(&self) -> &Arc<Host> {
        &self.host
    }

    fn told(&self, now: u64) -> Timestamp {
        self.clock.latest.fetch_max(now, Ordering::SeqCst);
        Timestamp::from_millis(now)
    }

    /// Answers a request: with an answer, with one that is under way, or with the head of one whose body is.
    pub fn call(&self, now: u64, request: &Request<'_>) -> (Option<Response>, Option<UnderWay>) {
        let now = self.told(now);
        match self.host.call_at(now, request) {
            Answer::Whole(response) => (Some(response), None),
            Answer::Later(later) => (None, Some(UnderWay(Kind::Later(later)))),
            Answer::Pieces(head, frames) => (Some(head), Some(UnderWay(Kind::Pieces(frames)))),
        }
    }

    /// Does something with the engine that needs no time.
    pub fn with<R>(&self, act: impl FnOnce(&mut Engine) -> R) -> R {
        self.host.use_engine(act)
    }

    /// Does something with the engine.
    pub fn at<R>(&self, now: u64, act: impl FnOnce(&mut Engine, Timestamp) -> R) -> R {
        let now = self.told(now);
        self.host.use_engine(|engine| act(engine, now))
    }

    /// Runs what is due; when something is due next that somebody waits for.
    pub fn run(&self, now: u64) -> Option<u64> {
        let now = self.told(now);
        self.host.run_until(|| now).map(Timestamp::as_millis)
    }

    /// Runs what is due, and looks what came of an answer.
    pub fn look(&self, now: u64, answer: &mut UnderWay) -> Look {
        let due = self.run(now);
        match &mut answer.0 {
            Kind::Later(later) => match later.answer.try_recv() {
                Ok(response) => Look::Answer(response),
                Err(oneshot::error::TryRecvError::Closed) => Look::Reset,
                Err(oneshot::error::TryRecvError::Empty) => Look::Nothing(due),
            },
            Kind::Pieces(Frames { open, frames }) => {
                if frames.is_empty() {
                    open.host.resume(open.id, || Timestamp::from_millis(now));
                }
                match frames.try_recv() {
                    Ok(Ok(piece)) => Look::Piece(piece),
                    Ok(Err(_)) => Look::Reset,
                    Err(TryRecvError::Disconnected) => Look::Over,
                    Err(TryRecvError::Empty) => Look::Nothing(due),
                }
            }
        }
    }
}

impl UnderWay {
    /// Blocks until there is something to look at, at most for `patience`; whether there is.
    pub fn block(&self, patience: Duration) -> bool {
        let (open, frames) = match &self.0 {
            Kind::Later(Later { open, .. }) => (open, None),
            Kind::Pieces(Frames { open, frames }) => (open, Some(frames)),
        };
        let is_filled = || frames.is_some_and(|frames| !frames.is_empty());
        open.host.wait_for(patience, |exchanges| is_filled() || !exchanges.is_open(open.id))
    }
}
