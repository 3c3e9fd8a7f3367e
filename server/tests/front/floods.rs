//! Clients that flood a server over HTTP/2: the process does not grow beyond a bound, and others are served meanwhile.

use core::future::Future;
use core::net::SocketAddr;
use core::time::Duration;
use std::process::Stdio;

use bytes::Bytes;
use futures_util::future::join_all;
use shardbrook_peers::machine;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};

use crate::client;
use crate::process::Process;
use crate::server::PATIENCE;

const MIB: u64 = 1 << 20;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Connections that flood at a time.
const CONNECTIONS: usize = 4;
/// How long a flood goes on, unless the server ends it.
const FLOOD: Duration = Duration::from_secs(3);
/// What the server may take for a flood.
const FLOOD_BYTES: u64 = 4 * MIB;
/// Nobody else waits longer for an answer.
const SLOWEST: Duration = Duration::from_secs(5);

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// A server that is flooded.
struct Victim {
    process: Process,
    address: SocketAddr,
    /// The memory that it took at rest.
    before: u64,
}

impl Victim {
    async fn start() -> Self {
        let arguments = ["--port", "0", "--initialize-streams", "s:1", "--max-in-flight", "32MiB"];
        let mut process = Process::serve(&arguments, &[], Stdio::null());
        let address = process.address();
        // What everybody makes it take, once.
        let (sender, connection) = client::h2(client::connect(address).await).await;
        for _ in 0..100 {
            assert_eq!(client::h2_call(&sender, "ListStreams", "{}").await.status, 200);
        }
        connection.abort();
        let before = machine::memory(process.id()).unwrap();
        Self { process, address, before }
    }

    /// What it took at most beyond what it took before.
    fn taken(&self) -> u64 {
        machine::peak_memory(self.process.id()).unwrap().saturating_sub(self.before)
    }

    /// Serves others while it is flooded, and takes no more than so many bytes for that.
    async fn serves_others<T>(&self, bound: u64, flood: impl Future<Output = T>) -> T {
        let (sender, connection) = client::h2(client::connect(self.address).await).await;
        let others = async {
            let mut slowest = Duration::ZERO;
            loop {
                let began = Instant::now();
                assert_eq!(client::h2_call(&sender, "ListStreams", "{}").await.status, 200);
                assert_eq!(client::call(self.address, "ListStreams", "{}").await.status, 200);
                slowest = slowest.max(began.elapsed());
                assert!(slowest < SLOWEST, "others waited for {slowest:?}");
                sleep(Duration::from_millis(10)).await;
            }
        };
        let flooded = tokio::select! {
            () = others => unreachable!("others go on"),
            flooded = flood => flooded,
        };
        connection.abort();
        let taken = self.taken();
        assert!(taken <= bound, "{} KiB for a flood", taken >> 10);
        flooded
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header without the compression of HTTP/2; the name and the value are short.
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0, name.len() as u8];
    field.extend(name.as_bytes());
    field.push(value.len() as u8);
    field.extend(value.as_bytes());
    field
}

/// The headers of a call: POST, http, a path, and what says which operation.
fn call_headers() -> Vec<u8> {
    let mut headers = vec![0x83, 0x86, 0x84];
    headers.extend(field(":authority", "localhost"));
    headers.extend(field("content-type", "application/x-amz-json-1.1"));
    headers.extend(field("x-amz-target", "Kinesis_20131202.ListStreams"));
    headers
}

/// Sends pieces on some connections until the server closes them, or for so long. Gives for each connection whether the
/// server ended it, and said why.
async fn flood(address: SocketAddr, pieces: impl Fn(usize) -> Vec<u8>) -> Vec<bool> {
    let one = || async {
        let (mut read, mut write) = client::connect(address).await.into_split();
        let sending = async {
            if write.write_all(PREFACE).await.is_err() {
                return;
            }
            for number in 0.. {
                if write.write_all(&pieces(number)).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        // Nothing is read meanwhile.
        let _ = timeout(FLOOD, sending).await;
        let mut answers = Vec::new();
        let ended = timeout(FLOOD, read.read_to_end(&mut answers)).await.is_ok();
        ended || has_goaway(&answers)
    };
    join_all((0..CONNECTIONS).map(|_| one())).await
}

/// Whether the server said that it ends the connection.
fn has_goaway(mut answers: &[u8]) -> bool {
    while let Some((head, rest)) = answers.split_first_chunk::<9>() {
        if head[3] == GOAWAY {
            return true;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        answers = rest.get(length..).unwrap_or_default();
    }
    false
}

#[tokio::test]
async fn streams_that_are_taken_back_at_once_end_the_connection() {
    let victim = Victim::start().await;
    let headers = call_headers();
    let pieces = |piece: usize| {
        let streams = (0..500).map(|number| (piece as u32 * 500 + number) * 2 + 1);
        let both = |stream| {
            [frame(HEADERS, END_HEADERS, stream, &headers), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])]
                .concat()
        };
        streams.flat_map(both).collect()
    };
    let ended = victim.serves_others(FLOOD_BYTES, flood(victim.address, pieces)).await;
    assert_eq!(ended, [true; CONNECTIONS]);
}

#[tokio::test]
async fn settings_and_pings_are_not_answered_into_memory() {
    for (kind, payload) in [(SETTINGS, &[0, 3, 0, 0, 0, 100][..]), (PING, b" a ping ")] {
        let victim = Victim::start().await;
        let piece = frame(kind, 0, 0, payload).repeat(5000);
        victim.serves_others(FLOOD_BYTES, flood(victim.address, |_| piece.clone())).await;
    }
}

#[tokio::test]
async fn headers_that_go_on_for_ever_end_the_connection() {
    let victim = Victim::start().await;
    let fields = field("x-more", &"x".repeat(100)).repeat(140);
    let pieces = |piece: usize| match piece {
        0 => frame(HEADERS, 0, 1, &call_headers()),
        _ => frame(CONTINUATION, 0, 1, &fields),
    };
    let ended = victim.serves_others(FLOOD_BYTES, flood(victim.address, pieces)).await;
    assert_eq!(ended, [true; CONNECTIONS]);
}

#[tokio::test]
async fn headers_that_are_small_and_unpack_to_much_are_not_unpacked_into_memory() {
    let victim = Victim::start().await;
    // A header that is kept, then named again and again by one byte.
    let mut bomb = call_headers();
    bomb.extend([0x40, 6]);
    bomb.extend(b"x-bomb");
    // A length of 3,000, in the encoding of HPACK: 127, then the rest in groups of seven bits.
    bomb.extend([0x7f, 0xb9, 0x16]);
    bomb.extend([b'x'; 3000]);
    bomb.extend([0xbe; 12_000]);
    let pieces = |piece: usize| frame(HEADERS, END_HEADERS, piece as u32 * 2 + 1, &bomb);
    let ended = victim.serves_others(FLOOD_BYTES, flood(victim.address, pieces)).await;
    assert_eq!(ended, [true; CONNECTIONS]);
}

#[tokio::test]
async fn windows_are_opened_byte_by_byte() {
    let victim = Victim::start().await;
    let piece = frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]).repeat(5000);
    victim.serves_others(FLOOD_BYTES, flood(victim.address, |_| piece.clone())).await;
}

/// Answers that nobody takes are bounded by what may be on its way. Those who ask for more are told that it is busy.
#[tokio::test]
async fn answers_that_are_not_taken_are_bounded() {
    let victim = Victim::start().await;
    let put = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{}"}}"#, "QUFB".repeat(300_000));
    assert_eq!(client::call(victim.address, "PutRecord", &put).await.status, 200);
    let position =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    let iterator = client::call(victim.address, "GetShardIterator", position).await.body;
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = client::connect(victim.address).await;
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(1).initial_connection_window_size(1);
        let (sender, connection) =
            timeout(PATIENCE, builder.handshake::<_, Bytes>(stream)).await.unwrap().unwrap();
        let connection = tokio::spawn(connection);
        for _ in 0..100 {
            let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
            let (answer, mut body) = ready.send_request(client::h2_request("GetRecords"), false).unwrap();
            body.send_data(Bytes::from(iterator.clone()), true).unwrap();
            open.push((answer, body));
        }
        sleep(Duration::from_millis(300)).await;
        drop((sender, connection));
    }
    sleep(Duration::from_secs(1)).await;
    let taken = victim.taken();
    // 400 answers of 1.2 MB; what is being made when there is no more room comes on top of the 32 MiB.
    assert!((16 * MIB..96 * MIB).contains(&taken), "{} KiB for answers", taken >> 10);
    drop(open);
    // As soon as they are gone, everybody is served.
    let began = Instant::now();
    while client::call(victim.address, "ListStreams", "{}").await.status != 200 {
        assert!(began.elapsed() < SLOWEST, "still busy");
        sleep(Duration::from_millis(20)).await;
    }
}
