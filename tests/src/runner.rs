//! Runs scenario vectors on the engine itself.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::inflate::decompress_to_vec;
use serde_json::{Value, json};
use shardbrook::{Engine, EngineConfig, ExchangeId, Fault, Handled, Object, Output, StorageClass, Timestamp};

use crate::client::{Answer, Message, Signer, read_frame};
use crate::matcher::{self, Bindings, show};
use crate::scenario::{Listing, Scenario, Step, Wire};

/// A case that this runner cannot run, and why.
pub type Skip = (&'static str, &'static str);

const GZIP_HEADER_BYTES: usize = 10;
const GZIP_TRAILER_BYTES: usize = 8;

/// Runs one scenario; the error names the file, the step and what differs.
pub fn run(scenario: &Scenario) -> Result<(), String> {
    play(scenario)
        .map(drop)
        .map_err(|error| format!("{}\n  {}\n  {error}", scenario.name, scenario.file.display()))
}

/// Runs one scenario, and gives what it comes to.
pub(crate) fn play(scenario: &Scenario) -> Result<World, String> {
    let mut world = World::new(scenario)?;
    for (number, step) in (1..).zip(&scenario.steps) {
        world.run(step).map_err(|error| format!("step {number}{}:\n    {error}", title(step)))?;
    }
    Ok(world)
}

/// Runs all scenarios whose name contains `filter`. The error says what failed and which skips are not in order.
pub fn run_all(scenarios: &[Scenario], skips: &[Skip], filter: &str) -> Result<usize, String> {
    let mut failures = Vec::new();
    for (name, reason) in skips {
        if !reason.trim().contains(' ') {
            failures.push(format!("{name}\n  the skip does not say why"));
        }
        if !scenarios.iter().any(|scenario| scenario.name == *name) {
            failures.push(format!("{name}\n  the skip names no scenario"));
        }
    }
    let chosen: Vec<_> = scenarios.iter().filter(|scenario| scenario.name.contains(filter)).collect();
    for scenario in &chosen {
        let is_skipped = skips.iter().any(|(name, _)| *name == scenario.name);
        match run(scenario) {
            Ok(()) if is_skipped => {
                failures.push(format!("{}\n  it is skipped, but it passes", scenario.name));
            }
            Err(error) if !is_skipped => failures.push(error),
            Ok(()) | Err(_) => {}
        }
    }
    if failures.is_empty() {
        return Ok(chosen.len());
    }
    Err(format!("{} of {} scenarios failed\n\n{}\n", failures.len(), chosen.len(), failures.join("\n\n")))
}

fn title(step: &Step) -> String {
    if let Some(call) = &step.call {
        return format!(" ({call})");
    }
    match &step.wire {
        Some(wire) => format!(" (wire {})", wire.target.as_deref().unwrap_or_default()),
        None => String::new(),
    }
}

/// An engine, its clock, and what answers were bound to.
pub(crate) struct World {
    pub(crate) engine: Engine,
    now: u64,
    bindings: Bindings,
    streams: BTreeMap<String, ExchangeId>,
    /// Events that came since the last look, and the text `end` after the last one.
    events: BTreeMap<ExchangeId, Vec<Value>>,
}

impl World {
    pub(crate) fn new(scenario: &Scenario) -> Result<Self, String> {
        let now = scenario.steps.first().and_then(|step| step.at).unwrap_or(0);
        let mut options = scenario.options.clone();
        options.insert("now".into(), now.into());
        let config =
            EngineConfig::from_json(&Value::Object(options).to_string()).map_err(|e| e.to_string())?;
        let engine = Engine::new(config).map_err(|error| error.to_string())?;
        let (streams, events) = Default::default();
        Ok(Self { engine, now, bindings: Bindings::new(), streams, events })
    }

    /// Moves the clock.
    pub(crate) fn tick(&mut self, step: &Step) -> Timestamp {
        self.now = step.at.unwrap_or(self.now) + step.advance_ms.unwrap_or(0);
        Timestamp::from_millis(self.now)
    }

    /// Moves the clock by as long as the step's answer lets wait.
    pub(crate) fn wait(&mut self, step: &Step) {
        self.now += step.waits_ms.unwrap_or(0);
    }

    /// Adds the fault of a step, if it has one.
    pub(crate) fn arm(&mut self, step: &Step) -> Result<(), String> {
        let Some(fault) = &step.fault else { return Ok(()) };
        let fault = Fault::from_json(&fault.to_string()).map_err(|error| error.to_string())?;
        self.engine.faults_mut().add(fault).map_err(|error| error.to_string())
    }

    /// What a step sends.
    pub(crate) fn message(&self, step: &Step) -> Result<Option<Message>, String> {
        Ok(match (&step.call, &step.wire) {
            (Some(call), _) => {
                let input = matcher::expand(step.input.as_ref().unwrap_or(&Value::Null), &self.bindings)?;
                let signer = signer(step.region.as_deref(), step.access_key_id.as_deref());
                Some(Message::call(call, signer, &input))
            }
            (None, Some(wire)) => Some(raw(wire)?),
            (None, None) => None,
        })
    }

    fn run(&mut self, step: &Step) -> Result<(), String> {
        let now = self.tick(step);
        self.arm(step)?;
        if let Some(listing) = &step.objects {
            let found = self.list(listing);
            return self.expect(step.out.as_ref().unwrap_or(&Value::Null), &found);
        }
        if let Some(stream) = &step.events {
            let found = self.take_events(stream)?;
            return self.expect(step.out.as_ref().unwrap_or(&Value::Null), &found);
        }
        let Some(message) = self.message(step)? else { return Ok(()) };
        if let Some(stream) = &step.stream {
            let handled = message.hand_to(&mut self.engine, now);
            let Handled::Stream(head, id) = handled else {
                return Err(format!("a streamed answer expected, found {handled:?}"));
            };
            if head.header("content-type") != Some("application/vnd.amazon.eventstream") {
                return Err(format!("the head of the answer is {head:?}"));
            }
            self.streams.insert(stream.clone(), id);
            return Ok(());
        }
        let response = message.send(&mut self.engine, now);
        if let Some(expected) = &step.out_hex {
            let found = to_hex(&response.body);
            if *expected != found {
                return Err(format!("expected {expected}\n      found    {found}"));
            }
        }
        self.wait(step);
        let answered = self.engine.now().as_millis();
        if step.waits_ms.is_some() && answered != self.now {
            return Err(format!("the answer came at {answered}, not at {}", self.now));
        }
        self.check(step, &response.into())
    }

    /// Compares an answer with what its step expects.
    pub(crate) fn check(&mut self, step: &Step, answer: &Answer) -> Result<(), String> {
        let is_success = step.out.is_some() || step.out_hex.is_some();
        let status = step.status.or_else(|| is_success.then_some(200));
        if let Some(status) = status.filter(|status| *status != answer.status) {
            return Err(format!("status {status} expected, found {}: {}", answer.status, show(&answer.body)));
        }
        if let Some(out) = &step.out {
            return self.expect(out, &answer.body);
        }
        let Some(error) = &step.error else { return Ok(()) };
        if answer.status < 400 || answer.error_code() != Some(&error.code) {
            let Answer { status, body } = answer;
            return Err(format!("{} expected, found {status}: {}", error.code, show(body)));
        }
        let Some(message) = &error.message else { return Ok(()) };
        let mut mismatches = Vec::new();
        matcher::compare(message, answer.error_message(), "message", &mut self.bindings, &mut mismatches);
        all_match(mismatches, &answer.body)
    }

    fn expect(&mut self, expected: &Value, found: &Value) -> Result<(), String> {
        let mut mismatches = Vec::new();
        matcher::compare(expected, Some(found), "", &mut self.bindings, &mut mismatches);
        all_match(mismatches, found)
    }

    /// What a streamed answer gave since the last look. The frame that comes first is no event.
    fn take_events(&mut self, stream: &str) -> Result<Value, String> {
        let id = *self.streams.get(stream).ok_or_else(|| format!("there is no stream {stream}"))?;
        self.engine.handle_timeout(Timestamp::from_millis(self.now));
        loop {
            match self.engine.poll_output() {
                Output::Frame(id, frame) => {
                    let (kind, payload) = read_frame(&frame)?;
                    let is_first = !self.events.contains_key(&id);
                    let events = self.events.entry(id).or_default();
                    match (is_first, &*kind) {
                        (true, "initial-response") => {}
                        (false, _) => events.push(json!({kind: payload})),
                        (true, _) => return Err(format!("the first frame is {kind}")),
                    }
                }
                Output::End(id) => self.events.entry(id).or_default().push("end".into()),
                Output::Timeout(_) => break,
                Output::Response(..) | Output::Reset(_) | Output::Effect(_) | Output::Event(_) => {}
            }
        }
        Ok(self.events.get_mut(&id).map(core::mem::take).unwrap_or_default().into())
    }

    fn list(&mut self, listing: &Listing) -> Value {
        self.engine.handle_timeout(Timestamp::from_millis(self.now));
        let objects = self.engine.objects().list(&listing.bucket, &listing.prefix);
        objects.map(|(key, object)| describe(key, object)).collect()
    }
}

fn all_match(mismatches: Vec<String>, found: &Value) -> Result<(), String> {
    if mismatches.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n    whole answer: {}", mismatches.join("\n    "), show(found)))
}

fn signer<'a>(region: Option<&'a str>, access_key_id: Option<&'a str>) -> Signer<'a> {
    let default = Signer::default();
    Signer {
        region: region.unwrap_or(default.region),
        access_key_id: access_key_id.unwrap_or(default.access_key_id),
    }
}

fn raw(wire: &Wire) -> Result<Message, String> {
    let body = match (&wire.body, &wire.body_hex) {
        (Some(text), None) => text.clone().into_bytes(),
        (None, Some(hex)) => from_hex(hex)?,
        (None, None) => Vec::new(),
        (Some(_), Some(_)) => return Err("body and body_hex exclude each other".into()),
    };
    let signer = signer(wire.region.as_deref(), wire.access_key_id.as_deref());
    let mut message = Message::new(wire.target.as_deref().unwrap_or_default(), signer, body);
    message.method = wire.method.clone().unwrap_or(message.method);
    message.path = wire.path.clone().unwrap_or(message.path);
    if let Some(content_type) = &wire.content_type {
        message.set_header("content-type", Some(content_type));
    }
    for (name, value) in &wire.headers {
        message.set_header(name, value.as_deref());
    }
    Ok(message)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(hex: &str) -> Result<Vec<u8>, String> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair).unwrap_or_default());
    pairs.map(|pair| u8::from_str_radix(pair, 16).map_err(|error| format!("{pair}: {error}"))).collect()
}

fn describe(key: &str, object: &Object) -> Value {
    let mut described =
        json!({"key": key, "size": object.body.len(), "body": STANDARD.encode(&*object.body)});
    if let Some(encoding) = object.content_encoding {
        described["content_encoding"] = encoding.into();
    }
    if object.handling.storage_class != StorageClass::Standard {
        described["storage_class"] = object.handling.storage_class.as_str().into();
    }
    if let Some(key) = &object.handling.kms_key_id {
        described["kms_key_id"] = key.as_str().into();
    }
    let plain = match object.content_encoding {
        Some("gzip") => gunzip(&object.body),
        Some(_) => None,
        None => Some(object.body.to_vec()),
    };
    if let Some(text) = plain.and_then(|bytes| String::from_utf8(bytes).ok()) {
        described["text"] = text.into();
    }
    described
}

/// The content of a gzip member with the fixed header that the engine writes.
fn gunzip(member: &[u8]) -> Option<Vec<u8>> {
    let deflated = member.get(GZIP_HEADER_BYTES..member.len().checked_sub(GZIP_TRAILER_BYTES)?)?;
    decompress_to_vec(deflated).ok()
}
