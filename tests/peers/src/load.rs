//! The load: as many connections as the goals say, each with one request at a time.

use core::net::SocketAddr;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use shardbrook_peers::client::{Connection, Prepared, Protocol, call};
use shardbrook_tests::bare;

use crate::check;
use crate::plan::{Operation, Work};
use crate::report::Sample;
use crate::server::Running;

pub(crate) const CONNECTIONS: usize = 8;
/// How long a stream may take to be there.
const CREATE_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of keys and data with which a work ends before its time: beyond some, the memory of the machine is what is
/// measured. That of a virtual one may be given to it only when it is touched, which takes much longer than to write to it.
const MOST_STORED_BYTES: u64 = 1 << 30;
/// How many different PutRecord requests there are.
const PUT_RECORD_BODIES: usize = 64;
/// What records are put in, and its shards.
const PUT_STREAM: (&str, usize) = ("load", 4);
/// What records are read from. One shard, so that one request reads them all.
const READ_STREAM: (&str, usize) = ("read", 1);

/// Requests that take turns.
#[derive(Debug)]
pub(crate) struct Load {
    operation: Operation,
    protocol: Protocol,
    requests: Vec<Prepared>,
    /// The records that are put, or were put before they are read.
    records: Vec<Value>,
    /// Bytes of keys and data in all of `requests`.
    bytes: u64,
}

impl Load {
    /// The load of a work on a server. What is read is put first.
    pub(crate) async fn prepare(work: Work, address: SocketAddr) -> Result<Self> {
        let operation = work.operation();
        let (name, requests, records) = match operation {
            Operation::PutRecord => {
                let records = records_of(PUT_STREAM.0, PUT_RECORD_BODIES)?;
                let mut inputs = records.clone();
                for input in &mut inputs {
                    input["StreamName"] = json!(PUT_STREAM.0);
                }
                ("PutRecord", inputs, records)
            }
            Operation::PutRecords => {
                let input = put_records_input(PUT_STREAM.0)?;
                ("PutRecords", vec![input], records_of(PUT_STREAM.0, check::records(operation))?)
            }
            Operation::GetRecords => {
                let records = records_of(READ_STREAM.0, check::records(Operation::PutRecords))?;
                ("GetRecords", vec![read_input(address, check::records(operation)).await?], records)
            }
        };
        let bytes = bytes_of(&records)?;
        let requests: Result<_> = requests.iter().map(|input| Prepared::new(name, input)).collect();
        Ok(Self { operation, protocol: work.protocol(), requests: requests?, records, bytes })
    }

    /// Bytes of keys and data that so many requests put.
    pub(crate) fn stored(&self, requests: usize) -> u64 {
        match self.operation {
            Operation::GetRecords => 0,
            Operation::PutRecord | Operation::PutRecords => {
                self.bytes * requests as u64 / self.requests.len() as u64
            }
        }
    }

    /// How many requests a connection sends at most.
    fn most_requests(&self) -> usize {
        MOST_STORED_BYTES.checked_div(self.stored(1)).map_or(usize::MAX, |all| all as usize / CONNECTIONS)
    }

    /// Sends requests over all connections, for this long or as many as there may be, and until each is answered.
    pub(crate) async fn run(self: &Arc<Self>, server: &Running, time: Duration) -> Result<Sample> {
        // The first answer is not measured, and looked at more closely.
        let mut connection = Connection::new(server.address, self.protocol)?;
        let answer = connection.exchange(&self.requests[0]).await?;
        check::fully(self.operation, &answer, &self.records)?;
        let mut connections = vec![connection];
        while connections.len() < CONNECTIONS {
            let mut connection = Connection::new(server.address, self.protocol)?;
            connection.open().await?;
            connections.push(connection);
        }
        let before = server.cpu_time()?;
        let start = Instant::now();
        let clients = connections.into_iter().enumerate().map(|(number, connection)| {
            let client = tokio::spawn(Arc::clone(self).client(connection, number, start + time));
            async { client.await? }
        });
        let latencies = try_join_all(clients).await?.concat();
        let elapsed = start.elapsed();
        let busy = server.cpu_time()?.saturating_sub(before).as_secs_f64() / elapsed.as_secs_f64();
        ensure!(!latencies.is_empty(), "no answer");
        Ok(Sample::new(latencies, elapsed, check::records(self.operation), busy))
    }

    /// What one connection does; gives the time of each request.
    async fn client(
        self: Arc<Self>,
        mut connection: Connection,
        number: usize,
        end: Instant,
    ) -> Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        // Each begins elsewhere.
        let turns = self.requests.iter().cycle().skip(number * self.requests.len() / CONNECTIONS);
        let mut now = Instant::now();
        for request in turns.take(self.most_requests()) {
            if now >= end {
                break;
            }
            let answer = connection.exchange(request).await?;
            check::quickly(self.operation, &answer)?;
            let start = core::mem::replace(&mut now, Instant::now());
            latencies.push(now - start);
        }
        Ok(latencies)
    }
}

/// Makes the streams, waits until they can be used, and puts what is to be read: gives the bytes of keys and data.
pub(crate) async fn create_streams(address: SocketAddr) -> Result<u64> {
    for (name, shards) in [PUT_STREAM, READ_STREAM] {
        call(address, "CreateStream", &json!({ "StreamName": name, "ShardCount": shards })).await?;
        let start = Instant::now();
        loop {
            let answer = call(address, "DescribeStreamSummary", &json!({ "StreamName": name })).await?;
            if answer["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE" {
                break;
            }
            ensure!(start.elapsed() < CREATE_LIMIT, "the stream {name} does not become active");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let input = put_records_input(READ_STREAM.0)?;
    let requests = check::records(Operation::GetRecords) / check::records(Operation::PutRecords);
    for _ in 0..requests {
        let answer = call(address, "PutRecords", &input).await?;
        ensure!(answer["FailedRecordCount"] == 0, "records failed");
    }
    Ok(requests as u64 * bytes_of(input["Records"].as_array().context("no records")?)?)
}

/// A request that reads from the beginning.
async fn read_input(address: SocketAddr, limit: usize) -> Result<Value> {
    let shards = call(address, "ListShards", &json!({ "StreamName": READ_STREAM.0 })).await?;
    let input = json!({
        "StreamName": READ_STREAM.0,
        "ShardId": shards["Shards"][0]["ShardId"],
        "ShardIteratorType": "TRIM_HORIZON",
    });
    let answer = call(address, "GetShardIterator", &input).await?;
    Ok(json!({ "ShardIterator": answer["ShardIterator"], "Limit": limit }))
}

fn put_records_input(stream: &str) -> Result<Value> {
    let body = bare::put_records_body(stream, check::records(Operation::PutRecords));
    Ok(serde_json::from_slice(&body)?)
}

fn records_of(stream: &str, count: usize) -> Result<Vec<Value>> {
    let mut input: Value = serde_json::from_slice(&bare::put_records_body(stream, count))?;
    input["Records"].as_array_mut().map(core::mem::take).context("no records")
}

/// Bytes of keys and data.
fn bytes_of(records: &[Value]) -> Result<u64> {
    let length = |record: &Value| -> Option<usize> {
        let data = record["Data"].as_str()?;
        Some(data.len() / 4 * 3 - data.matches('=').count() + record["PartitionKey"].as_str()?.len())
    };
    let lengths: Option<usize> = records.iter().map(length).sum();
    Ok(lengths.context("a record without data or key")? as u64)
}
