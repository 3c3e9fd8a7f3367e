//! The whole of the main job: as the stream's path, with a delivery stream that packs everything into objects.

use criterion::{Criterion, SamplingMode, Throughput};
use miniz_oxide::deflate::compress_to_vec;

use crate::flights::{Flight, batches, bytes, count};
use crate::put_records::request;
use crate::quickest;
use crate::stream_path::Path;

const HOURS: u64 = 400;
/// The level of the engine's objects.
const LEVEL: u8 = 6;

fn run(batches: &[Vec<Flight>]) -> Path {
    let mut path = Path::new();
    create_delivery_stream(&mut path);
    for flights in batches {
        path.put(flights);
    }
    let mut reader = path.reader();
    let (records, _) = path.read(&mut reader);
    assert_eq!(records, count(batches));
    // The last buffer is due after its interval.
    path.now = path.now.plus_millis(120_000);
    path.engine.handle_timeout(path.now);
    path
}

fn create_delivery_stream(path: &mut Path) {
    let body = br#"{"DeliveryStreamName":"flights","DeliveryStreamType":"KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration":{"RoleARN":"arn:aws:iam::000000000000:role/reader",
            "KinesisStreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/flights"},
        "ExtendedS3DestinationConfiguration":{"RoleARN":"arn:aws:iam::000000000000:role/writer",
            "BucketARN":"arn:aws:s3:::flights","CompressionFormat":"GZIP",
            "BufferingHints":{"SizeInMBs":1,"IntervalInSeconds":60}}}"#;
    request(&mut path.engine, path.now, "Firehose_20150804.CreateDeliveryStream", body);
}

/// What the objects hold, unpacked.
fn delivered(path: &Path) -> Vec<Vec<u8>> {
    let objects = path.engine.objects();
    let unpack = |body: &[u8]| {
        let deflated = &body[10..body.len() - 8];
        miniz_oxide::inflate::decompress_to_vec(deflated).expect("a gzip member")
    };
    objects.list("flights", "").map(|(_, object)| unpack(&object.body)).collect()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let batches = batches(HOURS);
    let delivered = delivered(&run(&batches));
    assert_eq!(delivered.iter().map(Vec::len).sum::<usize>(), bytes(&batches));

    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Bytes(bytes(&batches) as u64));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.bench_function("bare", |bencher| {
        quickest(bencher, || {
            delivered.iter().map(|object| compress_to_vec(object, LEVEL).len()).sum::<usize>()
        });
    });
    group.bench_function("engine", |bencher| quickest(bencher, || run(&batches)));
    group.finish();
}
