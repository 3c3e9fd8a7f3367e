//! The rounds: in each, every server has its turn.

use core::time::Duration;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use shardbrook_peers::machine::Pinning;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::load::{Load, create_streams};
use crate::plan::{Plan, Server, Work};
use crate::report::{Figures, Memory, Report};
use crate::server::Running;

/// How long a turn may last: so many seconds, and so many times those of a work.
const TURN_SECONDS: f64 = 60.0;
const TURN_FACTOR: f64 = 20.0;

/// Measures the servers of a plan. Whoever ends this ends the server that runs, too.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(plan: &Plan) -> Result<Report> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        report = measure(plan) => report,
        interrupted = tokio::signal::ctrl_c() => { interrupted?; bail!("interrupted") }
        _ = terminated.recv() => bail!("terminated"),
    }
}

async fn measure(plan: &Plan) -> Result<Report> {
    let pinning = Pinning::choose()?;
    pinning.pin_client()?;
    if pinning.is_pinned() {
        tokio::spawn(stay_awake());
    }
    let figures = |server: &Server| Figures { name: server.name.clone(), ..Figures::default() };
    let mut report =
        Report { pinned: pinning.is_pinned(), servers: plan.servers.iter().map(figures).collect() };
    for round in 1..=plan.rounds {
        for (server, figures) in plan.servers.iter().zip(&mut report.servers) {
            println!("round {round} of {}: {}", plan.rounds, server.name);
            let limit = plan.seconds.mul_add(TURN_FACTOR, TURN_SECONDS);
            let turn = timeout(Duration::from_secs_f64(limit), turn(plan, server, pinning, figures)).await;
            let failed = match turn {
                Ok(turn) => turn.err().map(|error| format!("{error:#}")),
                Err(_) => Some("too slow for the rest".into()),
            };
            figures.failures.extend(failed);
        }
    }
    Ok(report)
}

/// Keeps the client's core from sleeping. To wake it takes a server some microseconds for each answer, at least on a
/// virtual machine; what they cost is not the server's doing.
async fn stay_awake() {
    loop {
        yield_now().await;
    }
}

/// Gives a server each work. It is started anew for another protocol, so that what it holds already is the same for both.
async fn turn(plan: &Plan, server: &Server, pinning: Pinning, figures: &mut Figures) -> Result<()> {
    for works in server.works.chunk_by(|one, next| one.protocol() == next.protocol()) {
        run_works(plan, server, works, pinning, figures).await?;
    }
    Ok(())
}

/// Starts a server, gives it these works, and ends it.
async fn run_works(
    plan: &Plan,
    server: &Server,
    works: &[Work],
    pinning: Pinning,
    figures: &mut Figures,
) -> Result<()> {
    let running = Running::start(plan, server, pinning).await?;
    figures.first_answer_ms.push(running.first_answer.as_secs_f64() * 1e3);
    let before = running.memory()?;
    let mut stored = 0;
    if server.has_streams {
        stored += create_streams(running.address).await.context("preparing")?;
    }
    let time = Duration::from_secs_f64(plan.seconds);
    for work in works {
        let load = Arc::new(Load::prepare(*work, running.address).await?);
        // Compilers at run time, caches and the like get a fifth of the time to warm up.
        for (time, counts) in [(time / 5, false), (time, true)] {
            let sample = load.run(&running, time).await.with_context(|| format!("{work:?}"))?;
            stored += load.stored(sample.requests + 1);
            if counts {
                figures.works.entry(*work).or_default().push(sample);
            }
        }
        if server.has_streams && *work == Work::PutRecords {
            figures.memory.push(Memory { before, after: running.memory()?, stored });
        }
    }
    Ok(())
}
