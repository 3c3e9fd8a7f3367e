//! Those who change something.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use shardbrook_peers::client::Protocol;
use tokio::time::sleep;

use crate::ledger::{Id, Place};
use crate::world::{Client, Format, Rng, Round, STREAMS, count};

/// Writers: with each protocol, in each format, to each stream.
pub(crate) const WRITERS: usize = 8;
/// The keys that a writer puts at a time.
const KEYS: u32 = 16;
/// The most records of a request.
const RECORDS: usize = 200;

const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];
const FORMATS: [Format; 2] = [Format::Json, Format::Cbor];

/// Puts records, whose order matters, one request after the other.
pub(crate) async fn write(round: Arc<Round>, writer: usize, mut rng: Rng) -> Result<()> {
    let mut client = Client::new(&round, PROTOCOLS[writer % 2], FORMATS[writer / 2 % 2])?;
    let stream = STREAMS[writer / 4 % 2];
    // Those of another round may have records whose answers were lost.
    let first = round.books.new_keys(KEYS);
    let mut turns = [0; KEYS as usize];
    while round.has_writers() {
        let size = if rng.below(5) < 2 { 1 } else { 1 + rng.below(RECORDS) };
        let ids: Vec<Id> = (0..size)
            .map(|_| {
                let key = rng.below(turns.len());
                turns[key] += 1;
                Id { key: first + key as u32, turn: turns[key] - 1 }
            })
            .collect();
        put(&round, &mut client, stream, &ids).await?;
        sleep(round.pace.rest).await;
    }
    Ok(())
}

async fn put(round: &Round, client: &mut Client, stream: &str, ids: &[Id]) -> Result<()> {
    let record = |id: &Id| json!({ "PartitionKey": id.partition_key(), "Data": id.data() });
    let places: Vec<Place> = if let [id] = ids {
        let mut input = record(id);
        input["StreamName"] = json!(stream);
        vec![Place::of(&client.must("PutRecord", &input).await?)?]
    } else {
        let input = json!({ "StreamName": stream, "Records": ids.iter().map(record).collect::<Vec<_>>() });
        let answer = client.must("PutRecords", &input).await?;
        ensure!(answer["FailedRecordCount"] == 0, "records failed: {answer}");
        let records = answer["Records"].as_array().context("no records")?;
        records.iter().map(Place::of).collect::<Result<_>>()?
    };
    ensure!(places.len() == ids.len(), "{} of {} records were answered", places.len(), ids.len());
    count(&round.books.counts.puts, 1);
    count(&round.books.counts.bytes, ids.iter().map(|id| id.data().len() / 4 * 3).sum());
    let placed: Vec<_> = ids.iter().copied().zip(places).collect();
    round.books.acknowledged(stream, &placed)
}

/// An open shard: its id, and where its hash keys begin and end.
struct Open {
    id: Value,
    start: u128,
    end: u128,
}

/// Splits and merges shards.
pub(crate) async fn reshard(round: Arc<Round>, mut rng: Rng) -> Result<()> {
    let mut client = Client::new(&round, Protocol::Http2, Format::Json)?;
    while round.has_writers() {
        sleep(round.pace.reshard).await;
        let stream = STREAMS[rng.below(STREAMS.len())];
        let open = open_shards(&mut client, stream).await?;
        let input = json!({ "StreamName": stream });
        let with = |members: Value| {
            let mut input = input.clone();
            input
                .as_object_mut()
                .into_iter()
                .for_each(|input| input.extend(members.as_object().cloned().unwrap_or_default()));
            input
        };
        let place = rng.below(open.len());
        let (operation, input) = match (open.len(), rng.below(3)) {
            (..3, _) | (..9, 0) => {
                let Open { id, start, end } = &open[place];
                let half = (start + (end - start) / 2 + 1).to_string();
                ("SplitShard", with(json!({ "ShardToSplit": id, "NewStartingHashKey": half })))
            }
            (9.., _) | (_, 1) => {
                let place = place.min(open.len() - 2);
                let (id, next) = (&open[place].id, &open[place + 1].id);
                ("MergeShards", with(json!({ "ShardToMerge": id, "AdjacentShardToMerge": next })))
            }
            (shards, _) => {
                let target = shards.div_ceil(2) + rng.below(shards);
                let input = json!({ "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING" });
                ("UpdateShardCount", with(input))
            }
        };
        match client.call(operation, &input).await? {
            Ok(_) => count(&round.books.counts.reshardings, 1),
            Err(code) if code == "ResourceInUseException" => count(&round.books.counts.refusals, 1),
            Err(code) => bail!("{operation}: {code} for {input}"),
        }
    }
    Ok(())
}

/// The open shards of a stream in the order of their hash keys.
async fn open_shards(client: &mut Client, stream: &str) -> Result<Vec<Open>> {
    let input = json!({ "StreamName": stream, "ShardFilter": { "Type": "AT_LATEST" } });
    let answer = client.must("ListShards", &input).await?;
    let key = |shard: &Value, name: &str| shard["HashKeyRange"][name].as_str()?.parse().ok();
    let shards = answer["Shards"].as_array().context("no shards")?.iter().map(|shard| {
        let range = key(shard, "StartingHashKey").zip(key(shard, "EndingHashKey"));
        let (start, end) = range.context("no range")?;
        Ok(Open { id: shard["ShardId"].clone(), start, end })
    });
    let mut shards: Vec<Open> = shards.collect::<Result<_>>()?;
    shards.sort_unstable_by_key(|shard| shard.start);
    ensure!(!shards.is_empty(), "{stream} has no open shards");
    Ok(shards)
}

/// Makes streams, puts to them, reads it back, and deletes them.
pub(crate) async fn churn(round: Arc<Round>, mut rng: Rng) -> Result<()> {
    let mut client = Client::new(&round, Protocol::Http1, Format::Cbor)?;
    // Those that another server was killed over.
    let left = client.must("ListStreams", &json!({})).await?;
    for name in left["StreamNames"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if name.starts_with("short-") {
            let deleted = client.call("DeleteStream", &json!({ "StreamName": name })).await?;
            ensure!(deleted.is_ok() || deleted == Err("ResourceInUseException".into()), "{deleted:?}");
        }
    }
    while round.has_writers() {
        let name = format!("short-{}", round.books.new_name());
        let stream = json!({ "StreamName": name });
        let input = json!({ "StreamName": name, "ShardCount": 1 + rng.below(3) });
        client.must("CreateStream", &input).await?;
        wait(&round, &mut client, &name, Some("ACTIVE")).await?;
        let first = round.books.new_keys(KEYS);
        let mut put = BTreeMap::new();
        for turn in 0..3 {
            let ids = (0..KEYS).map(|key| Id { key: first + key, turn });
            let record = |id: Id| json!({ "PartitionKey": id.partition_key(), "Data": id.data() });
            let records: Vec<_> = ids.clone().map(record).collect();
            let input = json!({ "StreamName": name, "Records": records });
            let answer = client.must("PutRecords", &input).await?;
            for (id, record) in ids.zip(answer["Records"].as_array().context("no records")?) {
                put.insert((record["ShardId"].to_string(), record["SequenceNumber"].to_string()), id.data());
            }
        }
        ensure!(put.len() == 3 * KEYS as usize, "places that are not different: {put:?}");
        let found = read_all(&mut client, &name).await?;
        ensure!(put == found, "{name} had {put:?}, and has {found:?}");
        client.must("DeleteStream", &stream).await?;
        wait(&round, &mut client, &name, None).await?;
        count(&round.books.counts.streams, 1);
        sleep(round.pace.rest).await;
    }
    Ok(())
}

/// Waits until a stream has this status, or is gone.
async fn wait(round: &Round, client: &mut Client, name: &str, status: Option<&str>) -> Result<()> {
    loop {
        let answer = client.call("DescribeStreamSummary", &json!({ "StreamName": name })).await?;
        let found = match &answer {
            Ok(answer) => answer["StreamDescriptionSummary"]["StreamStatus"].as_str(),
            Err(code) if code == "ResourceNotFoundException" => None,
            Err(code) => bail!("DescribeStreamSummary: {code}"),
        };
        if found == status {
            return Ok(());
        }
        // The clock goes on as long as there are readers.
        ensure!(round.has_readers(), "{name} stays {found:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// All that a small stream has: the data by shard and sequence number.
async fn read_all(client: &mut Client, name: &str) -> Result<BTreeMap<(String, String), String>> {
    let shards = client.must("ListShards", &json!({ "StreamName": name })).await?;
    let mut found = BTreeMap::new();
    for shard in shards["Shards"].as_array().context("no shards")? {
        let id = &shard["ShardId"];
        let input = json!({ "StreamName": name, "ShardId": id, "ShardIteratorType": "TRIM_HORIZON" });
        let answer = loop {
            let iterator = client.must("GetShardIterator", &input).await?;
            match client.call("GetRecords", &json!({ "ShardIterator": iterator["ShardIterator"] })).await? {
                Ok(answer) => break answer,
                // The clock may jump in between.
                Err(code) => ensure!(code == "ExpiredIteratorException", "{code}"),
            }
        };
        for record in answer["Records"].as_array().context("no records")? {
            let data = record["Data"].as_str().unwrap_or_default().to_owned();
            found.insert((id.to_string(), record["SequenceNumber"].to_string()), data);
        }
    }
    Ok(found)
}
