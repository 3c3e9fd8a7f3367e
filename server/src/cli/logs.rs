//! What is logged, and how.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// What is logged of the libraries below.
const OTHERS: &str = "warn";

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Logs to standard error from now on. `level` is `error`, `warn`, `info`, `debug`, `trace` or `off`, which is about the
/// server's own lines, or a list of directives such as `warn,h2=debug`.
///
/// # Errors
/// When it is none of these.
pub(super) fn start(level: &str, format: LogFormat) -> Result<(), String> {
    let is_word = level.bytes().all(|byte| byte.is_ascii_alphabetic());
    let directives = if is_word {
        format!("{OTHERS},shardbrook={level},shardbrook_server={level}")
    } else {
        level.to_owned()
    };
    let filter = EnvFilter::try_new(directives).map_err(|error| format!("--log-level {level:?}: {error}"))?;
    let is_terminal = std::io::stderr().is_terminal();
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().init(),
    }
    Ok(())
}
