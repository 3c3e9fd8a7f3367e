//! `cargo xtask demo` after it has found the flights: runs the job, shows what comes out, fails if it is wrong.

mod files;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use shardbrook_flights::{Flights, Job, ROUNDS, Report, put_by_airport};

/// Puts a year of flights into a stream, reads them back, and has them delivered as objects.
#[derive(Parser)]
struct Options {
    /// The flights: a CSV file with the columns `tailnum` and `time_hour`.
    #[arg(long, value_name = "FILE.csv")]
    input: PathBuf,
    /// Where the objects go, in a folder `flights`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only the first rows of the file.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all checks passed.
fn run(options: &Options) -> Result<bool> {
    // Looked at first: a minute's work must not end with a folder that cannot be used.
    let folder = files::prepare(&options.out)?;
    let started = Instant::now();
    let flights = Flights::open(&options.input, options.limit.map(|limit| limit as usize))?;
    let parse_time = started.elapsed();

    let mut job = Job::new(&flights)?;
    let bar = show::Bar::new("putting", flights.len());
    job.put_all(|progress| bar.set(&progress))?;
    bar.end();
    let bar = show::Bar::new("checking", flights.len());
    let report = Report::of(&mut job, |progress| bar.set(&progress))?;
    bar.end();
    files::write(&folder, job.engine().objects())?;
    show::report(&report, parse_time, &folder);
    drop(job);

    let bar = show::Bar::new("quotas", ROUNDS * flights.len());
    let rounds = put_by_airport(&flights, |progress| bar.set(&progress))?;
    bar.end();
    if let Some(rounds) = rounds {
        show::quotas(&rounds);
    }
    Ok(report.checks().iter().all(|check| check.passed))
}
