//! The compiled half of the Python package `shardbrook`: arguments in, core, results out. What users see is in
//! `python/shardbrook`.

extern crate alloc;

mod convert;
mod engine;
mod error;
mod functions;
mod record;
mod server;

use pyo3::pymodule;

/// The compiled half of the package; use the names in `shardbrook`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::engine::{RawEngine, RawExchange, RawReader};
    #[pymodule_export]
    use crate::error::error_kinds;
    #[pymodule_export]
    use crate::functions::{aggregate, assign_shards, deaggregate, hash_key};
    #[pymodule_export]
    use crate::record::{Object, Record, UserRecord};
    #[pymodule_export]
    use crate::server::{RawServer, run_program};

    /// How large an aggregate grows unless told otherwise, in bytes.
    #[pymodule_export]
    const DEFAULT_MAX_BYTES: usize = shardbrook::DEFAULT_MAX_BYTES;
    /// What `assign_shards` gives for a key that no shard covers.
    #[pymodule_export]
    const NO_SHARD: u32 = shardbrook::NO_SHARD;
}
