//! The engine and its readers.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use shardbrook::{EffectId, EffectResult, Engine, ExchangeId, Object as StoredObject, RecordReader, Request};
use shardbrook_js::{millis, timestamp};

use crate::convert::{self, RawAnswer, RawColumns, RawObject, RawObjects, set, throw};

/// The engine.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawEngine(Engine);

#[wasm_bindgen]
impl RawEngine {
    /// An engine with these options, a JSON object.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        shardbrook_js::engine(options).map(Self).map_err(throw)
    }

    /// The engine of a snapshot.
    pub fn restore(snapshot: &[u8]) -> Result<Self, JsValue> {
        shardbrook_js::restore(snapshot).map(Self).map_err(throw)
    }

    /// The whole state.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn snapshot(&mut self, now: f64) -> Vec<u8> {
        shardbrook_js::snapshot(&mut self.0, now)
    }

    /// Kind of clock, account and region.
    pub fn settings(&self) -> Vec<String> {
        shardbrook_js::settings(&self.0)
    }

    /// Answers one request; `headers` are names and values by turns, a line each.
    #[wasm_bindgen(js_name = handleRequest)]
    pub fn handle_request(
        &mut self,
        now: f64,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> RawAnswer {
        let headers = shardbrook_js::request_headers(headers);
        let request = Request { method, path, headers: &headers, body };
        let handled = self.0.handle_request(timestamp(now), &request);
        convert::answer(&shardbrook_js::read_handled(handled))
    }

    /// The client of a pending answer has gone.
    #[wasm_bindgen(js_name = handleDisconnect)]
    pub fn handle_disconnect(&mut self, now: f64, id: f64) {
        self.0.handle_disconnect(timestamp(now), ExchangeId::from_u64(id as u64));
    }

    /// Runs what is due.
    #[wasm_bindgen(js_name = handleTimeout)]
    pub fn handle_timeout(&mut self, now: f64) {
        self.0.handle_timeout(timestamp(now));
    }

    /// Takes the host's answer to an effect.
    #[wasm_bindgen(js_name = handleEffectResult)]
    pub fn handle_effect_result(
        &mut self,
        now: f64,
        id: f64,
        latency_ms: f64,
        body: Option<Vec<u8>>,
        error: Option<String>,
    ) -> Result<(), JsValue> {
        let outcome = error.map_or_else(|| Ok(body.unwrap_or_default()), Err);
        let result = EffectResult { latency_ms: latency_ms as u64, outcome };
        self.0.handle_effect_result(timestamp(now), EffectId::from_u64(id as u64), result).map_err(throw)
    }

    /// Lets the frames of a streamed answer wait in the engine.
    #[wasm_bindgen(js_name = pauseFrames)]
    pub fn pause_frames(&mut self, id: f64) {
        self.0.pause_frames(ExchangeId::from_u64(id as u64));
    }

    /// Takes the frames of a streamed answer again.
    #[wasm_bindgen(js_name = resumeFrames)]
    pub fn resume_frames(&mut self, id: f64) {
        self.0.resume_frames(ExchangeId::from_u64(id as u64));
    }

    /// The next thing for the host to do; a timeout comes last.
    #[wasm_bindgen(js_name = pollOutput)]
    pub fn poll_output(&mut self) -> RawAnswer {
        convert::answer(&shardbrook_js::read_output(self.0.poll_output()))
    }

    /// The latest time that the engine was given.
    pub fn now(&self) -> f64 {
        millis(self.0.now())
    }

    /// Starts again.
    pub fn reset(&mut self, now: f64) -> Result<(), JsValue> {
        self.0.reset(timestamp(now)).map_err(throw)
    }

    /// Whether an answer is pending or an effect is outstanding.
    #[wasm_bindgen(js_name = awaitsHost)]
    pub fn awaits_host(&self) -> bool {
        self.0.awaits_host()
    }

    /// The names of the buckets that hold something, in order.
    #[wasm_bindgen(js_name = listBuckets)]
    pub fn list_buckets(&self) -> Vec<String> {
        self.0.objects().buckets().map(str::to_owned).collect()
    }

    /// The objects of a bucket, in order of their keys, without their bodies.
    #[wasm_bindgen(js_name = listObjects)]
    pub fn list_objects(&self, bucket: &str, prefix: &str) -> RawObjects {
        let objects = self.0.objects().list(bucket, prefix).map(|(key, object)| head(key, object));
        objects.collect::<Array>().unchecked_into()
    }

    /// An object with its body.
    #[wasm_bindgen(js_name = getObject)]
    pub fn get_object(&self, bucket: &str, key: &str) -> Option<RawObject> {
        let object = self.0.objects().get(bucket, key)?;
        let whole = head(key, object);
        set(&whole, "body", Uint8Array::from(&*object.body));
        Some(whole.unchecked_into())
    }

    /// Forgets all objects.
    #[wasm_bindgen(js_name = clearObjects)]
    pub fn clear_objects(&mut self) {
        self.0.objects_mut().clear();
    }

    /// Adds a fault, a JSON object.
    #[wasm_bindgen(js_name = addFault)]
    pub fn add_fault(&mut self, fault: &str) -> Result<(), JsValue> {
        shardbrook_js::add_fault(&mut self.0, fault).map_err(throw)
    }

    /// Takes all faults away.
    #[wasm_bindgen(js_name = clearFaults)]
    pub fn clear_faults(&mut self) {
        self.0.faults_mut().clear();
    }

    /// The metrics of a stream, which is given by name or ARN, as a JSON array.
    pub fn metrics(&mut self, now: f64, stream: &str) -> Result<String, JsValue> {
        shardbrook_js::metrics(&mut self.0, timestamp(now), stream).map_err(throw)
    }

    /// A reader of a stream, which is given by name or ARN.
    pub fn records(&mut self, now: f64, stream: &str) -> Result<RawReader, JsValue> {
        self.0.records(timestamp(now), stream).map(RawReader).map_err(throw)
    }

    /// The next records of a reader.
    #[wasm_bindgen(js_name = nextBatch)]
    pub fn next_batch(&mut self, now: f64, reader: &mut RawReader) -> Result<RawColumns, JsValue> {
        let batch = shardbrook_js::next_batch(&mut reader.0, &mut self.0, timestamp(now));
        batch.map(|batch| convert::columns(&batch)).map_err(throw)
    }
}

/// Where in a stream a reader is.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawReader(RecordReader);

fn head(key: &str, stored: &StoredObject) -> Object {
    let object = Object::new();
    set(&object, "key", key);
    set(&object, "size", stored.body.len() as f64);
    set(&object, "lastModified", millis(stored.last_modified));
    set(&object, "contentType", stored.content_type);
    set(&object, "contentEncoding", stored.content_encoding);
    set(&object, "storageClass", stored.handling.storage_class.as_str());
    set(&object, "kmsKeyId", stored.handling.kms_key_id.as_deref());
    object
}
