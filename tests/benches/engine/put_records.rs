//! PutRecords of 500 × 100 bytes, JSON in and JSON out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput};
use md5::{Digest as _, Md5};
use serde::Deserialize;
use shardbrook::{Engine, EngineConfig, Handled, Request, Timestamp};

use crate::quickest;

pub(crate) const RECORDS: usize = 500;

/// What an SDK sends with a request, but for the target.
pub(crate) const HEADERS: [(&str, &str); 7] = [
    ("content-type", "application/x-amz-json-1.1"),
    ("host", "kinesis.us-east-1.amazonaws.com"),
    ("x-amz-date", "20130524T000000Z"),
    ("user-agent", "aws-sdk-js/3.1143.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.20.2 api/kinesis#3.1143.0"),
    ("amz-sdk-invocation-id", "2f6e53f7-5b9a-43d9-b4a4-5b8d0c2a8a39"),
    (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=000000000000/20130524/us-east-1/kinesis/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
    ),
    ("content-length", "90000"),
];

/// A request with partition keys of 15 to 20 bytes.
fn body() -> Vec<u8> {
    let records: Vec<_> = (0..RECORDS)
        .map(|i| {
            let data: Vec<u8> = (0..100).map(|byte| (i * 131 + byte * 29 + (i * byte) % 251) as u8).collect();
            let key = format!("customer-{}", 100_000 + i * i * 7_919 * (1 + i % 1000) % 10_000_000_000);
            serde_json::json!({ "Data": STANDARD.encode(data), "PartitionKey": key })
        })
        .collect();
    serde_json::to_vec(&serde_json::json!({ "Records": records, "StreamName": "orders" })).expect("JSON")
}

/// An engine with a stream that takes the same request again and again.
pub(crate) struct Job {
    engine: Engine,
    body: Vec<u8>,
    now: Timestamp,
}

impl Job {
    pub(crate) fn new() -> Self {
        Self::with_limits(r#""off""#)
    }

    /// With throughput quotas, as JSON.
    pub(crate) fn with_limits(limits: &str) -> Self {
        let options = format!(r#"{{"initializeStreams":"orders:4","limits":{limits}}}"#);
        let engine = EngineConfig::from_json(&options).and_then(Engine::new).expect("an engine");
        Self { engine, body: body(), now: Timestamp::from_millis(1_356_998_400_000) }
    }

    /// One request a minute, so that a day's worth of requests is kept and the rest trimmed.
    pub(crate) fn run(&mut self) -> usize {
        self.now = self.now.plus_millis(60_000);
        let answer = request(&mut self.engine, self.now, "Kinesis_20131202.PutRecords", &self.body);
        answer.len()
    }

    pub(crate) fn into_engine(self) -> (Engine, Timestamp) {
        (self.engine, self.now)
    }
}

/// The answer to one request.
pub(crate) fn request(engine: &mut Engine, now: Timestamp, target: &str, body: &[u8]) -> Vec<u8> {
    let mut headers = [("x-amz-target", target); HEADERS.len() + 1];
    headers[1..].copy_from_slice(&HEADERS);
    let request = Request { method: "POST", path: "/", headers: &headers, body };
    match engine.handle_request(now, &request) {
        Handled::Done(response) if response.status == 200 => response.body,
        Handled::Done(response) => panic!("{target}: {}", String::from_utf8_lossy(&response.body)),
        late @ (Handled::Pending(_) | Handled::Stream(..)) => panic!("{target}: {late:?}"),
    }
}

/// The work without an engine: parse, decode, hash, and write numbers, by the usual crates.
fn bare(body: &[u8], serial: &mut u128) -> Vec<u8> {
    use std::io::Write as _;

    let parsed: BareRequest<'_> = serde_json::from_slice(body).expect("a request");
    let mut data = Vec::with_capacity(body.len());
    let mut out = Vec::with_capacity(body.len());
    out.extend_from_slice(b"{\"FailedRecordCount\":0,\"Records\":[");
    for (index, record) in parsed.records.iter().enumerate() {
        STANDARD.decode_vec(record.data, &mut data).expect("base64");
        let shard = Md5::digest(record.partition_key)[0] >> 6;
        *serial += 1;
        let comma = if index == 0 { "" } else { "," };
        let written = write!(
            out,
            "{comma}{{\"SequenceNumber\":\"496804747549219705{:038}\",\"ShardId\":\"shardId-{shard:012}\"}}",
            *serial
        );
        written.expect("memory");
    }
    out.extend_from_slice(b"]}");
    core::hint::black_box(&data);
    out
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BareRequest<'a> {
    #[serde(borrow)]
    records: Vec<BareRecord<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BareRecord<'a> {
    data: &'a str,
    partition_key: &'a str,
}

pub(crate) fn repeat(count: usize) {
    let mut job = Job::new();
    println!("records: {RECORDS}");
    for _ in 0..count {
        job.run();
    }
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("put_records");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let body = body();
    let mut serial = 0;
    group.bench_function("bare", |bencher| quickest(bencher, || bare(&body, &mut serial)));
    let mut job = Job::new();
    group.bench_function("engine", |bencher| quickest(bencher, || job.run()));
    group.finish();
}
