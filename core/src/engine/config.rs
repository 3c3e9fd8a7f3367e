//! The settings of an engine, the same in every language.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::arn::{AccountId, is_region, is_stream_name};
use crate::json::{FromJson, Json, Members};
use crate::quota::Limits;
use crate::quoted::Quoted;
use crate::service::Durations;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// Open shards of an account and region.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html> (the largest regions)
const DEFAULT_SHARD_LIMIT: u32 = 20_000;
/// On-demand streams of an account and region.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>
const DEFAULT_ON_DEMAND_STREAM_LIMIT: u32 = 50;
/// What the in-memory object store holds at most.
const DEFAULT_OBJECT_CAPACITY_BYTES: u64 = 4 << 30;
/// Shards of an initial stream that names no number, as other emulators have it.
const DEFAULT_INITIAL_SHARDS: u32 = 4;

/// The settings of an engine.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub struct EngineConfig {
    /// Where all randomness comes from. Default: 0.
    pub seed: u64,
    /// The time at which the engine starts, in milliseconds since the Unix epoch; no call is earlier. Default: 0.
    pub now: u64,
    /// Whose time the host passes in. It is the host's business alone; a snapshot carries it, so that whoever restores
    /// the engine goes on with the same kind of clock. Default: the system's.
    pub clock: ClockKind,
    /// The account of callers whose access key id is not a twelve-digit account number. Default: `000000000000`.
    pub account: String,
    /// The region of callers that name none. Default: `us-east-1`.
    pub region: String,
    /// Throughput quotas: not enforced with `off`, the default.
    pub limits: Limits,
    /// How long transitional states last. Default: 0 ms each.
    pub durations: Durations,
    /// Open shards that an account may have in a region. Default: 20,000.
    pub shard_limit: u32,
    /// On-demand streams that an account may have in a region. Default: 50.
    pub on_demand_stream_limit: u32,
    /// Streams that exist from the start: `name:shards:region`, separated by commas; shards and region may be left
    /// out.
    pub initialize_streams: String,
    /// Where delivered objects go. Default: the store in memory.
    pub object_store: ObjectStoreKind,
    /// The most bytes of objects that the store in memory holds; a delivery beyond it fails and is retried.
    /// Default: 4 GiB.
    pub object_capacity_bytes: u64,
}

/// Whose time an engine is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum ClockKind {
    /// That of the machine.
    #[default]
    System,
    /// One that a test moves.
    Manual,
}

impl ClockKind {
    /// The kind as options name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Manual => "manual",
        }
    }
}

impl FromJson for ClockKind {
    fn from_json(json: Json) -> Result<Self, String> {
        Ok([Self::System, Self::Manual][json.choice(&["system", "manual"])?])
    }
}

/// Where delivered objects go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum ObjectStoreKind {
    /// Into the engine's own store.
    #[default]
    Memory,
    /// To the host, as effects.
    Host,
}

impl FromJson for ObjectStoreKind {
    fn from_json(json: Json) -> Result<Self, String> {
        Ok([Self::Memory, Self::Host][json.choice(&["memory", "host"])?])
    }
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            now: 0,
            clock: ClockKind::System,
            account: "000000000000".to_string(),
            region: "us-east-1".to_string(),
            limits: Limits::OFF,
            durations: Durations::default(),
            shard_limit: DEFAULT_SHARD_LIMIT,
            on_demand_stream_limit: DEFAULT_ON_DEMAND_STREAM_LIMIT,
            initialize_streams: String::new(),
            object_store: ObjectStoreKind::Memory,
            object_capacity_bytes: DEFAULT_OBJECT_CAPACITY_BYTES,
        }
    }
}

/// A setting that an engine cannot start with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(super) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for ConfigError {}

/// A stream that exists from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InitialStream {
    pub(super) name: String,
    pub(super) shards: u32,
    pub(super) region: String,
}

impl EngineConfig {
    /// Reads settings from a JSON object; members that are left out have their defaults.
    ///
    /// # Errors
    /// Says which member is unknown, or has which wrong value.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let config = Json::parse(text).and_then(Self::from_json_value);
        config.map_err(|error| ConfigError(format!("invalid options: {error}")))
    }

    fn from_json_value(json: Json) -> Result<Self, String> {
        let mut config = Self::default();
        let mut members = Members::of(json);
        members.read("seed", &mut config.seed);
        members.read("now", &mut config.now);
        members.read("clock", &mut config.clock);
        members.read("account", &mut config.account);
        members.read("region", &mut config.region);
        members.read("limits", &mut config.limits);
        members.read("durations", &mut config.durations);
        members.read("shardLimit", &mut config.shard_limit);
        members.read("onDemandStreamLimit", &mut config.on_demand_stream_limit);
        members.read("initializeStreams", &mut config.initialize_streams);
        members.read("objectStore", &mut config.object_store);
        members.read("objectCapacityBytes", &mut config.object_capacity_bytes);
        members.finish().map(|()| config)
    }

    /// Refuses settings that an engine with these cannot go on with.
    pub(super) fn check_successor(&self, next: &Self) -> Result<(), ConfigError> {
        let differs = |option, had: String, wanted: String| {
            if had == wanted {
                return Ok(());
            }
            Err(ConfigError(format!("{option} is {had} in what was stored and cannot become {wanted}")))
        };
        differs("seed", self.seed.to_string(), next.seed.to_string())?;
        differs("clock", self.clock.as_str().to_string(), next.clock.as_str().to_string())?;
        differs("account", self.account.clone(), next.account.clone())?;
        differs("region", self.region.clone(), next.region.clone())?;
        differs("objectStore", format!("{:?}", self.object_store), format!("{:?}", next.object_store))
    }

    /// The time at which the engine starts.
    pub(super) fn start(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    pub(super) fn account_id(&self) -> Result<AccountId, ConfigError> {
        AccountId::parse(&self.account).ok_or_else(|| {
            ConfigError(format!("account must be twelve digits, not {}", Quoted(&self.account)))
        })
    }

    pub(super) fn checked_region(&self) -> Result<&str, ConfigError> {
        check_region(&self.region)
    }

    pub(super) fn initial_streams(&self) -> Result<Vec<InitialStream>, ConfigError> {
        let entries = self.initialize_streams.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(|entry| self.initial_stream(entry)).collect()
    }

    fn initial_stream(&self, entry: &str) -> Result<InitialStream, ConfigError> {
        let mut parts = entry.split(':').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let shards = parts.next().unwrap_or_default();
        let region = parts.next().filter(|region| !region.is_empty()).unwrap_or(&self.region);
        if !is_stream_name(name) || parts.next().is_some() {
            return Err(ConfigError(format!(
                "initializeStreams: {} is not name, name:shards or name:shards:region",
                Quoted(entry)
            )));
        }
        let shards = match shards {
            "" => DEFAULT_INITIAL_SHARDS,
            text => text.parse().ok().filter(|shards| (1..=self.shard_limit).contains(shards)).ok_or_else(
                || {
                    ConfigError(format!(
                        "initializeStreams: {}: the number of shards must be 1 to {}, not {}",
                        Quoted(entry),
                        self.shard_limit,
                        Quoted(text)
                    ))
                },
            )?,
        };
        Ok(InitialStream { name: name.to_string(), shards, region: check_region(region)?.to_string() })
    }
}

fn check_region(region: &str) -> Result<&str, ConfigError> {
    if is_region(region) {
        return Ok(region);
    }
    Err(ConfigError(format!("region must be 1 to 32 letters, digits and hyphens, not {}", Quoted(region))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_in_camel_case_and_refuses_the_unknown() {
        let config = EngineConfig::from_json(
            r#"{"seed": 7, "region": "eu-west-1", "durations": {"createStream": 500}, "objectStore": "host"}"#,
        )
        .unwrap();
        assert_eq!((config.seed, config.durations.create_stream), (7, 500));
        assert_eq!(config.object_store, ObjectStoreKind::Host);
        for (text, word) in [
            (r#"{"sede": 1}"#, "sede"),
            (r#"{"limits": "all"}"#, "all"),
            (r#"{"seed": -1}"#, "-1"),
            ("[", "EOF"),
        ] {
            let error = EngineConfig::from_json(text).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn initial_streams_have_defaults() {
        let config =
            EngineConfig { initialize_streams: "orders:2, clicks::eu-west-1,x".into(), ..Default::default() };
        let streams = config.initial_streams().unwrap();
        let texts: Vec<_> = streams
            .iter()
            .map(|stream| format!("{} {} {}", stream.name, stream.shards, stream.region))
            .collect();
        assert_eq!(texts, ["orders 2 us-east-1", "clicks 4 eu-west-1", "x 4 us-east-1"]);
        for bad in ["a:0", "a:x", "a b", ":2", "a:1:r:4", "a:1:EU WEST"] {
            let config = EngineConfig { initialize_streams: bad.into(), ..Default::default() };
            assert!(config.initial_streams().is_err(), "{bad}");
        }
    }
}
