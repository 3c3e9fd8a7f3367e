//! The engine, its reader, and answers that are under way.

use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyConnectionResetError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use shardbrook::{
    BadRecord, Engine, EngineConfig, Fault, Metric, ReadRecord, RecordReader, Request, Response, Timestamp,
};
use shardbrook_server::{Embedded, Look, UnderWay};

use crate::error::{raised, service_error};
use crate::record::{Object, Record, datetime_of};

/// Status, headers and body of an answer.
type Answer<'py> = (u16, Vec<(&'static str, String)>, Bound<'py, PyBytes>);

/// Whether an exchange is over, its answer, its next bytes, and when something is due next.
type Looked<'py> = (bool, Option<Answer<'py>>, Option<Bound<'py, PyBytes>>, Option<u64>);

/// An engine; nothing once it is closed. Times are milliseconds since the Unix epoch.
///
/// Whoever holds the engine may be waiting for Python, to be told the time: never wait for the engine attached.
#[pyclass(frozen, module = "shardbrook._native")]
pub(crate) struct RawEngine(Mutex<Option<Embedded>>);

/// An answer that is under way; nothing once nobody waits for it any more.
#[pyclass(frozen, module = "shardbrook._native")]
pub(crate) struct RawExchange(Mutex<Option<UnderWay>>);

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `time.time()`, which a test may have frozen; none while Python ends.
fn ask_python() -> Option<u64> {
    let millis = |py: Python<'_>| py.import("shardbrook.clock")?.call_method0("system_millis")?.extract();
    Python::try_attach(millis)?.ok()
}

impl RawEngine {
    fn of(engine: Engine) -> Self {
        Self(Mutex::new(Some(Embedded::new(engine, ask_python))))
    }

    /// The engine, unless it is closed.
    pub(crate) fn open(&self, py: Python<'_>) -> PyResult<Embedded> {
        locked(&self.0).clone().ok_or_else(|| raised(py, "EngineClosedError", "the engine is closed"))
    }

    /// Does `work`, while other Python threads run.
    fn detached<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Embedded) -> T + Send) -> PyResult<T> {
        let open = self.open(py)?;
        Ok(py.detach(move || work(&open)))
    }

    /// Does `work` that needs no time.
    fn with<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Engine) -> T + Send) -> PyResult<T> {
        self.detached(py, |open| open.with(work))
    }

    /// Does `work` at a time that Python tells.
    fn at<T: Send>(
        &self,
        py: Python<'_>,
        now: u64,
        work: impl FnOnce(&mut Engine, Timestamp) -> T + Send,
    ) -> PyResult<T> {
        self.detached(py, |open| open.at(now, work))
    }
}

#[pymethods]
impl RawEngine {
    #[new]
    fn new(py: Python<'_>, options: &str) -> PyResult<Self> {
        let engine = EngineConfig::from_json(options).and_then(Engine::new);
        engine.map(Self::of).map_err(|error| raised(py, "ConfigError", error))
    }

    /// The engine of a snapshot.
    #[staticmethod]
    fn restore(py: Python<'_>, snapshot: &[u8]) -> PyResult<Self> {
        let engine = py.detach(|| Engine::restore(Timestamp::EPOCH, snapshot));
        engine.map(Self::of).map_err(|error| raised(py, "SnapshotError", error))
    }

    /// The whole state.
    fn snapshot<'py>(&self, py: Python<'py>, now: u64) -> PyResult<Bound<'py, PyBytes>> {
        self.at(py, now, Engine::snapshot_bytes).map(|bytes| PyBytes::new(py, &bytes))
    }

    /// Answers a request; there is an exchange when the answer comes later, both when it comes in pieces.
    fn handle_request<'py>(
        &self,
        py: Python<'py>,
        now: u64,
        method: &str,
        path: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
    ) -> PyResult<(Option<Answer<'py>>, Option<RawExchange>)> {
        let (response, under_way) = self.detached(py, |open| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            open.call(now, &Request { method, path, headers: &headers, body })
        })?;
        let exchange = |under_way| RawExchange(Mutex::new(Some(under_way)));
        Ok((response.map(|response| answer(py, response)), under_way.map(exchange)))
    }

    /// Runs what is due, and looks what came of an exchange.
    fn poll<'py>(&self, py: Python<'py>, now: u64, exchange: &RawExchange) -> PyResult<Looked<'py>> {
        let look = self.detached(py, |open| {
            locked(&exchange.0).as_mut().map_or(Look::Over, |under_way| open.look(now, under_way))
        })?;
        match look {
            Look::Answer(response) => Ok((true, Some(answer(py, response)), None, None)),
            Look::Piece(piece) => Ok((false, None, Some(PyBytes::new(py, &piece)), None)),
            Look::Over => Ok((true, None, None, None)),
            Look::Reset => Err(PyConnectionResetError::new_err("the engine reset the connection")),
            Look::Nothing(due) => Ok((false, None, None, due)),
        }
    }

    /// Runs what is due; when something is due next that somebody waits for.
    fn handle_timeout(&self, py: Python<'_>, now: u64) -> PyResult<Option<u64>> {
        self.detached(py, |open| open.run(now))
    }

    /// The kind of clock that the engine goes by, and the region of callers that name none.
    fn settings(&self, py: Python<'_>) -> PyResult<(&'static str, String)> {
        self.with(py, |engine| (engine.config().clock.as_str(), engine.config().region.clone()))
    }

    /// The latest time that the engine was given.
    fn now(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |engine| engine.now().as_millis())
    }

    /// Starts again.
    fn reset(&self, py: Python<'_>, now: u64) -> PyResult<()> {
        let reset = self.at(py, now, Engine::reset)?;
        reset.map_err(|error| raised(py, "ConfigError", error))
    }

    /// Frees everything. Closing twice is no error.
    fn close(&self, py: Python<'_>) {
        let open = locked(&self.0).take();
        py.detach(|| drop(open));
    }

    #[getter]
    fn closed(&self) -> bool {
        locked(&self.0).is_none()
    }

    /// The names of the buckets that hold something.
    fn buckets(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.with(py, |engine| engine.objects().buckets().map(str::to_owned).collect())
    }

    /// The objects of a bucket whose keys start with `prefix`, by key.
    fn list_objects(&self, py: Python<'_>, bucket: &str, prefix: &str) -> PyResult<Vec<Object>> {
        let objects = self.with(py, |engine| {
            let objects = engine.objects().list(bucket, prefix);
            objects.map(|(key, object)| (key.to_owned(), object.clone())).collect::<Vec<_>>()
        })?;
        objects.into_iter().map(|(key, object)| object_of(py, key, &object)).collect()
    }

    /// One object.
    fn get_object(&self, py: Python<'_>, bucket: &str, key: String) -> PyResult<Option<Object>> {
        let object = self.with(py, |engine| engine.objects().get(bucket, &key).cloned())?;
        object.map(|object| object_of(py, key, &object)).transpose()
    }

    /// Forgets all objects.
    fn clear_objects(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |engine| engine.objects_mut().clear())
    }

    /// Adds a fault, written in JSON.
    fn add_fault(&self, py: Python<'_>, fault: &str) -> PyResult<()> {
        let added =
            self.with(py, |engine| Fault::from_json(fault).and_then(|fault| engine.faults_mut().add(fault)))?;
        added.map_err(|error| raised(py, "ConfigError", error))
    }

    /// Takes all faults away.
    fn clear_faults(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |engine| engine.faults_mut().clear())
    }

    /// The metrics of a stream, given by name or ARN, written in JSON.
    fn metrics(&self, py: Python<'_>, now: u64, stream: &str) -> PyResult<String> {
        let metrics = self.at(py, now, |engine, now| engine.metrics(now, stream))?;
        let metrics = metrics.map_err(|error| service_error(py, &error))?;
        Ok(Metric::list_to_json(&metrics))
    }

    /// A reader of a stream, given by name or ARN.
    fn records(slf: Bound<'_, Self>, now: u64, stream: &str) -> PyResult<RawReader> {
        let py = slf.py();
        let reader = slf.get().at(py, now, |engine, now| engine.records(now, stream))?;
        let reader = reader.map_err(|error| service_error(py, &error))?;
        Ok(RawReader { engine: slf.unbind(), reader: Mutex::new(reader) })
    }
}

#[pymethods]
impl RawExchange {
    /// Blocks until there is something to look at, at most for so many seconds; whether there is.
    fn block(&self, py: Python<'_>, seconds: f64) -> bool {
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        py.detach(|| locked(&self.0).as_ref().is_none_or(|under_way| under_way.block(patience)))
    }

    /// Nobody waits for it any more.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(locked(&self.0).take()));
    }
}

impl Drop for RawExchange {
    fn drop(&mut self) {
        Python::attach(|py| self.close(py));
    }
}

/// Reads all shards of a stream, parents before children.
#[pyclass(frozen, module = "shardbrook._native")]
#[derive(Debug)]
pub(crate) struct RawReader {
    engine: Py<RawEngine>,
    reader: Mutex<RecordReader>,
}

#[pymethods]
impl RawReader {
    /// The next records, each a `Record` or, for a member of an aggregate that cannot be read, an exception.
    /// Nothing when there is none for now.
    fn next_batch(&self, py: Python<'_>, now: u64) -> PyResult<Vec<Py<PyAny>>> {
        self.engine.get().at(py, now, |engine, now| {
            // Always the engine first, then the reader.
            let mut reader = locked(&self.reader);
            let batch = reader.next_batch(engine, now);
            // The records are still the engine's: they become Python's before the engine is let go.
            Python::attach(|py| {
                let batch = batch.map_err(|error| service_error(py, &error))?;
                batch.iter().map(|item| item_of(py, item)).collect()
            })
        })?
    }
}

fn item_of(py: Python<'_>, item: &Result<ReadRecord<'_>, BadRecord>) -> PyResult<Py<PyAny>> {
    let record = match item {
        Ok(record) => record,
        Err(bad) => return Ok(raised(py, "BadMemberError", bad).into_value(py).into_any()),
    };
    let record = Record {
        shard_id: record.shard_id.to_string(),
        sequence_number: record.sequence_number.to_string(),
        sub_sequence_number: record.sub_sequence_number,
        arrival_ms: record.approximate_arrival_timestamp.as_millis(),
        partition_key: record.partition_key.map(str::to_owned),
        explicit_hash_key: record.explicit_hash_key.map(|hash| hash.to_string()),
        data: PyBytes::new(py, record.data).unbind(),
    };
    Ok(Py::new(py, record)?.into_any())
}

fn answer(py: Python<'_>, response: Response) -> Answer<'_> {
    let headers = response.headers.into_iter().map(|(name, value)| (name, value.into_owned())).collect();
    (response.status, headers, PyBytes::new(py, &response.body))
}

fn object_of(py: Python<'_>, key: String, object: &shardbrook::Object) -> PyResult<Object> {
    Ok(Object {
        key,
        body: PyBytes::new(py, &object.body).unbind(),
        size: object.body.len(),
        last_modified: datetime_of(py, object.last_modified.as_millis())?.unbind(),
        content_type: object.content_type.to_owned(),
        content_encoding: object.content_encoding.map(str::to_owned),
        storage_class: object.handling.storage_class.as_str(),
        kms_key_id: object.handling.kms_key_id.clone(),
    })
}
