//! The engine and its readers.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use shardbrook::{EffectId, EffectResult, Engine, ExchangeId, RecordReader, Request};
use shardbrook_js::{ENGINE_PANICKED, Failure, millis, timestamp};

use crate::convert::{RawAnswer, RawColumns, RawObject};
use crate::{Result, catch};

/// The engine; there is none left after a panic.
#[napi]
pub struct RawEngine(Option<Engine>);

impl RawEngine {
    /// Does `work` with the engine. The state that a panic leaves behind is not to be trusted: it is dropped.
    fn with<T>(&mut self, work: impl FnOnce(&mut Engine) -> core::result::Result<T, Failure>) -> Result<T> {
        let done = catch(|| match &mut self.0 {
            Some(engine) => work(engine),
            None => Err(Failure { code: ENGINE_PANICKED, message: "the engine panicked before".into() }),
        });
        if done.as_ref().is_err_and(|error| error.status == ENGINE_PANICKED) {
            self.0 = None;
        }
        done
    }
}

#[napi]
impl RawEngine {
    /// An engine with these options, a JSON object.
    #[napi(constructor)]
    pub fn new(options: String) -> Result<Self> {
        catch(|| shardbrook_js::engine(&options).map(|engine| Self(Some(engine))))
    }

    /// The engine of a snapshot.
    #[napi(factory)]
    pub fn restore(snapshot: &[u8]) -> Result<Self> {
        catch(|| shardbrook_js::restore(snapshot).map(|engine| Self(Some(engine))))
    }

    /// The whole state.
    #[napi]
    pub fn snapshot(&mut self, now: f64) -> Result<Uint8Array> {
        self.with(|engine| Ok(shardbrook_js::snapshot(engine, now).into()))
    }

    /// Kind of clock, account and region.
    #[napi]
    pub fn settings(&mut self) -> Result<Vec<String>> {
        self.with(|engine| Ok(shardbrook_js::settings(engine)))
    }

    /// Answers one request; `headers` are names and values by turns, a line each.
    #[napi]
    pub fn handle_request(
        &mut self,
        now: f64,
        method: String,
        path: String,
        headers: String,
        body: &[u8],
    ) -> Result<RawAnswer> {
        self.with(|engine| {
            let headers = shardbrook_js::request_headers(&headers);
            let request = Request { method: &method, path: &path, headers: &headers, body };
            Ok(shardbrook_js::read_handled(engine.handle_request(timestamp(now), &request)).into())
        })
    }

    /// The client of a pending answer has gone.
    #[napi]
    pub fn handle_disconnect(&mut self, now: f64, id: f64) -> Result<()> {
        self.with(|engine| {
            engine.handle_disconnect(timestamp(now), ExchangeId::from_u64(id as u64));
            Ok(())
        })
    }

    /// Runs what is due.
    #[napi]
    pub fn handle_timeout(&mut self, now: f64) -> Result<()> {
        self.with(|engine| {
            engine.handle_timeout(timestamp(now));
            Ok(())
        })
    }

    /// Takes the host's answer to an effect.
    #[napi]
    pub fn handle_effect_result(
        &mut self,
        now: f64,
        id: f64,
        latency_ms: f64,
        body: Option<Uint8Array>,
        error: Option<String>,
    ) -> Result<()> {
        self.with(|engine| {
            let outcome = error.map_or_else(|| Ok(body.map(|body| body.to_vec()).unwrap_or_default()), Err);
            let result = EffectResult { latency_ms: latency_ms as u64, outcome };
            Ok(engine.handle_effect_result(timestamp(now), EffectId::from_u64(id as u64), result)?)
        })
    }

    /// The next thing for the host to do; a timeout comes last.
    #[napi]
    pub fn poll_output(&mut self) -> Result<RawAnswer> {
        self.with(|engine| Ok(shardbrook_js::read_output(engine.poll_output()).into()))
    }

    /// Lets the frames of a streamed answer wait in the engine.
    #[napi]
    pub fn pause_frames(&mut self, id: f64) -> Result<()> {
        self.with(|engine| {
            engine.pause_frames(ExchangeId::from_u64(id as u64));
            Ok(())
        })
    }

    /// Takes the frames of a streamed answer again.
    #[napi]
    pub fn resume_frames(&mut self, id: f64) -> Result<()> {
        self.with(|engine| {
            engine.resume_frames(ExchangeId::from_u64(id as u64));
            Ok(())
        })
    }

    /// The latest time that the engine was given.
    #[napi]
    pub fn now(&mut self) -> Result<f64> {
        self.with(|engine| Ok(millis(engine.now())))
    }

    /// Starts again.
    #[napi]
    pub fn reset(&mut self, now: f64) -> Result<()> {
        self.with(|engine| Ok(engine.reset(timestamp(now))?))
    }

    /// Whether an answer is pending or an effect is outstanding.
    #[napi]
    pub fn awaits_host(&mut self) -> Result<bool> {
        self.with(|engine| Ok(engine.awaits_host()))
    }

    /// The names of the buckets that hold something, in order.
    #[napi]
    pub fn list_buckets(&mut self) -> Result<Vec<String>> {
        self.with(|engine| Ok(engine.objects().buckets().map(str::to_owned).collect()))
    }

    /// The objects of a bucket, in order of their keys, without their bodies.
    #[napi]
    pub fn list_objects(&mut self, bucket: String, prefix: String) -> Result<Vec<RawObject>> {
        self.with(|engine| {
            let objects = engine.objects().list(&bucket, &prefix);
            Ok(objects.map(|(key, object)| RawObject::head(key, object)).collect())
        })
    }

    /// An object with its body.
    #[napi]
    pub fn get_object(&mut self, bucket: String, key: String) -> Result<Option<RawObject>> {
        self.with(|engine| {
            Ok(engine.objects().get(&bucket, &key).map(|object| RawObject::whole(&key, object)))
        })
    }

    /// Forgets all objects.
    #[napi]
    pub fn clear_objects(&mut self) -> Result<()> {
        self.with(|engine| {
            engine.objects_mut().clear();
            Ok(())
        })
    }

    /// Adds a fault, a JSON object.
    #[napi]
    pub fn add_fault(&mut self, fault: String) -> Result<()> {
        self.with(|engine| shardbrook_js::add_fault(engine, &fault))
    }

    /// Takes all faults away.
    #[napi]
    pub fn clear_faults(&mut self) -> Result<()> {
        self.with(|engine| {
            engine.faults_mut().clear();
            Ok(())
        })
    }

    /// The metrics of a stream, which is given by name or ARN, as a JSON array.
    #[napi]
    pub fn metrics(&mut self, now: f64, stream: String) -> Result<String> {
        self.with(|engine| shardbrook_js::metrics(engine, timestamp(now), &stream))
    }

    /// A reader of a stream, which is given by name or ARN.
    #[napi]
    pub fn records(&mut self, now: f64, stream: String) -> Result<RawReader> {
        self.with(|engine| Ok(RawReader(engine.records(timestamp(now), &stream)?)))
    }

    /// The next records of a reader.
    #[napi]
    pub fn next_batch(&mut self, now: f64, reader: &mut RawReader) -> Result<RawColumns> {
        self.with(|engine| Ok(shardbrook_js::next_batch(&mut reader.0, engine, timestamp(now))?.into()))
    }
}

/// Where in a stream a reader is.
#[napi]
pub struct RawReader(RecordReader);
