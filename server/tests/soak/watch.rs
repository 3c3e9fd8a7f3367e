//! The clock, which jumps, and the memory of the server.

use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use shardbrook_peers::client::Protocol;
use shardbrook_peers::machine;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::ledger::RETENTION_MS;
use crate::world::{Client, Format, Round, count, counted};

const HOUR_MS: u64 = 3_600_000;
/// The clock goes on in real time, in steps.
const STEP: Duration = Duration::from_millis(50);
/// It does not jump while a record that is so old was not read by all.
const PATIENCE_MS: u64 = RETENTION_MS / 2;
/// Readers that take longer have stopped.
const READER_LIMIT: Duration = Duration::from_secs(30);
const MIB: f64 = 1024.0 * 1024.0;

/// Moves the clock as long as somebody reads; by hours as long as somebody writes.
pub(crate) async fn advance(round: Arc<Round>) -> Result<()> {
    let mut client = Client::new(&round, Protocol::Http1, Format::Json)?;
    let mut steps = interval(STEP);
    steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut last, mut jumped) = (Instant::now(), Instant::now());
    while round.has_readers() {
        steps.tick().await;
        let mut millis = last.elapsed().as_millis() as u64;
        last = Instant::now();
        if round.has_writers() && jumped.elapsed() >= round.pace.jump {
            if may_jump(&round) {
                millis += HOUR_MS;
                jumped = Instant::now();
                count(&round.books.counts.hours, 1);
            } else {
                ensure!(jumped.elapsed() < READER_LIMIT, "readers have stopped: {}", unread(&round));
                count(&round.books.counts.held, 1);
            }
        }
        let answer =
            client.operate("POST", "/_shardbrook/clock", &format!(r#"{{"advanceMs": {millis}}}"#)).await?;
        let now = serde_json::from_str::<serde_json::Value>(&answer)?["now"].as_u64().context("no time")?;
        round.books.set_now(now);
        for follower in round.books.followers().iter_mut() {
            follower.expire(now);
        }
    }
    Ok(())
}

fn may_jump(round: &Round) -> bool {
    let (now, followers) = (round.books.now(), round.books.followers());
    followers.iter().all(|follower| follower.unread().all(|(.., at)| at + PATIENCE_MS > now))
}

/// What was acknowledged and not read, or the beginning of it.
fn unread(round: &Round) -> String {
    let mut text = String::new();
    for follower in round.books.followers().iter() {
        let mut unread: Vec<_> = follower.unread().collect();
        unread.sort_by_key(|(id, ..)| (id.key, id.turn));
        if let Some((id, place, _)) = unread.first() {
            let start = format!("{} of {}, the first {id:?} at {place:?}; ", unread.len(), follower.stream);
            text.push_str(&start);
        }
    }
    text
}

/// Waits until everything was read.
pub(crate) async fn drained(round: &Round) -> Result<()> {
    let began = Instant::now();
    while !unread(round).is_empty() {
        round.failure()?;
        ensure!(began.elapsed() < READER_LIMIT, "records are lost: {}", unread(round));
        sleep(STEP).await;
    }
    // What is read twice comes a little later.
    sleep(STEP * 4).await;
    round.failure()
}

/// The memory of a server, as it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    at: Duration,
    resident: u64,
    stored: u64,
}

/// Samples of a server's memory.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Vec<Sample>>);

impl Memory {
    /// Takes samples, and tells how far it is.
    pub(crate) async fn watch(
        self: Arc<Self>,
        round: Arc<Round>,
        process: u32,
        every: Duration,
    ) -> Result<()> {
        let mut client = Client::new(&round, Protocol::Http1, Format::Json)?;
        let began = Instant::now();
        let mut told = began;
        while round.has_readers() {
            sleep(every).await;
            let stored = metric(&mut client, "stored_bytes").await?;
            let sample = Sample { at: began.elapsed(), resident: machine::memory(process)?, stored };
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
            if told.elapsed() > Duration::from_secs(20) {
                told = Instant::now();
                tell(&round, sample);
            }
        }
        Ok(())
    }

    /// Whether the memory stayed what it was after the beginning; gives a line for the table.
    ///
    /// Records are kept for a day of the clock, so that as many come as go once a day is over. From then on, the last third
    /// may have a tenth and so many bytes more than the first: what allocators keep is not always the same.
    pub(crate) fn judge(&self, warm: Duration) -> Result<String> {
        const SLACK: f64 = 12.0;
        let samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let samples: Vec<Sample> = samples.iter().copied().filter(|sample| sample.at > warm).collect();
        ensure!(samples.len() >= 6, "{} samples", samples.len());
        let of = |samples: &[Sample], what: fn(&Sample) -> u64| {
            samples.iter().map(|sample| what(sample) as f64).sum::<f64>() / samples.len() as f64 / MIB
        };
        let third = samples.len() / 3;
        let (first, last) = (&samples[..third], &samples[samples.len() - third..]);
        let (before, after) = (of(first, |sample| sample.resident), of(last, |sample| sample.resident));
        let peak = samples.iter().map(|sample| sample.resident).max().unwrap_or_default() as f64 / MIB;
        let line = format!(
            "resident {before:.1} MiB in the first third after {:.0} s, {after:.1} MiB in the last, {peak:.1} MiB at most; \
             the engine held {:.1} and {:.1} MiB",
            warm.as_secs_f64(),
            of(first, |sample| sample.stored),
            of(last, |sample| sample.stored),
        );
        ensure!(after <= before * 1.1 + SLACK, "memory grows: {line}");
        ensure!(peak <= before * 1.25 + 2.0 * SLACK, "memory has peaks: {line}");
        Ok(line)
    }
}

#[expect(clippy::print_stdout, reason = "for those who run it for long")]
fn tell(round: &Round, sample: Sample) {
    let counts = &round.books.counts;
    println!(
        "{:>4} s: {} records put, {} h on the clock, {} reshardings, {} MiB resident, {} MiB held",
        sample.at.as_secs(),
        counted(&counts.records),
        counted(&counts.hours),
        counted(&counts.reshardings),
        sample.resident >> 20,
        sample.stored >> 20,
    );
}

/// A number of the server's metrics.
async fn metric(client: &mut Client, name: &str) -> Result<u64> {
    let text = client.operate("GET", "/metrics", "").await?;
    let line =
        text.lines().find_map(|line| line.strip_prefix("shardbrook_")?.strip_prefix(name)?.strip_prefix(' '));
    Ok(line.with_context(|| format!("no {name}"))?.parse()?)
}

/// Once all clients are gone, nothing of them may be left.
pub(crate) async fn left_alone(round: &Round, process: u32, sockets_before: usize) -> Result<()> {
    let mut client = Client::new(round, Protocol::Http1, Format::Json)?;
    let began = Instant::now();
    loop {
        let open = metric(&mut client, "open_connections").await?;
        let exchanges = metric(&mut client, "open_exchanges").await?;
        let files = open_files(process)?;
        if open == 1 && exchanges == 0 && files <= sockets_before + 1 {
            break;
        }
        ensure!(
            began.elapsed() < Duration::from_secs(10),
            "{open} connections, {exchanges} exchanges, {files} files of {sockets_before} are open"
        );
        sleep(STEP).await;
    }
    let text = client.operate("GET", "/metrics", "").await?;
    let failed =
        text.lines().find(|line| line.starts_with("shardbrook_requests") && line.contains("status=\"5"));
    ensure!(failed.is_none(), "{failed:?}");
    Ok(())
}

/// How many files and sockets a process has open.
pub(crate) fn open_files(process: u32) -> Result<usize> {
    Ok(std::fs::read_dir(format!("/proc/{process}/fd"))?.count())
}
