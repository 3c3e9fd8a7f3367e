//! A scenario without its reads: the mutations alone must get the same answers. So a journal needs no more than these.

use serde_json::json;
use shardbrook::wire::{self, Request};
use shardbrook::{Call, Engine, Handled, Output, Timestamp};

use crate::client::{Answer, Message};
use crate::runner::World;
use crate::scenario::Scenario;

/// Runs a scenario with all its requests and with the mutations alone, once with its options and once with all quotas
/// enforced, and says how many answers were compared. One with faults is left out: they strike reads too.
///
/// # Errors
/// The first mutation whose answers differ, with both.
pub fn run(scenario: &Scenario) -> Result<usize, String> {
    if scenario.steps.iter().any(|step| step.fault.is_some()) {
        return Ok(0);
    }
    let sent = record(scenario)?;
    let mut with_quotas = scenario.clone();
    with_quotas.options.insert("limits".into(), json!("aws"));
    Ok(compare(scenario, &sent)? + compare(&with_quotas, &sent)?)
}

/// What the scenario sends, and when.
fn record(scenario: &Scenario) -> Result<Vec<(Timestamp, Message)>, String> {
    let mut world = World::new(scenario)?;
    let mut sent = Vec::new();
    for step in &scenario.steps {
        let at = world.tick(step);
        // What the events of a subscription would have bound is not there.
        let Ok(message) = world.message(step) else { break };
        let Some(message) = message else { continue };
        if let Some(answer) = send(&mut world.engine, at, &message) {
            world.wait(step);
            world.check(step, &answer)?;
        }
        sent.push((at, message));
    }
    Ok(sent)
}

fn compare(scenario: &Scenario, sent: &[(Timestamp, Message)]) -> Result<usize, String> {
    let (mut all, mut mutations) = (World::new(scenario)?, World::new(scenario)?);
    let mut compared = 0;
    for (at, message) in sent {
        let answer = send(&mut all.engine, *at, message);
        if is_mutation(&all.engine, message) {
            let alone = send(&mut mutations.engine, *at, message);
            if answer != alone {
                return Err(format!("{}: {answer:?}\n    alone: {alone:?}", scenario.name));
            }
            compared += 1;
        }
    }
    Ok(compared)
}

fn is_mutation(engine: &Engine, message: &Message) -> bool {
    let headers: Vec<_> = message.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let request =
        Request { method: &message.method, path: &message.path, headers: &headers, body: &message.body };
    let decoded = wire::decode(engine.wire_config(), &request);
    Call::read(&request, &decoded).is_ok_and(|call| call.is_mutation())
}

/// Sends a message; there is no answer to wait for if it comes in pieces.
fn send(engine: &mut Engine, now: Timestamp, message: &Message) -> Option<Answer> {
    let id = match message.hand_to(engine, now) {
        Handled::Done(response) => return Some(response.into()),
        Handled::Pending(id) => id,
        Handled::Stream(..) => return None,
    };
    loop {
        match engine.poll_output() {
            Output::Response(answered, response) if answered == id => return Some(response.into()),
            Output::Timeout(due) => engine.handle_timeout(due?),
            _ => {}
        }
    }
}
