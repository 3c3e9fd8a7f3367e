use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use md5::{Digest, Md5};
use proptest::prelude::*;

use super::*;
use crate::engine::tests::{DELIVERY, DELIVERY_FROM_STREAM, ask, at, call, engine, ok};
use crate::engine::{EffectId, EffectResult, Fault, ObjectStoreKind, Output};
use crate::snapshot::tests::{loaded, saved};

fn snapshot(engine: &mut Engine, now: Timestamp) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(now, &mut |piece| bytes.extend_from_slice(piece));
    bytes
}

fn outputs(engine: &mut Engine) -> Vec<Output> {
    core::iter::from_fn(|| match engine.poll_output() {
        Output::Timeout(_) => None,
        output @ (Output::Response(..)
        | Output::Frame(..)
        | Output::End(_)
        | Output::Reset(_)
        | Output::Effect(_)
        | Output::Event(_)) => Some(output),
    })
    .collect()
}

/// An engine in the middle of everything: a stream that is being split, one that is being deleted, a delivery stream
/// with a full buffer, effects that the host has not answered, a fault.
fn busy() -> Engine {
    let mut engine =
        engine(r#"{"seed":7,"objectStore":"host","durations":{"updateStream":5000,"deleteStream":9000}}"#);
    for body in [r#"{"StreamName":"s","ShardCount":2}"#, r#"{"StreamName":"gone","ShardCount":1}"#] {
        ok(&mut engine, at(0), "CreateStream", body);
    }
    ok(&mut engine, at(1), "Firehose.CreateDeliveryStream", DELIVERY_FROM_STREAM);
    let delivery = DELIVERY.replace(r#""DeliveryStreamName":"d""#, r#""DeliveryStreamName":"direct""#);
    ok(&mut engine, at(1), "Firehose.CreateDeliveryStream", &delivery);
    for n in 0..20 {
        let put = format!(r#"{{"StreamName":"s","PartitionKey":"k{n}","Data":"aGVsbG8="}}"#);
        ok(&mut engine, at(10 + n * 7000), "PutRecord", &put);
        let put = r#"{"DeliveryStreamName":"direct","Record":{"Data":"aGVsbG8="}}"#;
        ok(&mut engine, at(10 + n * 7000), "Firehose.PutRecord", put);
    }
    let split = r#"{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}"#;
    ok(&mut engine, at(150_000), "SplitShard", split);
    ok(&mut engine, at(150_000), "DeleteStream", r#"{"StreamName":"gone"}"#);
    let fault = r#"{"operation":"ListStreams","error":"InternalFailure","probability":0.5,"times":9}"#;
    engine.faults_mut().add(Fault::from_json(fault).unwrap()).unwrap();
    engine
}

/// Goes on for a day, and says all that can be seen on the way.
fn go_on(engine: &mut Engine) -> Vec<alloc::string::String> {
    let mut seen = Vec::new();
    for step in 0..30u64 {
        let now = at(151_000 + step * 4000);
        for output in outputs(engine) {
            if let Output::Effect(effect) = &output {
                let outcome = if step % 3 == 0 { Err("busy".into()) } else { Ok(Vec::new()) };
                engine
                    .handle_effect_result(now, effect.id, EffectResult { latency_ms: 30, outcome })
                    .unwrap();
            }
            seen.push(format!("{output:?}"));
        }
        let put = format!(r#"{{"StreamName":"s","PartitionKey":"x{step}","Data":"aGVsbG8="}}"#);
        for (operation, body) in [
            ("PutRecord", &*put),
            ("ListStreams", "{}"),
            ("ListShards", r#"{"StreamName":"s"}"#),
            ("Firehose.PutRecord", r#"{"DeliveryStreamName":"direct","Record":{"Data":"aGVsbG8="}}"#),
        ] {
            seen.push(format!("{:?}", call(engine, now, operation, body)));
        }
    }
    let mut reader = engine.records(at(400_000), "s").unwrap();
    let read = reader.next_batch(engine, at(400_000)).unwrap();
    seen.push(format!("{read:?}"));
    seen
}

#[test]
fn a_restored_engine_goes_on_as_the_one_it_was_taken_from() {
    let mut original = busy();
    // What the host did not take before, and has not answered, it is asked for again.
    let effects = |outputs: Vec<Output>| -> Vec<Output> {
        outputs.into_iter().filter(|output| matches!(output, Output::Effect(_))).collect()
    };
    let taken = snapshot(&mut original, at(150_500));
    let mut restored = Engine::restore(at(150_500), &taken).unwrap();
    let (asked, asked_again) = (effects(outputs(&mut original)), effects(outputs(&mut restored)));
    assert!(!asked.is_empty());
    assert_eq!(asked, asked_again);
    let mut restored = Engine::restore(at(150_500), &taken).unwrap();
    let mut original = Engine::restore(at(150_500), &taken).unwrap();
    assert_eq!(go_on(&mut original), go_on(&mut restored));
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let (mut one, mut other) = (busy(), busy());
    let taken = snapshot(&mut one, at(150_500));
    assert_eq!(taken, snapshot(&mut other, at(150_500)));
    let mut restored = Engine::restore(at(150_500), &taken).unwrap();
    assert_eq!(taken, snapshot(&mut restored, at(150_500)));
    // Expired records leave no trace, wherever the segments of a log end.
    assert_eq!(snapshot(&mut one, at(86_470_000)), snapshot(&mut restored, at(86_470_000)));
}

#[test]
fn a_snapshot_cut_or_changed_at_any_byte_is_refused() {
    let taken = snapshot(&mut busy(), at(150_500));
    for end in 0..taken.len() {
        assert!(Engine::restore(at(0), &taken[..end]).is_err(), "cut at {end}");
    }
    for place in 0..taken.len() {
        let mut changed = taken.clone();
        changed[place] ^= 1;
        assert!(Engine::restore(at(0), &changed).is_err(), "changed at {place}");
    }
    let mut longer = taken.clone();
    longer.push(0);
    assert_eq!(Engine::restore(at(0), &longer).unwrap_err(), SnapshotError::Damaged);
    assert_eq!(Engine::restore(at(0), b"shardbrook").unwrap_err(), SnapshotError::NotASnapshot);
    let mut other = taken;
    other[19] = 99;
    let error = Engine::restore(at(0), &other).unwrap_err();
    assert!(matches!(error, SnapshotError::OtherFormat { found: 99, .. }), "{error}");
}

/// `snapshot` with its digest made to fit.
fn sealed(mut snapshot: Vec<u8>) -> Vec<u8> {
    let end = snapshot.len().saturating_sub(16);
    snapshot.truncate(end);
    let digest = Md5::digest(&snapshot);
    snapshot.extend_from_slice(&digest);
    snapshot
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 2000 }))]
    /// A forged digest gets nobody further than an error, or an engine that works.
    #[test]
    fn forged_snapshots_make_no_engine_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = TAKEN.with(Clone::clone);
        for (place, value) in changes {
            let place = 20 + place.index(bytes.len() - 20);
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(mut engine) = Engine::restore(at(150_500), &sealed(bytes)) {
            let _ = ask(&mut engine, at(160_000), "ListShards", r#"{"StreamName":"s"}"#);
            let _ = ask(&mut engine, at(160_000), "PutRecord", r#"{"StreamName":"s","PartitionKey":"x","Data":""}"#);
            engine.handle_timeout(at(100_000_000));
            while !matches!(engine.poll_output(), Output::Timeout(_)) {}
            let _ = snapshot(&mut engine, at(100_000_000));
        }
    }
}

std::thread_local! {
    static TAKEN: Vec<u8> = snapshot(&mut busy(), at(150_500));
}

/// Requests that count everything that an engine counts: resources that are made, records, effects, calls.
const REQUESTS: &[(&str, &str)] = &[
    ("CreateStream", r#"{"StreamName":"new","ShardCount":1}"#),
    ("ListStreams", "{}"),
    ("ListShards", r#"{"StreamName":"s"}"#),
    ("PutRecord", r#"{"StreamName":"o","PartitionKey":"x","Data":"aGVsbG8="}"#),
    ("PutRecord", r#"{"StreamName":"s","PartitionKey":"x","Data":"aGVsbG8="}"#),
    (
        "RegisterStreamConsumer",
        r#"{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/o","ConsumerName":"new"}"#,
    ),
    ("ListStreamConsumers", r#"{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/o"}"#),
    (
        "CreateQueue",
        r#"{"QueueName":"new","StreamConfigurationList":[
            {"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/o"}]}"#,
    ),
    ("ListQueues", "{}"),
    (
        "CreateChannel",
        r#"{"ChannelName":"new","ServiceExecutionRoleARN":"arn:aws:iam::000000000000:role/r","StreamConfigurationList":[
            {"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/o",
                "RecordConfiguration":{"RecordFormatType":"JSON"}}],
            "S3DestinationConfiguration":{"StorageConfiguration":{"BucketARN":"arn:aws:s3:::lake",
                "ExpectedBucketOwner":"000000000000","CompressionType":"NONE"}}}"#,
    ),
    ("ListChannels", "{}"),
    ("Firehose.PutRecord", r#"{"DeliveryStreamName":"direct","Record":{"Data":"aGVsbG8="}}"#),
    ("DescribeLimits", "{}"),
];

/// As [`busy`], with quotas and with a stream that has a consumer, a queue and a channel with records on their way.
fn busier() -> Engine {
    let mut engine = busy();
    engine.settings.limits = crate::quota::Limits::AWS;
    engine.config.limits = crate::quota::Limits::AWS;
    for body in [r#"{"StreamName":"o"}"#, r#"{"StreamName":"p"}"#] {
        ok(&mut engine, at(150_000), "CreateStream", body);
    }
    for (operation, body) in REQUESTS {
        let body = body.replace(r#""new""#, r#""old""#);
        match *operation {
            // A stream has one channel at most.
            "CreateChannel" => {
                ok(&mut engine, at(150_100), operation, &body.replace("stream/o", "stream/p"));
            }
            // A fault strikes now and then.
            "ListStreams" => {}
            operation => {
                ok(&mut engine, at(150_100), operation, &body);
            }
        }
    }
    for stream in ["o", "p"] {
        let put = format!(r#"{{"StreamName":"{stream}","PartitionKey":"x","Data":"aGVsbG8="}}"#);
        ok(&mut engine, at(150_200), "PutRecord", &put);
    }
    let queues = ok(&mut engine, at(150_200), "ListQueues", "{}");
    let receive = format!(r#"{{"QueueARN":{}}}"#, queues["QueueSummaries"][0]["QueueARN"]);
    ok(&mut engine, at(150_200), "ReceiveQueueRecords", &receive);
    engine
}

/// Whatever number stands in a snapshot, it is refused, or the engine counts on from there.
#[test]
fn numbers_near_their_end_make_no_engine_panic() {
    let taken = snapshot(&mut busier(), at(150_500));
    let stride = if cfg!(miri) { 997 } else { 3 };
    let mut refused = 0;
    for place in (20..taken.len() - 24).step_by(stride) {
        let mut forged = taken.clone();
        forged[place..place + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        let Ok(mut engine) = Engine::restore(at(150_500), &sealed(forged)) else {
            refused += 1;
            continue;
        };
        for now in [150_500, 151_500] {
            for (operation, body) in REQUESTS {
                let _ = ask(&mut engine, at(now), operation, body);
            }
        }
        engine.handle_timeout(at(400_000));
        while !matches!(engine.poll_output(), Output::Timeout(_)) {}
        let _ = snapshot(&mut engine, at(400_000));
    }
    assert!(refused > 1000, "{refused}");
}

fn is_refused(engine: &mut Engine) -> bool {
    let taken = snapshot(engine, at(150_500));
    matches!(Engine::restore(at(150_500), &taken), Err(SnapshotError::Unsound(_)))
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let forges: &[fn(&mut Engine)] = &[
        // A stream that is being split, one that is being deleted, delivery streams: nothing ends without its timer.
        |engine| engine.timers.set(Timer::Stream(0), None),
        |engine| engine.timers.set(Timer::Stream(1), None),
        |engine| engine.timers.set(Timer::Stream(0), Some(at(u64::MAX / 2))),
        |engine| engine.timers.set(Timer::Delivery(0), None),
        |engine| {
            engine.settings.durations.update_queue = 5_000;
            let queues = ok(engine, at(150_300), "ListQueues", "{}");
            let queue = &queues["QueueSummaries"][0]["QueueARN"];
            let body =
                format!(r#"{{"QueueARN":{queue},"QueueAttributes":{{"VisibilityTimeoutSeconds":7}}}}"#);
            ok(engine, at(150_300), "UpdateQueue", &body);
            engine.timers.set(Timer::Queue(0), None);
        },
        |engine| engine.streams.channels.get_mut(0).unwrap().delete(at(200_000)),
        |engine| {
            engine.streams.get_mut(2).unwrap().consumers.register(at(150_300), "c", at(200_000));
        },
        // A reader that has not read everything.
        |engine| {
            let put = r#"{"StreamName":"s","PartitionKey":"x","Data":"aGVsbG8="}"#;
            ok(engine, at(150_300), "PutRecord", put);
            (0..9).for_each(|id| engine.timers.set(Timer::SourceRead(id), None));
        },
        // Timers of what there is not.
        |engine| engine.timers.set(Timer::Stream(99), Some(at(200_000))),
        |engine| engine.timers.set(Timer::Channel(99), Some(at(200_000))),
        |engine| engine.timers.set(Timer::Queue(99), Some(at(200_000))),
        |engine| engine.timers.set(Timer::QueueRead(0), Some(at(200_000))),
        |engine| engine.timers.set(Timer::SourceRead(99), Some(at(200_000))),
        |engine| engine.timers.set(Timer::EffectResult(0), Some(at(200_000))),
        |engine| engine.timers.set(Timer::EffectResult(99), Some(at(200_000))),
        // An attempt that no effect stands for, one with two, an answer that never takes effect.
        |engine| {
            engine.deliveries.outstanding.remove(0).unwrap();
        },
        |engine| {
            let effect = loaded(&saved(engine.deliveries.outstanding.get(0).unwrap())).unwrap();
            engine.deliveries.outstanding.add(effect);
        },
        |engine| {
            let result = EffectResult { latency_ms: u64::MAX / 2, outcome: Ok(Vec::new()) };
            engine.handle_effect_result(at(150_300), EffectId(0), result).unwrap();
            engine.timers.set(Timer::EffectResult(0), None);
        },
        |engine| engine.config.object_store = ObjectStoreKind::Memory,
        // Streams that are being deleted have no queues and no channels.
        |engine| end(engine, 2),
        |engine| end(engine, 3),
        |engine| engine.config.initialize_streams = "a:0".into(),
    ];
    assert!(!is_refused(&mut busier()));
    for (number, forge) in forges.iter().enumerate() {
        let mut engine = busier();
        forge(&mut engine);
        assert!(is_refused(&mut engine), "{number}");
    }
}

/// Deletes a stream whatever it has.
fn end(engine: &mut Engine, stream: u64) {
    engine.streams.get_mut(stream).unwrap().start_deletion(at(200_000));
    engine.streams.get_mut(stream).unwrap().consumers.delete_all();
    engine.timers.set(Timer::Stream(stream), Some(at(200_000)));
}

#[test]
fn a_channel_is_not_created_for_ever() {
    let mut engine = busier();
    engine.settings.durations.create_channel = 9_000;
    let (operation, body) = REQUESTS.iter().find(|(operation, _)| *operation == "CreateChannel").unwrap();
    ok(&mut engine, at(150_300), operation, body);
    assert!(!is_refused(&mut engine));
    let taken = snapshot(&mut engine, at(150_500));
    let until = [&[0, 1], &at(159_300).as_millis().to_le_bytes()[..]].concat();
    let places: Vec<_> = (0..taken.len()).filter(|place| taken[*place..].starts_with(&until)).collect();
    let [place] = places[..] else { panic!("{places:?}") };
    let forged = [&taken[..place], &[0, 0], &taken[place + until.len()..]].concat();
    let error = Engine::restore(at(150_500), &sealed(forged)).unwrap_err();
    assert!(error.to_string().contains(":channel/"), "{error}");
}

#[test]
fn policies_count_after_a_restore_as_before() {
    let mut engine = busier();
    for (put, is_there) in [(false, false), (true, true)] {
        if put {
            let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/o";
            let policy = format!(
                r#"{{\"Statement\":{{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kinesis:*\",\"Resource\":\"{arn}\"}}}}"#
            );
            let body = format!(r#"{{"ResourceARN":"{arn}","Policy":"{policy}"}}"#);
            ok(&mut engine, at(150_300), "PutResourcePolicy", &body);
        }
        let taken = snapshot(&mut engine, at(150_500));
        let mut restored = Engine::restore(at(150_500), &taken).unwrap();
        assert_eq!(restored.streams.has_policies(), is_there);
        assert_eq!(snapshot(&mut restored, at(150_500)), taken);
    }
}

#[test]
fn a_reset_that_fails_changes_nothing() {
    let mut engine = busier();
    engine.config.initialize_streams = "a,a".into();
    let taken = snapshot(&mut engine, at(150_500));
    let mut restored = Engine::restore(at(150_500), &taken).unwrap();
    assert!(restored.reset(at(150_500)).is_err());
    assert_eq!(snapshot(&mut restored, at(150_500)), taken);
    assert!(outputs(&mut restored).iter().any(|output| matches!(output, Output::Effect(_))));
}

#[test]
fn what_ends_too_soon_is_said_to() {
    let mut taken = snapshot(&mut busy(), at(150_500));
    taken.truncate(60);
    let error = Engine::restore(at(150_500), &sealed(taken)).unwrap_err();
    assert_eq!(error, SnapshotError::Unsound("it ends too soon".into()));
}

/// No engine comes to the end of the numbers. One that a snapshot starts there goes on, and its snapshots are taken.
#[test]
fn counters_go_on_from_their_end() {
    let forges: [fn(&mut Engine); 4] = [
        |engine| engine.requests = u64::MAX,
        |engine| engine.resets = u64::MAX,
        |engine| engine.clamped_calls = u64::MAX,
        |engine| engine.exchanges = Exchanges::starting_at(u64::MAX),
    ];
    for (number, forge) in forges.iter().enumerate() {
        let mut engine = busier();
        forge(&mut engine);
        let taken = snapshot(&mut engine, at(10_000_000));
        let mut restored = match Engine::restore(at(10_000_000), &taken) {
            Ok(restored) => restored,
            Err(error) => panic!("{number}: {error}"),
        };
        for (n, name) in ["x1", "x2", "x3"].iter().enumerate() {
            ok(&mut restored, at(10_000_001), "CreateStream", &format!(r#"{{"StreamName":"{name}"}}"#));
            ok(&mut restored, at(10_100_000), "DescribeStream", &format!(r#"{{"StreamName":"{name}"}}"#));
            ok(
                &mut restored,
                at(10_100_000),
                "Firehose.PutRecord",
                r#"{"DeliveryStreamName":"direct","Record":{"Data":"aGVsbG8="}}"#,
            );
            let again = snapshot(&mut restored, at(10_200_000 * (n as u64 + 1)));
            assert!(Engine::restore(at(0), &again).is_ok(), "{number}");
        }
        restored.reset(at(90_000_000)).unwrap();
        let again = snapshot(&mut restored, at(90_000_000));
        assert!(Engine::restore(at(0), &again).is_ok(), "{number}");
    }
}

/// A shard that has no more sequence numbers refuses records and keeps those that it has.
#[test]
fn a_shard_at_the_end_of_its_numbers_takes_no_more() {
    let mut engine = engine(r#"{"initializeStreams":"s:1"}"#);
    let put = r#"{"StreamName":"s","PartitionKey":"k","Data":"aGk="}"#;
    ok(&mut engine, at(0), "PutRecord", put);
    // How many records the shard took, and how many it keeps, and when the first came.
    let counts = saved(&(1_u64, 1_u64, at(0)));
    let mut taken = snapshot(&mut engine, at(0));
    let places: Vec<_> =
        taken.windows(counts.len()).enumerate().filter(|(_, here)| *here == counts).collect();
    let [(place, _)] = places[..] else { panic!("{} places", places.len()) };
    taken[place..place + 8].copy_from_slice(&(1_u64 << 62).to_le_bytes());
    let mut full = Engine::restore(at(0), &sealed(taken)).unwrap();
    let (status, answer) = call(&mut full, at(1), "PutRecord", put);
    assert_eq!((status, &answer["__type"]), (500, &"InternalFailure".into()), "{answer}");
    let records = r#"{"StreamName":"s","Records":[{"PartitionKey":"k","Data":"aGk="}]}"#;
    let answer = ok(&mut full, at(1), "PutRecords", records);
    assert_eq!(answer["Records"][0]["ErrorCode"], "InternalFailure", "{answer}");
    let start = r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    let iterator = ok(&mut full, at(1), "GetShardIterator", start)["ShardIterator"].take();
    let read = ok(&mut full, at(1), "GetRecords", &format!(r#"{{"ShardIterator":{iterator}}}"#));
    assert_eq!(read["Records"].as_array().unwrap().len(), 1);
    let again = snapshot(&mut full, at(2));
    assert!(Engine::restore(at(2), &again).is_ok());
}

/// What the host has not answered when its delivery stream and channel are deleted is waited for no longer, and what it
/// has answered takes effect: in an engine as in the one that is restored from it.
#[test]
fn effects_of_what_was_deleted_are_forgotten() {
    let mut engine = engine(
        r#"{"objectStore":"host","durations":{"deleteDeliveryStream":600000,"deleteChannel":600000},
            "initializeStreams":"x:1"}"#,
    );
    ok(&mut engine, at(0), "CreateStream", r#"{"StreamName":"o"}"#);
    let (_, channel) = REQUESTS.iter().find(|(operation, _)| *operation == "CreateChannel").unwrap();
    let channel = ok(&mut engine, at(0), "CreateChannel", channel);
    ok(&mut engine, at(0), "Firehose.CreateDeliveryStream", DELIVERY);
    for now in [1_000, 2_000_000] {
        let put = r#"{"DeliveryStreamName":"d","Record":{"Data":"aGVsbG8="}}"#;
        ok(&mut engine, at(now), "Firehose.PutRecord", put);
        ok(&mut engine, at(now), "PutRecord", r#"{"StreamName":"o","PartitionKey":"x","Data":"e30="}"#);
    }
    engine.handle_timeout(at(4_000_000));
    let asked: Vec<_> = outputs(&mut engine)
        .into_iter()
        .filter_map(|output| if let Output::Effect(effect) = output { Some(effect.id) } else { None })
        .collect();
    assert_eq!(asked.len(), 4);
    let result = || EffectResult { latency_ms: 6_000_000, outcome: Ok(Vec::new()) };
    for answered in &asked[..2] {
        engine.handle_effect_result(at(4_000_000), *answered, result()).unwrap();
    }
    let delete = format!(r#"{{"ChannelARN":{}}}"#, channel["ChannelDescription"]["ChannelARN"]);
    ok(&mut engine, at(4_000_000), "DeleteChannel", &delete);
    ok(&mut engine, at(4_000_000), "Firehose.DeleteDeliveryStream", r#"{"DeliveryStreamName":"d"}"#);
    // While they are DELETING, when they are gone, and when the last answer has taken effect.
    for (now, awaits) in [(4_000_000, true), (5_000_000, true), (9_000_000, false)] {
        let taken = snapshot(&mut engine, at(now));
        let mut restored = Engine::restore(at(now), &taken).unwrap();
        assert_eq!(taken, snapshot(&mut restored, at(now)), "{now}");
        for engine in [&mut engine, &mut restored] {
            assert_eq!(engine.awaits_host(), awaits, "{now}");
            for forgotten in &asked[2..] {
                assert!(engine.handle_effect_result(at(now), *forgotten, result()).is_err(), "{now}");
            }
        }
    }
}
