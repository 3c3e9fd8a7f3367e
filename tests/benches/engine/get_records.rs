//! GetRecords of 500 × 100 bytes, JSON in and JSON out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput};
use serde_json::{Value, json};
use shardbrook::{Engine, Timestamp};

use crate::put_records::{self, RECORDS, request};
use crate::quickest;

struct Job {
    engine: Engine,
    now: Timestamp,
    body: Vec<u8>,
}

impl Job {
    fn new() -> Self {
        let mut puts = put_records::Job::new();
        for _ in 0..10 {
            puts.run();
        }
        let (mut engine, now) = puts.into_engine();
        let input = json!({
            "StreamName": "orders", "ShardId": "shardId-000000000001", "ShardIteratorType": "TRIM_HORIZON",
        });
        let target = "Kinesis_20131202.GetShardIterator";
        let answer = request(&mut engine, now, target, input.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let input = json!({ "ShardIterator": answer["ShardIterator"], "Limit": RECORDS });
        Self { engine, now, body: input.to_string().into() }
    }

    fn run(&mut self) -> Vec<u8> {
        request(&mut self.engine, self.now, "Kinesis_20131202.GetRecords", &self.body)
    }
}

/// The work without an engine: base64 and formatted output, by the usual crates.
fn bare(data: &[u8]) -> Vec<u8> {
    use std::io::Write as _;

    let mut out = Vec::with_capacity(data.len() * 4);
    for (serial, data) in data.chunks(100).enumerate() {
        let data = STANDARD.encode(data);
        let written = write!(
            out,
            "{{\"SequenceNumber\":\"496804747549219705{serial:038}\",\"ApproximateArrivalTimestamp\":1356998400.123,\
             \"Data\":\"{data}\",\"PartitionKey\":\"customer-1234567\"}},"
        );
        written.expect("memory");
    }
    out
}

pub(crate) fn repeat(count: usize) {
    let mut job = Job::new();
    println!("records: {RECORDS}");
    for _ in 0..count {
        job.run();
    }
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("get_records");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let data: Vec<u8> = (0..RECORDS * 100).map(|i| (i * i / 7) as u8).collect();
    group.bench_function("bare", |bencher| quickest(bencher, || bare(&data)));
    let mut job = Job::new();
    let answer: Value = serde_json::from_slice(&job.run()).expect("JSON");
    assert_eq!(answer["Records"].as_array().map(Vec::len), Some(RECORDS));
    group.bench_function("engine", |bencher| quickest(bencher, || job.run()));
    group.finish();
}
