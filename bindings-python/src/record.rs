//! What readers and object stores give.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDelta};

/// A user record out of a stream record.
#[pyclass(frozen, get_all, module = "shardbrook")]
#[derive(Debug)]
pub(crate) struct UserRecord {
    /// Its partition key; empty where only data was given and it is no aggregate.
    partition_key: String,
    /// Its explicit hash key, in decimal, if it has one.
    explicit_hash_key: Option<String>,
    /// The payload.
    data: Py<PyBytes>,
    /// The sequence number of the stream record, if it was given.
    sequence_number: Option<String>,
    /// Its place in the stream record.
    sub_sequence_number: u64,
}

impl UserRecord {
    pub(crate) const fn new(
        partition_key: String,
        explicit_hash_key: Option<String>,
        data: Py<PyBytes>,
        sequence_number: Option<String>,
        sub_sequence_number: u64,
    ) -> Self {
        Self { partition_key, explicit_hash_key, data, sequence_number, sub_sequence_number }
    }
}

#[pymethods]
impl UserRecord {
    fn __repr__(&self, py: Python<'_>) -> String {
        format!(
            "UserRecord(partition_key={:?}, data={}, sub_sequence_number={})",
            self.partition_key,
            bytes_of(self.data.as_bytes(py)),
            self.sub_sequence_number
        )
    }
}

/// A user record as a reader of a stream gives it.
#[pyclass(frozen, module = "shardbrook")]
#[derive(Debug)]
pub(crate) struct Record {
    /// The shard that it is in.
    #[pyo3(get)]
    pub(crate) shard_id: String,
    /// The sequence number of the stream record.
    #[pyo3(get)]
    pub(crate) sequence_number: String,
    /// Its place in the stream record.
    #[pyo3(get)]
    pub(crate) sub_sequence_number: u64,
    pub(crate) arrival_ms: u64,
    /// Its partition key; none if it was put without one.
    #[pyo3(get)]
    pub(crate) partition_key: Option<String>,
    /// Its explicit hash key, in decimal, if it has one.
    #[pyo3(get)]
    pub(crate) explicit_hash_key: Option<String>,
    /// The payload.
    #[pyo3(get)]
    pub(crate) data: Py<PyBytes>,
}

#[pymethods]
impl Record {
    /// When the stream took the stream record.
    #[getter]
    fn approximate_arrival_timestamp<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime_of(py, self.arrival_ms)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!(
            "Record(shard_id={:?}, sequence_number={:?}, sub_sequence_number={}, partition_key={:?}, data={})",
            self.shard_id,
            self.sequence_number,
            self.sub_sequence_number,
            self.partition_key,
            bytes_of(self.data.as_bytes(py))
        )
    }
}

/// A delivered object.
#[pyclass(frozen, get_all, module = "shardbrook")]
#[derive(Debug)]
pub(crate) struct Object {
    /// Its key in the bucket.
    pub(crate) key: String,
    /// Its bytes, as they were put.
    pub(crate) body: Py<PyBytes>,
    /// How many bytes it has.
    pub(crate) size: usize,
    /// When it was put.
    pub(crate) last_modified: Py<PyAny>,
    /// Its `Content-Type`.
    pub(crate) content_type: String,
    /// Its `Content-Encoding`, if it has one.
    pub(crate) content_encoding: Option<String>,
    /// Its storage class.
    pub(crate) storage_class: &'static str,
    /// The key that S3 would encrypt it with, if one was named.
    pub(crate) kms_key_id: Option<String>,
}

#[pymethods]
impl Object {
    fn __repr__(&self) -> String {
        format!("Object(key={:?}, size={})", self.key, self.size)
    }
}

/// A point in time as an aware `datetime` in UTC.
pub(crate) fn datetime_of(py: Python<'_>, millis: u64) -> PyResult<Bound<'_, PyAny>> {
    let epoch = py.import("shardbrook.clock")?.getattr("EPOCH")?;
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    let since = PyDelta::new(py, days as i32, (rest / 1000) as i32, (rest % 1000 * 1000) as i32, false)?;
    epoch.add(since)
}

fn bytes_of(data: &[u8]) -> String {
    match data.get(..32) {
        Some(start) if data.len() > 32 => format!("b\"{}\"... ({} bytes)", start.escape_ascii(), data.len()),
        _ => format!("b\"{}\"", data.escape_ascii()),
    }
}
