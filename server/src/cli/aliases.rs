//! What other emulators call our options.

use core::time::Duration;
use std::path::PathBuf;

use super::options::{Fsync, Serve};
use super::units;

/// The ports of kinesis-mock, when one of their variables is set.
const TLS_PORT: (&str, u16) = ("KINESIS_MOCK_TLS_PORT", 4567);
const PLAIN_PORT: (&str, u16) = ("KINESIS_MOCK_PLAIN_PORT", 4568);
/// What kinesis-mock calls the durations of transitional states, and what they are called here. Here one duration
/// stands for all updates of a stream, so the longest of theirs counts.
const DURATIONS: [(&str, &str); 10] = [
    ("CREATE_STREAM_DURATION", "createStream"),
    ("DELETE_STREAM_DURATION", "deleteStream"),
    ("REGISTER_STREAM_CONSUMER_DURATION", "createConsumer"),
    ("DEREGISTER_STREAM_CONSUMER_DURATION", "deleteConsumer"),
    ("START_STREAM_ENCRYPTION_DURATION", "updateStream"),
    ("STOP_STREAM_ENCRYPTION_DURATION", "updateStream"),
    ("MERGE_SHARDS_DURATION", "updateStream"),
    ("SPLIT_SHARD_DURATION", "updateStream"),
    ("UPDATE_SHARD_COUNT_DURATION", "updateStream"),
    ("UPDATE_STREAM_MODE_DURATION", "updateStream"),
];
/// Variables of kinesis-mock that mean nothing here, and why.
const WITHOUT_MEANING: [(&str, &str); 1] =
    [("PERSIST_FILE_NAME", "the files in the data directory have names of their own")];
/// The crate whose log lines `LOG_LEVEL` is about; `ROOT_LOG_LEVEL` is about all others.
const LOG_TARGET: &str = "shardbrook_server";

/// The durations of transitional states that were given by other names, by our names.
pub(super) type Durations = Vec<(&'static str, u64)>;

/// What came of the variables: durations, and sentences for the log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) durations: Durations,
    pub(super) warnings: Vec<String>,
}

/// Fills in what the command line leaves open from the environment, as kinesis-mock reads it.
///
/// # Errors
/// A sentence about the first variable whose value makes no sense, or asks for what can't be had.
pub(super) fn fill_in(options: &mut Serve, env: impl Fn(&str) -> Option<String>) -> Result<Found, String> {
    let mut found = Found::default();
    let env = |name: &str| env(name).filter(|value| !value.trim().is_empty());
    let ports = [TLS_PORT, PLAIN_PORT].map(|(name, default)| (name, default, env(name)));
    if options.port.is_empty() && ports.iter().any(|(_, _, value)| value.is_some()) {
        for (name, default, value) in ports {
            options.port.push(value.map_or(Ok(default), |value| number(name, &value))?);
        }
    }
    for name in ["KINESIS_MOCK_CERT_PATH", "KINESIS_MOCK_CERT_PASSWORD"] {
        if options.cert.is_none() && env(name).is_some() {
            return Err(format!(
                "{name} is about a PKCS#12 file, which is not read here. Make PEM files of it \
                 (openssl pkcs12 -in FILE -nodes -out both.pem) and give them with --cert and --key"
            ));
        }
    }
    or_else(&mut options.initialize_streams, || Ok(env("INITIALIZE_STREAMS")))?;
    or_else(&mut options.account, || Ok(env("AWS_ACCOUNT_ID")))?;
    or_else(&mut options.region, || Ok(env("AWS_REGION")))?;
    or_else(&mut options.log_level, || Ok(log_level(env("LOG_LEVEL"), env("ROOT_LOG_LEVEL"))))?;
    for (option, name) in [
        (&mut options.shard_limit, "SHARD_LIMIT"),
        (&mut options.on_demand_stream_limit, "ON_DEMAND_STREAM_COUNT_LIMIT"),
    ] {
        or_else(option, || env(name).map(|value| number(name, &value)).transpose())?;
    }
    for (name, ours) in DURATIONS {
        if let Some(value) = env(name) {
            found.durations.push((ours, millis(parse_duration(name, &value)?)));
        }
    }
    let kinesalite = [
        ("createStream", options.create_stream_ms),
        ("deleteStream", options.delete_stream_ms),
        ("updateStream", options.update_stream_ms),
    ];
    for (ours, value) in kinesalite {
        if let Some(value) = value {
            found.durations.retain(|(name, _)| *name != ours);
            found.durations.push((ours, value));
        }
    }
    fill_in_persistence(options, env, &mut found)?;
    for (name, why) in WITHOUT_MEANING {
        if env(name).is_some() {
            found.warnings.push(format!("{name} has no effect: {why}"));
        }
    }
    if options.ssl {
        found.warnings.push("--ssl changes nothing: every port speaks TLS, and plain HTTP too".to_owned());
    }
    Ok(found)
}

fn fill_in_persistence(
    options: &mut Serve,
    env: impl Fn(&str) -> Option<String>,
    found: &mut Found,
) -> Result<(), String> {
    let is_asked =
        env("SHOULD_PERSIST_DATA").map(|value| boolean("SHOULD_PERSIST_DATA", &value)).transpose()?;
    if is_asked == Some(true) && options.data_dir.is_none() {
        let path = env("PERSIST_PATH").unwrap_or_else(|| "data".to_owned());
        options.data_dir = Some(PathBuf::from(path));
        if let Some(interval) = env("PERSIST_INTERVAL").filter(|_| options.fsync.is_none()) {
            options.fsync = Some(Fsync::Interval);
            options.fsync_interval = Some(parse_duration("PERSIST_INTERVAL", &interval)?);
        }
        let loads =
            env("LOAD_DATA_IF_EXISTS").map(|value| boolean("LOAD_DATA_IF_EXISTS", &value)).transpose()?;
        if loads == Some(false) {
            return Err(
                "LOAD_DATA_IF_EXISTS=false is not possible: what is in the data directory is always loaded. \
                        Remove the directory to start afresh"
                    .to_owned(),
            );
        }
        return Ok(());
    }
    for name in ["PERSIST_PATH", "PERSIST_INTERVAL", "LOAD_DATA_IF_EXISTS"] {
        if env(name).is_some() {
            let why = if options.data_dir.is_some() {
                "--data-dir is given"
            } else {
                "SHOULD_PERSIST_DATA is not true"
            };
            found.warnings.push(format!("{name} has no effect: {why}"));
        }
    }
    Ok(())
}

fn log_level(ours: Option<String>, root: Option<String>) -> Option<String> {
    let level = match (ours, root) {
        (ours, None) => ours?,
        (None, Some(root)) => format!("{root},{LOG_TARGET}=info"),
        (Some(ours), Some(root)) => format!("{root},{LOG_TARGET}={ours}"),
    };
    Some(level.to_ascii_lowercase())
}

fn or_else<T>(
    option: &mut Option<T>,
    other: impl FnOnce() -> Result<Option<T>, String>,
) -> Result<(), String> {
    if option.is_none() {
        *option = other()?;
    }
    Ok(())
}

fn number<T: core::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.trim().parse().map_err(|_| format!("{name} must be a number, not {value:?}"))
}

fn boolean(name: &str, value: &str) -> Result<bool, String> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("{name} must be true or false, not {value:?}")),
    }
}

fn parse_duration(name: &str, value: &str) -> Result<Duration, String> {
    units::duration(value).map_err(|error| format!("{name}: {error}"))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
