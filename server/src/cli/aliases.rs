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
    if options.port.is_empty() {
        options.port = ports(env)?;
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

/// The ports that the environment says, if it says any.
///
/// # Errors
/// A sentence about the first variable whose value is no port.
pub(super) fn ports(env: impl Fn(&str) -> Option<String>) -> Result<Vec<u16>, String> {
    let given = [TLS_PORT, PLAIN_PORT].map(|(name, default)| (name, default, env(name)));
    if given.iter().all(|(_, _, value)| value.is_none()) {
        return Ok(Vec::new());
    }
    let port = |(name, default, value): (&str, u16, Option<String>)| {
        value.map_or(Ok(default), |value| number(name, &value))
    };
    given.into_iter().map(port).collect()
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

/// `LOG_LEVEL` is about our own lines, `ROOT_LOG_LEVEL` about those of the libraries below.
fn log_level(ours: Option<String>, root: Option<String>) -> Option<String> {
    let level = match (ours, root) {
        (ours, None) => ours?,
        (ours, Some(root)) => {
            let ours = ours.as_deref().unwrap_or("info");
            format!("{root},shardbrook={ours},shardbrook_server={ours}")
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(mut options: Serve, variables: &[(&str, &str)]) -> Result<(Serve, Found), String> {
        let env = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        };
        let found = fill_in(&mut options, env)?;
        Ok((options, found))
    }

    fn refused(variables: &[(&str, &str)]) -> String {
        filled(Serve::default(), variables).unwrap_err()
    }

    #[test]
    fn variables_of_kinesis_mock_fill_in_what_is_left_open() {
        let (options, found) = filled(
            Serve::default(),
            &[
                ("INITIALIZE_STREAMS", "a:1,b::us-west-2"),
                ("KINESIS_MOCK_PLAIN_PORT", "5000"),
                ("AWS_ACCOUNT_ID", "123456789012"),
                ("AWS_REGION", "eu-west-1"),
                ("SHARD_LIMIT", "50"),
                ("ON_DEMAND_STREAM_COUNT_LIMIT", "10"),
                ("CREATE_STREAM_DURATION", "500ms"),
                ("SPLIT_SHARD_DURATION", "1 second"),
                ("MERGE_SHARDS_DURATION", "2s"),
                ("LOG_LEVEL", "DEBUG"),
                ("SHOULD_PERSIST_DATA", ""),
            ],
        )
        .unwrap();
        assert_eq!(options.port, [4567, 5000]);
        assert_eq!(options.initialize_streams.as_deref(), Some("a:1,b::us-west-2"));
        assert_eq!(
            (options.account.as_deref(), options.region.as_deref()),
            (Some("123456789012"), Some("eu-west-1"))
        );
        assert_eq!((options.shard_limit, options.on_demand_stream_limit), (Some(50), Some(10)));
        assert_eq!(options.log_level.as_deref(), Some("debug"));
        assert_eq!(options.data_dir, None);
        assert_eq!(found.durations, [("createStream", 500), ("updateStream", 2000), ("updateStream", 1000)]);
        assert_eq!(found.warnings, Vec::<String>::new());
    }

    #[test]
    fn options_count_more_than_variables() {
        let options = Serve {
            port: vec![1],
            region: Some("us-west-2".into()),
            create_stream_ms: Some(7),
            ..Serve::default()
        };
        let variables = [
            ("KINESIS_MOCK_TLS_PORT", "2"),
            ("AWS_REGION", "eu-west-1"),
            ("CREATE_STREAM_DURATION", "500ms"),
        ];
        let (options, found) = filled(options, &variables).unwrap();
        assert_eq!((options.port, options.region.as_deref()), (vec![1], Some("us-west-2")));
        assert_eq!(found.durations, [("createStream", 7)]);
    }

    #[test]
    fn persistence_is_a_data_directory() {
        let on = ("SHOULD_PERSIST_DATA", "true");
        let (options, _) = filled(Serve::default(), &[on]).unwrap();
        assert_eq!((options.data_dir, options.fsync), (Some("data".into()), None));
        let variables =
            [on, ("PERSIST_PATH", "/there"), ("PERSIST_INTERVAL", "5s"), ("PERSIST_FILE_NAME", "x.json")];
        let (options, found) = filled(Serve::default(), &variables).unwrap();
        assert_eq!((options.data_dir, options.fsync), (Some("/there".into()), Some(Fsync::Interval)));
        assert_eq!(options.fsync_interval, Some(Duration::from_secs(5)));
        assert!(found.warnings[0].starts_with("PERSIST_FILE_NAME has no effect"), "{found:?}");
        let (options, found) = filled(Serve::default(), &[("PERSIST_PATH", "/there")]).unwrap();
        assert_eq!(options.data_dir, None);
        assert_eq!(found.warnings, ["PERSIST_PATH has no effect: SHOULD_PERSIST_DATA is not true"]);
        assert!(refused(&[on, ("LOAD_DATA_IF_EXISTS", "false")]).contains("is not possible"));
    }

    #[test]
    fn what_can_not_be_is_refused_with_a_sentence() {
        assert!(refused(&[("KINESIS_MOCK_CERT_PATH", "server.p12")]).contains("PKCS#12"));
        for (name, value) in [
            ("SHARD_LIMIT", "many"),
            ("KINESIS_MOCK_TLS_PORT", "70000"),
            ("SHOULD_PERSIST_DATA", "perhaps"),
            ("DELETE_STREAM_DURATION", "500"),
        ] {
            let said = refused(&[(name, value)]);
            assert!(said.starts_with(name), "{said}");
        }
        let (_, found) = filled(Serve { ssl: true, ..Serve::default() }, &[]).unwrap();
        assert!(found.warnings[0].starts_with("--ssl changes nothing"));
    }

    #[test]
    fn root_log_level_is_about_the_rest() {
        let level = |variables: &[(&str, &str)]| filled(Serve::default(), variables).unwrap().0.log_level;
        assert_eq!(level(&[]), None);
        let both = [("LOG_LEVEL", "DEBUG"), ("ROOT_LOG_LEVEL", "ERROR")];
        assert_eq!(level(&both).as_deref(), Some("error,shardbrook=debug,shardbrook_server=debug"));
        let root = "warn,shardbrook=info,shardbrook_server=info";
        assert_eq!(level(&[("ROOT_LOG_LEVEL", "WARN")]).as_deref(), Some(root));
    }
}
