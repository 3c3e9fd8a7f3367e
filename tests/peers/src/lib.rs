//! What loads for servers are made of: connections, and what Linux says of a process.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::exhaustive_enums,
    reason = "for this workspace alone, and with a standard library"
)]

pub mod client;
pub mod machine;
