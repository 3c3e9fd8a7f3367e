//! The status machine: CREATING → ACTIVE → UPDATING → ACTIVE, DELETING → gone.

use alloc::string::String;

use super::growth::MAX_SHARDS;
use super::{Reshard, Stream, StreamMode, StreamStatus};
use crate::shard_id::ShardId;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// What happens when a stream's current state is over.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub(crate) enum Transition {
    /// CREATING ends.
    Activate,
    /// UPDATING ends: the shards change over at this moment.
    Reshard(Reshard),
    /// UPDATING ends: records are encrypted with this key from now on, or not at all.
    Encrypt(Option<String>),
    /// UPDATING ends: the capacity mode changes, and the number of open shards if one is given.
    SetMode(StreamMode, Option<u32>),
    /// DELETING ends: the stream is gone.
    Remove,
}

/// Whether a stream is still there after a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Kept,
    Removed,
}

impl Transition {
    /// The state that it ends.
    const fn status(&self) -> StreamStatus {
        match self {
            Self::Activate => StreamStatus::Creating,
            Self::Reshard(_) | Self::Encrypt(_) | Self::SetMode(..) => StreamStatus::Updating,
            Self::Remove => StreamStatus::Deleting,
        }
    }
}

impl Stream {
    pub(crate) fn status(&self) -> StreamStatus {
        self.transition.as_ref().map_or(StreamStatus::Active, |(_, transition)| transition.status())
    }

    /// When the current state ends by itself.
    pub(crate) fn transition_due(&self) -> Option<Timestamp> {
        self.transition.as_ref().map(|(due, _)| *due)
    }

    /// When the stream changes by itself next.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let growth = self.growing.first().map(|(due, _)| *due);
        self.transition_due().into_iter().chain(growth).min()
    }

    /// Splits the shards that are due at `now`, at most `room` of them, and ends the current state if it is.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp, room: usize) -> Outcome {
        self.grow(now, room);
        let Some((_, transition)) = self.transition.take_if(|(due, _)| *due <= now) else {
            return Outcome::Kept;
        };
        match transition {
            Transition::Activate => self.is_born = true,
            Transition::Reshard(reshard) => self.apply(now, &reshard),
            Transition::Encrypt(key_id) => self.key_id = key_id,
            Transition::SetMode(mode, shards) => {
                self.mode = mode;
                if let Some(target) = shards {
                    self.apply(now, &Reshard::Count { target });
                }
            }
            Transition::Remove => return Outcome::Removed,
        }
        Outcome::Kept
    }

    /// Whether the shards that a transition is about take records, lie side by side where they are to be merged, and are
    /// as many as a stream may have.
    pub(super) fn can(&self, transition: &Transition) -> bool {
        match transition {
            Transition::Reshard(Reshard::Split { shard, .. }) => self.is_changeable(*shard),
            Transition::Reshard(Reshard::Merge { shard, adjacent }) => {
                let range = |id: &ShardId| self.shards[id.index() as usize].range();
                self.is_changeable(*shard)
                    && self.is_changeable(*adjacent)
                    && range(shard).is_followed_by(&range(adjacent))
            }
            Transition::Reshard(Reshard::Count { target }) | Transition::SetMode(_, Some(target)) => {
                (1..=MAX_SHARDS).contains(&(*target as usize))
            }
            Transition::Activate
            | Transition::Encrypt(_)
            | Transition::Remove
            | Transition::SetMode(_, None) => true,
        }
    }

    /// Whether the shard takes records, and only its user changes it: on-demand streams split their shards themselves.
    fn is_changeable(&self, shard: ShardId) -> bool {
        self.mode == StreamMode::Provisioned && self.is_open(shard)
    }

    /// Whether the stream is on its way to this mode.
    pub(crate) fn becomes(&self, mode: StreamMode) -> bool {
        matches!(self.transition, Some((_, Transition::SetMode(next, _))) if next == mode)
    }

    /// How many shards will be open when the change that was accepted is made; 0 where it opens none.
    pub(crate) fn shards_to_come(&self) -> usize {
        match self.transition {
            Some((_, Transition::Reshard(Reshard::Split { .. }))) => self.open_shard_count() + 1,
            Some((
                _,
                Transition::Reshard(Reshard::Count { target }) | Transition::SetMode(_, Some(target)),
            )) => target as usize,
            Some((
                _,
                Transition::Activate
                | Transition::Encrypt(_)
                | Transition::Reshard(Reshard::Merge { .. })
                | Transition::Remove
                | Transition::SetMode(_, None),
            ))
            | None => 0,
        }
    }

    /// Starts UPDATING; what changes does so at `due`.
    pub(crate) fn start_update(&mut self, due: Timestamp, change: Transition) {
        self.transition = Some((due, change));
    }

    /// Starts DELETING, whatever the stream was doing; it is gone at `due`. A stream that is being deleted already
    /// goes on as it was.
    pub(crate) fn start_deletion(&mut self, due: Timestamp) {
        if self.status() != StreamStatus::Deleting {
            self.transition = Some((due, Transition::Remove));
        }
    }
}
