//! What the fuzzers do with bytes, and the bytes that they start from. `fuzz/` has a program for each target; tests run
//! every seed and a few changes of it.
//!
//! A target panics when something is wrong. Every input has an engine of its own, so that a finding can be repeated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shardbrook::{Engine, Response, Timestamp};

use crate::cbor::CONTENT_TYPE;
use crate::check::{START, assert_goes_on, assert_typed, corpus, engine, json_of};
use crate::client::{Answer, Message, Signer, call, target};
use crate::twin;

mod snapshot;

/// A kind of input, and what is done with it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The name of its program.
    pub name: &'static str,
    /// Tries one input.
    pub run: fn(&[u8]),
    /// Inputs to start from, all different.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "cbor", run: cbor, seeds: cbor_seeds },
    Target { name: "iterator", run: iterator, seeds: iterators },
    Target { name: "json", run: json, seeds: json_seeds },
    Target { name: "snapshot", run: snapshot::run, seeds: snapshot::seeds },
    Target { name: "token", run: token, seeds: tokens },
    Target { name: "twin", run: protocols, seeds: json_seeds },
];

/// The target with this name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// A line with an operation, then a body.
fn split(input: &[u8]) -> Option<(&str, &[u8])> {
    let end = input.iter().position(|&byte| byte == b'\n')?;
    Some((core::str::from_utf8(&input[..end]).ok()?, &input[end + 1..]))
}

fn joined(operation: &str, body: &[u8]) -> Vec<u8> {
    [operation.as_bytes(), b"\n", body].concat()
}

fn send(engine: &mut Engine, message: &Message) -> Response {
    message.send(engine, Timestamp::from_millis(START))
}

/// A JSON body. Two engines say the same, and go on.
pub fn json(input: &[u8]) {
    if let Some((operation, body)) = split(input) {
        twice(&Message::new(&target(operation), Signer::default(), body.to_vec()));
    }
}

/// A CBOR body, likewise.
pub fn cbor(input: &[u8]) {
    if let Some((operation, body)) = split(input) {
        let mut message = Message::new(&target(operation), Signer::default(), body.to_vec());
        message.set_header("content-type", Some(CONTENT_TYPE));
        twice(&message);
    }
}

fn twice(message: &Message) {
    let (mut first, mut second) = (engine(), engine());
    let answer = send(&mut first, message);
    assert_typed(&answer);
    assert_eq!(answer, send(&mut second, message), "two engines differ");
    assert_goes_on(&mut first);
}

/// A JSON body in both protocols: what CBOR says is what JSON says.
pub fn protocols(input: &[u8]) {
    let Some((operation, body)) = split(input) else { return };
    let Some(value) = json_of(body) else { return };
    let message = Message::call(operation, Signer::default(), &value);
    let Ok(translated) = twin::translated(&message) else { return };
    let (mut first, mut second) = (engine(), engine());
    let (json, cbor) = (send(&mut first, &message), send(&mut second, &translated));
    if let Err(difference) = twin::same(&json, &cbor) {
        panic!("{difference}");
    }
}

/// A shard iterator, as a text and as what its base64 holds. Only what an engine made is taken.
pub fn iterator(input: &[u8]) {
    opaque(input, &iterators(), &[("GetRecords", "ShardIterator")]);
}

/// A pagination token, likewise.
pub fn token(input: &[u8]) {
    opaque(input, &tokens(), &[("ListShards", "NextToken"), ("ListStreams", "NextToken")]);
}

fn opaque(input: &[u8], made: &[Vec<u8>], uses: &[(&str, &str)]) {
    let mut engine = engine();
    let forged = [&[0, 0, 0, 0, 0, 0, 0, 1], input].concat();
    for text in [String::from_utf8_lossy(input).into_owned(), STANDARD.encode(input), STANDARD.encode(forged)]
    {
        for (operation, member) in uses {
            let answer = call(&mut engine, Timestamp::from_millis(START), operation, &json!({*member: text}));
            // Recorded: an iterator may come in quotes.
            let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&text);
            let is_made = made.iter().any(|made| made == bare.as_bytes());
            let code = answer.error_code().unwrap_or_default();
            let is_refused = ["InvalidArgumentException", "ValidationException"].contains(&code);
            assert!(is_refused || is_made && answer.status == 200, "{operation} of {text}: {answer:?}");
        }
    }
    assert_goes_on(&mut engine);
}

fn iterators() -> Vec<Vec<u8>> {
    let mut engine = engine();
    let kinds = ["TRIM_HORIZON", "LATEST"].iter().flat_map(|kind| [(kind, "0"), (kind, "1")]);
    kinds
        .map(|(kind, shard)| {
            let input = json!({"StreamName": "a", "ShardId": shard, "ShardIteratorType": kind});
            text(
                &call(&mut engine, Timestamp::from_millis(START), "GetShardIterator", &input),
                "ShardIterator",
            )
        })
        .collect()
}

fn tokens() -> Vec<Vec<u8>> {
    let mut engine = engine();
    let mut token = |operation, input: Value| {
        text(&call(&mut engine, Timestamp::from_millis(START), operation, &input), "NextToken")
    };
    let shards = token("ListShards", json!({"StreamName": "a", "MaxResults": 1}));
    let streams = token("ListStreams", json!({"Limit": 1}));
    [shards, streams].into()
}

fn text(answer: &Answer, member: &str) -> Vec<u8> {
    answer.body[member].as_str().unwrap_or_default().into()
}

fn json_seeds() -> Vec<Vec<u8>> {
    let seeds = corpus().into_iter().filter_map(|message| Some(joined(&operation(&message)?, &message.body)));
    distinct(seeds.collect())
}

fn cbor_seeds() -> Vec<Vec<u8>> {
    let seeds = corpus().into_iter().filter_map(|message| {
        let translated = twin::translated(&message).ok()?;
        Some(joined(&operation(&message)?, &translated.body))
    });
    distinct(seeds.collect())
}

fn operation(message: &Message) -> Option<String> {
    let (_, target) = message.headers.iter().find(|(name, _)| name == "x-amz-target")?;
    let (prefix, name) = target.split_once('.')?;
    Some(if prefix.starts_with("Firehose") { format!("Firehose.{name}") } else { name.into() })
}

fn distinct(mut seeds: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    seeds.sort();
    seeds.dedup();
    seeds
}
