//! A server that is killed while clients put records: every record that was acknowledged is there afterwards.
//!
//! `SHARDBROOK_KILLS` says how often; CI kills a few times, `cargo xtask soak` often.
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::std_instead_of_alloc, reason = "a program with a standard library")]

#[path = "support/process.rs"]
mod process;

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use self::process::Process;

const CLIENTS: usize = 6;
const STREAM: &str = "s";

/// Starts a server with a data directory.
fn start(directory: &Path) -> (Process, SocketAddr) {
    let arguments = ["--port", "0", "--data-dir", directory.to_str().unwrap()];
    let mut server = Process::serve(&arguments, &[], Stdio::inherit());
    let address = server.address();
    (server, address)
}

/// A connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        Some(Self(BufReader::new(stream)))
    }

    /// The answer, unless the server is gone before it is complete.
    fn call(&mut self, operation: &str, input: &Value) -> Option<(u16, Value)> {
        let body = input.to_string();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: Kinesis_20131202.{operation}\r\nX-Amz-Date: 20240101T000000Z\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=AK/20240101/us-east-1/kinesis/aws4_request, \
             SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.0.get_mut().write_all((head + &body).as_bytes()).ok()?;
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let text = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next()?.parse().ok()?;
            } else if let Some(rest) = text.strip_prefix("content-length:") {
                length = rest.trim().parse().ok()?;
            } else if text.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// Records that were acknowledged: their data, by shard and sequence number.
type Acknowledged = HashMap<(String, String), String>;

fn place(answer: &Value) -> Option<(String, String)> {
    Some((answer["ShardId"].as_str()?.to_owned(), answer["SequenceNumber"].as_str()?.to_owned()))
}

/// Puts records that nobody else puts, until the server is gone.
fn put(address: SocketAddr, round: usize, number: usize) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let Some(mut client) = Client::connect(address) else { return acknowledged };
    for turn in 0.. {
        // Base64 of digits and letters is what is decoded to, so the text goes as it is, in groups of four.
        let data = |index: usize| format!("{round:04}{number:04}{turn:08}{index:04}");
        let entry =
            |index: usize| json!({"PartitionKey": format!("{number}-{turn}-{index}"), "Data": data(index)});
        if turn % 3 == 0 {
            let entries: Vec<Value> = (0..20).map(entry).collect();
            let input = json!({"StreamName": STREAM, "Records": entries});
            let Some((200, answer)) = client.call("PutRecords", &input) else { break };
            let records = answer["Records"].as_array().unwrap().iter().enumerate();
            acknowledged.extend(records.map(|(index, record)| (place(record).unwrap(), data(index))));
        } else {
            let mut input = entry(0);
            input["StreamName"] = json!(STREAM);
            let Some((200, answer)) = client.call("PutRecord", &input) else { break };
            acknowledged.insert(place(&answer).unwrap(), data(0));
        }
    }
    acknowledged
}

/// All records that the server has.
fn read(address: SocketAddr) -> Acknowledged {
    let mut client = Client::connect(address).unwrap();
    let (_, shards) = client.call("ListShards", &json!({"StreamName": STREAM})).unwrap();
    let mut found = Acknowledged::new();
    for shard in shards["Shards"].as_array().unwrap() {
        let shard = shard["ShardId"].as_str().unwrap();
        let input = json!({"StreamName": STREAM, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let (_, mut answer) = client.call("GetShardIterator", &input).unwrap();
        let mut iterator = answer["ShardIterator"].take();
        loop {
            let (status, mut answer) =
                client.call("GetRecords", &json!({"ShardIterator": iterator})).unwrap();
            assert_eq!(status, 200, "{answer}");
            let records = answer["Records"].as_array().unwrap();
            for record in records {
                let number = record["SequenceNumber"].as_str().unwrap().to_owned();
                let data = record["Data"].as_str().unwrap().to_owned();
                assert!(found.insert((shard.to_owned(), number), data).is_none());
            }
            if answer["MillisBehindLatest"] == 0 {
                break;
            }
            iterator = answer["NextShardIterator"].take();
        }
    }
    found
}

#[test]
fn what_was_acknowledged_outlives_kills() {
    let kills = std::env::var("SHARDBROOK_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3);
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::new();
    for round in 0..kills {
        let (server, address) = start(directory.path());
        if round == 0 {
            let mut client = Client::connect(address).unwrap();
            let (status, answer) =
                client.call("CreateStream", &json!({"StreamName": STREAM, "ShardCount": 4})).unwrap();
            assert_eq!(status, 200, "{answer}");
        }
        let clients: Vec<_> =
            (0..CLIENTS).map(|number| thread::spawn(move || put(address, round, number))).collect();
        // Not at a time that has to do with what the clients do.
        let millis = 150 + 137 * (round as u64 % 7) + u64::from(Instant::now().elapsed().subsec_nanos() % 50);
        thread::sleep(Duration::from_millis(millis));
        drop(server);
        let before = acknowledged.len();
        for client in clients {
            acknowledged.extend(client.join().unwrap());
        }
        assert!(acknowledged.len() > before, "nothing was acknowledged in round {round}");
        let (_server, address) = start(directory.path());
        let found = read(address);
        for (place, data) in &acknowledged {
            assert_eq!(found.get(place), Some(data), "round {round}: {place:?}");
        }
    }
    #[expect(clippy::print_stdout, reason = "for those who run it for long")]
    {
        println!("{kills} kills, {} records acknowledged, none lost", acknowledged.len());
    }
}
