//! What criterion measured, from the files that it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The quickest round of each benchmark, by group and name.
pub(super) struct Samples(BTreeMap<String, Sample>);

/// The quickest round of a benchmark.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) nanos: f64,
    /// How many records, bytes or the like a round works on.
    pub(super) items: f64,
}

impl Sample {
    /// Items a second.
    pub(super) fn rate(self) -> f64 {
        self.items / self.nanos * 1e9
    }
}

impl Samples {
    /// Reads what a run that began at `start` left under `folder`.
    pub(super) fn read(folder: &Path, start: SystemTime) -> Result<Self> {
        let mut samples = BTreeMap::new();
        for group in fs::read_dir(folder).context("criterion left nothing")? {
            let group = group?.path();
            for bench in group.read_dir().into_iter().flatten() {
                let new = bench?.path().join("new");
                if is_since(start, &new.join("sample.json")) {
                    let name: Value = json(&new.join("benchmark.json"))?;
                    let full_id = name["full_id"].as_str().context("a benchmark without a name")?;
                    let sample = sample(&json(&new.join("sample.json"))?, &name)
                        .with_context(|| format!("{full_id} has no samples"))?;
                    samples.insert(full_id.to_owned(), sample);
                }
            }
        }
        Ok(Self(samples))
    }

    pub(super) fn get(&self, name: &str) -> Option<Sample> {
        self.0.get(name).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_since(start: SystemTime, file: &Path) -> bool {
    fs::metadata(file).and_then(|data| data.modified()).is_ok_and(|modified| modified >= start)
}

fn json(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("cannot read {}", file.display()))
}

fn sample(sample: &Value, name: &Value) -> Option<Sample> {
    let numbers =
        |value: &Value| -> Option<Vec<f64>> { value.as_array()?.iter().map(Value::as_f64).collect() };
    let rounds = numbers(&sample["times"])?.into_iter().zip(numbers(&sample["iters"])?);
    let nanos = rounds.map(|(time, count)| time / count).min_by(f64::total_cmp)?;
    // `{"Elements":500}`, or null.
    let items =
        name["throughput"].as_object().and_then(|kinds| kinds.values().next()).and_then(Value::as_f64);
    Some(Sample { nanos, items: items.unwrap_or(1.0) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_quickest_round_counts() {
        let rounds = json!({ "times": [90.0, 100.0, 60.0], "iters": [1.0, 2.0, 1.0] });
        let found = sample(&rounds, &json!({ "throughput": { "Elements": 500 } })).unwrap();
        assert_eq!((found.nanos, found.items), (50.0, 500.0));
        assert_eq!(sample(&rounds, &json!({ "throughput": null })).unwrap().items, 1.0);
        assert!(sample(&json!({}), &json!({})).is_none());
    }
}
