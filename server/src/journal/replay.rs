//! Entries, executed again.
//!
//! Reading requests takes longer than executing them, and depends on nothing. So several threads read, each its chunk of
//! entries, and execute it when it is the chunk's turn.

use core::num::NonZero;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use shardbrook::{Call, Engine, ExchangeId, Handled, Output, Timestamp, WireConfig, wire};

use super::entry::{Entry, Input, PackedRequest};

/// Threads that read at most. As many can't be kept busy by the one engine.
const MOST_THREADS: usize = 4;

/// Entries that follow each other.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The number of the first.
    pub(super) first: u64,
    pub(super) entries: Vec<Entry>,
}

/// Why a replay ended early.
#[derive(Debug)]
pub(super) enum Failure<E> {
    /// The chunks ended with this.
    Source(E),
    /// The entry with this number does not have the outcome that it had.
    Entry(u64, String),
}

/// Executes chunks in their order. The engine that comes of it is the same however many threads there are.
pub(super) fn replay<E: Send>(
    engine: Engine,
    chunks: impl Iterator<Item = Result<Chunk, E>> + Send,
) -> Result<Engine, Failure<E>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    replay_on(threads, engine, chunks)
}

fn replay_on<E: Send>(
    threads: usize,
    engine: Engine,
    chunks: impl Iterator<Item = Result<Chunk, E>> + Send,
) -> Result<Engine, Failure<E>> {
    let wire = engine.wire_config().clone();
    let source = Mutex::new((0, chunks));
    let turns = Turns {
        state: Mutex::new(State { turn: 0, replay: Replay::new(engine), failure: None, is_over: false }),
        changed: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            let thread = thread::Builder::new().name("replay".into());
            // Where there is none to be had, there is this one.
            drop(thread.spawn_scoped(scope, || work(&wire, &source, &turns)));
        }
        work(&wire, &source, &turns);
    });
    let State { replay, failure, .. } = turns.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match failure {
        None => Ok(replay.engine),
        Some(failure) => Err(failure),
    }
}

/// Takes chunks, reads their requests and executes them in turn, until there are no more.
fn work<E>(
    wire: &WireConfig,
    source: &Mutex<(u64, impl Iterator<Item = Result<Chunk, E>>)>,
    turns: &Turns<E>,
) {
    loop {
        let (turn, chunk) = {
            let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
            let (turn, chunks) = &mut *source;
            let Some(chunk) = chunks.next() else { return };
            *turn += 1;
            (*turn - 1, chunk)
        };
        // It is over at the end also if this thread panics: others wait for it.
        let mine = Turn { turns, number: turn };
        let is_over = match chunk {
            Ok(chunk) => with_calls(wire, &chunk.entries, |calls| {
                mine.take(|replay| {
                    replay.apply_all(&chunk, calls).map_err(|(at, why)| Failure::Entry(at, why))
                })
            }),
            Err(error) => mine.take(|_| Err(Failure::Source(error))),
        };
        if is_over {
            return;
        }
    }
}

/// What the calls among some entries are, if they can be read: a place for each entry.
fn with_calls<R>(
    wire: &WireConfig,
    entries: &[Entry],
    act: impl FnOnce(&[Option<Result<Call<'_>, String>>]) -> R,
) -> R {
    let packed: Vec<_> = entries
        .iter()
        .map(|entry| match &entry.input {
            Input::Call(request, _) => Some(PackedRequest::unpack(request)),
            Input::Disconnect(_) | Input::Release | Input::Timeout => None,
        })
        .collect();
    let decoded: Vec<_> = packed
        .iter()
        .map(|packed| {
            let request = packed.as_ref()?.as_ref()?.request();
            Some((request, wire::decode(wire, &request)))
        })
        .collect();
    let calls: Vec<_> = packed
        .iter()
        .zip(&decoded)
        .map(|(packed, decoded)| match (packed, decoded) {
            (None, _) => None,
            (Some(_), None) => Some(Err("it cannot be read".to_owned())),
            (Some(_), Some((request, decoded))) => {
                let call = Call::read(request, decoded);
                Some(call.map_err(|_| "it is not a request that was ever executed".to_owned()))
            }
        })
        .collect();
    act(&calls)
}

/// Whose turn it is.
struct Turns<E> {
    state: Mutex<State<E>>,
    changed: Condvar,
}

struct State<E> {
    turn: u64,
    replay: Replay,
    failure: Option<Failure<E>>,
    /// Nothing more is to be done.
    is_over: bool,
}

/// A turn that will come; dropped, it is over.
struct Turn<'t, E> {
    turns: &'t Turns<E>,
    number: u64,
}

impl<E> Turn<'_, E> {
    /// Waits for the turn and does something then, unless something failed before. Says whether something has failed.
    fn take(&self, act: impl FnOnce(&mut Replay) -> Result<(), Failure<E>>) -> bool {
        let mut state = self.wait();
        if !state.is_over {
            state.failure = act(&mut state.replay).err();
            state.is_over = state.failure.is_some();
        }
        state.is_over
    }

    fn wait(&self) -> MutexGuard<'_, State<E>> {
        let state = self.turns.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = |state: &mut State<E>| state.turn < self.number;
        self.turns.changed.wait_while(state, is_early).unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Drop for Turn<'_, E> {
    fn drop(&mut self) {
        let mut state = self.wait();
        state.turn += 1;
        state.is_over |= thread::panicking();
        drop(state);
        self.turns.changed.notify_all();
    }
}

/// An engine that goes through what another went through.
#[derive(Debug)]
struct Replay {
    engine: Engine,
    /// The exchanges of the other engine, and what they are here: those of what is not kept have numbers too.
    exchanges: HashMap<u64, ExchangeId>,
}

impl Replay {
    fn new(engine: Engine) -> Self {
        Self { engine, exchanges: HashMap::new() }
    }

    /// Executes entries whose calls were read.
    ///
    /// # Errors
    /// Which entry does not have the outcome that it had, and how so.
    fn apply_all(
        &mut self,
        chunk: &Chunk,
        calls: &[Option<Result<Call<'_>, String>>],
    ) -> Result<(), (u64, String)> {
        for ((number, entry), call) in (chunk.first..).zip(&chunk.entries).zip(calls) {
            self.apply(entry, call.as_ref()).map_err(|why| (number, why))?;
        }
        Ok(())
    }

    fn apply(&mut self, entry: &Entry, call: Option<&Result<Call<'_>, String>>) -> Result<(), String> {
        let now = Timestamp::from_millis(entry.now);
        match (&entry.input, call) {
            (Input::Call(_, exchange), Some(call)) => self.call(now, call.as_ref()?, *exchange)?,
            (Input::Call(..), None) => return Err("it was not read".to_owned()),
            (Input::Disconnect(exchange), _) => {
                // One that is not known was over before the snapshot.
                if let Some(exchange) = self.exchanges.remove(exchange) {
                    self.engine.handle_disconnect(now, exchange);
                }
            }
            (Input::Release, _) => self.engine.release_receivers(now),
            (Input::Timeout, _) => self.engine.handle_timeout(now),
        }
        drain(&mut self.engine);
        Ok(())
    }

    fn call(&mut self, now: Timestamp, call: &Call<'_>, exchange: Option<u64>) -> Result<(), String> {
        let handled = match self.engine.execute(now, call).into_ready() {
            Ok(_) => None,
            Err(executed) => Some(self.engine.hand_over(executed)),
        };
        match (handled, exchange) {
            (None | Some(Handled::Done(_)), None) => Ok(()),
            (Some(Handled::Pending(here)), Some(there)) => {
                self.exchanges.insert(there, here);
                Ok(())
            }
            _ => Err("its answer came at once, or did not, other than before".to_owned()),
        }
    }
}

/// Takes what was for those who waited.
pub(super) fn drain(engine: &mut Engine) {
    while !matches!(engine.poll_output(), Output::Timeout(_)) {}
}

#[cfg(test)]
mod tests {
    use shardbrook::{EngineConfig, Request};

    use super::super::entry::pack_request;
    use super::*;

    const START: u64 = 1_700_000_000_000;

    fn engine() -> Engine {
        let initialize_streams = "s:3".to_owned();
        Engine::new(EngineConfig { now: START, initialize_streams, ..EngineConfig::default() }).unwrap()
    }

    fn entry(number: u64, input: Input) -> Entry {
        Entry { now: START + number * 10, input }
    }

    fn packed(body: &str) -> Vec<u8> {
        let authorization = "AWS4-HMAC-SHA256 Credential=AK/20240101/us-east-1/kinesis/aws4_request, \
                             SignedHeaders=host, Signature=0";
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "Kinesis_20131202.PutRecord"),
            ("authorization", authorization),
            ("x-amz-date", "20240101T000000Z"),
        ];
        pack_request(&Request { method: "POST", path: "/", headers: &headers, body: body.as_bytes() })
    }

    fn put(number: u64) -> Vec<u8> {
        let data = "QUJD".repeat(number as usize % 50);
        packed(&format!(r#"{{"StreamName":"s","PartitionKey":"{number}","Data":"{data}"}}"#))
    }

    /// Entries in chunks of different lengths.
    fn chunks(entries: &[Entry]) -> Vec<Result<Chunk, &'static str>> {
        let (mut chunks, mut rest, mut first) = (Vec::new(), entries, 0);
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(chunks.len() % 5));
            chunks.push(Ok(Chunk { first, entries: chunk.to_vec() }));
            (rest, first) = (after, first + chunk.len() as u64);
        }
        chunks
    }

    fn entries() -> Vec<Entry> {
        (0..400)
            .map(|number| match number % 20 {
                7 => entry(number, Input::Timeout),
                11 => entry(number, Input::Release),
                13 => entry(number, Input::Disconnect(number)),
                _ => entry(number, Input::Call(put(number), None)),
            })
            .collect()
    }

    #[test]
    fn threads_do_not_change_what_comes_of_it() {
        let states: Vec<Vec<u8>> = (1..=4)
            .map(|threads| {
                let mut engine = replay_on(threads, engine(), chunks(&entries()).into_iter()).unwrap();
                let mut state = Vec::new();
                engine.snapshot(Timestamp::from_millis(START + 10_000), &mut |piece| {
                    state.extend_from_slice(piece)
                });
                state
            })
            .collect();
        let kept = states[0].windows(3).filter(|window| window == b"ABC").count();
        assert!(kept > 5000, "{kept}");
        assert!(states.iter().all(|state| *state == states[0]));
    }

    #[test]
    fn the_first_failure_is_told() {
        let unread = Input::Call(b"no request".to_vec(), None);
        let never = Input::Call(packed("{"), None);
        let other = Input::Call(put(1), Some(3));
        for (input, why) in [
            (unread, "it cannot be read"),
            (never, "it is not a request that was ever executed"),
            (other, "its answer came at once, or did not, other than before"),
        ] {
            for threads in 1..=4 {
                let mut entries = entries();
                entries[300].input = input.clone();
                entries[302].input = Input::Call(packed("["), None);
                let mut chunks = chunks(&entries);
                chunks.push(Err("the end is damaged"));
                match replay_on(threads, engine(), chunks.into_iter()) {
                    Err(Failure::Entry(300, said)) => assert_eq!(said, why),
                    other => panic!("{other:?}"),
                }
            }
        }
        for threads in 1..=4 {
            let mut chunks = chunks(&entries()[..300]);
            chunks.push(Err("damaged"));
            let failed = replay_on(threads, engine(), chunks.into_iter());
            assert!(matches!(failed, Err(Failure::Source("damaged"))), "{failed:?}");
        }
    }

    #[test]
    fn a_panic_ends_it() {
        for threads in 1..=4 {
            let chunks = chunks(&entries()).into_iter().chain(core::iter::from_fn(|| panic!("as it should")));
            let ended = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
                replay_on(threads, engine(), chunks).map(drop)
            }));
            assert!(ended.is_err());
        }
    }
}
