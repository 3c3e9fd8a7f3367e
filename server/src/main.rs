//! The program `shardbrook`.

use std::process::ExitCode;

fn main() -> ExitCode {
    shardbrook_server::cli::run(std::env::args_os())
}
