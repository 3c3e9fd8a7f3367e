//! `docs/operations.md`: each operation of the models, with the scenarios and SDK tests that prove it.
//!
//! A member of an input is used when a request that succeeds has it, and refused when only requests that fail have it.
//! A member of an output is shown when the expectation of an answer names it.

use core::fmt::Write as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

/// Where the scenarios are, and the tests through the SDKs.
const SCENARIOS: &str = "tests/vectors/scenario";
const SDK_TESTS: [&str; 2] = ["tests/node", "tests/python"];

/// What is in no scenario, each with the reason why it cannot be: the end of a gap's text, or the part of it that
/// stands before a member of the one that is named.
const EXCEPTIONS: [(&str, &str); 4] = [
    (
        "output StreamDescriptionSummary.StreamId",
        "StreamId is reserved for future use, and no stream has one.",
    ),
    (
        ".ChannelStatusReason",
        "It says why a channel is FAILED, which none is, for there are no permissions here.",
    ),
    (
        "output ChannelDescription.S3TablesDestinationConfiguration",
        "Streaming tables are refused, so no channel delivers to them.",
    ),
    (".GSRSchemaARN", "Schemas are for streaming tables, which are refused."),
];

/// What the scenarios say of one operation.
#[derive(Default)]
struct Proof {
    /// Scenarios with an answer that is no error, by folder.
    successes: BTreeMap<String, usize>,
    errors: BTreeSet<String>,
    /// Paths of members in requests that succeed, and in those that fail.
    used: BTreeSet<String>,
    refused: BTreeSet<String>,
    shown: BTreeSet<String>,
}

/// Writes the page for these services, each with its model, and gives what is not proved and has no excuse.
pub(super) fn write(root: &Path, services: &[(&str, Value)]) -> Result<Vec<String>> {
    let proofs = read_scenarios(&root.join(SCENARIOS))?;
    let tests = read_tests(root)?;
    let mut page = String::from(
        "# Operations\n\n\
         Made by `cargo xtask codegen` from the official service models, the scenarios in `tests/vectors/scenario` and the tests in \
         `tests/node` and `tests/python`.\nDo not edit.\n\n\
         Every scenario runs on the engine itself, through wasm in Node.js and in Chromium, the native add-on and Python; its calls also go \
         through boto3 and,\nwhere it has the operation, the AWS SDK for JavaScript. *Errors* are those that the model lists; one in \
         ~~strikes~~ is in no scenario. A member is\nused if a request that succeeds has it; the reasons for those that are refused are in \
         [fidelity.md](fidelity.md).\n",
    );
    let mut missing = Vec::new();
    let mut excused = BTreeSet::new();
    for (service, model) in services {
        let operations = model["operations"].as_object().context("a model has operations")?;
        let prefix = if *service == "Firehose" { "Firehose." } else { "" };
        let is_there = |name: &str| {
            proofs.get(&format!("{prefix}{name}")).is_some_and(|proof| !proof.successes.is_empty())
        };
        let count = operations.keys().filter(|name| is_there(name)).count();
        let _ = write!(
            page,
            "\n## {service}: {count} of {}\n\n| operation | scenarios | errors | members of the input | members of the output | tests through the SDKs |\n\
             |---|---|---|---|---|---|\n",
            operations.len()
        );
        for (name, operation) in operations {
            let empty = Proof::default();
            let proof = proofs.get(&format!("{prefix}{name}")).unwrap_or(&empty);
            let gaps = row(&mut page, model, name, operation, proof, &tests);
            excused.extend(gaps.iter().filter_map(|gap| exception(gap)));
            missing.extend(
                gaps.into_iter()
                    .filter(|gap| *service != "Kinesis" || exception(gap).is_none())
                    .map(|gap| format!("{service} {name}: {gap}")),
            );
        }
    }
    let idle = EXCEPTIONS.iter().find(|(what, _)| !excused.contains(what));
    ensure!(idle.is_none(), "this exception is not needed: {idle:?}");
    page.push_str("\n## What no scenario can show\n\n");
    for (what, reason) in EXCEPTIONS {
        let what = what.trim_start_matches("output ").trim_start_matches('.');
        let _ = writeln!(page, "- `{what}`: {reason}");
    }
    let target = root.join("docs/operations.md");
    fs::write(&target, page).with_context(|| format!("cannot write {}", target.display()))?;
    Ok(missing)
}

/// The exception that a gap falls under.
fn exception(gap: &str) -> Option<&'static str> {
    let falls_under = |what: &str| {
        let rest = if what.starts_with('.') {
            gap.split_once(what)
        } else {
            gap.strip_prefix(what).map(|rest| ("", rest))
        };
        rest.is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with('.'))
    };
    EXCEPTIONS.iter().map(|(what, _)| *what).find(|what| falls_under(what))
}

/// Adds the row of an operation, and gives what is not proved.
fn row(
    page: &mut String,
    model: &Value,
    name: &str,
    operation: &Value,
    proof: &Proof,
    tests: &[(String, String)],
) -> Vec<String> {
    let mut missing = Vec::new();
    let scenarios = folders(name, &proof.successes);
    if scenarios.is_empty() {
        missing.push("no scenario".to_owned());
    }
    let listed =
        operation["errors"].as_array().into_iter().flatten().filter_map(|error| error["shape"].as_str());
    let errors: Vec<String> = listed
        .map(|error| {
            if proof.errors.contains(error) {
                return error.to_owned();
            }
            missing.push(format!("error {error}"));
            format!("~~{error}~~")
        })
        .collect();
    let inputs = members(model, &operation["input"]);
    let (used, rest): (Vec<_>, Vec<_>) = inputs.iter().partition(|path| proof.used.contains(*path));
    let (refused, unproved): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|path| proof.refused.contains(*path));
    missing.extend(unproved.iter().map(|path| format!("input {path}")));
    let outputs = members(model, &operation["output"]);
    let (shown, hidden): (Vec<_>, Vec<_>) = outputs.iter().partition(|path| proof.shown.contains(*path));
    missing.extend(hidden.iter().map(|path| format!("output {path}")));
    let mut input = format!("{} of {} used", used.len(), inputs.len());
    if !refused.is_empty() {
        let _ = write!(input, "; refused: {}", names(&refused));
    }
    if !unproved.is_empty() {
        let _ = write!(input, "; in no scenario: {}", names(&unproved));
    }
    let mut output = format!("{} of {} shown", shown.len(), outputs.len());
    if !hidden.is_empty() {
        let _ = write!(output, "; in no scenario: {}", names(&hidden));
    }
    let users = [format!("{name}Command"), format!(".{}(", snake(name))];
    let used_by = tests.iter().filter(|(_, text)| users.iter().any(|user| text.contains(user)));
    let used_by: Vec<String> = used_by
        .map(|(file, _)| format!("[{}](../{file})", file.rsplit('/').next().unwrap_or(file)))
        .collect();
    let _ = writeln!(
        page,
        "| {name} | {} | {} | {input} | {output} | {} |",
        scenarios,
        errors.join(", "),
        used_by.join(", ")
    );
    missing
}

/// Members without those inside of others that are named.
fn names(paths: &[&String]) -> String {
    let is_inside = |path: &str| {
        paths
            .iter()
            .any(|other| path.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with(['.', '['])))
    };
    let outer = paths.iter().filter(|path| !is_inside(path));
    outer.map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

/// The folders with scenarios that succeed: the operation's own, and how many there are elsewhere.
fn folders(name: &str, successes: &BTreeMap<String, usize>) -> String {
    let own = snake(name).replace('_', "-");
    let (own, others): (Vec<_>, Vec<_>) =
        successes.iter().partition(|(folder, _)| folder.rsplit('/').next() == Some(own.as_str()));
    let mut parts: Vec<_> =
        own.iter().map(|(folder, count)| format!("[{folder}](../{SCENARIOS}/{folder}) {count}")).collect();
    let others: usize = others.iter().map(|(_, count)| **count).sum();
    if others > 0 {
        parts.push(format!("elsewhere {others}"));
    }
    parts.join(", ")
}

/// The paths of all members of a shape, such as `Records[].Data`.
fn members(model: &Value, reference: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut open = Vec::new();
    collect(model, reference["shape"].as_str().unwrap_or_default(), "", &mut open, &mut paths);
    paths
}

fn collect(model: &Value, shape: &str, path: &str, open: &mut Vec<String>, paths: &mut BTreeSet<String>) {
    let definition = &model["shapes"][shape];
    if open.iter().any(|other| other == shape) || definition["exception"] == Value::Bool(true) {
        return;
    }
    open.push(shape.to_owned());
    match definition["type"].as_str() {
        Some("structure") => {
            for (name, member) in definition["members"].as_object().into_iter().flatten() {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let shape = member["shape"].as_str().unwrap_or_default();
                if model["shapes"][shape]["exception"] != Value::Bool(true) {
                    paths.insert(inner.clone());
                }
                collect(model, shape, &inner, open, paths);
            }
        }
        Some("list") => {
            let element = definition["member"]["shape"].as_str().unwrap_or_default();
            collect(model, element, &format!("{path}[]"), open, paths);
        }
        _ => {}
    }
    open.pop();
}

/// What all scenarios say, by operation.
fn read_scenarios(folder: &Path) -> Result<BTreeMap<String, Proof>> {
    let mut proofs = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(room) = open.pop() {
        for entry in fs::read_dir(&room)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let scenario: Value = serde_json::from_str(&fs::read_to_string(&path)?)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let room = room.strip_prefix(folder)?;
            read_scenario(&scenario, &room.to_string_lossy(), &mut proofs);
        }
    }
    Ok(proofs)
}

/// What a scenario in this folder says.
fn read_scenario(scenario: &Value, room: &str, proofs: &mut BTreeMap<String, Proof>) {
    let mut succeeded = BTreeSet::new();
    for step in scenario["steps"].as_array().into_iter().flatten() {
        // The events of a subscription are its answer.
        if step["events"].is_string() {
            let proof = proofs.entry("SubscribeToShard".to_owned()).or_default();
            for event in step["out"].as_array().into_iter().flatten() {
                paths_of(event, "EventStream", &mut proof.shown);
                proof.shown.insert("EventStream".to_owned());
            }
        }
        let Some(operation) = step["call"].as_str() else { continue };
        let proof = proofs.entry(operation.to_owned()).or_default();
        let failed = step["error"]["code"].as_str();
        let into = if failed.is_some() { &mut proof.refused } else { &mut proof.used };
        paths_of(&step["in"], "", into);
        if let Some(code) = failed {
            proof.errors.insert(code.to_owned());
        } else {
            paths_of(&step["out"], "", &mut proof.shown);
            succeeded.insert(operation);
        }
    }
    for operation in succeeded {
        if let Some(proof) = proofs.get_mut(operation) {
            *proof.successes.entry(room.to_owned()).or_default() += 1;
        }
    }
}

/// The paths of the members in a value; what is expected to be absent is not there.
fn paths_of(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if is_matcher(members) => {
            if let Some(repeated) = members.get("$repeat") {
                paths_of(&repeated["of"], &format!("{path}[]"), paths);
            }
        }
        Value::Object(members) => {
            for (name, inner) in members {
                if inner.get("$absent").is_some() {
                    continue;
                }
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                paths.insert(path.clone());
                paths_of(inner, &path, paths);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                paths_of(element, &format!("{path}[]"), paths);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_matcher(members: &Map<String, Value>) -> bool {
    members.keys().any(|name| name.starts_with('$'))
}

/// The tests through the SDKs, and what they share: their paths and texts.
fn read_tests(root: &Path) -> Result<Vec<(String, String)>> {
    let mut tests = Vec::new();
    for folder in SDK_TESTS {
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".test.mjs")
                || name == "support.mjs"
                || (name.starts_with("test_") && name.ends_with(".py"))
            {
                tests.push((format!("{folder}/{name}"), fs::read_to_string(&path)?));
            }
        }
    }
    tests.sort();
    Ok(tests)
}

/// `PutRecords` as boto3 calls it.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}
