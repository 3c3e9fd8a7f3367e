//! `shardbrook serve`.
#![allow(
    clippy::std_instead_of_alloc,
    reason = "a program with a standard library has no need of the alloc crate"
)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
