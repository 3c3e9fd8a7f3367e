//! What the engine keeps of a record beyond its key and its data, as the allocator sees it.
//!
//! Prints a line a size: how many records, and the bytes beyond key and data of each.
#![allow(clippy::print_stdout, reason = "this is what it is for")]

use peak_alloc::PeakAlloc;
use shardbrook::{Engine, EngineConfig, PutRecords, PutRecordsEntry, StreamRef, Timestamp};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const KEY: &str = "customer-1234567";
const DATA: [u8; 100] = [7; 100];

fn main() {
    // `cargo bench` passes arguments of its own.
    for shards in [1, 4] {
        for records in [1_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000] {
            // Ten million stand for a long shard, not for a wide stream.
            if records > 3_000_000 && shards > 1 {
                continue;
            }
            println!("{shards} shards, {records} records: {:.1}", overhead(shards, records));
        }
    }
    let before = ALLOCATOR.current_usage();
    let engine = engine(10_000);
    println!("idle shard: {:.1}", (ALLOCATOR.current_usage() - before) as f64 / 10_000.0);
    drop(engine);
}

fn engine(shards: usize) -> Engine {
    let config = EngineConfig { initialize_streams: format!("orders:{shards}"), ..EngineConfig::default() };
    Engine::new(config).expect("an engine")
}

fn overhead(shards: usize, records: usize) -> f64 {
    let mut engine = engine(shards);
    let before = ALLOCATOR.current_usage();
    let stream = StreamRef::named("orders");
    let mut put = 0;
    while put < records {
        let keys: Vec<String> = (put..put + 500).map(|i| format!("customer-{i:07}")).collect();
        let entry =
            |key| PutRecordsEntry { data: &DATA, partition_key: Some(key), ..PutRecordsEntry::default() };
        let records = keys.iter().map(|key| entry(key.as_str())).collect();
        let input = PutRecords { stream, records, dry_run: false };
        engine.put_records(Timestamp::EPOCH, &input).expect("taken");
        put += 500;
    }
    let kept = ALLOCATOR.current_usage() - before;
    kept as f64 / records as f64 - (KEY.len() + DATA.len()) as f64
}
