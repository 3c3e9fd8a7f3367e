//! What holds whatever comes in: answers are typed, and the engine goes on.

use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, ErrorKind, Response};

use crate::cbor::from_cbor;
use crate::client::{Answer, Message, Signer, call};
use crate::matcher::{Bindings, expand};
use crate::scenario;

/// The time at which [`engine`] starts: 2013-01-01.
pub const START: u64 = 1_356_998_400_000;
/// Requests of the corpus have at most this many bytes.
const MAX_CORPUS_BYTES: usize = 20_000;

/// The stream that proves that the engine goes on. No request of the corpus has anything like this name in it, and it
/// is too long to come out of a few changes to one, so nothing deletes or changes it by chance.
const PROBE: &str = "the-stream-that-only-assert-goes-on-uses";

/// An engine with the stream `a`, for hostile requests, and one that none of them names.
pub fn engine() -> Engine {
    let streams = format!("a:2,{PROBE}:1");
    let options = json!({"now": START, "initializeStreams": streams, "shardLimit": 1000});
    let config = EngineConfig::from_json(&options.to_string()).expect("the options are good");
    Engine::new(config).expect("the options are good")
}

/// Checks that an answer is one of those that the services give.
pub fn assert_typed(response: &Response) {
    let body = String::from_utf8_lossy(&response.body);
    let content_type = response.header("content-type").unwrap_or_default();
    assert!(response.header("x-amzn-requestid").is_some());
    if content_type.is_empty() {
        assert!(matches!(response.status, 403 | 404) && body.starts_with('<'), "{}: {body}", response.status);
        return;
    }
    let said = if response.body.is_empty() {
        json!({})
    } else if content_type.contains("cbor") {
        from_cbor(&response.body).expect("the answer is CBOR")
    } else {
        serde_json::from_slice(&response.body).expect("the answer is JSON")
    };
    assert!(said.is_object(), "{said}");
    if response.status != 200 {
        let answer = Answer { status: response.status, body: said };
        let wrapped = answer.body["Output"]["__type"].as_str();
        let code = answer.error_code().or(wrapped).unwrap_or_default();
        let kind = ErrorKind::from_code(code.rsplit('#').next().unwrap_or_default());
        assert!(matches!(answer.status, 400 | 404 | 500 | 503) && kind.is_some(), "{answer:?}");
    }
}

/// Puts a record and reads it back.
pub fn assert_goes_on(engine: &mut Engine) {
    let now = engine.now();
    let put = json!({"StreamName": PROBE, "PartitionKey": "k", "Data": "cHJvYmU="});
    let placed = call(engine, now, "PutRecord", &put);
    assert_eq!(placed.status, 200, "{placed:?}");
    let number = &placed.body["SequenceNumber"];
    let at = json!({
        "StreamName": PROBE, "ShardId": placed.body["ShardId"], "ShardIteratorType": "AT_SEQUENCE_NUMBER",
        "StartingSequenceNumber": number,
    });
    let iterator = call(engine, now, "GetShardIterator", &at);
    let read = call(engine, now, "GetRecords", &json!({"ShardIterator": iterator.body["ShardIterator"]}));
    assert_eq!(read.body["Records"][0]["Data"], "cHJvYmU=", "{read:?}");
    assert_eq!(read.body["Records"][0]["SequenceNumber"], *number);
    assert_eq!(read.body["Records"].as_array().map(Vec::len), Some(1));
}

/// The requests of all scenarios, with nothing bound.
pub fn corpus() -> Vec<Message> {
    let scenarios = scenario::load(&scenario::folder()).expect("the scenarios can be read");
    let steps = scenarios.iter().flat_map(|scenario| &scenario.steps);
    let mut messages: Vec<Message> = steps
        .filter_map(|step| {
            let signer = Signer::default();
            if let Some(operation) = &step.call {
                let names = ["s0", "it", "s", "t", "i0", "next", "n"];
                let bindings: Bindings =
                    names.iter().map(|&name| (name.into(), json!("AAAAAAAAAAE="))).collect();
                let input = expand(step.input.as_ref()?, &bindings).ok()?;
                return Some(Message::call(operation, signer, &input));
            }
            let wire = step.wire.as_ref()?;
            let body = wire.body.clone().unwrap_or_default().into_bytes();
            Some(Message::new(wire.target.as_deref().unwrap_or_default(), signer, body))
        })
        .filter(|message| message.body.len() <= MAX_CORPUS_BYTES)
        .collect();
    let names_probe = |message: &Message| message.body.windows(8).any(|part| b"assert-g".as_slice() == part);
    assert!(!messages.iter().any(names_probe), "{PROBE} is for nobody else");
    messages.sort_by(|a, b| a.body.cmp(&b.body));
    messages.dedup_by(|a, b| a.body == b.body && a.headers == b.headers);
    messages
}

/// The value of a JSON body, if it is one that can be read and written again.
pub(crate) fn json_of(body: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(body).ok()?;
    // What was written once is read as it will be read again: floats have settled.
    serde_json::from_str(&value.to_string()).ok()
}
