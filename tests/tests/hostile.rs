//! Whatever comes in, a typed answer goes out, and the engine goes on.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "a panic fails the test")]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, Timestamp};
use shardbrook_tests::check::{self, START, assert_goes_on, assert_typed, engine};
use shardbrook_tests::client::{Answer, Message, Signer, call, target};

/// The requests of all scenarios, with nothing bound.
static CORPUS: LazyLock<Vec<Message>> = LazyLock::new(check::corpus);

/// A change to some bytes.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Truncate(Index),
    Repeat(Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let junk = prop_oneof![
        vec(any::<u8>(), 1..9),
        select(vec![
            "\"", "\\", "{", "}", "[", "]", ":", ",", "null", "-", "1e999", "\u{0}", "\\ud800", "🦀", "true"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, by)| Mutation::Flip(at, by)),
        (any::<Index>(), junk).prop_map(|(at, junk)| Mutation::Insert(at, junk)),
        (any::<Index>(), 1..20usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        any::<Index>().prop_map(Mutation::Truncate),
        (any::<Index>(), 2..50usize).prop_map(|(at, times)| Mutation::Repeat(at, times)),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutations: &[Mutation]) {
    for mutation in mutations {
        let at = |index: &Index| index.index(bytes.len() + 1);
        match mutation {
            Mutation::Flip(index, by) => {
                let at = at(index);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= by;
                }
            }
            Mutation::Insert(index, junk) => {
                let at = at(index);
                bytes.splice(at..at, junk.iter().copied());
            }
            Mutation::Remove(index, count) => {
                let at = at(index);
                bytes.drain(at..(at + count).min(bytes.len()));
            }
            Mutation::Truncate(index) => {
                let at = at(index);
                bytes.truncate(at);
            }
            Mutation::Repeat(index, times) => {
                let at = at(index);
                let tail = bytes[at..].to_vec();
                for _ in 0..(*times).min(10_000 / tail.len().max(1)) {
                    bytes.extend_from_slice(&tail);
                }
            }
        }
    }
}

/// Any JSON value, preferably an odd one.
fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e300),
            json!(-1e300),
            json!(""),
            json!("a"),
            json!("shardId-000000000000"),
            json!([]),
            json!({}),
            json!("TRIM_HORIZON"),
            json!("340282366920938463463374607431768211456"),
            json!("AAAA"),
            json!("arn:aws:kinesis:::stream/"),
        ]),
        any::<String>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Replaces one of the values inside `value`, chosen by `index`.
fn replace(value: &mut Value, index: Index, by: Value) {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(members) => members.values().map(count).sum(),
            _ => 0,
        }
    }
    fn visit(value: &mut Value, left: &mut usize, by: &Value) {
        if *left == 0 {
            *value = by.clone();
            *left = usize::MAX;
            return;
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| visit(item, left, by)),
            Value::Object(members) => members.values_mut().for_each(|member| visit(member, left, by)),
            _ => {}
        }
    }
    let mut left = index.index(count(value));
    visit(value, &mut left, &by);
}

proptest! {
    #[test]
    fn random_requests(requests in vec(random_request(), 1..20)) {
        let mut engine = engine();
        for request in requests {
            assert_typed(&request.send(&mut engine, Timestamp::from_millis(START)));
        }
        assert_goes_on(&mut engine);
    }

    #[test]
    fn mutated_requests(choices in vec((any::<Index>(), vec(mutation(), 1..6)), 1..40)) {
        let mut engine = engine();
        for (index, mutations) in choices {
            let mut message = index.get(&CORPUS).clone();
            mutate(&mut message.body, &mutations);
            assert_typed(&message.send(&mut engine, Timestamp::from_millis(START)));
        }
        assert_goes_on(&mut engine);
    }

    #[test]
    fn replaced_values(choices in vec((any::<Index>(), any::<Index>(), odd_value()), 1..40)) {
        let mut engine = engine();
        for (index, place, by) in choices {
            let mut message = index.get(&CORPUS).clone();
            if let Ok(mut body) = serde_json::from_slice(&message.body) {
                replace(&mut body, place, by);
                message.body = body.to_string().into_bytes();
            }
            assert_typed(&message.send(&mut engine, Timestamp::from_millis(START)));
        }
        assert_goes_on(&mut engine);
    }

    #[test]
    fn mutated_headers(index in any::<Index>(), header in any::<Index>(), mutations in vec(mutation(), 1..6)) {
        let mut engine = engine();
        let mut message = index.get(&CORPUS).clone();
        let (_, value) = &mut message.headers[header.index(5)];
        let mut bytes = value.clone().into_bytes();
        mutate(&mut bytes, &mutations);
        *value = String::from_utf8_lossy(&bytes).into();
        assert_typed(&message.send(&mut engine, Timestamp::from_millis(START)));
        assert_goes_on(&mut engine);
    }

    #[test]
    fn mutated_iterators_and_tokens(mutations in vec(mutation(), 1..4)) {
        let mut engine = engine();
        let now = Timestamp::from_millis(START);
        let iterator = iterator(&mut engine, "a");
        let token = call(&mut engine, now, "ListShards", &json!({"StreamName": "a", "MaxResults": 1}));
        let token = token.body["NextToken"].as_str().unwrap().to_owned();
        for (operation, member, text) in [("GetRecords", "ShardIterator", iterator), ("ListShards", "NextToken", token)] {
            let mut bytes = text.clone().into_bytes();
            mutate(&mut bytes, &mutations);
            let mutated = String::from_utf8_lossy(&bytes).into_owned();
            let answer = call(&mut engine, now, operation, &json!({member: mutated}));
            if mutated == text {
                prop_assert_eq!(answer.status, 200);
            } else {
                let code = answer.error_code().unwrap_or_default();
                prop_assert!(["InvalidArgumentException", "ValidationException"].contains(&code), "{:?}", answer);
            }
        }
        assert_goes_on(&mut engine);
    }

    #[test]
    fn forged_iterators(bytes in vec(any::<u8>(), 0..300)) {
        let mut forged = vec![0, 0, 0, 0, 0, 0, 0, 1];
        forged.extend(bytes);
        let answer = call(&mut engine(), Timestamp::from_millis(START), "GetRecords", &json!({"ShardIterator": STANDARD.encode(forged)}));
        prop_assert_eq!(answer.error_code(), Some("InvalidArgumentException"));
    }

    #[test]
    fn any_time(times in vec(prop_oneof![any::<u64>(), START..START + 1_000_000, Just(u64::MAX), Just(0)], 1..20)) {
        let mut engine = engine();
        for time in times {
            let now = Timestamp::from_millis(time);
            let put = json!({"StreamName": "a", "PartitionKey": "k", "Data": "eA=="});
            prop_assert_eq!(call(&mut engine, now, "PutRecord", &put).status, 200);
            let split = json!({"StreamName": "a", "ShardToSplit": "0", "NewStartingHashKey": "1000"});
            let _: Answer = call(&mut engine, now, "SplitShard", &split);
            let list = call(&mut engine, now, "ListShards", &json!({"StreamName": "a"}));
            prop_assert_eq!(list.status, 200);
            let stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/a";
            let consumer = json!({"StreamARN": stream_arn, "ConsumerName": "c"});
            for operation in ["RegisterStreamConsumer", "DeregisterStreamConsumer"] {
                prop_assert_eq!(call(&mut engine, now, operation, &consumer).status, 200);
            }
            engine.handle_timeout(now);
        }
        assert_goes_on(&mut engine);
    }
}

fn random_request() -> impl Strategy<Value = Message> {
    let method = prop_oneof![8 => Just("POST".to_owned()), 1 => select(vec!["GET", "PUT", "DELETE", "HEAD", "", "post"]).prop_map(str::to_owned), 1 => any::<String>()];
    let path = prop_oneof![
        Just("/".to_owned()), any::<String>(),
        Just("/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%zz&X-Amz-Signature=&X-Amz-SignedHeaders=a&X-Amz-Date=b".to_owned()),
    ];
    let targets = [
        "PutRecord",
        "PutRecords",
        "GetRecords",
        "ListStreams",
        "Firehose.PutRecordBatch",
        "Firehose.CreateDeliveryStream",
    ];
    let target = prop_oneof![4 => select(targets.to_vec()).prop_map(target), 1 => any::<String>(), 1 => Just(String::new())];
    let content_type = prop_oneof![
        4 => Just("application/x-amz-json-1.1".to_owned()), 1 => Just("application/json".to_owned()),
        1 => Just("application/x-amz-cbor-1.1".to_owned()), 1 => any::<String>(),
    ];
    let authorization = prop_oneof![
        2 => Just("AWS4-HMAC-SHA256 Credential=test/20130101/us-east-1/kinesis/aws4_request, SignedHeaders=a, Signature=b".to_owned()),
        1 => any::<String>(), 1 => "AWS4[-A-Za-z0-9=/, ]{0,80}", 1 => Just(String::new()),
    ];
    let body = prop_oneof![
        vec(any::<u8>(), 0..200),
        odd_value().prop_map(|value| value.to_string().into_bytes()),
        any::<String>().prop_map(String::into_bytes),
    ];
    (method, path, target, content_type, authorization, body).prop_map(
        |(method, path, target, content_type, authorization, body)| {
            let mut message = Message::new(&target, Signer::default(), body);
            message.method = method;
            message.path = path;
            message.set_header("content-type", Some(&content_type));
            message.set_header(
                "authorization",
                Some(&authorization).filter(|text| !text.is_empty()).map(|text| &**text),
            );
            message
        },
    )
}

fn iterator(engine: &mut Engine, stream: &str) -> String {
    let input = json!({"StreamName": stream, "ShardId": "0", "ShardIteratorType": "TRIM_HORIZON"});
    let answer = call(engine, Timestamp::from_millis(START), "GetShardIterator", &input);
    answer.body["ShardIterator"].as_str().unwrap().to_owned()
}

#[test]
fn nesting_has_no_bottom() {
    let mut engine = engine();
    for body in [
        "[".repeat(1_000_000),
        "{\"a\":".repeat(1_000_000),
        format!("{{\"StreamName\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{\"Foo\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{\"StreamName\": \"{}\"}}", "a".repeat(10_000_000)),
        format!("{{\"StreamName\": {}}}", "9".repeat(100_000)),
        format!("{{{}}}", vec!["\"StreamName\": \"a\""; 100_000].join(",")),
    ] {
        let message = Message::new(&target("DescribeStream"), Signer::default(), body.into_bytes());
        assert_typed(&message.send(&mut engine, Timestamp::from_millis(START)));
    }
    assert_goes_on(&mut engine);
}

#[test]
fn an_iterator_may_come_in_quotes() {
    let mut engine = engine();
    let now = Timestamp::from_millis(START);
    let iterator = iterator(&mut engine, "a");
    let quoted = call(&mut engine, now, "GetRecords", &json!({"ShardIterator": format!("\"{iterator}\"")}));
    assert_eq!(quoted.status, 200, "{quoted:?}");
    for broken in
        [format!("\"{iterator}"), format!("{iterator}\""), format!("'{iterator}'"), format!(" {iterator}")]
    {
        let answer = call(&mut engine, now, "GetRecords", &json!({"ShardIterator": broken}));
        assert_eq!(answer.error_code(), Some("InvalidArgumentException"), "{broken}");
    }
}

#[test]
fn every_iterator_is_another_one() {
    let mut engine = engine();
    let now = Timestamp::from_millis(START);
    let mut seen = vec![iterator(&mut engine, "a"), iterator(&mut engine, "a")];
    for _ in 0..50 {
        let answer = call(&mut engine, now, "GetRecords", &json!({"ShardIterator": seen.last()}));
        seen.push(answer.body["NextShardIterator"].as_str().unwrap().to_owned());
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

/// A token of the second page of the shards of `stream`.
fn token(engine: &mut Engine, stream: &str) -> String {
    let input = json!({"StreamName": stream, "MaxResults": 1});
    let answer = call(engine, Timestamp::from_millis(START), "ListShards", &input);
    answer.body["NextToken"].as_str().unwrap().to_owned()
}

fn assert_refused(engine: &mut Engine, iterator: &str, token: &str) {
    let now = Timestamp::from_millis(START);
    let read = call(engine, now, "GetRecords", &json!({"ShardIterator": iterator}));
    assert_eq!(read.error_code(), Some("InvalidArgumentException"));
    assert_eq!(read.error_message(), Some(&json!("Invalid ShardIterator.")));
    let listed = call(engine, now, "ListShards", &json!({"NextToken": token}));
    assert_eq!(listed.error_code(), Some("InvalidArgumentException"));
    assert_goes_on(engine);
}

#[test]
fn iterators_and_tokens_of_another_engine_are_refused() {
    let other = json!({"now": START, "initializeStreams": "other:1,a:2", "seed": 1}).to_string();
    let mut other = Engine::new(EngineConfig::from_json(&other).unwrap()).unwrap();
    let (iterator, token) = (iterator(&mut other, "a"), token(&mut other, "a"));
    assert_refused(&mut engine(), &iterator, &token);
}

#[test]
fn iterators_and_tokens_from_before_a_reset_are_refused() {
    let mut engine = engine();
    let (iterator, token) = (iterator(&mut engine, "a"), token(&mut engine, "a"));
    engine.reset(Timestamp::from_millis(START)).unwrap();
    assert_refused(&mut engine, &iterator, &token);
}

/// A token starts with its version.
#[test]
fn iterators_and_tokens_of_another_version_are_refused() {
    let mut engine = engine();
    let newer = |text: String| {
        let mut bytes = STANDARD.decode(text).unwrap();
        assert_eq!(bytes[..8], [0, 0, 0, 0, 0, 0, 0, 1]);
        bytes[7] = 2;
        STANDARD.encode(bytes)
    };
    let (iterator, token) = (newer(iterator(&mut engine, "a")), newer(token(&mut engine, "a")));
    assert_refused(&mut engine, &iterator, &token);
}
