//! Where the time goes.

use core::time::Duration;
use std::time::Instant;

/// A part of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// CSV rows become records.
    Write,
    /// Records become aggregates.
    Aggregate,
    /// Aggregates go into the stream.
    Put,
    /// The delivery stream reads, takes apart, compresses and stores.
    Deliver,
    /// The reader reads and takes apart.
    Read,
    /// What was read is compared with what was put.
    CheckRead,
    /// The objects are decompressed and compared with what was put.
    CheckDelivered,
    /// The objects' digest.
    Digest,
}

impl Stage {
    /// All stages, in order of their first use.
    pub const ALL: [Self; 8] = [
        Self::Write,
        Self::Aggregate,
        Self::Put,
        Self::Deliver,
        Self::Read,
        Self::CheckRead,
        Self::CheckDelivered,
        Self::Digest,
    ];

    /// Whether the stage is the job itself, not its inspection.
    pub const fn is_pipeline(self) -> bool {
        matches!(self, Self::Write | Self::Aggregate | Self::Put | Self::Deliver | Self::Read)
    }
}

/// The time that each stage took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages([Duration; Stage::ALL.len()]);

impl Stages {
    /// Runs a piece of a stage and adds its time.
    pub(crate) fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        self.add(stage, started.elapsed());
        result
    }

    pub(crate) const fn add(&mut self, stage: Stage, time: Duration) {
        self.0[stage as usize] = self.0[stage as usize].saturating_add(time);
    }

    /// What a stage took.
    pub const fn of(&self, stage: Stage) -> Duration {
        self.0[stage as usize]
    }

    /// What the job itself took.
    pub fn pipeline(&self) -> Duration {
        Stage::ALL.into_iter().filter(|stage| stage.is_pipeline()).map(|stage| self.of(stage)).sum()
    }
}
