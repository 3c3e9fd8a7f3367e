//! Everything at once: writers, readers, subscriptions, other shards, streams that come and go, a clock that jumps so that
//! records expire. Each record that is acknowledged is read once, in order, with its bytes; memory stays what it is.
//!
//! `SHARDBROOK_SOAK_SECONDS` says for how long, and `SHARDBROOK_SEED` what those who choose begin with. CI takes seconds,
//! `cargo xtask soak` minutes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::std_instead_of_alloc,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests fail by panicking, and have a standard library"
)]

mod ledger;
#[path = "../support/process.rs"]
mod process;
mod readers;
mod watch;
mod world;
mod writers;

use core::time::Duration;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use shardbrook_peers::client::Protocol;
use tokio::time::{Instant, sleep};

use self::process::Process;
use self::watch::Memory;
use self::world::{Books, Client, Format, Pace, Rng, Round, STREAMS, counted};

/// What the clock begins with.
const START: u64 = 1_767_225_600_000;
/// From here on, a run is a long one.
const LONG: Duration = Duration::from_secs(60);

/// How a run goes.
struct Plan {
    seconds: Duration,
    seed: u64,
    pace: Pace,
}

impl Plan {
    /// Takes a part of the time that the environment gives, or so many seconds.
    fn from_env(share: f64, otherwise: u64) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<f64>().ok());
        let given = number("SHARDBROOK_SOAK_SECONDS").map(|seconds| Duration::from_secs_f64(seconds * share));
        let seconds = given.unwrap_or_else(|| Duration::from_secs(otherwise));
        let seed = number("SHARDBROOK_SEED").map_or(1, |seed| seed as u64);
        let millis = |long, short| Duration::from_millis(if seconds >= LONG { long } else { short });
        let pace = Pace { rest: millis(40, 100), jump: millis(1000, 120), reshard: millis(1500, 400) };
        Self { seconds, seed, pace }
    }

    /// A day of the clock, and some time for everybody to begin.
    fn warm(&self) -> Duration {
        self.pace.jump * 30 + Duration::from_secs(1)
    }
}

fn serve(plan: &Plan, durability: &[&str]) -> Process {
    let (seed, now) = (plan.seed.to_string(), START.to_string());
    let durations = "createStream=200,deleteStream=200,updateStream=200";
    let mut arguments = vec!["--port", "0", "--clock", "manual", "--now", &now, "--seed", &seed];
    arguments.extend(["--durations", durations, "--log-level", "warn"]);
    arguments.extend(durability);
    Process::serve(&arguments, &[], Stdio::inherit())
}

/// Those who work on a server in a round.
struct Workers {
    writers: Vec<tokio::task::JoinHandle<()>>,
    readers: Vec<tokio::task::JoinHandle<()>>,
}

impl Workers {
    fn start(round: &Arc<Round>, rng: &mut Rng) -> Self {
        let mut seed = || Rng(rng.below(usize::MAX) as u64);
        let mut writing = Vec::new();
        for writer in 0..writers::WRITERS {
            let work = writers::write(Arc::clone(round), writer, seed());
            writing.push(round.spawn(format!("writer {writer}"), work));
        }
        let reshard = writers::reshard(Arc::clone(round), seed());
        writing.push(round.spawn("who changes shards".into(), reshard));
        writing.push(round.spawn("who makes streams".into(), writers::churn(Arc::clone(round), seed())));
        let poll = |reader, protocol, format| readers::poll(Arc::clone(round), reader, protocol, format);
        let readers = vec![
            round.spawn("reader 0".into(), poll(0, Protocol::Http1, Format::Json)),
            round.spawn("reader 1".into(), poll(1, Protocol::Http2, Format::Cbor)),
            round.spawn("the subscriber".into(), readers::subscribe(Arc::clone(round))),
            round.spawn("the clock".into(), watch::advance(Arc::clone(round))),
        ];
        Self { writers: writing, readers }
    }

    /// Works for so long, or until something fails.
    async fn work(&self, round: &Round, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            round.failure()?;
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Lets writers end, has all be read, and lets readers end.
    async fn finish(self, round: &Round) -> Result<()> {
        round.stop_writers();
        join(self.writers).await?;
        watch::drained(round).await?;
        round.stop_readers();
        join(self.readers).await?;
        round.failure()
    }

    /// Waits for those whose server is gone.
    async fn gone(self, round: &Round) -> Result<()> {
        join(self.writers).await?;
        join(self.readers).await?;
        round.failure()
    }
}

async fn join(tasks: Vec<tokio::task::JoinHandle<()>>) -> Result<()> {
    for task in tasks {
        tokio::time::timeout(Duration::from_secs(60), task).await.context("a client does not end")??;
    }
    Ok(())
}

/// Makes the streams.
async fn prepare(round: &Round) -> Result<()> {
    let mut client = Client::new(round, Protocol::Http1, Format::Json)?;
    for stream in STREAMS {
        client.must("CreateStream", &json!({ "StreamName": stream, "ShardCount": 4 })).await?;
    }
    // That much later they are there.
    client.operate("POST", "/_shardbrook/clock", r#"{"advanceMs": 1000}"#).await?;
    for stream in STREAMS {
        let shards = client.must("ListShards", &json!({ "StreamName": stream })).await?;
        let mut followers = round.books.followers();
        let mut followers = followers.iter_mut().filter(|follower| follower.stream == stream);
        followers.try_for_each(|follower| follower.learn(&shards["Shards"]))?;
    }
    Ok(())
}

/// A server that takes everything for the whole time.
async fn stay(plan: &Plan) -> Result<String> {
    let books = Arc::new(Books::new(START));
    let mut server = serve(plan, &[]);
    let process = server.id();
    let round = Round::new(Arc::clone(&books), server.address(), plan.pace);
    let files = watch::open_files(process)?;
    prepare(&round).await?;
    let memory = Arc::new(Memory::default());
    let mut workers = Workers::start(&round, &mut Rng(plan.seed));
    let watch = Arc::clone(&memory).watch(Arc::clone(&round), process, plan.pace.jump / 2);
    workers.readers.push(round.spawn("who watches".into(), watch));
    workers.work(&round, plan.seconds).await?;
    workers.finish(&round).await?;
    readers::compare(&round).await?;
    watch::left_alone(&round, process, files).await?;
    server.signal("TERM");
    let ended = server.ended();
    ensure!(ended.code() == Some(0), "it ended with {ended}");
    let counts = &books.counts;
    let hours = counted(&counts.hours);
    ensure!(hours > 26, "nothing expired in {hours} hours");
    Ok(format!("{}\n{}", table(&books), memory.judge(plan.warm())?))
}

/// A server that is killed or stopped and started again all the time.
async fn restart(plan: &Plan) -> Result<String> {
    let books = Arc::new(Books::new(START));
    let directory = tempfile::tempdir()?;
    let mut rng = Rng(plan.seed);
    let end = Instant::now() + plan.seconds;
    let (mut kills, mut stops) = (0, 0);
    loop {
        let is_first = kills + stops == 0;
        let is_stopped = rng.below(3) == 0;
        // Who is stopped in order loses nothing either way.
        let fsync = if is_stopped { "interval" } else { "always" };
        let mut server = serve(plan, &["--data-dir", directory.path().to_str().unwrap(), "--fsync", fsync]);
        let round = Round::new(Arc::clone(&books), server.address(), plan.pace);
        if is_first {
            prepare(&round).await?;
        } else {
            let mut client = Client::new(&round, Protocol::Http1, Format::Json)?;
            let answer = client.operate("GET", "/_shardbrook/clock", "").await?;
            let now =
                serde_json::from_str::<serde_json::Value>(&answer)?["now"].as_u64().context("no time")?;
            ensure!(now >= books.now(), "the clock went back from {} to {now}", books.now());
            books.set_now(now);
            readers::compare(&round).await.context("after a start")?;
        }
        let workers = Workers::start(&round, &mut rng);
        let time = plan.seconds / 12 + Duration::from_millis(rng.below(1000) as u64);
        workers.work(&round, time).await?;
        let is_last = Instant::now() > end;
        if is_last || is_stopped {
            workers.finish(&round).await?;
            server.signal("TERM");
            let ended = server.ended();
            ensure!(ended.code() == Some(0), "it ended with {ended}");
            stops += 1;
        } else {
            round.expect_kill();
            drop(server);
            workers.gone(&round).await?;
            kills += 1;
        }
        if is_last {
            break;
        }
    }
    ensure!(kills > 0, "it was never killed");
    Ok(format!("{}\n{kills} kills, {stops} stops", table(&books)))
}

/// What was done.
fn table(books: &Books) -> String {
    let counts = &books.counts;
    let read: Vec<u64> = books.followers().iter().map(|follower| follower.records).collect();
    let rows = [
        ("records acknowledged", counted(&counts.records)),
        ("in puts", counted(&counts.puts)),
        ("bytes of data", counted(&counts.bytes)),
        ("records read, first stream", read[0]),
        ("records read, second stream", read[1]),
        ("records read by subscriptions", read[2]),
        ("GetRecords", counted(&counts.reads)),
        ("subscriptions", counted(&counts.subscriptions)),
        ("reshardings", counted(&counts.reshardings)),
        ("streams made and deleted", counted(&counts.streams)),
        ("hours that the clock jumped", counted(&counts.hours)),
        ("jumps that waited for readers", counted(&counts.held)),
        ("refusals that clients expect", counted(&counts.refusals)),
    ];
    rows.map(|(what, figure)| format!("{what:<32} {figure:>12}")).join("\n")
}

#[expect(clippy::print_stdout, reason = "for those who run it for long")]
async fn run(name: &str, plan: &Plan, work: impl Future<Output = Result<String>>) {
    println!("{name}: {:.0} s, seed {}", plan.seconds.as_secs_f64(), plan.seed);
    match work.await {
        Ok(text) => println!("{text}"),
        Err(error) => panic!("seed {}: {error:#}", plan.seed),
    }
}

#[tokio::test]
async fn nothing_is_lost_and_memory_stays_what_it_is() {
    let plan = Plan::from_env(0.6, 10);
    run("one server", &plan, stay(&plan)).await;
}

#[tokio::test]
async fn nothing_is_lost_by_kills_under_everything() {
    let plan = Plan::from_env(0.4, 8);
    run("a server that is killed again and again", &plan, restart(&plan)).await;
}
