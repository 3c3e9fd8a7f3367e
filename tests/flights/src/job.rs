//! The stream, the delivery stream that reads it, and what happens to them.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use shardbrook::{
    Aggregator, CreateStream, DEFAULT_MAX_BYTES, DescribeStreamSummary, Engine, EngineConfig, Event, Handled,
    HashKey, HashRange, ListShards, MergeShards, NewRecord, Output, PutRecords, PutRecordsEntry, ReadRecord,
    Request, ShardDescription, ShardFilter, ShardId, ShardMap, SplitShard, StreamMode, StreamRef, Timestamp,
};

use crate::input::{Batch, Flights};
use crate::stages::{Stage, Stages};

/// 2013-01-01T00:00:00Z: when the virtual clock starts.
pub const START: Timestamp = Timestamp::from_millis(1_356_998_400_000);
/// The bucket of the delivered objects.
pub const BUCKET: &str = "flights";

const STREAM: &str = "flights";
const DELIVERY_STREAM: &str = "flights-delivery";
const SHARDS: u32 = 4;
/// What PutRecords takes at most.
const MAX_ENTRIES: usize = 500;
/// How long the clock goes on after the last batch: more than any buffer waits.
const LAST_WAIT_MS: u64 = 120_000;
const ROLE_ARN: &str = "arn:aws:iam::000000000000:role/firehose";

/// A job under way.
#[derive(Debug)]
pub struct Job<'f> {
    flights: &'f Flights,
    engine: Engine,
    now: Timestamp,
    shards: OpenShards,
    aggregator: Aggregator,
    put: usize,
    put_bytes: u64,
    stages: Stages,
    records: Vec<u8>,
}

/// The open shards, in order of their ids.
#[derive(Debug)]
struct OpenShards {
    ids: Vec<ShardId>,
    ranges: Vec<HashRange>,
    /// How many user records went to each.
    records: Vec<u64>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// Flights that are through.
    pub flights: usize,
    /// The `time_hour` of the last one; only while they are put.
    pub time_hour: Option<Timestamp>,
}

impl<'f> Job<'f> {
    /// A stream of 4 shards, and a delivery stream that reads it.
    ///
    /// # Errors
    /// When the engine refuses either.
    pub fn new(flights: &'f Flights) -> Result<Self> {
        let mut job = Self::without_delivery(flights)?;
        job.create_delivery_stream()?;
        Ok(job)
    }

    /// A stream of 4 shards that nobody reads yet.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn without_delivery(flights: &'f Flights) -> Result<Self> {
        let mut engine = Engine::new(EngineConfig { now: START.as_millis(), ..EngineConfig::default() })?;
        engine.create_stream(
            START,
            &CreateStream {
                stream_name: STREAM,
                shard_count: Some(SHARDS),
                stream_mode: Some(StreamMode::Provisioned),
                ..CreateStream::default()
            },
        )?;
        let (shards, aggregator) = OpenShards::list(&mut engine, START)?;
        Ok(Self {
            flights,
            engine,
            now: START,
            shards,
            aggregator,
            put: 0,
            put_bytes: 0,
            stages: Stages::default(),
            records: Vec::new(),
        })
    }

    /// Delivery streams are made over the wire, as any client does it.
    fn create_delivery_stream(&mut self) -> Result<()> {
        let stream = DescribeStreamSummary { stream: StreamRef::named(STREAM) };
        let stream = self.engine.describe_stream_summary(self.now, &stream)?;
        let input = json!({
            "DeliveryStreamName": DELIVERY_STREAM,
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {
                "KinesisStreamARN": stream.stream_description_summary.stream_arn,
                "RoleARN": ROLE_ARN,
            },
            "ExtendedS3DestinationConfiguration": {
                "RoleARN": ROLE_ARN,
                "BucketARN": format!("arn:aws:s3:::{BUCKET}"),
                "BufferingHints": { "SizeInMBs": 1, "IntervalInSeconds": 60 },
                "CompressionFormat": "GZIP",
            },
        });
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "Firehose_20150804.CreateDeliveryStream"),
            ("x-amz-date", "20130101T000000Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20130101/us-east-1/firehose/aws4_request, \
                 SignedHeaders=host, Signature=0",
            ),
        ];
        let body = input.to_string();
        let request = Request { method: "POST", path: "/", headers: &headers, body: body.as_bytes() };
        let Handled::Done(response) = self.engine.handle_request(self.now, &request) else {
            bail!("CreateDeliveryStream was not answered");
        };
        let answer = String::from_utf8_lossy(&response.body);
        ensure!(response.status == 200, "CreateDeliveryStream was refused: {answer}");
        Ok(())
    }

    /// Puts all flights, a batch for each hour, and reshards half-way. Then waits until everything is delivered.
    ///
    /// # Errors
    /// When the engine refuses something, or says that a delivery lost records.
    pub fn put_all(&mut self, mut progress: impl FnMut(Progress)) -> Result<()> {
        let mut is_resharded = false;
        for batch in self.flights.batches() {
            self.move_clock(batch.put_at)?;
            self.put_batch(batch).with_context(|| format!("putting the flights of {}", batch.time_hour))?;
            progress(Progress { flights: self.put, time_hour: Some(batch.time_hour) });
            if !is_resharded && 2 * self.put > self.flights.len() {
                self.reshard().context("resharding half-way")?;
                is_resharded = true;
            }
        }
        self.move_clock(self.now.plus_millis(LAST_WAIT_MS))
    }

    /// Runs what is due until `now`, deliveries above all.
    fn move_clock(&mut self, now: Timestamp) -> Result<()> {
        self.now = now;
        let engine = &mut self.engine;
        self.stages.time(Stage::Deliver, || engine.handle_timeout(now));
        loop {
            let output = engine.poll_output();
            if let Output::Event(Event::RecordsLost { reason, records, .. }) = &output {
                bail!("{records} records were not delivered: {reason}");
            }
            if matches!(output, Output::Timeout(_)) {
                return Ok(());
            }
        }
    }

    fn put_batch(&mut self, batch: Batch<'_>) -> Result<()> {
        let records = &mut self.records;
        records.clear();
        let ends: Vec<usize> = self.stages.time(Stage::Write, || {
            let ends = batch.flights().map(|flight| {
                flight.write_record(records);
                records.len()
            });
            ends.collect()
        });
        let aggregator = &mut self.aggregator;
        let entries = self.stages.time(Stage::Aggregate, || {
            let mut start = 0;
            let user_records = batch.flights().zip(ends).map(|(flight, end)| {
                let data = &records[start..end];
                start = end;
                NewRecord { partition_key: flight.partition_key(), explicit_hash_key: None, data }
            });
            let user_records: Vec<NewRecord<'_>> = user_records.collect();
            let mut entries = Vec::new();
            aggregator
                .add_all(&user_records, &mut entries)
                .map_err(|(index, error)| anyhow::anyhow!("flight {} of the batch: {error}", index + 1))?;
            aggregator.flush(&mut entries);
            anyhow::Ok(entries)
        })?;
        self.put_bytes += self.records.len() as u64;
        for entries in entries.chunks(MAX_ENTRIES) {
            let (engine, now) = (&mut self.engine, self.now);
            let reply = self.stages.time(Stage::Put, || {
                let hash_keys: Vec<String> =
                    entries.iter().map(|entry| entry.explicit_hash_key.to_string()).collect();
                let records = entries.iter().zip(&hash_keys).map(|(entry, hash_key)| PutRecordsEntry {
                    data: &entry.data,
                    partition_key: Some(&entry.partition_key),
                    explicit_hash_key: Some(hash_key),
                });
                let stream = StreamRef::named(STREAM);
                engine.put_records(now, &PutRecords { stream, records: records.collect(), dry_run: false })
            })?;
            ensure!(reply.failed_record_count == 0, "{} entries were not taken", reply.failed_record_count);
            for (entry, placed) in entries.iter().zip(&reply.records) {
                let placed = placed.placed().context("an entry was not taken")?;
                let shard = entry.shard.context("a record belongs to no open shard")? as usize;
                let expected = self.shards.ids[shard];
                ensure!(placed.shard_id == expected, "{} took records for {expected}", placed.shard_id);
                self.shards.records[shard] += u64::from(entry.user_records);
                self.put += entry.user_records as usize;
            }
        }
        Ok(())
    }

    /// Splits the shard with the most records in the middle, and merges the two neighbours among the others that have
    /// the fewest together. The lowest ids win ties.
    fn reshard(&mut self) -> Result<()> {
        let plan = self.shards.plan_reshard();
        let (stream, now) = (StreamRef::named(STREAM), self.now);
        self.engine.split_shard(
            now,
            &SplitShard {
                stream,
                shard_to_split: &plan.split.to_string(),
                new_starting_hash_key: &plan.split_at.to_string(),
            },
        )?;
        if let Some((shard, adjacent)) = plan.merge {
            self.engine.merge_shards(
                now,
                &MergeShards {
                    stream,
                    shard_to_merge: &shard.to_string(),
                    adjacent_shard_to_merge: &adjacent.to_string(),
                },
            )?;
        }
        (self.shards, self.aggregator) = OpenShards::list(&mut self.engine, now)?;
        Ok(())
    }

    /// Reads the whole stream and gives each record to `visit`.
    ///
    /// # Errors
    /// When the stream cannot be read, or a record in it cannot.
    pub fn read_all(&mut self, mut visit: impl FnMut(&ReadRecord<'_>)) -> Result<()> {
        let (engine, now) = (&mut self.engine, self.now);
        let mut reader = engine.records(now, STREAM)?;
        loop {
            let batch = self.stages.time(Stage::Read, || reader.next_batch(engine, now))?;
            if batch.is_empty() {
                return Ok(());
            }
            let started = Instant::now();
            for record in batch {
                visit(&record?);
            }
            self.stages.add(Stage::CheckRead, started.elapsed());
        }
    }

    /// All shards that the stream ever had, by id.
    ///
    /// # Errors
    /// When the engine refuses to list them.
    pub fn shards(&mut self) -> Result<BTreeMap<ShardId, ShardDescription>> {
        let input = ListShards { stream: StreamRef::named(STREAM), ..ListShards::default() };
        let shards = self.engine.list_shards(self.now, &input)?.shards;
        Ok(shards.into_iter().map(|shard| (shard.shard_id, shard)).collect())
    }

    /// The engine, with the delivered objects.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The input.
    pub fn flights(&self) -> &'f Flights {
        self.flights
    }

    /// How many flights were put and taken.
    pub fn put_records(&self) -> usize {
        self.put
    }

    /// The bytes of their records.
    pub fn put_bytes(&self) -> u64 {
        self.put_bytes
    }

    /// Where the time went.
    pub fn stages(&self) -> &Stages {
        &self.stages
    }

    pub(crate) fn stages_mut(&mut self) -> &mut Stages {
        &mut self.stages
    }
}

/// What resharding does.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    split: ShardId,
    split_at: HashKey,
    /// The lower shard and its neighbour; nothing where no two others are neighbours.
    merge: Option<(ShardId, ShardId)>,
}

impl OpenShards {
    /// The open shards of the stream, and an aggregator for them.
    fn list(engine: &mut Engine, now: Timestamp) -> Result<(Self, Aggregator)> {
        let listed = engine.list_shards(
            now,
            &ListShards {
                stream: StreamRef::named(STREAM),
                shard_filter: Some(ShardFilter::AtLatest),
                ..ListShards::default()
            },
        )?;
        let range = |shard: &ShardDescription| {
            let range = shard.hash_key_range;
            HashRange::new(range.starting_hash_key, range.ending_hash_key)
        };
        let ranges: Option<Vec<HashRange>> = listed.shards.iter().map(range).collect();
        let shards = Self {
            ids: listed.shards.iter().map(|shard| shard.shard_id).collect(),
            ranges: ranges.context("a shard has no hash keys")?,
            records: vec![0; listed.shards.len()],
        };
        let aggregator = Aggregator::new(Some(ShardMap::new(&shards.ranges)?), DEFAULT_MAX_BYTES)?;
        Ok((shards, aggregator))
    }

    fn plan_reshard(&self) -> Plan {
        let mut busiest = 0;
        for shard in 1..self.ids.len() {
            if self.records[shard] > self.records[busiest] {
                busiest = shard;
            }
        }
        let others = || (0..self.ids.len()).filter(|&shard| shard != busiest);
        let pairs = others().flat_map(|shard| others().map(move |next| (shard, next)));
        let quietest = pairs
            .filter(|&(shard, next)| self.ranges[shard].is_followed_by(&self.ranges[next]))
            .min_by_key(|&(shard, next)| self.records[shard] + self.records[next]);
        Plan {
            split: self.ids[busiest],
            split_at: self.ranges[busiest].midpoint(),
            merge: quietest.map(|(shard, next)| (self.ids[shard], self.ids[next])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(records: [u64; 4]) -> (String, Option<(String, String)>) {
        let mut engine = Engine::new(EngineConfig::default()).unwrap();
        let input = CreateStream { stream_name: STREAM, shard_count: Some(4), ..CreateStream::default() };
        engine.create_stream(START, &input).unwrap();
        let (mut shards, _) = OpenShards::list(&mut engine, START).unwrap();
        shards.records = records.to_vec();
        let plan = shards.plan_reshard();
        let last = |id: ShardId| id.to_string().split_off("shardId-00000000000".len());
        (last(plan.split), plan.merge.map(|(shard, next)| (last(shard), last(next))))
    }

    fn pair(shard: &str, next: &str) -> Option<(String, String)> {
        Some((shard.to_owned(), next.to_owned()))
    }

    #[test]
    fn splits_the_busiest_and_merges_the_quietest_neighbours() {
        assert_eq!(plan([9, 3, 2, 1]), ("0".to_owned(), pair("2", "3")));
        assert_eq!(plan([1, 2, 3, 9]), ("3".to_owned(), pair("0", "1")));
        assert_eq!(plan([1, 9, 3, 4]), ("1".to_owned(), pair("2", "3")));
        assert_eq!(plan([5, 5, 5, 5]), ("0".to_owned(), pair("1", "2")));
    }
}
