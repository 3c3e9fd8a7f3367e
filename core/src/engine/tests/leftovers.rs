//! What was deleted, or never made, leaves nothing behind.

use super::{DELIVERY_FROM_STREAM, at, engine, ok};
use crate::engine::Engine;
use crate::stream::Stream;

const CREATE: &str = r#"{"StreamName":"s","ShardCount":1}"#;
const DELETE: &str = r#"{"StreamName":"s"}"#;
const DELETE_DELIVERY: &str = r#"{"DeliveryStreamName":"d"}"#;
const SLOWLY: &str = r#"{"durations":{"deleteStream":5000,"createDeliveryStream":1000,"deleteDeliveryStream":5000}}"#;

/// How many read a stream by themselves: as the engine has it, and as stream 0 has it.
fn readers(engine: &Engine) -> (usize, usize) {
    (engine.deliveries.readers.len(), engine.stream(0).map(Stream::readers).map_or(0, <[_]>::len))
}

#[test]
fn a_deleted_delivery_stream_reads_nothing_any_more() {
    for options in ["{}", SLOWLY] {
        let mut engine = engine(options);
        ok(&mut engine, at(0), "CreateStream", CREATE);
        for round in 0..3u64 {
            let start = round * 10_000;
            ok(&mut engine, at(start), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
            assert_eq!(readers(&engine), (1, 1), "{options}");
            ok(&mut engine, at(start + 1000), "Firehose.DeleteDeliveryStream", DELETE_DELIVERY);
            assert_eq!(readers(&engine), (0, 0), "{options}");
            engine.handle_timeout(at(start + 9000));
            assert_eq!(engine.poll_timeout(), None);
        }
    }
}

#[test]
fn a_deleted_source_is_read_by_nobody() {
    // A stream that is read, and one whose reader waits for the end of CREATING.
    for (options, removed) in [("{}", 5000), (SLOWLY, 5000), (r#"{"durations":{"createDeliveryStream":9000}}"#, 0)] {
        let mut engine = engine(options);
        ok(&mut engine, at(0), "CreateStream", CREATE);
        ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
        let put = r#"{"StreamName":"s","PartitionKey":"k","Data":"YQ=="}"#;
        ok(&mut engine, at(0), "PutRecord", put);
        assert_eq!(readers(&engine), (1, 1));
        ok(&mut engine, at(0), "DeleteStream", DELETE);
        engine.handle_timeout(at(removed));
        assert_eq!(readers(&engine), (0, 0), "{options}");
        // The delivery stream goes on without: it delivers what it has, and can be deleted.
        engine.handle_timeout(at(100_000));
        let taken = engine.snapshot_bytes(at(100_000));
        let mut engine = Engine::restore(at(100_000), &taken).unwrap();
        ok(&mut engine, at(100_000), "Firehose.DeleteDeliveryStream", DELETE_DELIVERY);
    }
}
