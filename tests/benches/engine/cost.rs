//! What single things cost, and how it grows with what an engine holds.

use criterion::{Criterion, SamplingMode, Throughput};
use md5::{Digest as _, Md5};
use shardbrook::{
    Engine, EngineConfig, GetRecords, GetShardIterator, HashKey, HashRange, PutRecord, PutRecords,
    PutRecordsEntry, SequenceNumber, ShardIteratorType, StreamRef, Timestamp, UpdateShardCount, hash_keys,
};

use crate::{quickest, quickest_with};

const NOW: Timestamp = Timestamp::from_millis(1_356_998_400_000);

pub(crate) fn bench(criterion: &mut Criterion) {
    engines(criterion);
    puts(criterion);
    reads(criterion);
    readers(criterion);
    hashes(criterion);
    sequence_texts(criterion);
}

fn engine_with(initialize_streams: &str) -> Engine {
    let config = EngineConfig {
        initialize_streams: initialize_streams.into(),
        now: NOW.as_millis(),
        ..EngineConfig::default()
    };
    Engine::new(config).expect("an engine")
}

fn engines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("create");
    group.bench_function("engine", |bencher| quickest(bencher, || engine_with("")));
    group.bench_function("10000_shards", |bencher| quickest(bencher, || engine_with("orders:10000")));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("10000_to_5000_shards", |bencher| {
        let halve = |mut engine: Engine| {
            let stream = StreamRef::named("orders");
            let input = UpdateShardCount { stream, target_shard_count: 5000 };
            engine.update_shard_count(NOW, &input).expect("a count that is allowed");
            engine.handle_timeout(NOW);
            engine
        };
        quickest_with(bencher, || engine_with("orders:10000"), halve);
    });
    group.finish();
}

/// One record at a time, with few streams and with many.
fn puts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("put_record");
    group.throughput(Throughput::Elements(1000));
    for streams in [10, 1000] {
        let names: Vec<String> = (0..streams).map(|i| format!("stream-{i}")).collect();
        let list: Vec<String> = names.iter().map(|name| format!("{name}:1")).collect();
        let mut engine = engine_with(&list.join(","));
        let mut now = NOW;
        group.bench_function(format!("{streams}_streams"), |bencher| {
            quickest(bencher, || {
                now = now.plus_millis(60_000);
                for i in 0..1000 {
                    let record = PutRecordsEntry {
                        data: &[7; 100],
                        partition_key: Some("customer-1234567"),
                        ..Default::default()
                    };
                    let stream = StreamRef::named(&names[i * 7919 % names.len()]);
                    engine
                        .put_record(now, &PutRecord { stream, record, ..Default::default() })
                        .expect("taken");
                }
            });
        });
    }
    group.finish();
}

/// A hundred records from either end of a shard of a million.
fn reads(criterion: &mut Criterion) {
    const RECORDS: usize = 1_000_000;
    let mut engine = engine_with("orders:1");
    let stream = StreamRef::named("orders");
    let entry = PutRecordsEntry { data: &[7; 20], partition_key: Some("customer"), ..Default::default() };
    let mut numbers = Vec::new();
    for _ in 0..RECORDS / 500 {
        let input = PutRecords { stream, records: vec![entry; 500], dry_run: false };
        let reply = engine.put_records(NOW, &input).expect("taken");
        numbers.extend(
            reply.records.iter().filter_map(|record| record.placed()).map(|placed| placed.sequence_number),
        );
    }
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Elements(100));
    for (name, index) in [("start", 10), ("end", RECORDS - 110)] {
        let number = numbers[index].to_string();
        group.bench_function(name, |bencher| {
            quickest(bencher, || {
                let input = GetShardIterator {
                    stream,
                    shard_id: "shardId-000000000000",
                    shard_iterator_type: ShardIteratorType::AtSequenceNumber,
                    starting_sequence_number: Some(&number),
                    timestamp: None,
                    dry_run: false,
                };
                let iterator = engine.get_shard_iterator(NOW, &input).expect("an iterator").shard_iterator;
                let input =
                    GetRecords { shard_iterator: &iterator, limit: Some(100), ..GetRecords::default() };
                let reply = engine.get_records(NOW, &input).expect("records");
                assert_eq!(reply.records.len(), 100);
                reply
            });
        });
    }
    group.finish();
}

/// A whole stream of few shards and of many, with a record in each shard.
fn readers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reader");
    for shards in [100_u32, 10_000] {
        let mut engine = engine_with(&format!("orders:{shards}"));
        for range in HashRange::uniform(shards) {
            let hash_key = range.start().to_string();
            let record = PutRecordsEntry {
                data: &[7; 20],
                partition_key: Some("customer"),
                explicit_hash_key: Some(&hash_key),
            };
            let stream = StreamRef::named("orders");
            engine.put_record(NOW, &PutRecord { stream, record, ..PutRecord::default() }).expect("taken");
        }
        group.throughput(Throughput::Elements(shards.into()));
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function(format!("{shards}_shards"), |bencher| {
            quickest(bencher, || {
                let mut reader = engine.records(NOW, "orders").expect("a stream");
                let mut records = 0;
                loop {
                    let batch = reader.next_batch(&mut engine, NOW).expect("a stream");
                    if batch.is_empty() {
                        return assert_eq!(records, shards as usize);
                    }
                    records += batch.len();
                }
            });
        });
    }
    group.finish();
}

fn hashes(criterion: &mut Criterion) {
    let keys: Vec<String> = (0..1000).map(|i| format!("customer-{}", i * 7_919_000)).collect();
    let mut group = criterion.benchmark_group("hash");
    group.throughput(Throughput::Elements(keys.len() as u64));
    group.bench_function("bare", |bencher| {
        quickest(bencher, || keys.iter().fold(0, |sum, key| sum ^ Md5::digest(key)[0]));
    });
    group.bench_function("one_by_one", |bencher| {
        quickest(bencher, || keys.iter().fold(0, |sum, key| sum ^ HashKey::of(key).to_bits()));
    });
    let mut hashes = Vec::new();
    group.bench_function("together", |bencher| {
        quickest(bencher, || {
            hashes.clear();
            hash_keys(keys.iter().map(String::as_str), &mut hashes);
            hashes.len()
        });
    });
    group.finish();
}

fn sequence_texts(criterion: &mut Criterion) {
    let numbers: Vec<_> = (0..1000)
        .map(|counter| SequenceNumber::record(1_356_998_400, 3, counter * 37, 1_356_999_000))
        .collect();
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let mut group = criterion.benchmark_group("sequence_text");
    group.throughput(Throughput::Elements(numbers.len() as u64));
    group.bench_function("write", |bencher| {
        quickest(bencher, || numbers.iter().map(|number| number.to_string().len()).sum::<usize>());
    });
    group.bench_function("read", |bencher| {
        quickest(bencher, || texts.iter().filter(|text| text.parse::<SequenceNumber>().is_ok()).count());
    });
    group.finish();
}
