//! What durability costs: puts over HTTP with and without a journal, how fast a journal is gone through at the start, and how
//! long requests wait while a snapshot is taken.
//!
//! `cargo bench -p shardbrook-server --bench durability`, or with `-- replay` only the last of these. The directory is made
//! where `TMPDIR` says, which should not be a file system in memory. Figures of one run are for comparing with each other.
#![allow(clippy::std_instead_of_alloc, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use shardbrook::{Engine, EngineConfig, Request};
use shardbrook_server::{
    Answer, Clock as _, Fsync, Host, Journal, JournalOptions, Server, ServerConfig, SystemClock,
};

const CONNECTIONS: usize = 8;
const SECONDS: u64 = 4;
const RECORDS: usize = 500;
/// How often a journal is opened.
const REPLAYS: usize = 5;

fn config() -> EngineConfig {
    let initialize_streams = "s:8".to_owned();
    EngineConfig { now: SystemClock.now().as_millis(), initialize_streams, ..EngineConfig::default() }
}

/// The operation that puts so many records.
fn operation(records: usize) -> &'static str {
    if records == 1 { "PutRecord" } else { "PutRecords" }
}

fn request(operation: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: Kinesis_20131202.{operation}\r\nX-Amz-Date: 20240101T000000Z\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=AK/20240101/us-east-1/kinesis/aws4_request, \
         SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A body that puts records of 100 bytes with keys of their own.
fn body(records: usize) -> String {
    let data = "QUJD".repeat(33) + "QQ==";
    let entry = |key: usize| format!(r#"{{"PartitionKey":"key-{key}","Data":"{data}"}}"#);
    if records == 1 {
        let entry = entry(7);
        return format!(r#"{{"StreamName":"s",{}"#, &entry[1..]);
    }
    let entries: Vec<String> = (0..records).map(entry).collect();
    format!(r#"{{"StreamName":"s","Records":[{}]}}"#, entries.join(","))
}

/// Sends the request again and again; gives how long each answer took.
fn send(address: SocketAddr, request: &[u8]) -> Vec<Duration> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let (mut took, end) = (Vec::new(), Instant::now() + Duration::from_secs(SECONDS));
    let (mut line, mut body) = (String::new(), Vec::new());
    while Instant::now() < end {
        let start = Instant::now();
        stream.get_mut().write_all(request).unwrap();
        let mut length = 0;
        for number in 0.. {
            line.clear();
            stream.read_line(&mut line).unwrap();
            assert!(number > 0 || line.starts_with("HTTP/1.1 200"), "{line}");
            let head = line.to_ascii_lowercase();
            if let Some(text) = head.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body).unwrap();
        took.push(start.elapsed());
    }
    took
}

/// Puts through a server with this host, and prints how that went.
fn measure(name: &str, host: &Arc<Host>, records: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut config = ServerConfig::default();
    config.ports = vec![0];
    let server = runtime.block_on(Server::bind(config)).unwrap();
    let address = server.addresses().unwrap()[0];
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = runtime.spawn(server.serve(Arc::clone(host), async {
        drop(stopped.await);
    }));
    let request: Arc<[u8]> = request(operation(records), &body(records)).into();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let request = Arc::clone(&request);
            thread::spawn(move || send(address, &request))
        })
        .collect();
    let mut took: Vec<Duration> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    drop(stop);
    runtime.block_on(serving).unwrap();
    took.sort_unstable();
    let rate = (took.len() * records) as u64 / SECONDS;
    let at = |percent: usize| took[took.len() * percent / 100].as_secs_f64() * 1e3;
    println!("{name:<44} {rate:>9}/s   p50 {:>7.2} ms   p99 {:>7.2} ms", at(50), at(99));
}

fn kept(directory: &Path, fsync: Fsync, snapshot_after_bytes: u64) -> Arc<Host> {
    let mut options = JournalOptions::default();
    options.fsync = fsync;
    options.snapshot_after_bytes = snapshot_after_bytes;
    let (journal, engine) = Journal::open(directory, &options, &config(), SystemClock.now()).unwrap();
    Host::with_journal(engine, Arc::new(SystemClock), journal).unwrap()
}

/// How long somebody waits for the engine at most while `act` is done.
fn longest_wait(host: &Arc<Host>, act: impl FnOnce()) -> Duration {
    let is_over = Arc::new(AtomicBool::new(false));
    let (host, is_over_there) = (Arc::clone(host), Arc::clone(&is_over));
    let waiting = thread::spawn(move || {
        let mut longest = Duration::ZERO;
        while !is_over_there.load(Ordering::Relaxed) {
            let start = Instant::now();
            host.with_engine(|_, _| ());
            longest = longest.max(start.elapsed());
            thread::sleep(Duration::from_micros(100));
        }
        longest
    });
    act();
    is_over.store(true, Ordering::Relaxed);
    waiting.join().unwrap()
}

/// Prints how fast a journal of so many requests is gone through, with all checks of the store: the quickest of some times.
fn replay(name: &str, requests: usize, records: usize) {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (body, target) = (body(records), format!("Kinesis_20131202.{}", operation(records)));
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", &*target),
        ("x-amz-date", "20240101T000000Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AK/20240101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0",
        ),
    ];
    let request = Request { method: "POST", path: "/", headers: &headers, body: body.as_bytes() };
    let host = kept(directory.path(), Fsync::Interval(Duration::from_millis(20)), u64::MAX);
    for _ in 0..requests {
        assert!(
            matches!(runtime.block_on(host.call(&request)), Answer::Whole(answer) if answer.status == 200)
        );
    }
    // No snapshot: as if the process had been killed.
    drop(host);
    let open = || {
        let start = Instant::now();
        drop(kept(directory.path(), Fsync::Always, u64::MAX));
        start.elapsed()
    };
    let quickest = (0..REPLAYS).map(|_| open()).min().unwrap();
    println!("{name}: {:.0} records/s", (requests * records) as f64 / quickest.as_secs_f64());
}

fn main() {
    replay("a journal of PutRecords gone through", 4000, RECORDS);
    replay("a journal of PutRecord gone through", 200_000, 1);
    if std::env::args().any(|argument| argument == "replay") {
        return;
    }
    for (name, records) in [("PutRecords of 500 x 100 B", RECORDS), ("PutRecord of 100 B", 1)] {
        println!("{name}, {CONNECTIONS} connections, records a second");
        measure("  in memory", &Host::new(Engine::new(config()).unwrap(), Arc::new(SystemClock)), records);
        for (name, fsync) in [
            ("  --fsync always", Fsync::Always),
            ("  --fsync interval, 1 s", Fsync::Interval(Duration::from_secs(1))),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let host = kept(directory.path(), fsync, u64::MAX);
            measure(name, &host, records);
            let stats = host.journal_stats().unwrap();
            println!(
                "  {:.1} changes a sync, {} MiB",
                stats.entries as f64 / stats.syncs as f64,
                stats.bytes >> 20
            );
            drop(host);
            let start = Instant::now();
            let host = kept(directory.path(), fsync, u64::MAX);
            let rate = stats.entries as f64 * records as f64 / start.elapsed().as_secs_f64();
            println!("  gone through at the start: {:.2} M records/s", rate / 1e6);
            let start = Instant::now();
            let pause = longest_wait(&host, || host.take_snapshot().unwrap());
            let (size, took) = (host.journal_stats().unwrap().snapshot_bytes, start.elapsed());
            println!(
                "  a snapshot of {} MiB in {:.3} s, requests waited for {:.3} s of it",
                size >> 20,
                took.as_secs_f64(),
                pause.as_secs_f64()
            );
            host.close().unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        let host = kept(directory.path(), Fsync::Always, 64 << 20);
        measure("  --fsync always, with snapshots", &host, records);
        println!("  {:?}", host.journal_stats().unwrap());
    }
}
