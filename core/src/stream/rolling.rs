//! Limits on what is done to a stream within a day.

use alloc::vec::Vec;

use crate::snapshot::Persist;
use crate::time::Timestamp;

const DAY_MS: u64 = 86_400_000;

/// When something was accepted in the last 24 hours.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct Rolling {
    accepted: Vec<Timestamp>,
}

impl Rolling {
    /// Accepts one more at `now`, unless `limit` were accepted in the 24 hours before.
    pub(crate) fn accept(&mut self, now: Timestamp, limit: usize) -> bool {
        self.accepted.retain(|accepted| now.millis_since(*accepted) < DAY_MS);
        let has_room = self.accepted.len() < limit;
        if has_room {
            self.accepted.push(now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_after_a_day() {
        let mut rolling = Rolling::default();
        let mut accept = |millis| rolling.accept(Timestamp::from_millis(millis), 2);
        assert!(accept(0) && accept(1000) && !accept(2000));
        assert!(!accept(DAY_MS - 1) && accept(DAY_MS) && !accept(DAY_MS) && accept(DAY_MS + 1000));
    }
}
