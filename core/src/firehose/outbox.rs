//! Sealed objects on their way into a bucket: attempts, retries, and what becomes of each.

use alloc::collections::VecDeque;

use super::output::{Counters, Dropped, ObjectId, ObjectResult, Output, PutObject, UnknownObject, count};
use crate::by_id::ById;
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::time::Timestamp;
use crate::timers::Deadlines;

/// For how long a failing delivery is repeated
/// (<https://docs.aws.amazon.com/firehose/latest/dev/retry.html>, Amazon S3).
pub(crate) const RETRY_WINDOW_MS: u64 = 24 * 60 * 60 * 1000;

/// Delay before the second attempt, doubled for each further one, and its cap. What Firehose does for S3 is not
/// documented; this is what it does for HTTP endpoints
/// (<https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html>), without jitter.
const FIRST_RETRY_MS: u64 = 1000;
const MAX_RETRY_MS: u64 = 120_000;

/// A sealed object that is not delivered yet.
#[derive(Debug, Persist)]
struct Pending {
    sealed: Timestamp,
    /// When it is tried again; nothing while an attempt is on its way.
    retry: Option<Timestamp>,
    put: PutObject,
}

/// The sealed objects of one sender, and what it has to say.
#[derive(Debug, Persist)]
pub(crate) struct Outbox {
    #[persist(skip)]
    sender: u64,
    pending: ById<Pending>,
    #[persist(skip)]
    retries: Deadlines,
    #[persist(skip)]
    backlog: u64,
    #[persist(skip)]
    outputs: VecDeque<Output>,
    pub(crate) counters: Counters,
}

impl Outbox {
    /// Of the sender with this number.
    pub(crate) fn new(sender: u64) -> Self {
        Self {
            sender,
            pending: ById::default(),
            retries: Deadlines::default(),
            backlog: 0,
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Makes the first attempt to put an object, whose id, due time and attempt are filled in here.
    pub(crate) fn send(&mut self, now: Timestamp, put: PutObject) {
        let object = self.pending.next_id();
        self.backlog += put.body.len() as u64;
        let put = PutObject { id: ObjectId { stream: self.sender, object }, attempt: 0, ..put };
        self.pending.add(Pending { sealed: now, retry: None, put });
        self.attempt(now, object);
    }

    /// Makes the attempt that is due first.
    pub(crate) fn retry(&mut self) {
        if let Some((at, object)) = self.retries.pop_first() {
            self.attempt(at, object);
        }
    }

    /// When the next attempt is due.
    pub(crate) fn next_retry(&self) -> Option<Timestamp> {
        self.retries.first().map(|(at, _)| at)
    }

    /// Takes the answer to the attempt to put an object that is on its way.
    pub(crate) fn handle_result(
        &mut self,
        at: Timestamp,
        object: u64,
        result: ObjectResult,
    ) -> Result<(), UnknownObject> {
        let pending = self.pending.get_mut(object).filter(|pending| pending.retry.is_none());
        let Some(pending) = pending else { return Err(UnknownObject) };
        match result {
            ObjectResult::Stored => {
                count(&mut self.counters.delivered_objects, 1);
                count(&mut self.counters.delivered_records, pending.put.records);
                count(&mut self.counters.delivered_bytes, pending.put.record_bytes);
                self.forget(object);
            }
            ObjectResult::Failed => {
                count(&mut self.counters.failed_attempts, 1);
                let end = pending.sealed.plus_millis(RETRY_WINDOW_MS);
                if at >= end {
                    self.drop_object(at, object);
                } else {
                    let doublings = (pending.put.attempt - 1).min(16);
                    let delay = (FIRST_RETRY_MS << doublings).min(MAX_RETRY_MS);
                    // The last attempt is made when the window ends.
                    let retry = at.plus_millis(delay).min(end);
                    pending.retry = Some(retry);
                    self.retries.insert((retry, object));
                }
            }
        }
        Ok(())
    }

    /// The attempt to put an object that is not answered yet.
    pub(crate) fn sent(&self, object: u64) -> Option<&PutObject> {
        self.pending.get(object).filter(|pending| pending.retry.is_none()).map(|pending| &pending.put)
    }

    /// Whether an object with this number was ever sent.
    pub(crate) const fn has_sent(&self, object: u64) -> bool {
        self.pending.was_given(object)
    }

    /// Forgets what is not delivered. Answers that still come are for objects that were sent.
    pub(crate) fn clear(&mut self) {
        self.pending.clear();
        self.retries.clear();
        self.backlog = 0;
    }

    /// Bytes of sealed objects that are not delivered yet.
    pub(crate) const fn backlog(&self) -> u64 {
        self.backlog
    }

    /// Says something more.
    pub(crate) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// What there is to say, in order.
    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// How many attempts to put objects are not answered yet.
    pub(crate) fn in_flight(&self) -> usize {
        self.pending.iter().filter(|(_, pending)| pending.retry.is_none()).count()
    }

    /// Makes anew what follows from the objects of a snapshot that was taken at `now`; fails if they do not hold together.
    pub(crate) fn rebuild(&mut self, now: Timestamp, sender: u64) -> Result<(), SnapshotError> {
        self.sender = sender;
        for (object, pending) in self.pending.iter_mut() {
            pending.put.id = ObjectId { stream: sender, object };
            let is_sound = pending.sealed.max(pending.put.due) <= now && pending.put.attempt > 0;
            if !is_sound {
                return Err(unsound("an object on its way"));
            }
            self.backlog += pending.put.body.len() as u64;
        }
        let retries = self.pending.iter().filter_map(|(object, pending)| Some((pending.retry?, object)));
        self.retries = retries.collect();
        Ok(())
    }

    fn attempt(&mut self, due: Timestamp, object: u64) {
        let Some(pending) = self.pending.get_mut(object) else { return };
        pending.retry = None;
        pending.put.attempt = pending.put.attempt.saturating_add(1);
        pending.put.due = due;
        self.outputs.push_back(Output::PutObject(pending.put.clone()));
    }

    fn drop_object(&mut self, at: Timestamp, object: u64) {
        let Some(put) = self.forget(object) else { return };
        count(&mut self.counters.dropped_objects, 1);
        count(&mut self.counters.dropped_records, put.records);
        self.outputs.push_back(Output::Dropped(Dropped {
            id: put.id,
            at,
            attempts: put.attempt,
            bucket: put.bucket,
            key: put.key,
            records: put.records,
            record_bytes: put.record_bytes,
        }));
    }

    fn forget(&mut self, object: u64) -> Option<PutObject> {
        let Pending { put, .. } = self.pending.remove(object)?;
        self.backlog -= put.body.len() as u64;
        Some(put)
    }
}
