//! `cargo xtask test`: every check, in the order in which a failure tells most.
//!
//! A failing step does not stop the others; the last line counts them, and the exit code tells CI.

mod steps;

use core::time::Duration;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

use self::steps::STEPS;
use crate::workspace::Workspace;

/// Which checks to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this step and those that it needs; may be given more than once.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Print the steps and what they do.
    #[arg(long)]
    list: bool,
}

/// One check.
struct Step {
    /// What `--only` calls it.
    name: &'static str,
    /// What it shows, in a few words.
    about: &'static str,
    /// Steps that build what this one uses; they stand before it.
    needs: &'static [&'static str],
    run: fn(&Workspace) -> Result<()>,
}

/// How a step ended.
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// A step that is over.
struct Finished {
    step: &'static Step,
    outcome: Outcome,
    took: Duration,
}

/// Runs the chosen steps and sums up.
pub(crate) fn run(ws: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.list {
        for step in STEPS {
            println!("{:<14} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(&options.only)?;
    let mut finished = Vec::new();
    for step in &chosen {
        let number = finished.len() + 1;
        println!("\n=== {number}/{} {}: {}", chosen.len(), step.name, step.about);
        let started = Instant::now();
        let outcome = run_step(ws, step, &finished);
        let done = Finished { step, outcome, took: started.elapsed() };
        done.print();
        finished.push(done);
    }
    Ok(sum_up(&finished))
}

/// The steps of these names and what they need, or all of them, in the order of [`STEPS`].
fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        bail!("no step is called {unknown}; `cargo xtask test --list` prints them");
    }
    // Backwards, because a step stands after all that it needs.
    let mut chosen: Vec<&Step> = Vec::new();
    for step in STEPS.iter().rev() {
        let is_named = names.is_empty() || names.iter().any(|name| name == step.name);
        if is_named || chosen.iter().any(|later| later.needs.contains(&step.name)) {
            chosen.push(step);
        }
    }
    chosen.reverse();
    Ok(chosen)
}

fn run_step(ws: &Workspace, step: &Step, before: &[Finished]) -> Outcome {
    let missing = before.iter().find(|done| step.needs.contains(&done.step.name) && !done.passed());
    if let Some(missing) = missing {
        return Outcome::Skipped(format!("it needs {}, which did not pass", missing.step.name));
    }
    match (step.run)(ws) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

impl Finished {
    fn passed(&self) -> bool {
        matches!(self.outcome, Outcome::Passed)
    }

    fn print(&self) {
        let (name, seconds) = (self.step.name, self.took.as_secs_f64());
        match &self.outcome {
            Outcome::Passed => println!("=== {name} passed in {seconds:.1} s"),
            Outcome::Failed(why) => println!("=== {name} FAILED in {seconds:.1} s: {why}"),
            Outcome::Skipped(why) => println!("=== {name} skipped: {why}"),
        }
    }
}

/// Repeats what did not pass, then counts the steps in a line that CI reads.
fn sum_up(finished: &[Finished]) -> ExitCode {
    println!();
    finished.iter().filter(|done| !done.passed()).for_each(Finished::print);
    let count = |is_such: fn(&Outcome) -> bool| finished.iter().filter(|done| is_such(&done.outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let minutes = finished.iter().map(|done| done.took).sum::<Duration>().as_secs_f64() / 60.0;
    println!("steps of cargo xtask test, {minutes:.1} minutes:");
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::{STEPS, choose};

    #[test]
    fn a_step_stands_after_those_that_it_needs() {
        for (place, step) in STEPS.iter().enumerate() {
            let before = &STEPS[..place];
            assert!(
                step.needs.iter().all(|need| before.iter().any(|other| other.name == *need)),
                "{}",
                step.name
            );
        }
    }

    #[test]
    fn a_chosen_step_brings_what_it_needs() {
        let names: Vec<&str> =
            choose(&["browser".to_owned()]).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names, ["flights", "wasm", "typescript", "browser"]);
        assert!(choose(&["nonsense".to_owned()]).is_err());
    }
}
