//! The engine behind a port: the same requests and answers as in process, over HTTP.
//!
//! [`Host`] keeps the engine behind its lock, gives it the time and takes its outputs to those who wait for them. [`http`]
//! turns what comes over a connection into requests of the host. Behaviour is the engine's alone: nothing here knows what a
//! stream is.
#![allow(
    clippy::std_instead_of_alloc,
    reason = "a program with a standard library has no need of the alloc crate"
)]

mod background;
mod clock;
mod embedded;
mod exchanges;
mod host;
pub mod http;

pub use background::Background;
pub use embedded::{Embedded, Look, UnderWay};
pub use clock::{Clock, ManualClock, SystemClock};
pub use exchanges::{Frames, Later, Reset};
pub use host::{Answer, Host};
