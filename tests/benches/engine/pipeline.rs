//! The whole of the main job: as the stream's path, with a delivery stream that packs everything into objects.

use criterion::{Criterion, SamplingMode, Throughput};
use miniz_oxide::deflate::compress_to_vec;
use shardbrook::{Handled, Request};

use crate::flights::{Flight, batches, bytes, count};
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
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "Firehose_20150804.CreateDeliveryStream"),
        ("x-amz-date", "20130524T000000Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=000000000000/20130524/us-east-1/firehose/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
        ),
    ];
    let request = Request { method: "POST", path: "/", headers: &headers, body };
    match path.engine.handle_request(path.now, &request) {
        Handled::Done(response) if response.status == 200 => {}
        Handled::Done(response) => panic!("{}", String::from_utf8_lossy(&response.body)),
        other => panic!("{other:?}"),
    }
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
