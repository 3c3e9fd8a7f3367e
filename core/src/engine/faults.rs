//! Faults on purpose: errors, delays and dropped connections for chosen requests and records, so that programs can
//! prove that they cope.

#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::decimal;
use crate::error::ErrorKind;
use crate::json::{FromJson, Json, Members};
use crate::quoted::Quoted;
use crate::rng::{EntityRng, Seed};
use crate::shard_id::ShardId;
use crate::snapshot::{Persist, SnapshotError, unsound};

/// What goes wrong, and for which requests or records. It needs an error, a latency or a dropped connection.
#[derive(Clone, Debug, PartialEq, Persist)]
pub struct Fault {
    /// The operation that it strikes: `PutRecords`. Both services have a `PutRecord`; `stream` tells them apart.
    pub operation: String,
    /// Only requests about the stream or delivery stream with this name.
    pub stream: Option<String>,
    /// Only requests about this shard: those that name it, reads by its iterators, and records that are placed in it.
    pub shard_id: Option<String>,
    /// The code of the error to answer with instead of doing anything.
    pub error: Option<String>,
    /// Whether it strikes whole requests or single records of PutRecords. Default: requests; for PutRecords with a
    /// shard, records.
    pub per: Option<FaultUnit>,
    /// Drop the connection instead of answering.
    pub drop: Option<DropWhen>,
    /// How likely each request or record is to be struck, 0 to 1. Default: 1.
    pub probability: f64,
    /// How many requests or records are struck before the fault is over. Default: no end.
    pub times: Option<u64>,
    /// How much later the answer comes, or the connection is dropped, in milliseconds on the engine's clock.
    /// Default: 0.
    pub latency_ms: u64,
}

/// What a fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum FaultUnit {
    /// Whole requests.
    #[default]
    Request,
    /// Single records of PutRecords: they are not stored, and their entries of the answer say why.
    Record,
}

/// Whether a request whose connection is dropped was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum DropWhen {
    /// It was not: it never came to the service.
    Before,
    /// It was, and the answer was lost.
    After,
}

impl FromJson for FaultUnit {
    fn from_json(json: Json) -> Result<Self, String> {
        Ok([Self::Request, Self::Record][json.choice(&["request", "record"])?])
    }
}

impl FromJson for DropWhen {
    fn from_json(json: Json) -> Result<Self, String> {
        Ok([Self::Before, Self::After][json.choice(&["before", "after"])?])
    }
}

/// A fault that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for FaultError {}

impl Fault {
    /// Reads a fault from a JSON object.
    ///
    /// # Errors
    /// Says which member is missing, unknown or has which wrong value.
    pub fn from_json(text: &str) -> Result<Self, FaultError> {
        let fault = Json::parse(text).and_then(Self::from_json_value);
        fault.map_err(|error| FaultError(format!("invalid fault: {error}")))
    }

    fn from_json_value(json: Json) -> Result<Self, String> {
        let mut operation = None;
        let mut fault = Self {
            operation: String::new(),
            stream: None,
            shard_id: None,
            error: None,
            per: None,
            drop: None,
            probability: 1.0,
            times: None,
            latency_ms: 0,
        };
        let mut members = Members::of(json);
        members.read("operation", &mut operation);
        members.read("stream", &mut fault.stream);
        members.read("shardId", &mut fault.shard_id);
        members.read("error", &mut fault.error);
        members.read("per", &mut fault.per);
        members.read("drop", &mut fault.drop);
        members.read("probability", &mut fault.probability);
        members.read("times", &mut fault.times);
        members.read("latencyMs", &mut fault.latency_ms);
        members.finish()?;
        fault.operation = operation.ok_or("operation is missing")?;
        Ok(fault)
    }
}

/// What a struck request gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) error: Option<ErrorKind>,
    pub(crate) latency_ms: u64,
    pub(crate) drop: Option<DropWhen>,
}

/// The faults of an engine, in the order in which they were added.
#[derive(Debug, Persist)]
pub struct Faults {
    armed: Vec<Armed>,
    added: u64,
    #[persist(skip)]
    seed: Seed,
}

#[derive(Debug, Persist)]
struct Armed {
    fault: Fault,
    #[persist(skip)]
    meaning: Meaning,
    rng: EntityRng,
}

/// What follows from the words of a fault.
#[derive(Clone, Copy, Debug, Default)]
struct Meaning {
    error: Option<ErrorKind>,
    shard: Option<ShardId>,
    unit: FaultUnit,
}

impl Faults {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { armed: Vec::new(), added: 0, seed }
    }

    /// Adds a fault. A request gets the first fault that strikes it.
    ///
    /// # Errors
    /// When the operation or the error does not exist, the probability is not within 0 and 1, the fault does nothing,
    /// or its members contradict each other.
    pub fn add(&mut self, fault: Fault) -> Result<(), FaultError> {
        let meaning = fault.meaning()?;
        let rng = self.seed.entity(format!("fault/{}", self.added));
        self.added = self.added.wrapping_add(1);
        self.armed.push(Armed { fault, meaning, rng });
        Ok(())
    }

    /// Takes all faults away.
    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// Makes anew what follows from the faults of a snapshot; fails if one cannot be.
    pub(super) fn rebuild(&mut self, seed: Seed) -> Result<(), SnapshotError> {
        self.seed = seed;
        let mut is_sound = true;
        for armed in &mut self.armed {
            let meaning = armed.fault.meaning();
            is_sound &= meaning.is_ok();
            armed.meaning = meaning.unwrap_or_default();
        }
        if is_sound { Ok(()) } else { Err(unsound("a fault")) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    /// Whether a fault is about a shard.
    pub(crate) fn name_shards(&self) -> bool {
        self.armed.iter().any(|armed| armed.meaning.shard.is_some())
    }

    /// What strikes a request, if anything does: it is about this stream and these shards.
    pub(crate) fn strike(
        &mut self,
        operation: &str,
        stream: Option<&str>,
        shards: [Option<ShardId>; 2],
    ) -> Option<Strike> {
        self.take(|armed| {
            armed.meaning.unit == FaultUnit::Request
                && armed.fault.operation == operation
                && armed.is_about(stream)
                && armed.meaning.shard.is_none_or(|shard| shards.contains(&Some(shard)))
        })
    }

    /// Whether single records of a PutRecords may be struck.
    pub(crate) fn strike_records(&self, stream: Option<&str>) -> bool {
        self.armed.iter().any(|armed| armed.meaning.unit == FaultUnit::Record && armed.is_about(stream))
    }

    /// The error that strikes a record of PutRecords, if one does.
    pub(crate) fn strike_record(&mut self, stream: Option<&str>, shard: ShardId) -> Option<ErrorKind> {
        self.take(|armed| {
            armed.meaning.unit == FaultUnit::Record
                && armed.is_about(stream)
                && armed.meaning.shard.is_none_or(|only| only == shard)
        })?
        .error
    }

    /// The first of the faults that are meant, and whose lot it is.
    fn take(&mut self, is_meant: impl Fn(&Armed) -> bool) -> Option<Strike> {
        let position = self.armed.iter_mut().position(|armed| is_meant(armed) && armed.draw())?;
        let armed = &mut self.armed[position];
        let error = armed.meaning.error;
        let strike = Strike { error, latency_ms: armed.fault.latency_ms, drop: armed.fault.drop };
        if let Some(left) = &mut armed.fault.times {
            *left -= 1;
            if *left == 0 {
                self.armed.remove(position);
            }
        }
        Some(strike)
    }
}

/// The operations that are about one shard, or two.
const SHARD_OPERATIONS: [&str; 7] = [
    "GetRecords",
    "GetShardIterator",
    "MergeShards",
    "PutRecord",
    "PutRecords",
    "SplitShard",
    "SubscribeToShard",
];

impl Fault {
    /// What the fault comes to; an error if it cannot be had.
    fn meaning(&self) -> Result<Meaning, FaultError> {
        if !crate::wire::is_operation(&self.operation) {
            return Err(FaultError(format!("fault: there is no operation {}", Quoted(&self.operation))));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            let given = decimal::of_f64(self.probability);
            return Err(FaultError(format!("fault: probability must be 0 to 1, not {given}")));
        }
        if self.times == Some(0) {
            return Err(FaultError("fault: times must be at least 1".into()));
        }
        let error = self.error_kind()?;
        if error.is_none() && self.drop.is_none() && self.latency_ms == 0 {
            return Err(FaultError("fault: it needs an error, a latencyMs or a drop".into()));
        }
        if error.is_some() && self.drop.is_some() {
            return Err(FaultError(
                "fault: error and drop exclude each other, for an error is an answer".into(),
            ));
        }
        Ok(Meaning { error, shard: self.shard()?, unit: self.unit(error)? })
    }

    fn error_kind(&self) -> Result<Option<ErrorKind>, FaultError> {
        let read = |code: &String| {
            ErrorKind::from_code(code).ok_or_else(|| {
                FaultError(format!(
                    "fault: {} is not the code of an error; an example is InternalFailure",
                    Quoted(code)
                ))
            })
        };
        self.error.as_ref().map(read).transpose()
    }

    fn shard(&self) -> Result<Option<ShardId>, FaultError> {
        let Some(text) = &self.shard_id else { return Ok(None) };
        if !SHARD_OPERATIONS.contains(&&*self.operation) {
            return Err(FaultError(format!(
                "fault: {} is not about a shard; shardId goes with {}",
                self.operation,
                SHARD_OPERATIONS.join(", ")
            )));
        }
        let id = ShardId::parse(text);
        id.map(Some).ok_or_else(|| FaultError(format!("fault: {} is not the id of a shard", Quoted(text))))
    }

    fn unit(&self, error: Option<ErrorKind>) -> Result<FaultUnit, FaultError> {
        let is_put = self.operation == "PutRecords";
        let unit = match (self.per, is_put && self.shard_id.is_some()) {
            (Some(FaultUnit::Request), true) => {
                return Err(FaultError(
                    "fault: the records of a PutRecords go to many shards, so with a shardId it is per record".into(),
                ));
            }
            (None | Some(FaultUnit::Record), true) | (Some(FaultUnit::Record), false) => FaultUnit::Record,
            (None | Some(FaultUnit::Request), false) => FaultUnit::Request,
        };
        if unit == FaultUnit::Request {
            return Ok(unit);
        }
        if !is_put {
            return Err(FaultError(format!(
                "fault: only PutRecords can fail per record, not {}",
                self.operation
            )));
        }
        // What the API reference lists for an entry of the answer.
        if !matches!(error, Some(ErrorKind::ProvisionedThroughputExceeded | ErrorKind::InternalFailure)) {
            return Err(FaultError(
                "fault: a record of PutRecords fails with ProvisionedThroughputExceededException or InternalFailure"
                    .into(),
            ));
        }
        if self.latency_ms > 0 || self.drop.is_some() {
            return Err(FaultError("fault: latencyMs and drop are for requests, not for records".into()));
        }
        Ok(unit)
    }
}

impl Armed {
    fn is_about(&self, stream: Option<&str>) -> bool {
        self.fault.stream.as_deref().is_none_or(|name| stream == Some(name))
    }

    fn draw(&mut self) -> bool {
        // The draw is 53 bits, so that it and the comparison are exact in a float on every platform.
        self.fault.probability >= 1.0
            || ((self.rng.next_bits() >> 75) as f64) < self.fault.probability * (1u64 << 53) as f64
    }
}
