//! The whole of the main job: the stream's path, and a delivery stream that packs everything into objects.

use criterion::{Criterion, SamplingMode, Throughput};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use shardbrook_flights::{BUCKET, Flights, Job};

use crate::{flights, quickest};

/// The level of the engine's objects.
const LEVEL: u8 = 6;

fn run(flights: &Flights) -> Job<'_> {
    let mut job = Job::new(flights).expect("streams");
    job.put_all(|_| {}).expect("flights are taken");
    let mut records = 0;
    job.read_all(|_| records += 1).expect("flights are read");
    assert_eq!(records, flights.len());
    job
}

/// What the objects hold, unpacked.
fn delivered(job: &Job<'_>) -> Vec<Vec<u8>> {
    let objects = job.engine().objects().list(BUCKET, "");
    // A header of 10 bytes, a trailer of 8.
    let deflated = objects.map(|(_, object)| object.body[10..object.body.len() - 8].to_vec());
    deflated.map(|deflated| decompress_to_vec(&deflated).expect("a gzip member")).collect()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let Some(flights) = flights::open() else { return };
    let job = run(&flights);
    let delivered = delivered(&job);
    let bytes: u64 = delivered.iter().map(|object| object.len() as u64).sum();
    assert_eq!(bytes, job.put_bytes());

    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Bytes(bytes));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.bench_function("bare", |bencher| {
        quickest(bencher, || {
            delivered.iter().map(|object| compress_to_vec(object, LEVEL).len()).sum::<usize>()
        });
    });
    group.bench_function("engine", |bencher| quickest(bencher, || run(&flights)));
    group.finish();
}
