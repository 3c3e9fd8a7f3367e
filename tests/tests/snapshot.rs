//! The requests of `vectors/snapshot.json` give the same snapshot in every language.
#![allow(clippy::unwrap_used, clippy::std_instead_of_alloc, reason = "a panic fails the test, which has std")]

use std::fs;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shardbrook::{ClockKind, Engine, EngineConfig, Timestamp};
use shardbrook_tests::client::{Message, Signer};
use shardbrook_tests::scenario;

#[derive(Deserialize)]
struct Expected {
    now: u64,
    requests: Vec<Sent>,
    sha256: String,
}

#[derive(Deserialize)]
struct Sent {
    target: String,
    #[serde(rename = "in")]
    input: Value,
    advance_ms: u64,
}

#[test]
fn the_same_calls_give_the_same_bytes_as_in_every_language() {
    let file = scenario::folder().parent().unwrap().join("snapshot.json");
    let expected: Expected = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut now = expected.now;
    let config = EngineConfig { seed: 5, now, clock: ClockKind::Manual, ..EngineConfig::default() };
    let mut engine = Engine::new(config).unwrap();
    for Sent { target, input, advance_ms } in &expected.requests {
        let message = Message::new(target, Signer::default(), input.to_string().into_bytes());
        let response = message.send(&mut engine, Timestamp::from_millis(now));
        assert_eq!(response.status, 200, "{target}");
        now += advance_ms;
        engine.handle_timeout(Timestamp::from_millis(now));
    }
    let mut digest = Sha256::new();
    engine.snapshot(Timestamp::from_millis(now), &mut |piece| digest.update(piece));
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, expected.sha256, "where the form of snapshots changed, this is the new digest");
}
