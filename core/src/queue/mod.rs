//! One queue on a data stream: its status machine, its settings, and who waits for its records.

mod ledger;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::string::String;

use serde::Serialize;

pub(crate) use self::ledger::{Delivery, Lane, Ledger, Receipt, Terms};
use crate::arn::AccountId;
use crate::snapshot::Persist;
use crate::stream::{Progress, Stream};
use crate::time::Timestamp;

/// How long a received record is in flight unless the queue says otherwise.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateQueue.html>
const DEFAULT_VISIBILITY_SECS: u32 = 30;
/// How often a record is received before it is dead unless the queue says otherwise.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateQueue.html>
const DEFAULT_MAX_RECEIVE_COUNT: u32 = 6;

/// What a queue does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum QueueStatus {
    /// Records are delivered.
    Active,
    /// Not usable yet.
    Creating,
    /// On its way out; nothing is delivered.
    Deleting,
    /// Its attributes are changing; records are delivered.
    Updating,
}

impl QueueStatus {
    /// The status as the service writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Creating => "CREATING",
            Self::Deleting => "DELETING",
            Self::Updating => "UPDATING",
        }
    }
}

/// Where in its stream a queue starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum QueueStart {
    /// With the first record that arrives after the queue is created.
    #[default]
    Latest,
    /// With the oldest record that is kept.
    TrimHorizon,
    /// With the first record that arrived at the time or later.
    AtTimestamp(Timestamp),
}

impl QueueStart {
    /// The type as the service writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "LATEST",
            Self::TrimHorizon => "TRIM_HORIZON",
            Self::AtTimestamp(_) => "AT_TIMESTAMP",
        }
    }

    /// The position in `stream` of a queue that is created now.
    fn progress(self, stream: &Stream) -> Progress {
        match self {
            Self::Latest => Progress::at_tips(stream),
            Self::TrimHorizon => Progress::default(),
            Self::AtTimestamp(time) => Progress::since(time),
        }
    }
}

/// What can be set of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub(crate) struct Attributes {
    pub(crate) visibility_secs: u32,
    /// How often a record is received before it is dead; `None` when it never is.
    pub(crate) max_receive_count: Option<u32>,
}

impl Default for Attributes {
    fn default() -> Self {
        Self { visibility_secs: DEFAULT_VISIBILITY_SECS, max_receive_count: Some(DEFAULT_MAX_RECEIVE_COUNT) }
    }
}

/// What happens when a queue's current state is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
enum Transition {
    Activate,
    Update(Attributes),
    Remove,
}

/// Whether a queue is still there after a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Kept,
    Removed,
}

/// Whose a queue is, and what its names are. They never change.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Identity {
    /// Never used again for another queue of the same engine.
    pub(crate) id: u64,
    pub(crate) account: AccountId,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    /// The number of the stream. It outlives the queue.
    pub(crate) stream: u64,
    pub(crate) start: QueueStart,
    pub(crate) created: Timestamp,
}

/// A queue.
#[derive(Debug, Persist)]
pub(crate) struct Queue {
    pub(crate) identity: Identity,
    pub(crate) ledger: Ledger,
    /// Where delivery started, known when the queue is ACTIVE.
    pub(crate) effective_start: Option<Timestamp>,
    attributes: Attributes,
    /// How the current state ends, which says what it is; none while the queue is ACTIVE.
    transition: Option<(Timestamp, Transition)>,
    /// The exchanges that wait for a record of the main lane, in order of arrival.
    #[persist(skip)]
    waiting: VecDeque<u64>,
    /// As above, for the dead lane.
    #[persist(skip)]
    waiting_for_dead: VecDeque<u64>,
}

impl Queue {
    /// A queue in CREATING that is ACTIVE at `active_at`.
    pub(crate) fn new(
        identity: Identity,
        stream: &Stream,
        attributes: Attributes,
        active_at: Timestamp,
    ) -> Self {
        Self {
            ledger: Ledger::new(identity.start.progress(stream)),
            identity,
            effective_start: None,
            attributes,
            transition: Some((active_at, Transition::Activate)),
            waiting: VecDeque::new(),
            waiting_for_dead: VecDeque::new(),
        }
    }

    pub(crate) fn status(&self) -> QueueStatus {
        match self.transition {
            None => QueueStatus::Active,
            Some((_, Transition::Activate)) => QueueStatus::Creating,
            Some((_, Transition::Update(_))) => QueueStatus::Updating,
            Some((_, Transition::Remove)) => QueueStatus::Deleting,
        }
    }

    /// Whether records are delivered, and their receipts are good.
    pub(crate) fn delivers(&self) -> bool {
        matches!(self.status(), QueueStatus::Active | QueueStatus::Updating)
    }

    /// The attributes by which records are delivered.
    pub(crate) fn attributes(&self) -> Attributes {
        self.attributes
    }

    /// The attributes that were set last: while the queue is UPDATING, those that come.
    pub(crate) fn attributes_to_show(&self) -> Attributes {
        match self.transition {
            Some((_, Transition::Update(attributes))) => attributes,
            _ => self.attributes,
        }
    }

    /// Those who wait for a record of a lane.
    pub(crate) fn waiting(&mut self, lane: Lane) -> &mut VecDeque<u64> {
        match lane {
            Lane::Main => &mut self.waiting,
            Lane::Dead => &mut self.waiting_for_dead,
        }
    }

    /// Whether someone waits for a record.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.waiting.is_empty() || !self.waiting_for_dead.is_empty()
    }

    /// When the queue has something to do by itself: a state ends, or a record is visible that someone waits for.
    pub(crate) fn poll_timeout(&mut self, stream: Option<&Stream>, now: Timestamp) -> Option<Timestamp> {
        let mut next = self.transition.map(|(due, _)| due);
        for lane in [Lane::Main, Lane::Dead] {
            if let Some(stream) = stream.filter(|_| self.delivers() && !self.waiting(lane).is_empty()) {
                let visible = self.ledger.next_visible(stream, now, lane);
                next = next.into_iter().chain(visible).min();
            }
        }
        next
    }

    /// Ends the current state if it is due at `now`.
    pub(crate) fn handle_timeout(&mut self, stream: &Stream, now: Timestamp) -> Outcome {
        let Some((_, transition)) = self.transition.take_if(|(due, _)| *due <= now) else {
            return Outcome::Kept;
        };
        match transition {
            Transition::Activate => {
                let oldest = stream.trim_horizon(now).max(stream.created);
                self.effective_start = Some(match self.identity.start {
                    QueueStart::Latest => self.identity.created,
                    QueueStart::TrimHorizon => oldest,
                    QueueStart::AtTimestamp(time) => time.max(oldest),
                });
            }
            Transition::Update(attributes) => {
                self.attributes = attributes;
                self.ledger.change_max_receive_count(now, attributes.max_receive_count);
            }
            Transition::Remove => return Outcome::Removed,
        }
        Outcome::Kept
    }

    /// Starts UPDATING; the attributes change at `due`.
    pub(crate) fn start_update(&mut self, due: Timestamp, attributes: Attributes) {
        self.transition = Some((due, Transition::Update(attributes)));
    }

    /// Starts DELETING, whatever the queue was doing; it is gone at `due`. A queue that is being deleted already goes
    /// on as it was.
    pub(crate) fn start_deletion(&mut self, due: Timestamp) {
        if self.status() != QueueStatus::Deleting {
            self.transition = Some((due, Transition::Remove));
        }
    }
}
