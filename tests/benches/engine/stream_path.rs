//! The stream's path of the main job: aggregate, put, read, take apart; the typed API, no delivery.

use criterion::{Criterion, SamplingMode, Throughput};
use md5::{Digest as _, Md5};
use shardbrook::{
    Aggregator, DEFAULT_MAX_BYTES, Engine, EngineConfig, Entry, HashRange, NewRecord, PutRecords,
    PutRecordsEntry, RecordReader, ShardMap, StreamRef, Timestamp,
};

use crate::flights::Record;
use crate::{flights, quickest};

const SHARDS: u32 = 4;
const START: Timestamp = Timestamp::from_millis(1_356_998_400_000);

/// A stream and what is needed to put flights into it.
struct Path {
    engine: Engine,
    now: Timestamp,
    aggregator: Aggregator,
    entries: Vec<Entry>,
}

impl Path {
    fn new() -> Self {
        let config = EngineConfig {
            initialize_streams: format!("flights:{SHARDS}"),
            now: START.as_millis(),
            ..EngineConfig::default()
        };
        let shards = ShardMap::new(&HashRange::uniform(SHARDS)).expect("a map");
        Self {
            engine: Engine::new(config).expect("an engine"),
            now: START,
            aggregator: Aggregator::new(Some(shards), DEFAULT_MAX_BYTES).expect("an aggregator"),
            entries: Vec::new(),
        }
    }

    /// Puts the flights of one hour, a year taking an hour.
    fn put(&mut self, flights: &[Record]) {
        let records: Vec<_> = flights
            .iter()
            .map(|flight| NewRecord {
                partition_key: &flight.key,
                explicit_hash_key: None,
                data: &flight.data,
            })
            .collect();
        self.aggregator.add_all(&records, &mut self.entries).expect("good records");
        self.aggregator.flush(&mut self.entries);
        for entries in self.entries.chunks(500) {
            let hash_keys: Vec<String> =
                entries.iter().map(|entry| entry.explicit_hash_key.to_string()).collect();
            let records = entries.iter().zip(&hash_keys).map(|(entry, hash_key)| PutRecordsEntry {
                data: &entry.data,
                partition_key: Some(&entry.partition_key),
                explicit_hash_key: Some(hash_key),
            });
            let stream = StreamRef::named("flights");
            let input = PutRecords { stream, records: records.collect(), ..PutRecords::default() };
            self.engine.put_records(self.now, &input).expect("records are taken");
        }
        self.entries.clear();
        self.now = self.now.plus_millis(411);
    }

    fn reader(&mut self) -> RecordReader {
        self.engine.records(self.now, "flights").expect("a stream")
    }

    /// Reads all there is, and returns how many records and bytes it was.
    fn read(&mut self, reader: &mut RecordReader) -> (usize, usize) {
        let (mut records, mut bytes) = (0, 0);
        loop {
            let batch = reader.next_batch(&mut self.engine, self.now).expect("a stream");
            if batch.is_empty() {
                return (records, bytes);
            }
            for record in batch {
                let record = record.expect("a good record");
                records += 1;
                bytes += record.data.len() + record.partition_key.map_or(0, str::len);
            }
        }
    }
}

fn run(batches: &[Vec<Record>]) -> usize {
    let mut path = Path::new();
    for flights in batches {
        path.put(flights);
    }
    let mut reader = path.reader();
    let (records, bytes) = path.read(&mut reader);
    assert_eq!(records, count(batches));
    bytes
}

fn count(batches: &[Vec<Record>]) -> usize {
    batches.iter().map(Vec::len).sum()
}

/// What the format asks for at least: each record's bytes go through MD5 twice, its key once.
fn bare(batches: &[Vec<Record>]) -> u8 {
    let mut sum = 0;
    for flight in batches.iter().flatten() {
        sum ^= Md5::digest(&flight.key)[0];
    }
    for _pass in 0..2 {
        for flights in batches {
            let mut hash = Md5::new();
            flights.iter().for_each(|flight| hash.update(&flight.data));
            sum ^= hash.finalize()[0];
        }
    }
    sum
}

pub(crate) fn repeat(rounds: usize) {
    let flights = flights::open().expect("a file of flights in SHARDBROOK_FLIGHTS");
    let batches = flights::batches(&flights);
    println!("records: {}", count(&batches));
    for _ in 0..rounds {
        run(&batches);
    }
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let Some(flights) = flights::open() else {
        return println!("stream_path, pipeline: no file of flights in SHARDBROOK_FLIGHTS");
    };
    let batches = flights::batches(&flights);
    let mut group = criterion.benchmark_group("stream_path");
    group.throughput(Throughput::Elements(count(&batches) as u64));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("bare", |bencher| quickest(bencher, || bare(&batches)));
    group.bench_function("engine", |bencher| quickest(bencher, || run(&batches)));
    group.finish();
}
