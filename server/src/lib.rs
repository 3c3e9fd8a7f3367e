//! The engine behind a port: the same requests and answers as in process, over HTTP.
//!
//! [`Host`] keeps the engine behind its lock, gives it the time and takes its outputs to those who wait for them.
//! [`Server`] takes connections and turns what comes over them into requests of the host. Behaviour is the engine's alone:
//! nothing here knows what a stream is.
#![allow(
    clippy::std_instead_of_alloc,
    reason = "a program with a standard library has no need of the alloc crate"
)]

mod activity;
mod admin;
mod auth;
mod background;
mod body;
mod budget;
pub mod cli;
mod clock;
mod connection;
mod cors;
mod embedded;
mod exchanges;
mod front;
mod gather;
mod host;
mod http;
mod journal;
mod limits;
mod listen;
mod memory;
mod metrics;
mod pause;
mod tls;

pub use auth::{AccessKey, AccessKeys};
pub use background::Background;
pub use clock::{Clock, ManualClock, SystemClock};
pub use cors::{Cors, Origin, OriginError};
pub use embedded::{Embedded, Look, UnderWay};
pub use exchanges::{Frames, Later, Reset};
pub use host::{Answer, Host};
pub use journal::{Fsync, Journal, JournalError, JournalFailure, JournalOptions, JournalStats, OpenBackend};
pub use limits::ConnectionLimits;
pub use listen::{Server, ServerConfig};
pub use tls::Certificate;
