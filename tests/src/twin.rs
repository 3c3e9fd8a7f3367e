//! A scenario in both protocols: two engines take the same calls, one in JSON and one in CBOR, and must say the same.

use serde_json::{Map, Value};
use shardbrook::wire::Service;
use shardbrook::{Response, Timestamp};

use crate::cbor::{CONTENT_TYPE, from_cbor, to_cbor};
use crate::client::{Answer, Message};
use crate::matcher::show;
use crate::runner::World;
use crate::scenario::{Scenario, Step};

/// Runs a scenario in both protocols, and says how many of its answers were compared. Firehose speaks JSON alone.
///
/// # Errors
/// The first step whose answers differ, with both.
pub fn run(scenario: &Scenario) -> Result<usize, String> {
    let (mut json, mut cbor) = (World::new(scenario)?, World::new(scenario)?);
    let mut compared = 0;
    for (number, step) in (1..).zip(&scenario.steps) {
        let failed = |error: String| format!("{}, step {number}: {error}", scenario.name);
        let at = json.tick(step);
        cbor.tick(step);
        for world in [&mut json, &mut cbor] {
            world.arm(step).map_err(failed)?;
        }
        if step.stream.is_some() || step.events.is_some() {
            // What streams say is proved in JSON alone.
            return Ok(compared);
        }
        let Some(message) = json.message(step).map_err(failed)? else { continue };
        let answer = send(&mut json, &message, at);
        if is_kinesis_call(step) {
            let twin = send(&mut cbor, &translated(&message).map_err(failed)?, at);
            same(&answer, &twin).map_err(failed)?;
            compared += 1;
        } else {
            let twin = send(&mut cbor, &message, at);
            if twin != answer {
                return Err(failed("the same bytes have other answers".into()));
            }
        }
        for world in [&mut json, &mut cbor] {
            world.wait(step);
        }
        // What the step binds is used by the next ones.
        json.check(step, &answer.into()).map_err(failed)?;
    }
    Ok(compared)
}

fn is_kinesis_call(step: &Step) -> bool {
    step.call.as_ref().is_some_and(|call| !call.starts_with("Firehose."))
}

fn send(world: &mut World, message: &Message, at: Timestamp) -> Response {
    message.send(&mut world.engine, at)
}

/// A call's request in CBOR.
///
/// # Errors
/// When it is no call of an operation, or its body is no JSON.
pub fn translated(message: &Message) -> Result<Message, String> {
    let target = message.headers.iter().find(|(name, _)| name == "x-amz-target");
    let name = target.and_then(|(_, target)| target.strip_prefix("Kinesis_20131202.")).unwrap_or_default();
    let operation = Service::Kinesis.model().operation(name).ok_or_else(|| format!("no operation {name}"))?;
    let input: Value = serde_json::from_slice(&message.body).map_err(|error| error.to_string())?;
    let mut translated = Message { body: to_cbor(operation, &input), ..message.clone() };
    translated.set_header("content-type", Some(CONTENT_TYPE));
    Ok(translated)
}

/// Compares statuses, bodies and headers but for the one that must differ.
///
/// # Errors
/// Both answers, when they differ.
pub fn same(json: &Response, cbor: &Response) -> Result<(), String> {
    if cbor.header("content-type") != Some(CONTENT_TYPE) {
        return Err(format!("the answer is of type {:?}", cbor.header("content-type")));
    }
    let body = if cbor.body.is_empty() { Value::Object(Map::new()) } else { from_cbor(&cbor.body)? };
    let others = |response: &Response| {
        let mut headers = response.headers.clone();
        headers.retain(|(name, _)| *name != "Content-Type");
        headers
    };
    let answer = Answer::from(json.clone());
    if answer.status != cbor.status || !are_alike(&answer.body, &body) || others(json) != others(cbor) {
        let Answer { status, body: said } = &answer;
        let (said, twin) = (show(said), show(&body));
        return Err(format!("JSON {status}: {said}\n    CBOR {}: {twin}", cbor.status));
    }
    Ok(())
}

/// Whether two values are the same; seconds with a fraction have been through a decimal text on one way only.
fn are_alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap_or_default(), b.as_f64().unwrap_or_default());
            (a - b).abs() <= a.abs() * 1e-15
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_alike(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let alike = |(name, value)| b.get(name).is_some_and(|other| are_alike(value, other));
            a.len() == b.len() && a.iter().all(alike)
        }
        _ => a == b,
    }
}
