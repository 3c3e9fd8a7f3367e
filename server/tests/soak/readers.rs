//! Those who read: by polling, by subscriptions, and all of it again.

use core::time::Duration;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use shardbrook_peers::client::Protocol;
use shardbrook_tests::client::read_frame;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::ledger::{Follower, Number, Seen, shard_id, shard_number};
use crate::world::{Client, Format, Outcome, Round, SUBSCRIBER, count};

/// How long to wait where nothing is to be read.
const PAUSE: Duration = Duration::from_millis(20);

/// Where to go on in a shard.
fn position(last: Option<&Number>) -> Value {
    match last {
        Some(number) => json!({ "Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number }),
        None => json!({ "Type": "TRIM_HORIZON" }),
    }
}

/// An iterator, with the names that GetShardIterator has for its parts.
async fn iterator(client: &mut Client, stream: &str, shard: u32, last: Option<&Number>) -> Result<String> {
    let position = position(last);
    let mut input =
        json!({ "StreamName": stream, "ShardId": shard_id(shard), "ShardIteratorType": position["Type"] });
    if let Some(number) = position.get("SequenceNumber") {
        input["StartingSequenceNumber"] = number.clone();
    }
    let answer = client.must("GetShardIterator", &input).await?;
    Ok(answer["ShardIterator"].as_str().context("no iterator")?.to_owned())
}

/// Reads with an iterator; gives nothing if that became too old, which it does when the clock jumps.
async fn get(round: &Round, client: &mut Client, iterator: &str) -> Result<Option<Value>> {
    let answer: Outcome = client.call("GetRecords", &json!({ "ShardIterator": iterator })).await?;
    count(&round.books.counts.reads, 1);
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(code) if code == "ExpiredIteratorException" => {
            count(&round.books.counts.refusals, 1);
            Ok(None)
        }
        Err(code) => bail!("GetRecords: {code}"),
    }
}

/// Reads a stream with GetRecords, from parents to children.
pub(crate) async fn poll(round: Arc<Round>, reader: usize, protocol: Protocol, format: Format) -> Result<()> {
    let mut client = Client::new(&round, protocol, format)?;
    let with =
        |act: &mut dyn FnMut(&mut Follower) -> Result<usize>| act(&mut round.books.followers()[reader]);
    let stream = round.books.followers()[reader].stream;
    let mut iterators: HashMap<u32, String> = HashMap::new();
    while round.has_readers() {
        let mut found = 0;
        let ready = round.books.followers()[reader].ready();
        for (shard, last) in ready {
            let at = match iterators.remove(&shard) {
                Some(at) => at,
                None => iterator(&mut client, stream, shard, last.as_ref()).await?,
            };
            let Some(answer) = get(&round, &mut client, &at).await? else { continue };
            found += with(&mut |follower| follower.read(shard, &answer["Records"]))?;
            match answer["NextShardIterator"].as_str() {
                Some(next) => drop(iterators.insert(shard, next.to_owned())),
                None => {
                    with(&mut |follower| follower.end(shard, &answer["ChildShards"]).map(|()| 0)).map(drop)?
                }
            }
        }
        if found == 0 {
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Reads the first stream by subscriptions to all its shards, from parents to children.
pub(crate) async fn subscribe(round: Arc<Round>) -> Result<()> {
    let mut client = Client::new(&round, Protocol::Http1, Format::Json)?;
    let stream = round.books.followers()[SUBSCRIBER].stream;
    let consumer = consumer(&round, &mut client, stream).await?;
    let (mut followed, mut tasks) = (BTreeSet::new(), JoinSet::new());
    while round.has_readers() {
        let ready = round.books.followers()[SUBSCRIBER].ready();
        for (shard, last) in ready {
            if followed.insert(shard) {
                let protocol = [Protocol::Http1, Protocol::Http2][shard as usize % 2];
                tasks.spawn(follow(Arc::clone(&round), consumer.clone(), shard, last, protocol));
            }
        }
        while let Some(done) = tasks.try_join_next() {
            followed.remove(&done??);
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// The ARN of the consumer, once it is active.
async fn consumer(round: &Round, client: &mut Client, stream: &str) -> Result<Value> {
    let arn = format!("arn:aws:kinesis:us-east-1:000000000000:stream/{stream}");
    let input = json!({ "StreamARN": arn, "ConsumerName": "soak" });
    let made = client.call("RegisterStreamConsumer", &input).await?;
    ensure!(made.is_ok() || made == Err("ResourceInUseException".into()), "{made:?}");
    loop {
        let answer = client.must("DescribeStreamConsumer", &input).await?;
        let consumer = &answer["ConsumerDescription"];
        if consumer["ConsumerStatus"] == "ACTIVE" {
            return Ok(consumer["ConsumerARN"].clone());
        }
        ensure!(round.has_readers(), "the consumer does not become active: {consumer}");
        sleep(PAUSE).await;
    }
}

/// Reads a shard until its end, or that of the subscription.
async fn follow(
    round: Arc<Round>,
    consumer: Value,
    shard: u32,
    last: Option<Number>,
    protocol: Protocol,
) -> Result<u32> {
    let mut client = Client::new(&round, protocol, Format::Json)?;
    let input = json!({ "ConsumerARN": consumer, "ShardId": shard_id(shard), "StartingPosition": position(last.as_ref()) });
    let mut answer = client.subscribe(&input).await?;
    let status = answer.status;
    if status != 200 {
        let body = answer.body().await.context(crate::world::Gone)?;
        let body: Value = serde_json::from_slice(&body)?;
        // The subscription before may not be over for the server yet.
        ensure!(status == 400 && body["__type"] == "ResourceInUseException", "{status}: {body}");
        count(&round.books.counts.refusals, 1);
        sleep(PAUSE).await;
        return Ok(shard);
    }
    count(&round.books.counts.subscriptions, 1);
    let mut bytes = Vec::new();
    while let Some(data) = answer.piece().await.context(crate::world::Gone)? {
        bytes.extend_from_slice(&data);
        while let Some(length) = bytes.first_chunk().map(|length| u32::from_be_bytes(*length) as usize) {
            if bytes.len() < length {
                break;
            }
            let rest = bytes.split_off(length);
            let (kind, event) = read_frame(&bytes).map_err(anyhow::Error::msg)?;
            bytes = rest;
            match &*kind {
                "initial-response" => {}
                "SubscribeToShardEvent" => {
                    let follower = &mut round.books.followers()[SUBSCRIBER];
                    follower.read(shard, &event["Records"])?;
                    if let Some(children) = event.get("ChildShards") {
                        follower.end(shard, children)?;
                    }
                }
                _ => bail!("a subscription ended with {kind}: {event}"),
            }
        }
    }
    ensure!(bytes.is_empty(), "half of an event");
    Ok(shard)
}

/// Reads again all that the streams hold, while nobody puts anything, and compares.
pub(crate) async fn compare(round: &Round) -> Result<()> {
    let mut client = Client::new(round, Protocol::Http1, Format::Json)?;
    let now = round.books.now();
    for reader in 0..=SUBSCRIBER {
        round.books.followers()[reader].expire(now);
    }
    for reader in 0..SUBSCRIBER {
        let stream = round.books.followers()[reader].stream;
        let shards = client.must("ListShards", &json!({ "StreamName": stream })).await?;
        let mut compared = BTreeSet::new();
        for shard in shards["Shards"].as_array().context("no shards")? {
            let number = shard_number(&shard["ShardId"])?;
            let found = read_all(round, &mut client, stream, number).await?;
            for reader in round.books.followers().iter().filter(|follower| follower.stream == stream) {
                reader.compare(number, &found, now)?;
            }
            compared.insert(number);
        }
        for reader in round.books.followers().iter().filter(|follower| follower.stream == stream) {
            let missing = reader.kept_shards(now).find(|shard| !compared.contains(shard));
            ensure!(missing.is_none(), "{stream} has lost shard {missing:?}");
        }
    }
    Ok(())
}

/// All that a shard holds.
async fn read_all(round: &Round, client: &mut Client, stream: &str, shard: u32) -> Result<Vec<Seen>> {
    let mut found = Vec::new();
    let mut at = iterator(client, stream, shard, None).await?;
    loop {
        let answer = get(round, client, &at).await?.context("the clock stands still")?;
        let records = answer["Records"].as_array().context("no records")?;
        found.extend(records.iter().map(Seen::of).collect::<Result<Vec<_>>>()?);
        match answer["NextShardIterator"].as_str() {
            Some(next) if answer["MillisBehindLatest"] != 0 => next.clone_into(&mut at),
            _ => return Ok(found),
        }
    }
}
