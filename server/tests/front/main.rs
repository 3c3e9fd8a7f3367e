//! The server over real sockets: what it speaks, what it refuses, and what it survives.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests fail by panicking, and have a standard library"
)]

mod abuse;
mod access;
mod admin;
mod cli;
mod client;
mod durable;
mod end;
#[cfg(target_os = "linux")]
mod floods;
#[path = "../support/process.rs"]
mod process;
mod protocols;
mod server;
mod slow;
mod timers;
