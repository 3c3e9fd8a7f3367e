//! The engine and its reader.

use alloc::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyConnectionResetError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use shardbrook::{
    BadRecord, Engine, EngineConfig, ExchangeId, Fault, Handled, Metric, Output, ReadRecord, RecordReader,
    Request, Response, Timestamp,
};

use crate::error::{raised, service_error};
use crate::record::{Object, Record};

/// Status, headers and body of an answer.
type Answer<'py> = (u16, Vec<(&'static str, String)>, Bound<'py, PyBytes>);

/// An engine. Times are milliseconds since the Unix epoch.
#[pyclass(frozen, module = "shardbrook._native")]
pub(crate) struct RawEngine(Mutex<Option<Open>>);

struct Open {
    engine: Engine,
    /// Answers that came out while another thread was looking; `None` for a connection that was reset.
    arrived: BTreeMap<u64, Option<Response>>,
}

/// What a host of streamed answers has to know.
enum Next {
    /// Bytes of the one answer that is not paused.
    Frame(Vec<u8>),
    /// Nothing more before this time.
    Timeout(Option<u64>),
}

impl Open {
    /// Takes what the engine has to say; its next deadline.
    fn collect(&mut self) -> Option<u64> {
        loop {
            if let Next::Timeout(due) = self.take_output() {
                return due;
            }
        }
    }

    /// Takes the next thing that the engine has to say. Frames come only while someone reads them.
    fn take_output(&mut self) -> Next {
        loop {
            match self.engine.poll_output() {
                Output::Response(id, response) => {
                    self.arrived.insert(id.to_u64(), Some(response));
                }
                Output::Reset(id) => {
                    self.arrived.insert(id.to_u64(), None);
                }
                Output::Frame(_, frame) => return Next::Frame(frame),
                // Objects stay in the engine's own store, so there are no effects, and nobody listens to events. That a
                // streamed answer is over shows when it is read.
                Output::End(_) | Output::Effect(_) | Output::Event(_) => {}
                Output::Timeout(due) => return Next::Timeout(due.map(Timestamp::as_millis)),
            }
        }
    }
}

impl RawEngine {
    fn of(engine: Engine) -> Self {
        Self(Mutex::new(Some(Open { engine, arrived: BTreeMap::new() })))
    }

    fn guard(&self) -> MutexGuard<'_, Option<Open>> {
        // A panic leaves the engine as usable as it was: it is a bug in core, and shown as one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `work` with the engine, while other Python threads run.
    fn with<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Open) -> T + Send) -> PyResult<T> {
        let done = py.detach(|| self.guard().as_mut().map(work));
        done.ok_or_else(|| raised(py, "EngineClosedError", "the engine is closed"))
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
        self.with(py, |open| open.engine.snapshot_bytes(Timestamp::from_millis(now)))
            .map(|bytes| PyBytes::new(py, &bytes))
    }

    /// Answers a request; the number of the exchange when the answer comes later, both when it comes in pieces.
    fn handle_request<'py>(
        &self,
        py: Python<'py>,
        now: u64,
        method: &str,
        path: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
    ) -> PyResult<(Option<Answer<'py>>, Option<u64>)> {
        let handled = self.with(py, |open| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            let request = Request { method, path, headers: &headers, body };
            let handled = open.engine.handle_request(Timestamp::from_millis(now), &request);
            if let Handled::Stream(_, id) = &handled {
                open.engine.pause_frames(*id);
            }
            handled
        })?;
        match handled {
            Handled::Done(response) => Ok((Some(answer(py, response)), None)),
            Handled::Pending(id) => Ok((None, Some(id.to_u64()))),
            Handled::Stream(head, id) => Ok((Some(answer(py, head)), Some(id.to_u64()))),
        }
    }

    /// Runs what is due. Whether the exchange is over, its answer unless the connection was reset, and the next
    /// deadline.
    fn poll<'py>(
        &self,
        py: Python<'py>,
        now: u64,
        id: u64,
    ) -> PyResult<(bool, Option<Answer<'py>>, Option<u64>)> {
        let (arrived, due) = self.with(py, |open| {
            open.engine.handle_timeout(Timestamp::from_millis(now));
            let due = open.collect();
            (open.arrived.remove(&id), due)
        })?;
        let is_over = arrived.is_some();
        Ok((is_over, arrived.flatten().map(|response| answer(py, response)), due))
    }

    /// Runs what is due. The next bytes of a streamed answer, if there are any; whether it is over; and the next
    /// deadline.
    fn poll_frame<'py>(
        &self,
        py: Python<'py>,
        now: u64,
        id: u64,
    ) -> PyResult<(Option<Bound<'py, PyBytes>>, bool, Option<u64>)> {
        let (next, is_over, was_reset) = self.with(py, |open| {
            let exchange = ExchangeId::from_u64(id);
            open.engine.handle_timeout(Timestamp::from_millis(now));
            open.engine.resume_frames(exchange);
            let next = open.take_output();
            open.engine.pause_frames(exchange);
            (next, !open.engine.is_open(exchange), open.arrived.remove(&id).is_some())
        })?;
        if was_reset {
            return Err(PyConnectionResetError::new_err("the engine reset the connection"));
        }
        match next {
            Next::Frame(frame) => Ok((Some(PyBytes::new(py, &frame)), false, None)),
            Next::Timeout(due) => Ok((None, is_over, due)),
        }
    }

    /// Nobody waits for this exchange any more.
    fn handle_disconnect(&self, py: Python<'_>, now: u64, id: u64) -> PyResult<()> {
        self.with(py, |open| {
            open.engine.handle_disconnect(Timestamp::from_millis(now), ExchangeId::from_u64(id));
            open.arrived.remove(&id);
        })
    }

    /// Runs what is due.
    fn handle_timeout(&self, py: Python<'_>, now: u64) -> PyResult<()> {
        self.with(py, |open| {
            open.engine.handle_timeout(Timestamp::from_millis(now));
            open.collect();
        })
    }

    /// The kind of clock that the engine goes by, and the region of callers that name none.
    fn settings(&self, py: Python<'_>) -> PyResult<(&'static str, String)> {
        self.with(py, |open| (open.engine.config().clock.as_str(), open.engine.config().region.clone()))
    }

    /// The latest time that the engine was given.
    fn now(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |open| open.engine.now().as_millis())
    }

    /// Starts again.
    fn reset(&self, py: Python<'_>, now: u64) -> PyResult<()> {
        let reset = self.with(py, |open| open.engine.reset(Timestamp::from_millis(now)))?;
        reset.map_err(|error| raised(py, "ConfigError", error))
    }

    /// Frees everything. Closing twice is no error.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.guard().take()));
    }

    #[getter]
    fn closed(&self, py: Python<'_>) -> bool {
        // Whoever holds the engine may be waiting for Python: never wait for it attached.
        py.detach(|| self.guard().is_none())
    }

    /// The names of the buckets that hold something.
    fn buckets(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.with(py, |open| open.engine.objects().buckets().map(str::to_owned).collect())
    }

    /// The objects of a bucket whose keys start with `prefix`, by key.
    fn list_objects(&self, py: Python<'_>, bucket: &str, prefix: &str) -> PyResult<Vec<Object>> {
        let objects = self.with(py, |open| {
            let objects = open.engine.objects().list(bucket, prefix);
            objects.map(|(key, object)| (key.to_owned(), object.clone())).collect::<Vec<_>>()
        })?;
        Ok(objects.into_iter().map(|(key, object)| object_of(py, key, &object)).collect())
    }

    /// One object.
    fn get_object(&self, py: Python<'_>, bucket: &str, key: String) -> PyResult<Option<Object>> {
        let object = self.with(py, |open| open.engine.objects().get(bucket, &key).cloned())?;
        Ok(object.map(|object| object_of(py, key, &object)))
    }

    /// Forgets all objects.
    fn clear_objects(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |open| open.engine.objects_mut().clear())
    }

    /// Adds a fault, written in JSON.
    fn add_fault(&self, py: Python<'_>, fault: &str) -> PyResult<()> {
        let added = self
            .with(py, |open| Fault::from_json(fault).and_then(|fault| open.engine.faults_mut().add(fault)))?;
        added.map_err(|error| raised(py, "ConfigError", error))
    }

    /// Takes all faults away.
    fn clear_faults(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |open| open.engine.faults_mut().clear())
    }

    /// The metrics of a stream, given by name or ARN, written in JSON.
    fn metrics(&self, py: Python<'_>, now: u64, stream: &str) -> PyResult<String> {
        let metrics = self.with(py, |open| open.engine.metrics(Timestamp::from_millis(now), stream))?;
        let metrics = metrics.map_err(|error| service_error(py, &error))?;
        Ok(Metric::list_to_json(&metrics))
    }

    /// A reader of a stream, given by name or ARN.
    fn records(slf: Bound<'_, Self>, now: u64, stream: &str) -> PyResult<RawReader> {
        let py = slf.py();
        let reader = slf.get().with(py, |open| open.engine.records(Timestamp::from_millis(now), stream))?;
        let reader = reader.map_err(|error| service_error(py, &error))?;
        Ok(RawReader { engine: slf.unbind(), reader: Mutex::new(reader) })
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
        self.engine.get().with(py, |open| {
            // Always the engine first, then the reader.
            let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let batch = reader.next_batch(&mut open.engine, Timestamp::from_millis(now));
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

fn object_of(py: Python<'_>, key: String, object: &shardbrook::Object) -> Object {
    Object {
        key,
        body: PyBytes::new(py, &object.body).unbind(),
        last_modified_ms: object.last_modified.as_millis(),
        content_type: object.content_type.to_owned(),
        content_encoding: object.content_encoding.map(str::to_owned),
        storage_class: object.handling.storage_class.as_str(),
        kms_key_id: object.handling.kms_key_id.clone(),
    }
}
