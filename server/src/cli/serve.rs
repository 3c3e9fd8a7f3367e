//! `shardbrook serve`.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, Value};
use shardbrook::{ClockKind, Engine, EngineConfig, Timestamp};
use tracing::warn;

use super::aliases::{self, Durations, Found};
use super::options::{self, Allowed, Serve};
use super::{descriptors, fail, logs, misuse, signals};
use crate::{
    AccessKey, Certificate, Clock, ConnectionLimits, Cors, Fsync, Host, Journal, JournalOptions, ManualClock,
    Server, ServerConfig, SystemClock,
};

/// The port when none is given: that of kinesalite, and of kinesis-mock.
pub(super) const DEFAULT_PORT: u16 = 4567;
/// How long acknowledged records may be lost after, with `--fsync interval`.
const DEFAULT_FSYNC_INTERVAL: Duration = Duration::from_secs(1);
const DEFAULT_LOG_LEVEL: &str = "info";

/// Serves until a signal comes.
pub(super) fn run(mut options: Serve) -> ExitCode {
    let found = match aliases::fill_in(&mut options, |name| std::env::var(name).ok()) {
        Ok(found) => found,
        Err(reason) => return fail(reason),
    };
    if let Err(reason) = check(&options) {
        return misuse(reason);
    }
    let level = options.log_level.as_deref().unwrap_or(DEFAULT_LOG_LEVEL);
    if let Err(reason) = logs::start(level, options.log_format) {
        return fail(reason);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(error),
    };
    match runtime.block_on(serve(&options, found)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

/// Checks what options say of each other, wherever they are from.
fn check(options: &Serve) -> Result<(), &'static str> {
    if options.data_dir.is_none() && (options.fsync.is_some() || options.fsync_interval.is_some()) {
        return Err("--fsync and --fsync-interval are about what outlives the process: they need --data-dir");
    }
    if options.fsync_interval.is_some() && options.fsync != Some(options::Fsync::Interval) {
        return Err("--fsync-interval needs --fsync interval");
    }
    if options.now.is_some() && options.clock != Some(options::Clock::Manual) {
        return Err("--now is where a manual clock starts: it needs --clock manual");
    }
    Ok(())
}

async fn serve(options: &Serve, found: Found) -> Result<(), Box<dyn core::error::Error>> {
    for warning in found.warnings {
        warn!("{warning}");
    }
    let engine_config = engine_config(options, found.durations)?;
    let (host, manual_clock) = match &options.data_dir {
        Some(directory) => open(directory, options, &engine_config)?,
        None => new_host(Engine::new(engine_config)?, None)?,
    };
    if let Some(bytes) = options.max_memory {
        host.limit_memory(bytes);
    }
    let mut config = server_config(options)?;
    config.manual_clock = manual_clock;
    let wanted = config.limits.connections;
    config.limits.connections = descriptors::make_room(wanted);
    if config.limits.connections < wanted {
        warn!(
            connections = config.limits.connections,
            "there can't be more: the limit of open files (ulimit -Hn) is too low"
        );
    }
    let is_verified = !options.auth.is_empty();
    let server = Server::bind(config).await?;
    let stop = signals::stop()?;
    announce(&server.addresses()?, is_verified);
    server.serve(Arc::clone(&host), stop).await;
    tokio::task::spawn_blocking(move || host.close()).await??;
    Ok(())
}

/// A host, and its clock if that is moved by hand.
type Hosted = (Arc<Host>, Option<Arc<ManualClock>>);

/// The host of the engine that the journal in a directory has.
fn open(
    directory: &Path,
    options: &Serve,
    config: &EngineConfig,
) -> Result<Hosted, Box<dyn core::error::Error>> {
    let now = if config.clock == ClockKind::Manual {
        // Where it was, unless it is told to move on.
        Timestamp::from_millis(options.now.unwrap_or_default())
    } else {
        SystemClock.now()
    };
    let (journal, engine) = Journal::open(directory, &journal_options(options), config, now)?;
    Ok(new_host(engine, Some(journal))?)
}

/// How the journal is kept.
fn journal_options(options: &Serve) -> JournalOptions {
    let mut journal = JournalOptions::default();
    if options.fsync == Some(options::Fsync::Interval) {
        journal.fsync = Fsync::Interval(options.fsync_interval.unwrap_or(DEFAULT_FSYNC_INTERVAL));
    }
    journal
}

/// The engine's host, with the clock that the engine is meant to have.
fn new_host(engine: Engine, journal: Option<Journal>) -> std::io::Result<Hosted> {
    let is_manual = engine.config().clock == ClockKind::Manual;
    let manual = is_manual.then(|| Arc::new(ManualClock::starting_at(engine.now())));
    let clock: Arc<dyn Clock> = match &manual {
        Some(clock) => Arc::clone(clock) as _,
        None => Arc::new(SystemClock),
    };
    let host = match journal {
        Some(journal) => Host::with_journal(engine, clock, journal)?,
        None => Host::new(engine, clock),
    };
    Ok((host, manual))
}

/// Says where the server is, on standard output, and warns of what others can do.
fn announce(addresses: &[SocketAddr], is_verified: bool) {
    // Whoever started the server may have stopped reading.
    let _ = std::io::stdout().write_all(greeting(addresses).as_bytes());
    for address in addresses.iter().filter(|address| !address.ip().is_loopback() && !is_verified) {
        warn!(%address, "other machines reach this port, and signatures are not verified: see --auth");
    }
}

fn greeting(addresses: &[SocketAddr]) -> String {
    let listening =
        addresses.iter().map(|address| format!("listening on http://{address} (also https://)\n"));
    let variables = addresses.first().map(|address| {
        let url = format!("http://{}", reachable(*address));
        format!("  export AWS_ENDPOINT_URL_KINESIS={url}\n  export AWS_ENDPOINT_URL_FIREHOSE={url}\n")
    });
    listening.chain(variables).collect()
}

/// An address of the server that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

fn server_config(options: &Serve) -> Result<ServerConfig, String> {
    let mut config = ServerConfig::default();
    config.host.clone_from(&options.host);
    config.ports = if options.port.is_empty() { vec![DEFAULT_PORT] } else { options.port.clone() };
    config.certificate = match (&options.cert, &options.key, &options.data_dir) {
        (Some(cert), Some(key), _) => Certificate::Files { cert: cert.clone(), key: key.clone() },
        (_, _, Some(directory)) => Certificate::KeptIn(directory.join("tls")),
        _ => Certificate::SelfSigned,
    };
    let keys = options.auth.iter().map(|text| text.parse::<AccessKey>());
    config.access_keys = keys.collect::<Result<_, _>>().map_err(|error| format!("--auth: {error}"))?;
    config.cors = cors(&options.cors);
    config.limits = connection_limits(options);
    Ok(config)
}

fn cors(allowed: &[Allowed]) -> Cors {
    let origins: Option<Vec<_>> = allowed
        .iter()
        .map(|allowed| match allowed {
            Allowed::Of(origin) => Some(origin.clone()),
            Allowed::All => None,
        })
        .collect();
    match origins {
        None => Cors::Any,
        Some(origins) if origins.is_empty() => Cors::Loopback,
        Some(origins) => Cors::Listed(origins),
    }
}

fn connection_limits(options: &Serve) -> ConnectionLimits {
    let mut limits = ConnectionLimits::default();
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    set(&mut limits.connections, options.max_connections.map(|number| size(number.into())));
    set(&mut limits.body_bytes, options.max_body.map(size));
    set(&mut limits.bytes_in_flight, options.max_in_flight.map(size));
    set(&mut limits.idle, options.idle_timeout);
    set(&mut limits.shutdown, options.shutdown_timeout);
    limits
}

fn set<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}

/// The engine's own settings, which it reads as JSON in every language.
fn engine_config(options: &Serve, durations: Durations) -> Result<EngineConfig, String> {
    let is_manual = options.clock == Some(options::Clock::Manual);
    let now = options.now.unwrap_or_else(|| SystemClock.now().as_millis());
    let mut members = Map::new();
    members.insert("now".to_owned(), now.into());
    members.insert("clock".to_owned(), if is_manual { "manual" } else { "system" }.into());
    members.insert("durations".to_owned(), all_durations(options.durations.as_deref(), durations)?);
    let limits = options.limits.as_deref().map(|text| match text {
        "off" | "aws" => Ok(text.into()),
        _ => object("--limits", text),
    });
    for (name, value) in [
        ("seed", options.seed.map(Value::from)),
        ("account", options.account.as_deref().map(Value::from)),
        ("region", options.region.as_deref().map(Value::from)),
        ("limits", limits.transpose()?),
        ("shardLimit", options.shard_limit.map(Value::from)),
        ("onDemandStreamLimit", options.on_demand_stream_limit.map(Value::from)),
        ("initializeStreams", options.initialize_streams.as_deref().map(Value::from)),
        ("objectCapacityBytes", options.object_capacity.map(Value::from)),
    ] {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    }
    EngineConfig::from_json(&Value::Object(members).to_string()).map_err(|error| error.to_string())
}

/// Durations by all their names: `--durations` counts most; of others with the same name, the longest does.
fn all_durations(option: Option<&str>, others: Durations) -> Result<Value, String> {
    let mut members = Map::new();
    for (name, millis) in others {
        let longest = members.get(name).and_then(Value::as_u64).unwrap_or(0).max(millis);
        members.insert(name.to_owned(), longest.into());
    }
    match option {
        Some(text) if text.trim_start().starts_with('{') => {
            if let Value::Object(given) = object("--durations", text)? {
                members.extend(given);
            }
        }
        Some(text) => {
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let given =
                    part.split_once('=').and_then(|(name, ms)| Some((name.trim(), ms.trim().parse().ok()?)));
                let (name, millis): (_, u64) =
                    given.ok_or_else(|| format!("--durations: {part:?} is not NAME=MILLISECONDS"))?;
                members.insert(name.to_owned(), millis.into());
            }
        }
        None => {}
    }
    Ok(Value::Object(members))
}

fn object(option: &str, text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(format!("{option}: {text} is not a JSON object")),
        Err(error) => Err(format!("{option}: {text:?}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_options_are_those_of_every_language() {
        let options = Serve {
            limits: Some("aws".into()),
            seed: Some(7),
            region: Some("eu-west-1".into()),
            account: Some("123456789012".into()),
            shard_limit: Some(9),
            on_demand_stream_limit: Some(8),
            object_capacity: Some(1 << 20),
            initialize_streams: Some("a:1".into()),
            clock: Some(options::Clock::Manual),
            now: Some(5),
            durations: Some("deleteStream=3, createQueue=4".into()),
            ..Serve::default()
        };
        let config =
            engine_config(&options, vec![("deleteStream", 1), ("updateStream", 2), ("updateStream", 1)])
                .unwrap();
        let mut expected = EngineConfig::from_json(r#"{"limits": "aws"}"#).unwrap();
        expected.seed = 7;
        expected.now = 5;
        expected.clock = ClockKind::Manual;
        expected.account = "123456789012".into();
        expected.region = "eu-west-1".into();
        expected.shard_limit = 9;
        expected.on_demand_stream_limit = 8;
        expected.object_capacity_bytes = 1 << 20;
        expected.initialize_streams = "a:1".into();
        expected.durations.delete_stream = 3;
        expected.durations.create_queue = 4;
        expected.durations.update_stream = 2;
        assert_eq!(config, expected);
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_by_name() {
        let with = |options: Serve| engine_config(&options, Vec::new()).unwrap_err();
        let durations = |text: &str| with(Serve { durations: Some(text.into()), ..Serve::default() });
        assert!(durations("createStream").contains("is not NAME=MILLISECONDS"));
        assert!(durations("createStream=-1").contains("is not NAME=MILLISECONDS"));
        assert!(durations("createRiver=1").contains("createRiver"));
        assert!(durations("{").contains("--durations"));
        assert!(with(Serve { limits: Some("all".into()), ..Serve::default() }).contains("--limits"));
        assert!(with(Serve { limits: Some("[]".into()), ..Serve::default() }).contains("not a JSON object"));
    }

    #[test]
    fn options_may_need_others() {
        let of = |options: Serve| check(&options).err().unwrap_or_default();
        let directory = || Some("data".into());
        let interval = Some(options::Fsync::Interval);
        let a_second = Some(Duration::from_secs(1));
        assert!(of(Serve { fsync: interval, ..Serve::default() }).contains("--data-dir"));
        assert!(of(Serve { fsync_interval: a_second, ..Serve::default() }).contains("--data-dir"));
        let alone = Serve { data_dir: directory(), fsync_interval: a_second, ..Serve::default() };
        assert!(of(alone).contains("--fsync interval"));
        assert!(of(Serve { now: Some(1), ..Serve::default() }).contains("--clock manual"));
        // Also one that a variable gave.
        let mut options = Serve { fsync: interval, fsync_interval: a_second, ..Serve::default() };
        let env = |name: &str| (name == "SHOULD_PERSIST_DATA").then(|| "true".to_owned());
        aliases::fill_in(&mut options, env).unwrap();
        assert_eq!(check(&options), Ok(()));
        assert_eq!(options.data_dir, directory());
    }

    #[test]
    fn origins_are_a_list_or_all() {
        let app: Allowed = Allowed::Of("https://app.example".parse().unwrap());
        assert_eq!(cors(&[]), Cors::Loopback);
        assert_eq!(cors(&[app.clone(), Allowed::All]), Cors::Any);
        assert!(matches!(cors(&[app]), Cors::Listed(origins) if origins.len() == 1));
    }
}
