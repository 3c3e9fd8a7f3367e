//! What the engine may hold.

use core::time::Duration;
use std::time::Instant;

use shardbrook::{Error, ErrorKind};

/// How long a measure is good while nothing is let in: only expiry and deletion make the engine hold less.
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
        let bytes = bytes as u64;
        self.since += bytes;
        if self.holds().is_some_and(|held| held <= limit) {
            return Ok(());
        }
        let is_current = self.measured.is_some_and(|(_, at)| at.elapsed() < STALE) && self.since == bytes;
        if !is_current {
            self.measured = Some((measure(), Instant::now()));
            self.since = bytes;
        }
        match self.holds() {
            Some(held) if held > limit => {
                self.since -= bytes;
                let message = format!(
                    "The server holds {} bytes, and its --max-memory is {limit}. \
                     Records that expire and resources that are deleted make room.",
                    held - bytes
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_only_when_it_has_to() {
        let mut bound = MemoryBound::new(1000);
        let mut measures = 0;
        let mut take = |bound: &mut MemoryBound, bytes, held| {
            let taken = bound.take(bytes, || {
                measures += 1;
                held
            });
            (taken.is_ok(), measures)
        };
        assert_eq!(take(&mut bound, 100, 0), (true, 1));
        for _ in 0..9 {
            assert_eq!(take(&mut bound, 100, 0), (true, 1));
        }
        // By what came in there is no room, by what is held there is.
        assert_eq!(take(&mut bound, 100, 700), (true, 2));
        assert_eq!(take(&mut bound, 300, 800), (false, 3));
        // A smaller one fits, and another large one needs no measure to be refused.
        assert_eq!(take(&mut bound, 200, 800), (true, 3));
        assert_eq!(take(&mut bound, 300, 1000), (false, 4));
        assert_eq!(take(&mut bound, 300, 0), (false, 4));
        std::thread::sleep(STALE);
        assert_eq!(take(&mut bound, 300, 0), (true, 5));
    }

    #[test]
    fn without_a_limit_everything_goes() {
        assert!(MemoryBound::default().take(usize::MAX, || unreachable!()).is_ok());
    }
}
