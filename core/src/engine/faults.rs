//! Faults on purpose: errors and delays for chosen requests, so that programs can prove that they cope.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::rng::{EntityRng, Seed};

/// What goes wrong, and for which requests.
#[derive(Clone, Debug, PartialEq, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The operation that it strikes: `PutRecords`. Both services have a `PutRecord`; `stream` tells them apart.
    pub operation: String,
    /// Only requests about the stream or delivery stream with this name.
    #[serde(default)]
    pub stream: Option<String>,
    /// The code of the error to answer with instead of doing anything.
    #[serde(default)]
    pub error: Option<String>,
    /// How likely each request is to be struck, 0 to 1. Default: 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// How many requests are struck before the fault is over. Default: no end.
    #[serde(default)]
    pub times: Option<u64>,
    /// How much later the answer comes, in milliseconds on the engine's clock. Default: 0.
    #[serde(default)]
    pub latency_ms: u64,
}

fn always() -> f64 {
    1.0
}

/// A fault that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for FaultError {}

impl Fault {
    /// Reads a fault from a JSON object.
    ///
    /// # Errors
    /// Says which member is missing, unknown or has which wrong value.
    pub fn from_json(text: &str) -> Result<Self, FaultError> {
        serde_json::from_str(text).map_err(|error| FaultError(format!("invalid fault: {error}")))
    }
}

/// What a struck request gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) error: Option<Error>,
    pub(crate) latency_ms: u64,
}

/// The faults of an engine, in the order in which they were added.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub struct Faults {
    armed: Vec<Armed>,
    added: u64,
    seed: Seed,
}

#[derive(Debug, BorshSerialize, BorshDeserialize)]
struct Armed {
    fault: Fault,
    error: Option<ErrorKind>,
    rng: EntityRng,
}

impl Faults {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { armed: Vec::new(), added: 0, seed }
    }

    /// Adds a fault. A request gets the first fault that strikes it.
    ///
    /// # Errors
    /// When the operation or the error does not exist, the probability is not within 0 and 1, or the fault does
    /// nothing.
    pub fn add(&mut self, fault: Fault) -> Result<(), FaultError> {
        if !crate::wire::is_operation(&fault.operation) {
            return Err(FaultError(format!("fault: there is no operation {:?}", fault.operation)));
        }
        if !(0.0..=1.0).contains(&fault.probability) {
            return Err(FaultError(format!("fault: probability must be 0 to 1, not {}", fault.probability)));
        }
        if fault.times == Some(0) {
            return Err(FaultError("fault: times must be at least 1".into()));
        }
        let error = match &fault.error {
            None if fault.latency_ms == 0 => {
                return Err(FaultError("fault: it needs an error, a latencyMs, or both".into()));
            }
            None => None,
            Some(code) => Some(ErrorKind::from_code(code).ok_or_else(|| {
                FaultError(format!(
                    "fault: {code:?} is not the code of an error; an example is InternalFailure"
                ))
            })?),
        };
        let rng = self.seed.entity(format!("fault/{}", self.added));
        self.added += 1;
        self.armed.push(Armed { fault, error, rng });
        Ok(())
    }

    /// Takes all faults away.
    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// Whether what was read from a snapshot can be.
    pub(super) fn are_sound(&self) -> bool {
        self.armed.iter().all(|armed| armed.fault.times != Some(0))
    }

    /// What strikes a request, if anything does.
    pub(crate) fn strike(&mut self, operation: &str, stream: Option<&str>) -> Option<Strike> {
        let position = self.armed.iter_mut().position(|armed| armed.strikes(operation, stream))?;
        let armed = &mut self.armed[position];
        let error = armed.error.map(|kind| Error::new(kind, "This error was asked for as a fault."));
        let strike = Strike { error, latency_ms: armed.fault.latency_ms };
        if let Some(left) = &mut armed.fault.times {
            *left -= 1;
            if *left == 0 {
                self.armed.remove(position);
            }
        }
        Some(strike)
    }
}

impl Armed {
    fn strikes(&mut self, operation: &str, stream: Option<&str>) -> bool {
        let is_meant = self.fault.operation == operation
            && self.fault.stream.as_deref().is_none_or(|name| stream == Some(name));
        // The draw is 53 bits, so that it and the comparison are exact in a float on every platform.
        is_meant
            && (self.fault.probability >= 1.0
                || ((self.rng.next_bits() >> 75) as f64) < self.fault.probability * (1u64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &[&str]) -> Faults {
        let mut faults = Faults::new(Seed::default());
        for text in json {
            faults.add(Fault::from_json(text).unwrap()).unwrap();
        }
        faults
    }

    #[test]
    fn strikes_the_chosen_requests_the_given_number_of_times() {
        let mut faults = faults(&[
            r#"{"operation":"PutRecord","stream":"a","error":"InternalFailure","times":2,"latencyMs":5}"#,
        ]);
        assert_eq!(faults.strike("PutRecords", Some("a")), None);
        assert_eq!(faults.strike("PutRecord", Some("b")), None);
        for _ in 0..2 {
            let strike = faults.strike("PutRecord", Some("a")).unwrap();
            assert_eq!((strike.error.unwrap().kind, strike.latency_ms), (ErrorKind::InternalFailure, 5));
        }
        assert_eq!(faults.strike("PutRecord", Some("a")), None);
    }

    #[test]
    fn probability_is_met_and_repeatable() {
        let run = || {
            let mut faults =
                faults(&[r#"{"operation":"PutRecord","error":"InternalFailure","probability":0.25}"#]);
            (0..4000).map(|_| faults.strike("PutRecord", None).is_some()).collect::<Vec<_>>()
        };
        let struck = run();
        assert_eq!(struck, run());
        let count = struck.iter().filter(|struck| **struck).count();
        assert!((900..1100).contains(&count), "{count} of 4000");
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        for text in [
            r#"{"operation":"PutRecordz","error":"InternalFailure"}"#,
            r#"{"operation":"PutRecord","error":"Nope"}"#,
            r#"{"operation":"PutRecord"}"#,
            r#"{"operation":"PutRecord","latencyMs":1,"probability":1.5}"#,
            r#"{"operation":"PutRecord","latencyMs":1,"times":0}"#,
        ] {
            assert!(Faults::new(Seed::default()).add(Fault::from_json(text).unwrap()).is_err(), "{text}");
        }
        assert!(Fault::from_json(r#"{"operation":"PutRecord","latency":1}"#).is_err());
    }
}
