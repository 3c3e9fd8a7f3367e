//! What all who work on a server share.

use core::future::Future;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use shardbrook::wire::Service;
use shardbrook_peers::client::{Answer, Connection, Prepared, Protocol};
use shardbrook_tests::cbor::{self, from_cbor, to_cbor};
use shardbrook_tests::client::{Message, Signer, target};

use crate::ledger::{Follower, Id, Place};

/// The streams that records are put to all the time.
pub(crate) const STREAMS: [&str; 2] = ["load-0", "load-1"];
/// The reader by subscriptions, of the first stream; those before it poll one stream each.
pub(crate) const SUBSCRIBER: usize = STREAMS.len();

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long a writer rests after a request.
    pub(crate) rest: Duration,
    /// How often the clock jumps by an hour.
    pub(crate) jump: Duration,
    /// How often a stream gets other shards.
    pub(crate) reshard: Duration,
}

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) puts: AtomicU64,
    pub(crate) records: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) subscriptions: AtomicU64,
    pub(crate) reshardings: AtomicU64,
    pub(crate) streams: AtomicU64,
    pub(crate) hours: AtomicU64,
    /// Jumps of the clock that had to wait for readers.
    pub(crate) held: AtomicU64,
    /// Answers with errors that a client must expect: iterators that are too old, streams that are being changed.
    pub(crate) refusals: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

pub(crate) fn counted(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// What outlives servers.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) counts: Counts,
    followers: Mutex<Vec<Follower>>,
    next_key: AtomicU32,
    next_name: AtomicU32,
    now: AtomicU64,
}

impl Books {
    pub(crate) fn new(now: u64) -> Self {
        let followers = STREAMS.iter().chain(&STREAMS[..1]).map(|stream| Follower::new(stream)).collect();
        Self {
            counts: Counts::default(),
            followers: Mutex::new(followers),
            next_key: AtomicU32::new(0),
            next_name: AtomicU32::new(0),
            now: AtomicU64::new(now),
        }
    }

    pub(crate) fn followers(&self) -> MutexGuard<'_, Vec<Follower>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keys that nobody had before; gives the first.
    pub(crate) fn new_keys(&self, count: u32) -> u32 {
        self.next_key.fetch_add(count, Ordering::Relaxed)
    }

    /// A number for a name that nothing had before.
    pub(crate) fn new_name(&self) -> u32 {
        self.next_name.fetch_add(1, Ordering::Relaxed)
    }

    /// The time of the server's clock.
    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn set_now(&self, now: u64) {
        self.now.store(now, Ordering::Relaxed);
    }

    /// Records were acknowledged.
    pub(crate) fn acknowledged(&self, stream: &str, records: &[(Id, Place)]) -> Result<()> {
        let now = self.now();
        for follower in self.followers().iter_mut().filter(|follower| follower.stream == stream) {
            for (id, place) in records {
                follower.acknowledged(*id, place.clone(), now)?;
            }
        }
        count(&self.counts.records, records.len());
        Ok(())
    }
}

/// A server, from its start to its end.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) books: Arc<Books>,
    pub(crate) address: SocketAddr,
    pub(crate) pace: Pace,
    has_writers: AtomicBool,
    has_readers: AtomicBool,
    is_killed: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl Round {
    pub(crate) fn new(books: Arc<Books>, address: SocketAddr, pace: Pace) -> Arc<Self> {
        Arc::new(Self {
            books,
            address,
            pace,
            has_writers: AtomicBool::new(true),
            has_readers: AtomicBool::new(true),
            is_killed: AtomicBool::new(false),
            failure: Mutex::new(None),
        })
    }

    /// Whether those who change something go on.
    pub(crate) fn has_writers(&self) -> bool {
        self.has_writers.load(Ordering::Relaxed)
    }

    pub(crate) fn stop_writers(&self) {
        self.has_writers.store(false, Ordering::Relaxed);
    }

    /// Whether those who read go on.
    pub(crate) fn has_readers(&self) -> bool {
        self.has_readers.load(Ordering::Relaxed)
    }

    pub(crate) fn stop_readers(&self) {
        self.has_readers.store(false, Ordering::Relaxed);
    }

    /// From now on, connections may fail.
    pub(crate) fn expect_kill(&self) {
        self.is_killed.store(true, Ordering::Relaxed);
        self.stop_writers();
        self.stop_readers();
    }

    /// The first thing that went wrong.
    pub(crate) fn failure(&self) -> Result<()> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(failure) => bail!("{failure}"),
            None => Ok(()),
        }
    }

    /// Has somebody work until the end of the round.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        who: String,
        work: impl Future<Output = Result<()>> + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let round = Arc::clone(self);
        tokio::spawn(async move {
            let Err(error) = work.await else { return };
            if error.is::<Gone>() && round.is_killed.load(Ordering::Relaxed) {
                return;
            }
            let mut failure = round.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| format!("{who}: {error:#}"));
        })
    }
}

/// There was no answer.
#[derive(Debug)]
pub(crate) struct Gone;

impl core::fmt::Display for Gone {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no answer")
    }
}

/// How requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Cbor,
}

/// What a call gives: its output, or the code of an error that the request is to blame for.
pub(crate) type Outcome = Result<Value, String>;

/// A client with one connection.
#[derive(Debug)]
pub(crate) struct Client {
    connection: Connection,
    format: Format,
}

impl Client {
    pub(crate) fn new(round: &Round, protocol: Protocol, format: Format) -> Result<Self> {
        Ok(Self { connection: Connection::new(round.address, protocol)?, format })
    }

    /// Calls an operation.
    pub(crate) async fn call(&mut self, operation: &str, input: &Value) -> Result<Outcome> {
        let message = match self.format {
            Format::Json => Message::call(operation, Signer::default(), input),
            Format::Cbor => {
                let of = Service::Kinesis.model().operation(operation).context("no such operation")?;
                let mut message = Message::new(&target(operation), Signer::default(), to_cbor(of, input));
                message.set_header("content-type", Some(cbor::CONTENT_TYPE));
                message
            }
        };
        let (status, body) = self.connection.ask(&message.try_into()?).await.context(Gone)?;
        let body = match self.format {
            _ if body.is_empty() => Value::Null,
            Format::Json => serde_json::from_slice(&body)?,
            Format::Cbor => from_cbor(&body).map_err(anyhow::Error::msg)?,
        };
        match status.as_u16() {
            200 => Ok(Ok(body)),
            400 => Ok(Err(body["__type"].as_str().unwrap_or_default().to_owned())),
            status => bail!("{operation} was answered with {status}: {body}"),
        }
    }

    /// Calls an operation that has no reason to fail.
    pub(crate) async fn must(&mut self, operation: &str, input: &Value) -> Result<Value> {
        self.call(operation, input).await?.map_err(|code| anyhow::anyhow!("{operation}: {code} for {input}"))
    }

    /// Asks what only operators ask.
    pub(crate) async fn operate(&mut self, method: &str, path: &str, body: &str) -> Result<String> {
        let headers = vec![("host".to_owned(), "localhost".to_owned())];
        let message = Message { method: method.into(), path: path.into(), headers, body: body.into() };
        let body = self.connection.exchange(&message.try_into()?).await.context(Gone)?;
        Ok(String::from_utf8(body.to_vec())?)
    }

    /// Calls an operation whose answer is a stream of events.
    pub(crate) async fn subscribe(&mut self, input: &Value) -> Result<Answer> {
        let prepared = Prepared::new("SubscribeToShard", input)?;
        self.connection.begin(&prepared).await.context(Gone)
    }
}

/// Numbers that look random, the same for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    /// The next number below `end`, by the method of SplitMix64.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}
