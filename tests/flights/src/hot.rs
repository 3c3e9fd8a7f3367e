//! The demo's second part: the flights by airport, too fast for the shards, with the quotas of AWS.
//!
//! The year passes in one virtual minute, so that three partition keys bring more than five thousand records a second.
//! Then the shards that were throttled are split, and the year is put again.

use anyhow::{Context as _, Result};
use shardbrook::{
    Engine, EngineConfig, HashKey, HashRange, Limits, ListShards, PutRecords, PutRecordsEntry, ShardFilter,
    ShardId, SplitShard, StreamRef, Timestamp,
};

use crate::input::{Flight, Flights};
use crate::job::{Progress, START};

const STREAM: &str = "airports";
/// Two airports of three meet in the first shard.
const SHARDS: u32 = 2;
/// How often the year is put.
pub const ROUNDS: usize = 3;
const MAX_ENTRIES: usize = 500;
/// A year of 8,760 hours takes a minute.
const SPEED: u64 = 8760 * 60;
/// Between two rounds: a minute's puts, and a pause that fills all quotas.
const ROUND_MS: u64 = 120_000;

/// A year that was put.
#[derive(Debug)]
pub struct Round {
    /// The shards that were open, in order of their hash keys.
    pub shards: Vec<HotShard>,
}

/// What a shard was offered.
#[derive(Debug)]
pub struct HotShard {
    /// The shard.
    pub id: ShardId,
    /// The hash keys that go to it.
    pub range: HashRange,
    /// What was put with which partition key.
    pub keys: Vec<Offered>,
}

/// Records of one partition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The key.
    pub key: String,
    /// Records that the shard took.
    pub taken: usize,
    /// Records that it refused.
    pub throttled: usize,
}

impl Round {
    /// How many records were taken.
    pub fn taken(&self) -> usize {
        self.shards.iter().map(HotShard::taken).sum()
    }
}

impl HotShard {
    /// How many records it took.
    pub fn taken(&self) -> usize {
        self.keys.iter().map(|offered| offered.taken).sum()
    }

    /// How many records it refused.
    pub fn throttled(&self) -> usize {
        self.keys.iter().map(|offered| offered.throttled).sum()
    }
}

/// Puts the year again and again, and splits in between what was throttled. Nothing if the input names no airports.
/// What is throttled is not sent again: there is no second at which the shard has room for it.
///
/// # Errors
/// When the engine refuses anything but records above a quota.
pub fn put_by_airport(flights: &Flights, mut progress: impl FnMut(Progress)) -> Result<Option<Vec<Round>>> {
    if !flights.have_origins() {
        return Ok(None);
    }
    let mut engine = Engine::new(EngineConfig {
        now: START.as_millis(),
        limits: Limits::AWS,
        initialize_streams: format!("{STREAM}:{SHARDS}"),
        ..EngineConfig::default()
    })?;
    let mut rounds: Vec<Round> = Vec::new();
    for number in 0..ROUNDS {
        let start = START.plus_millis(number as u64 * ROUND_MS);
        if let Some(round) = rounds.last() {
            split(&mut engine, start.minus_millis(ROUND_MS / 4), round)?;
        }
        let done = number * flights.len();
        rounds.push(put_year(&mut engine, start, flights, |flights, time_hour| {
            progress(Progress { flights: done + flights, time_hour: Some(time_hour) });
        })?);
    }
    Ok(Some(rounds))
}

fn put_year(
    engine: &mut Engine,
    start: Timestamp,
    flights: &Flights,
    mut progress: impl FnMut(usize, Timestamp),
) -> Result<Round> {
    let mut shards = open_shards(engine, start)?;
    let mut put = 0;
    for batch in flights.batches() {
        let now = start.plus_millis(batch.time_hour.millis_since(START) / SPEED);
        let flights: Vec<Flight<'_>> = batch.flights().collect();
        for flights in flights.chunks(MAX_ENTRIES) {
            put_chunk(engine, now, flights, &mut shards)?;
            put += flights.len();
        }
        progress(put, batch.time_hour);
    }
    Ok(Round { shards })
}

fn put_chunk(
    engine: &mut Engine,
    now: Timestamp,
    flights: &[Flight<'_>],
    shards: &mut [HotShard],
) -> Result<()> {
    let mut data = Vec::new();
    let ends: Vec<usize> = flights
        .iter()
        .map(|flight| {
            flight.write_record(&mut data);
            data.len()
        })
        .collect();
    let starts = core::iter::once(0).chain(ends.iter().copied());
    let records = flights.iter().zip(starts.zip(&ends)).map(|(flight, (start, &end))| PutRecordsEntry {
        data: &data[start..end],
        partition_key: Some(flight.origin()),
        explicit_hash_key: None,
    });
    let input = PutRecords { stream: StreamRef::named(STREAM), records: records.collect(), dry_run: false };
    let reply = engine.put_records(now, &input)?;
    for (flight, record) in flights.iter().zip(&reply.records) {
        let key = flight.origin();
        let shard = shards
            .iter_mut()
            .find(|shard| shard.range.contains(HashKey::of(key)))
            .context("an airport belongs to no open shard")?;
        let place = shard.keys.iter().position(|offered| offered.key == key).unwrap_or_else(|| {
            shard.keys.push(Offered { key: key.to_owned(), taken: 0, throttled: 0 });
            shard.keys.len() - 1
        });
        let offered = &mut shard.keys[place];
        match record.placed() {
            Some(_) => offered.taken += 1,
            None => offered.throttled += 1,
        }
    }
    Ok(())
}

fn open_shards(engine: &mut Engine, now: Timestamp) -> Result<Vec<HotShard>> {
    let input = ListShards {
        stream: StreamRef::named(STREAM),
        shard_filter: Some(ShardFilter::AtLatest),
        ..ListShards::default()
    };
    let listed = engine.list_shards(now, &input)?.shards;
    let shards = listed.into_iter().map(|shard| {
        let range = shard.hash_key_range;
        let range = HashRange::new(range.starting_hash_key, range.ending_hash_key);
        Ok(HotShard {
            id: shard.shard_id,
            range: range.context("a shard has no hash keys")?,
            keys: Vec::new(),
        })
    });
    let mut shards = shards.collect::<Result<Vec<_>>>()?;
    shards.sort_by_key(|shard| shard.range.start());
    Ok(shards)
}

/// Splits each shard that was throttled, in the middle.
fn split(engine: &mut Engine, now: Timestamp, round: &Round) -> Result<()> {
    for (number, shard) in round.shards.iter().filter(|shard| shard.throttled() > 0).enumerate() {
        let input = SplitShard {
            stream: StreamRef::named(STREAM),
            shard_to_split: &shard.id.to_string(),
            new_starting_hash_key: &shard.range.midpoint().to_string(),
        };
        // Five calls a second are allowed.
        engine.split_shard(now.plus_millis(number as u64 * 1000), &input)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitting_parts_airports_but_not_an_airport() {
        let rows = ["EWR", "LGA", "JFK"].map(|key| format!("N1,{key},2013-01-01T10:00:00Z\n").repeat(2000));
        let text = format!("tailnum,origin,time_hour\n{}", rows.concat());
        let flights = Flights::read(text.as_bytes(), "f.csv", 0, None).unwrap();
        let rounds = put_by_airport(&flights, |_| ()).unwrap().unwrap();
        let told: Vec<Vec<String>> = rounds
            .iter()
            .map(|round| {
                let shard = |shard: &HotShard| {
                    let keys =
                        shard.keys.iter().map(|of| format!("{} {}/{}", of.key, of.taken, of.throttled));
                    keys.collect::<Vec<_>>().join(", ")
                };
                round.shards.iter().map(shard).collect()
            })
            .collect();
        assert_eq!(told[0], ["EWR 1000/1000, LGA 0/2000", "JFK 1000/1000"]);
        assert_eq!(told[1], ["EWR 1000/1000", "LGA 1000/1000", "", "JFK 1000/1000"]);
        assert_eq!(told[2].iter().filter(|text| !text.is_empty()).count(), 3);
        assert_eq!(rounds.iter().map(Round::taken).collect::<Vec<_>>(), [2000, 3000, 3000]);
    }

    #[test]
    fn an_input_without_airports_has_no_second_part() {
        let text = "tailnum,time_hour\nN1,2013-01-01T10:00:00Z\n";
        let flights = Flights::read(text.as_bytes(), "f.csv", 0, None).unwrap();
        assert!(put_by_airport(&flights, |_| ()).unwrap().is_none());
    }
}
