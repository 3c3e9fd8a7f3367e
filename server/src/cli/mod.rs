//! The command line.

mod aliases;
mod descriptors;
mod health;
mod logs;
mod options;
mod serve;
mod signals;
mod units;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Amazon Kinesis Data Streams and Amazon Data Firehose on your machine.
#[derive(Debug, Parser)]
#[command(name = "shardbrook", version, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  shardbrook serve                                     on http://127.0.0.1:4567, and https:// there too
  shardbrook serve --initialize-streams orders:2       with a stream that has two shards
  shardbrook completions bash > /etc/bash_completion.d/shardbrook

`shardbrook serve --help` says all that a server can do.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve both services on one port: HTTP/1.1, HTTP/2 and both over TLS.
    Serve(Box<options::Serve>),
    /// Ask a server whether it is ready: exit code 0 if it is, 1 if not.
    Health(health::Health),
    /// Print the completions of a shell.
    Completions {
        /// For this shell.
        shell: clap_complete::Shell,
    },
}

/// Does what the command line says; `arguments` begin with the name of the program. Ends the process if they make no sense.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    match Cli::parse_from(arguments).command {
        Command::Serve(options) => serve::run(*options),
        Command::Health(options) => options.run(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "shardbrook", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
    }
}

/// Says why a command failed.
fn fail(reason: impl core::fmt::Display) -> ExitCode {
    eprintln!("shardbrook: {reason}");
    ExitCode::FAILURE
}

/// Says what is wrong with a command line, in the way of the parser.
fn misuse(reason: &str) -> ExitCode {
    let error = Cli::command().error(clap::error::ErrorKind::MissingRequiredArgument, reason);
    // Standard error may be closed.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
