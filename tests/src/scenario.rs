//! Scenario vectors as they stand in their files. `tests/README.md` says what each member means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use serde_json::Value;

/// One file: requests and answers on one engine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's path below `vectors/scenario`, without `.json`.
    pub name: String,
    /// Where the expected answers come from.
    pub source: String,
    /// What is being proved.
    pub comment: String,
    /// Engine options.
    #[serde(default)]
    pub options: serde_json::Map<String, Value>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// Where the scenario stands.
    #[serde(skip)]
    pub file: PathBuf,
}

/// A move of the clock, an action, or both.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Sets the clock, in milliseconds since the epoch.
    pub at: Option<u64>,
    /// Moves the clock.
    pub advance_ms: Option<u64>,
    /// How much later the answer comes. The clock is moved by it after the request.
    pub waits_ms: Option<u64>,
    /// The region of a call's signature.
    pub region: Option<String>,
    /// The access key id of a call's signature.
    pub access_key_id: Option<String>,
    /// An operation, prefixed with `Firehose.` for those of Firehose.
    pub call: Option<String>,
    /// The operation's input.
    #[serde(rename = "in")]
    pub input: Option<Value>,
    /// A name for the streamed answer that the call must give.
    #[serde(rename = "as")]
    pub stream: Option<String>,
    /// A streamed answer, by its name, whose events since the last look are compared.
    pub events: Option<String>,
    /// A request as bytes.
    pub wire: Option<Wire>,
    /// A fault to add, by the members that `Fault` has.
    pub fault: Option<Value>,
    /// A bucket to list.
    pub objects: Option<Listing>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// What the answer must match.
    pub out: Option<Value>,
    /// The answer to a `wire` step as bytes.
    pub out_hex: Option<String>,
    /// The error that the answer must be.
    pub error: Option<ExpectedError>,
}

/// A request as bytes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// The HTTP method; `POST` without it.
    pub method: Option<String>,
    /// The path; `/` without it.
    pub path: Option<String>,
    /// `X-Amz-Target`.
    pub target: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// More headers; null takes a default one away.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// The body as text.
    pub body: Option<String>,
    /// The body as bytes.
    pub body_hex: Option<String>,
    /// The region of the signature.
    pub region: Option<String>,
    /// The access key id of the signature.
    pub access_key_id: Option<String>,
}

/// A listing of a bucket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The bucket's name.
    pub bucket: String,
    /// What the keys start with.
    #[serde(default)]
    pub prefix: String,
}

/// An error as a client sees it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// Its code.
    pub code: String,
    /// What its message must match.
    pub message: Option<Value>,
}

impl Scenario {
    /// Whether an error is expected anywhere.
    pub fn expects_error(&self) -> bool {
        self.steps.iter().any(Step::expects_error)
    }

    /// Why the file is not a scenario, beyond what its types say.
    fn check(&self) -> Result<(), String> {
        if self.source.trim().is_empty() || self.comment.trim().is_empty() {
            return Err("source and comment must say something".into());
        }
        if self.steps.is_empty() {
            return Err("there are no steps".into());
        }
        for (number, step) in (1..).zip(&self.steps) {
            step.check().map_err(|error| format!("step {number}: {error}"))?;
        }
        Ok(())
    }
}

impl Step {
    fn expects_error(&self) -> bool {
        self.error.is_some() || self.status.is_some_and(|status| status >= 400)
    }

    fn check(&self) -> Result<(), String> {
        let actions =
            [self.call.is_some(), self.wire.is_some(), self.objects.is_some(), self.events.is_some()];
        let actions = actions.into_iter().filter(|is_there| *is_there).count();
        let expectations = [self.out.is_some(), self.out_hex.is_some(), self.error.is_some()];
        let expectations = expectations.into_iter().filter(|is_there| *is_there).count();
        if self.fault.is_some() {
            let is_alone = actions + expectations == 0 && self.input.is_none() && self.status.is_none();
            return if is_alone { Ok(()) } else { Err("a fault stands alone".into()) };
        }
        match actions {
            0 if self.at.is_none() && self.advance_ms.is_none() => Err("it does nothing".into()),
            0 if expectations > 0 => Err("it expects an answer to nothing".into()),
            2.. => Err("call, wire, objects and events exclude each other".into()),
            1 if self.stream.is_some() && (self.call.is_none() || expectations > 0) => {
                Err("as names the streamed answer of a call, which expects nothing else".into())
            }
            1 if self.stream.is_some() => Ok(()),
            1 if expectations > 1 => Err("out, out_hex and error exclude each other".into()),
            1 if expectations == 0 && self.status.is_none() => Err("it expects nothing".into()),
            _ if self.input.is_some() != self.call.is_some() => Err("call and in belong together".into()),
            _ if self.out_hex.is_some() && self.wire.is_none() => Err("out_hex belongs to wire".into()),
            _ if self.at.is_some() && self.advance_ms.is_some() => {
                Err("at and advance_ms exclude each other".into())
            }
            _ => Ok(()),
        }
    }
}

/// The folder of the scenarios in this repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/scenario")
}

/// All scenarios below `folder` in order of their names, or what is wrong with the files.
pub fn load(folder: &Path) -> Result<Vec<Scenario>, Vec<String>> {
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    files.sort();
    let mut scenarios = Vec::new();
    let mut errors = Vec::new();
    for file in files {
        match read(folder, &file) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => errors.push(format!("{}: {error}", file.display())),
        }
    }
    if errors.is_empty() { Ok(scenarios) } else { Err(errors) }
}

fn read(folder: &Path, file: &Path) -> Result<Scenario, String> {
    let text = fs::read(file).map_err(|error| error.to_string())?;
    let mut scenario: Scenario = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let stem = file.strip_prefix(folder).map_err(|error| error.to_string())?.with_extension("");
    let name = stem.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    if scenario.name != name {
        return Err(format!("its name is {:?}, its place says {name:?}", scenario.name));
    }
    scenario.check()?;
    scenario.file = file.into();
    Ok(scenario)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}
