//! What was acknowledged and what was read: each record once, in order, with the same place and the same bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// How long streams keep records.
pub(crate) const RETENTION_MS: u64 = 24 * 3600 * 1000;

/// A record: its key, and which one of the key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) key: u32,
    pub(crate) turn: u32,
}

impl Id {
    /// The partition key.
    pub(crate) fn partition_key(self) -> String {
        format!("key-{}", self.key)
    }

    /// The data, in base64: digits, which are what they are decoded to in groups of four.
    pub(crate) fn data(self) -> String {
        let mixed =
            (u64::from(self.key) << 32 | u64::from(self.turn)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        // Most are small, some are large.
        let groups = if mixed.is_multiple_of(500) { 5000 } else { mixed % 60 };
        let filler = format!("{:04}", mixed % 9973).repeat(groups as usize);
        format!("{:08}{:08}{filler}", self.key, self.turn)
    }

    fn of(record: &Value) -> Result<Self> {
        let data = record["Data"].as_str().context("no data")?;
        let number = |at: usize| data.get(at..at + 8).and_then(|digits| digits.parse().ok());
        let id = number(0).zip(number(8)).map(|(key, turn)| Self { key, turn });
        let id = id.with_context(|| format!("data that nobody put: {record}"))?;
        ensure!(
            id.data() == data && record["PartitionKey"] == id.partition_key(),
            "not as it was put: {record}"
        );
        Ok(id)
    }
}

/// A sequence number. All have 56 digits, so that their texts have their order.
pub(crate) type Number = Box<str>;

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) shard: u32,
    pub(crate) number: Number,
}

impl Place {
    /// As the answer to a put says.
    pub(crate) fn of(answer: &Value) -> Result<Self> {
        let shard = shard_number(&answer["ShardId"])?;
        Ok(Self { shard, number: sequence_number(answer)? })
    }
}

fn sequence_number(record: &Value) -> Result<Number> {
    let number = record["SequenceNumber"].as_str().filter(|number| number.len() == 56);
    number.map(Into::into).with_context(|| format!("no sequence number: {record}"))
}

/// The number of a shard, by its id.
pub(crate) fn shard_number(id: &Value) -> Result<u32> {
    let number = id.as_str().and_then(|id| id.strip_prefix("shardId-")?.parse().ok());
    number.with_context(|| format!("{id} is no shard"))
}

/// The id of a shard, by its number.
pub(crate) fn shard_id(number: u32) -> String {
    format!("shardId-{number:012}")
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) id: Id,
    pub(crate) number: Number,
    /// When it came.
    pub(crate) arrival: u64,
}

impl Seen {
    /// Reads a record of GetRecords or of an event.
    pub(crate) fn of(record: &Value) -> Result<Self> {
        let arrival = record["ApproximateArrivalTimestamp"].as_f64().context("no time")?;
        Ok(Self {
            id: Id::of(record)?,
            number: sequence_number(record)?,
            arrival: (arrival * 1000.0).round() as u64,
        })
    }
}

/// A shard that is followed.
#[derive(Debug, Default)]
struct Shard {
    parents: Vec<u32>,
    /// The last record that was read.
    last: Option<Number>,
    /// What was read of it and has not expired.
    seen: VecDeque<Seen>,
}

/// One of the two that tell of a record, while the other did not yet.
#[derive(Clone, Debug)]
enum Open {
    Read(Place),
    /// At this time.
    Acknowledged(Place, u64),
}

/// How far a reader of a stream is, from parents to children, and whether it read what was acknowledged.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) stream: &'static str,
    shards: BTreeMap<u32, Shard>,
    /// Shards that were read to their end.
    done: BTreeSet<u32>,
    /// The next turn of each key.
    turns: HashMap<u32, u32>,
    open: HashMap<Id, Open>,
    pub(crate) records: u64,
}

impl Follower {
    pub(crate) fn new(stream: &'static str) -> Self {
        Self {
            stream,
            shards: BTreeMap::new(),
            done: BTreeSet::new(),
            turns: HashMap::new(),
            open: HashMap::new(),
            records: 0,
        }
    }

    /// Learns of shards, with their parents.
    pub(crate) fn learn(&mut self, shards: &Value) -> Result<()> {
        for shard in shards.as_array().into_iter().flatten() {
            let number = shard_number(&shard["ShardId"])?;
            if self.done.contains(&number) {
                continue;
            }
            let parents = shard["ParentShards"].as_array().into_iter().flatten();
            let parents = parents.map(shard_number).collect::<Result<_>>()?;
            self.shards.entry(number).or_default().parents = parents;
        }
        Ok(())
    }

    /// The shards that can be read, and after which sequence number.
    pub(crate) fn ready(&self) -> Vec<(u32, Option<Number>)> {
        let is_ready = |number: u32, shard: &Shard| {
            !self.done.contains(&number) && shard.parents.iter().all(|parent| self.done.contains(parent))
        };
        let ready = self.shards.iter().filter(|(number, shard)| is_ready(**number, shard));
        ready.map(|(number, shard)| (*number, shard.last.clone())).collect()
    }

    /// Records were read of a shard.
    pub(crate) fn read(&mut self, number: u32, records: &Value) -> Result<usize> {
        let records = records.as_array().context("no records")?;
        for record in records {
            let seen = Seen::of(record)?;
            let id = seen.id;
            let shard = self.shards.get_mut(&number).context("a shard that is not followed")?;
            if let Some(last) = &shard.last {
                ensure!(*last < seen.number, "{}: shard {number} gave {seen:?} after {last}", self.stream);
            }
            let turn = self.turns.entry(id.key).or_default();
            ensure!(*turn == id.turn, "{}: {id:?} was read in place of turn {turn}", self.stream);
            *turn += 1;
            self.records += 1;
            let place = Place { shard: number, number: seen.number.clone() };
            match self.open.remove(&id) {
                None => drop(self.open.insert(id, Open::Read(place))),
                Some(Open::Acknowledged(other, _)) => {
                    ensure!(place == other, "{}: {id:?} was put to {other:?} and is {place:?}", self.stream);
                }
                Some(Open::Read(_)) => bail!("{}: {id:?} was read twice", self.stream),
            }
            shard.last = Some(seen.number.clone());
            shard.seen.push_back(seen);
        }
        Ok(records.len())
    }

    /// A shard was read to its end.
    pub(crate) fn end(&mut self, number: u32, children: &Value) -> Result<()> {
        self.done.insert(number);
        self.learn(children)
    }

    /// A record was acknowledged.
    pub(crate) fn acknowledged(&mut self, id: Id, place: Place, now: u64) -> Result<()> {
        match self.open.remove(&id) {
            None => drop(self.open.insert(id, Open::Acknowledged(place, now))),
            Some(Open::Read(other)) => {
                ensure!(place == other, "{}: {id:?} was put to {place:?} and is {other:?}", self.stream);
            }
            Some(Open::Acknowledged(..)) => bail!("{}: {id:?} was acknowledged twice", self.stream),
        }
        Ok(())
    }

    /// Records that were acknowledged and not read, with the time of that.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (Id, &Place, u64)> {
        self.open.iter().filter_map(|(id, open)| match open {
            Open::Acknowledged(place, at) => Some((*id, place, *at)),
            Open::Read(_) => None,
        })
    }

    /// Forgets what expired.
    pub(crate) fn expire(&mut self, now: u64) {
        for shard in self.shards.values_mut() {
            while shard.seen.front().is_some_and(|seen| seen.arrival + RETENTION_MS <= now) {
                shard.seen.pop_front();
            }
        }
        let done = &self.done;
        self.shards.retain(|number, shard| !done.contains(number) || !shard.seen.is_empty());
    }

    /// Compares all that a shard holds with what was read of it, which must be there and may not be all.
    pub(crate) fn compare(&self, number: u32, found: &[Seen], now: u64) -> Result<()> {
        if let Some(first) = found.first() {
            ensure!(first.arrival + RETENTION_MS >= now, "{}: {first:?} should have expired", self.stream);
        }
        let is_kept = |seen: &&Seen| seen.arrival + RETENTION_MS > now;
        let mut found = found.iter().filter(is_kept);
        let read = self.shards.get(&number).into_iter().flat_map(|shard| &shard.seen).filter(is_kept);
        for seen in read {
            let other = found.next();
            ensure!(other == Some(seen), "{}: shard {number} had {seen:?}, and has {other:?}", self.stream);
        }
        Ok(())
    }

    /// The shards of which something was read that is still kept.
    pub(crate) fn kept_shards(&self, now: u64) -> impl Iterator<Item = u32> {
        let is_kept =
            move |shard: &Shard| shard.seen.back().is_some_and(|seen| seen.arrival + RETENTION_MS > now);
        self.shards.iter().filter(move |(_, shard)| is_kept(shard)).map(|(number, _)| *number)
    }
}

/// Whether the ledger finds what it is there to find.
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_767_225_600_000;

    fn number(number: u32) -> Number {
        format!("{number:056}").into()
    }

    fn record(turn: u32, place: u32) -> Value {
        let id = Id { key: 7, turn };
        json!({
            "PartitionKey": id.partition_key(), "Data": id.data(), "SequenceNumber": number(place),
            "ApproximateArrivalTimestamp": NOW as f64 / 1000.0,
        })
    }

    fn seen(turn: u32, place: u32) -> Seen {
        Seen::of(&record(turn, place)).unwrap()
    }

    /// Two records were acknowledged, and these were read.
    fn read(records: Value) -> Result<Follower> {
        let mut follower = Follower::new("s");
        follower.learn(&json!([{ "ShardId": shard_id(0) }]))?;
        for turn in 0..2 {
            let place = Place { shard: 0, number: number(turn + 1) };
            follower.acknowledged(Id { key: 7, turn }, place, NOW)?;
        }
        follower.read(0, &records)?;
        Ok(follower)
    }

    #[test]
    fn what_was_not_read_is_told() {
        let unread = |records| read(records).unwrap().unread().map(|(id, ..)| id.turn).collect::<Vec<_>>();
        assert_eq!(unread(json!([record(0, 1), record(1, 2)])), [0; 0]);
        assert_eq!(unread(json!([record(0, 1)])), [1]);
    }

    #[test]
    fn what_is_read_twice_elsewhere_out_of_order_or_changed_is_told() {
        let mut changed = record(0, 1);
        changed["Data"] = record(0, 1)["Data"].as_str().unwrap().replace('7', "8").into();
        for records in [
            json!([record(0, 1), record(0, 1)]),
            json!([record(0, 1), record(0, 2)]),
            json!([record(1, 2)]),
            json!([record(0, 2)]),
            json!([record(0, 1), record(1, 3)]),
            json!([changed]),
        ] {
            read(records.clone()).expect_err(&records.to_string());
        }
    }

    #[test]
    fn what_is_gone_before_its_time_or_there_after_it_is_told() {
        let follower = read(json!([record(0, 1), record(1, 2)])).unwrap();
        let both = [seen(0, 1), seen(1, 2)];
        follower.compare(0, &both, NOW).unwrap();
        follower.compare(0, &both[..1], NOW).unwrap_err();
        follower.compare(0, &both[1..], NOW).unwrap_err();
        follower.compare(0, &[], NOW + RETENTION_MS - 1).unwrap_err();
        follower.compare(0, &[], NOW + RETENTION_MS).unwrap();
        follower.compare(0, &both, NOW + RETENTION_MS + 1).unwrap_err();
        assert_eq!(follower.kept_shards(NOW).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn children_are_read_after_all_their_parents() {
        let mut follower = Follower::new("s");
        let parents = json!([{ "ShardId": shard_id(0) }, { "ShardId": shard_id(1) }]);
        let child = json!([{ "ShardId": shard_id(2), "ParentShards": [shard_id(0), shard_id(1)] }]);
        let ready =
            |follower: &Follower| follower.ready().into_iter().map(|(shard, _)| shard).collect::<Vec<_>>();
        follower.learn(&parents).unwrap();
        follower.end(0, &child).unwrap();
        assert_eq!(ready(&follower), [1]);
        follower.end(1, &child).unwrap();
        assert_eq!(ready(&follower), [2]);
    }
}
