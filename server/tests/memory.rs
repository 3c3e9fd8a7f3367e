//! Whether what an engine says of its memory is near the truth: that of the allocator.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::alloc::System;

use shardbrook::{
    CreateStream, DeleteStream, Engine, EngineConfig, PutRecords, PutRecordsEntry, StreamRef, Timestamp,
};

/// The system's allocator, which counts what is taken.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is the system's; counting does not touch memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the rules of this call.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the rules of this call.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn near(engine: &Engine, before: usize, what: &str) {
    let taken = TAKEN.load(Ordering::Relaxed) - before;
    let said = engine.stored_bytes() as usize;
    let percent = said * 100 / taken.max(1);
    assert!((75..=110).contains(&percent), "{what}: says {said}, took {taken} ({percent} %)");
}

#[test]
fn what_an_engine_says_is_near_the_truth() {
    let now = Timestamp::from_millis(1_000_000);
    let day = 24 * 3600 * 1000;
    let stream = StreamRef::named("s");
    for (size, count) in [(10, 400_000), (100, 200_000), (5_000, 5_000), (100_000, 300)] {
        let before = TAKEN.load(Ordering::Relaxed);
        let mut engine =
            Engine::new(EngineConfig { initialize_streams: "s:8".into(), ..Default::default() }).unwrap();
        let data = vec![7; size];
        let keys: Vec<String> = (0..500).map(|key| format!("key-{key}")).collect();
        let entry = |key| PutRecordsEntry { data: &data, partition_key: Some(key), ..Default::default() };
        let batch = count.min(500).min((4 << 20) / size);
        for _ in 0..count / batch {
            let records = keys.iter().take(batch).map(|key| entry(key)).collect();
            engine.put_records(now, &PutRecords { stream, records, ..Default::default() }).unwrap();
        }
        near(&engine, before, &format!("{count} records of {size} bytes"));
        // Nobody writes or reads any more, and the records expire.
        engine.trim_expired(now.plus_millis(day - 1));
        assert!(engine.stored_bytes() as usize > size * count * 9 / 10);
        engine.trim_expired(now.plus_millis(day + 1));
        assert!(engine.stored_bytes() < 100_000, "{}", engine.stored_bytes());
        let left = TAKEN.load(Ordering::Relaxed) - before;
        assert!(left < 300_000, "{left}");
    }
    let before = TAKEN.load(Ordering::Relaxed);
    let mut engine = Engine::new(EngineConfig::default()).unwrap();
    let many = CreateStream { stream_name: "many", shard_count: Some(10_000), ..Default::default() };
    engine.create_stream(now, &many).unwrap();
    near(&engine, before, "10,000 shards");
    engine
        .delete_stream(now, &DeleteStream { stream: StreamRef::named("many"), ..Default::default() })
        .unwrap();
    engine.handle_timeout(now.plus_millis(1));
    assert_eq!(engine.stored_bytes(), 0);
}
