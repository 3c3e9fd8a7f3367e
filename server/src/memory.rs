//! What the engine may hold.

use std::time::{Duration, Instant};

use shardbrook::{Error, ErrorKind};

/// How long a measure is good while the engine holds too much: only trimming makes it hold less.
const STALE: Duration = Duration::from_millis(100);

/// What the engine may hold in memory. It is measured only now and then; in between, what comes in counts in full.
#[derive(Debug, Default)]
pub(crate) struct MemoryBound {
    limit: Option<u64>,
    /// What it held when it was measured.
    measured: Option<(u64, Instant)>,
    /// The requests since then.
    since: u64,
}

impl MemoryBound {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// Lets in a request of so many bytes that makes the engine hold more.
    ///
    /// # Errors
    /// The answer, when there is no room.
    pub(crate) fn take(&mut self, bytes: usize, measure: impl FnOnce() -> u64) -> Result<(), Error> {
        let Some(limit) = self.limit else { return Ok(()) };
        self.since += bytes as u64;
        if self.holds().is_some_and(|held| held <= limit) {
            return Ok(());
        }
        let is_fresh = |(held, at): &(u64, Instant)| *held > limit && at.elapsed() < STALE;
        if !self.measured.as_ref().is_some_and(is_fresh) {
            self.measured = Some((measure(), Instant::now()));
            self.since = bytes as u64;
        }
        match self.holds() {
            Some(held) if held > limit => {
                self.since -= bytes as u64;
                let message = format!(
                    "The server holds {held} bytes, and its --max-memory is {limit}. \
                     Records that expire and resources that are deleted make room."
                );
                Err(Error::new(ErrorKind::ServiceUnavailable, message))
            }
            _ => Ok(()),
        }
    }

    fn holds(&self) -> Option<u64> {
        self.measured.map(|(held, _)| held + self.since)
    }
}
