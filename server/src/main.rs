//! `shardbrook serve`.
#![allow(
    clippy::std_instead_of_alloc,
    reason = "a program with a standard library has no need of the alloc crate"
)]

use std::sync::Arc;

use shardbrook::{Engine, EngineConfig};
use shardbrook_server::{Host, SystemClock, http};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn core::error::Error>> {
    let host = Host::new(Engine::new(EngineConfig::default())?, Arc::new(SystemClock));
    let listener = TcpListener::bind(("127.0.0.1", 4567)).await?;
    tokio::select! {
        ended = http::serve(&host, listener) => ended?,
        () = host.run_timers() => {}
    }
    Ok(())
}
