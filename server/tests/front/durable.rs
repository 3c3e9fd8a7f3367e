//! A server that keeps a journal: what it says while that is written, and when it can't be.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;

use redb::StorageBackend;
use redb::backends::FileBackend;
use shardbrook::{ClockKind, Engine, EngineConfig, Timestamp};
use shardbrook_server::{Clock, Host, Journal, JournalOptions, ManualClock, SystemClock};
use tokio::time::{sleep, timeout};

use crate::client;
use crate::server::{PATIENCE, Running};

const PUT: &str = r#"{"StreamName":"s","PartitionKey":"k","Data":"QUFB"}"#;

fn config(clock: ClockKind) -> EngineConfig {
    EngineConfig { initialize_streams: "s:1".into(), clock, ..EngineConfig::default() }
}

fn open(directory: &Path, options: &JournalOptions, clock: ClockKind) -> (Journal, Engine) {
    Journal::open(directory, options, &config(clock), Timestamp::from_millis(0)).unwrap()
}

/// How many records the stream has.
fn records(host: &Host) -> usize {
    host.with_engine(|engine, now| {
        let mut reader = engine.records(now, "s").unwrap();
        let batches = core::iter::repeat_with(|| reader.next_batch(engine, now).unwrap().len());
        batches.take_while(|len| *len > 0).sum()
    })
}

/// A file that can be told to fail.
#[derive(Debug)]
struct Fragile(FileBackend, Arc<AtomicBool>);

impl StorageBackend for Fragile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.1.load(Ordering::SeqCst) {
            return Err(io::Error::other("it does not sync"));
        }
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}

#[tokio::test]
async fn a_time_that_is_not_on_the_disk_is_told_to_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let mut options = JournalOptions::default();
    let is_failing = Arc::clone(&fails);
    options.backend = Arc::new(move |path| {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let file = FileBackend::new(file).map_err(io::Error::other)?;
        Ok(Box::new(Fragile(file, Arc::clone(&is_failing))))
    });
    let (journal, engine) = open(directory.path(), &options, ClockKind::Manual);
    let clock = Arc::new(ManualClock::starting_at(engine.now()));
    let host = Host::with_journal(engine, Arc::clone(&clock) as _, journal).unwrap();
    let mut server = Running::start_with(Arc::clone(&host), |config| config.manual_clock = Some(clock)).await;
    let advance = async || {
        let body = r#"{"advanceMs":5}"#;
        let request = format!(
            "POST /_shardbrook/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        client::Answer::parse(
            &client::exchange(client::connect(server.address).await, request.as_bytes()).await,
        )
    };
    assert_eq!(advance().await.body, r#"{"now":5}"#);
    assert_eq!(client::get(server.address, "/_localstack/health").await.status, 200);
    // They are counted when they are answered already.
    let counted = async {
        while host.journal_stats().unwrap().entries == 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, counted).await.unwrap();
    let stats = host.journal_stats().unwrap();
    let metrics = client::get(server.address, "/metrics").await.body;
    for line in [
        format!("shardbrook_journal_entries_total {}", stats.entries),
        format!("shardbrook_journal_syncs_total {}", stats.syncs),
        "shardbrook_journal_waiting_entries 0".to_owned(),
        "# TYPE shardbrook_journal_entries counter".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line}\n{metrics}");
    }
    fails.store(true, Ordering::SeqCst);
    let refused = advance().await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(refused.body.contains("cannot be written"), "{refused:?}");
    for path in ["/_shardbrook/health", "/_localstack/health"] {
        assert_eq!(client::get(server.address, path).await.status, 503, "{path}");
    }
    server.ask_to_stop();
    server.stopped().await;
}

/// A clock that panics when it is told to, as the engine may that asks it.
#[derive(Debug, Default)]
struct Bomb(AtomicBool);

impl Clock for Bomb {
    fn now(&self) -> Timestamp {
        assert!(!self.0.swap(false, Ordering::SeqCst), "as it was told");
        SystemClock.now()
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_after_a_panic() {
    let directory = tempfile::tempdir().unwrap();
    let options = JournalOptions::default();
    for is_kept in [false, true] {
        let bomb = Arc::new(Bomb::default());
        let host = if is_kept {
            let (journal, engine) = open(directory.path(), &options, ClockKind::System);
            Host::with_journal(engine, Arc::clone(&bomb) as _, journal).unwrap()
        } else {
            Host::new(Engine::new(config(ClockKind::System)).unwrap(), Arc::clone(&bomb) as _)
        };
        let mut server = Running::start_with(Arc::clone(&host), |_| {}).await;
        assert_eq!(client::call(server.address, "PutRecord", PUT).await.status, 200);
        // What the server does when it starts is done.
        sleep(Duration::from_millis(100)).await;
        bomb.0.store(true, Ordering::SeqCst);
        let request = client::request("PutRecord", client::SIGNED, PUT);
        let broken = client::exchange(client::connect(server.address).await, request.as_bytes()).await;
        assert_eq!(broken, b"", "the connection is closed");
        for operation in ["PutRecord", "ListStreams"] {
            let body = if operation == "PutRecord" { PUT } else { "{}" };
            let refused = client::call(server.address, operation, body).await;
            assert_eq!(refused.status, 500, "{refused:?}");
            assert!(refused.body.contains("InternalFailure"), "{refused:?}");
        }
        let health = client::get(server.address, "/_shardbrook/health").await;
        assert_eq!(health.status, 503);
        assert!(health.body.contains("the engine failed"), "{health:?}");
        assert!(host.failure().is_some());
        server.ask_to_stop();
        server.stopped().await;
        assert_eq!(host.close().is_err(), is_kept, "no snapshot is taken of that");
    }
    let (journal, engine) = open(directory.path(), &options, ClockKind::System);
    let host = Host::with_journal(engine, Arc::new(SystemClock), journal).unwrap();
    assert_eq!(records(&host), 1);
}

/// A snapshot whose file takes nothing for as long as the test likes.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_told_while_a_snapshot_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let (journal, engine) = open(directory.path(), &JournalOptions::default(), ClockKind::System);
    let host = Host::with_journal(engine, Arc::new(SystemClock), journal).unwrap();
    let mut server = Running::start_with(Arc::clone(&host), |_| {}).await;
    let large = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{}"}}"#, "QUFB".repeat(250_000));
    for _ in 0..4 {
        assert_eq!(client::call(server.address, "PutRecord", &large).await.status, 200);
    }
    let pipe = directory.path().join("snapshot-.new");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let taking = Arc::clone(&host);
    // A pipe can't be synced: it fails in the end, and nothing depends on it.
    let taken = std::thread::spawn(move || taking.take_snapshot());
    let (opened, file) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || opened.send(std::fs::File::open(&pipe).unwrap()));
    let mut file = timeout(PATIENCE, file).await.unwrap().unwrap();
    sleep(Duration::from_millis(300)).await;
    let address = server.address;
    let waiting: Vec<_> = (0..20).map(|_| tokio::spawn(client::call(address, "PutRecord", PUT))).collect();
    sleep(Duration::from_millis(300)).await;
    let is_held = waiting.iter().all(|put| !put.is_finished());
    let health = timeout(Duration::from_secs(3), client::get(address, "/_shardbrook/health")).await;
    // Whatever came of it, threads must not wait for ever.
    std::thread::spawn(move || io::copy(&mut file, &mut io::sink()));
    assert!(is_held, "it is written under the lock");
    assert_eq!(health.expect("an answer").status, 200);
    for put in waiting {
        assert_eq!(timeout(PATIENCE, put).await.unwrap().unwrap().status, 200);
    }
    assert!(taken.join().unwrap().is_err());
    assert_eq!(records(&host), 24);
    server.ask_to_stop();
    server.stopped().await;
}
