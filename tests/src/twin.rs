//! A scenario in both protocols: two engines take the same calls, one in JSON and one in CBOR, and must say the same.

use serde_json::{Map, Value};
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
        let Some(message) = json.message(step).map_err(failed)? else { continue };
        let answer = send(&mut json, &message, at);
        if is_kinesis_call(step) {
            let twin = send(&mut cbor, &translated(&message), at);
            same(&answer, &twin).map_err(failed)?;
            compared += 1;
        } else {
            let twin = send(&mut cbor, &message, at);
            if twin != answer {
                return Err(failed("the same bytes have other answers".into()));
            }
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

fn translated(message: &Message) -> Message {
    let input: Value = serde_json::from_slice(&message.body).unwrap_or_default();
    let mut translated = Message { body: to_cbor(&input), ..message.clone() };
    translated.set_header("content-type", Some(CONTENT_TYPE));
    translated
}

/// Compares statuses, bodies and headers but for the one that must differ.
fn same(json: &Response, cbor: &Response) -> Result<(), String> {
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
    if answer.status != cbor.status || answer.body != body || others(json) != others(cbor) {
        let Answer { status, body: said } = &answer;
        let (said, twin) = (show(said), show(&body));
        return Err(format!("JSON {status}: {said}\n    CBOR {}: {twin}", cbor.status));
    }
    Ok(())
}
