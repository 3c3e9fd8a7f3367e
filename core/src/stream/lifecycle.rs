//! The status machine: CREATING → ACTIVE → UPDATING → ACTIVE, DELETING → gone.

use super::{Reshard, Stream, StreamStatus};
use crate::time::Timestamp;

/// What happens when a stream's current state is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transition {
    /// CREATING ends.
    Activate,
    /// UPDATING ends: the shards change over at this moment.
    Reshard(Reshard),
    /// DELETING ends: the stream is gone.
    Remove,
}

/// Whether a stream is still there after a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Kept,
    Removed,
}

impl Stream {
    /// When the stream changes by itself next.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let transition = self.transition.as_ref().map(|(due, _)| *due);
        let growth = self.growing.first().map(|(due, _)| *due);
        transition.into_iter().chain(growth).min()
    }

    /// Splits the shards that are due at `now`, and ends the current state if it is.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) -> Outcome {
        self.grow(now);
        let Some((_, transition)) = self.transition.take_if(|(due, _)| *due <= now) else {
            return Outcome::Kept;
        };
        match transition {
            Transition::Activate => {
                self.status = StreamStatus::Active;
                self.is_born = true;
            }
            Transition::Reshard(reshard) => {
                self.apply(now, &reshard);
                self.status = StreamStatus::Active;
            }
            Transition::Remove => return Outcome::Removed,
        }
        Outcome::Kept
    }

    /// Starts UPDATING; the shards change at `due`.
    pub(crate) fn start_reshard(&mut self, due: Timestamp, reshard: Reshard) {
        self.status = StreamStatus::Updating;
        self.transition = Some((due, Transition::Reshard(reshard)));
    }

    /// Starts DELETING, whatever the stream was doing; it is gone at `due`. A stream that is being deleted already
    /// goes on as it was.
    pub(crate) fn start_deletion(&mut self, due: Timestamp) {
        if self.status != StreamStatus::Deleting {
            self.status = StreamStatus::Deleting;
            self.transition = Some((due, Transition::Remove));
        }
    }
}
