//! Forged snapshots: the state as the fuzzer likes it, between a head and a digest that are right.

use std::sync::LazyLock;

use md5::{Digest, Md5};
use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, Output, Timestamp};

use super::distinct;
use crate::check::{START, assert_typed};
use crate::client::{Answer, Message, Signer};
use crate::runner::play;
use crate::scenario;

/// What comes before the state and after it: a magic text and the form, and an MD5 digest.
const HEAD_BYTES: usize = 20;
const DIGEST_BYTES: usize = 16;
/// Larger states show no more.
const MAX_SEED_BYTES: usize = 8_000;
const DAY_MS: u64 = 86_400_000;

/// The head of every snapshot of this version.
static HEAD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut engine = Engine::new(EngineConfig::default()).expect("the options are good");
    engine.snapshot_bytes(Timestamp::from_millis(START))[..HEAD_BYTES].to_vec()
});

/// Forges a snapshot of a state. It gives an error, or an engine that works and that snapshots keep as it is.
pub(super) fn run(state: &[u8]) {
    let Ok(mut engine) = Engine::restore(Timestamp::EPOCH, &forged(state)) else { return };
    let now = engine.now();
    outputs(&mut engine, now);
    let mut twin = copy(&mut engine);
    // What the host was asked for already, the twin asks for again. Then the same that happens to both comes to the same.
    outputs(&mut twin, now);
    for wait in [0, 1, 61_000, DAY_MS] {
        let now = engine.now().plus_millis(wait);
        assert_eq!(outputs(&mut engine, now), outputs(&mut twin, now), "a restored engine goes another way");
        use_all(&mut engine, &mut twin);
    }
    let now = engine.now();
    assert!(
        engine.snapshot_bytes(now) == twin.snapshot_bytes(now),
        "a restored engine comes to another state"
    );
    copy(&mut engine);
}

/// A state with its head and its digest.
fn forged(state: &[u8]) -> Vec<u8> {
    let mut bytes = [&**HEAD, state].concat();
    let digest = Md5::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// The engine that a snapshot gives, whose own snapshot has the same bytes.
fn copy(engine: &mut Engine) -> Engine {
    let now = engine.now();
    let taken = engine.snapshot_bytes(now);
    let mut copy = match Engine::restore(now, &taken) {
        Ok(copy) => copy,
        Err(error) => panic!("the snapshot of a restored engine is refused: {error}"),
    };
    assert!(copy.snapshot_bytes(now) == taken, "a snapshot changes on the way through an engine");
    copy
}

/// What an engine gives by `now`.
fn outputs(engine: &mut Engine, now: Timestamp) -> Vec<Output> {
    engine.handle_timeout(now);
    let next = || Some(engine.poll_output()).filter(|output| !matches!(output, Output::Timeout(_)));
    core::iter::from_fn(next).collect()
}

/// Does something with what there is, in both engines, and compares the answers.
fn use_all(engine: &mut Engine, twin: &mut Engine) {
    let mut ask = |operation: &str, input: Value| -> Value {
        let message = Message::call(operation, Signer::default(), &input);
        let send = |engine: &mut Engine| {
            let now = engine.now();
            message.try_send(engine, now)
        };
        let (one, other) = (send(engine), send(twin));
        assert_eq!(one, other, "{operation} {input}: a restored engine says something else");
        one.inspect(assert_typed).map(|answer| Answer::from(answer).body).unwrap_or_default()
    };
    let first_of = |answer: &Value, list: &str| answer[list][0].as_str().unwrap_or("a").to_owned();
    let stream = first_of(&ask("ListStreams", json!({})), "StreamNames");
    let shards = ask("ListShards", json!({"StreamName": stream}));
    ask("DescribeStreamSummary", json!({"StreamName": stream}));
    ask("PutRecord", json!({"StreamName": stream, "PartitionKey": "k", "Data": "cHJvYmU="}));
    for shard in shards["Shards"].as_array().into_iter().flatten().take(4) {
        let start = json!({
            "StreamName": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON",
        });
        let iterator = ask("GetShardIterator", start)["ShardIterator"].take();
        ask("GetRecords", json!({"ShardIterator": iterator, "Limit": 10}));
    }
    let open = shards["Shards"].as_array().map_or(1, Vec::len);
    ask(
        "UpdateShardCount",
        json!({"StreamName": stream, "TargetShardCount": open, "ScalingType": "UNIFORM_SCALING"}),
    );
    ask("IncreaseStreamRetentionPeriod", json!({"StreamName": stream, "RetentionPeriodHours": 48}));
    let delivery = first_of(&ask("Firehose.ListDeliveryStreams", json!({})), "DeliveryStreamNames");
    ask("Firehose.DescribeDeliveryStream", json!({"DeliveryStreamName": delivery}));
    ask("Firehose.PutRecord", json!({"DeliveryStreamName": delivery, "Record": {"Data": "cHJvYmU="}}));
    let queues = ask("ListQueues", json!({}));
    let queue = &queues["QueueSummaries"][0]["QueueARN"];
    ask("DescribeQueue", json!({"QueueARN": queue}));
    ask("ReceiveQueueRecords", json!({"QueueARN": queue, "WaitTimeSeconds": 1}));
    ask("ListChannels", json!({}));
}

/// The states that all scenarios come to.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let scenarios = scenario::load(&scenario::folder()).expect("the scenarios can be read");
    let states = scenarios.iter().filter_map(|scenario| {
        let mut engine = play(scenario).ok()?.engine;
        let now = engine.now();
        let bytes = engine.snapshot_bytes(now);
        Some(bytes[HEAD_BYTES..bytes.len() - DIGEST_BYTES].to_vec())
    });
    distinct(states.filter(|state| state.len() <= MAX_SEED_BYTES).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_a_state() {
        let seeds = seeds();
        assert!(seeds.len() >= 400, "{} seeds", seeds.len());
        for seed in seeds {
            let restored = Engine::restore(Timestamp::EPOCH, &forged(&seed));
            assert!(restored.is_ok(), "{:?}", restored.err());
        }
    }

    /// Wherever a snapshot has a number, the end of the numbers is refused, or an engine goes on from there.
    #[test]
    fn numbers_at_their_end_are_no_trap() {
        let seeds = seeds();
        for seed in seeds.iter().step_by(seeds.len() / 2) {
            for place in 0..seed.len().saturating_sub(8) {
                for number in [u64::MAX - 1, 1 << 62] {
                    let mut state = seed.clone();
                    state[place..place + 8].copy_from_slice(&number.to_le_bytes());
                    run(&state);
                }
            }
        }
    }
}
