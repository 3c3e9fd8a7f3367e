//! Queues in the engine: those who wait for records, and the operations as typed calls.

#[cfg(test)]
mod tests;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Engine;
use super::call::{Call, Head, Input, Outcome, Reply};
use super::exchange::{Exchange, too_many};
use super::output::{ExchangeId, Output};
use crate::error::Error;
use crate::queue::Lane;
use crate::service::{
    AcknowledgeQueueRecords, Context, CreateQueue, DeleteQueue, DescribeQueue, ListQueues, ListQueuesReply,
    QueueEntriesReply, QueueReply, Queues, ReceiveQueueRecords, ReceiveQueueRecordsReply,
    RestoreDeadLetterQueueRecords, Streams, UpdateQueue, UpdateQueueRecordsVisibility,
};
use crate::time::Timestamp;
use crate::timers::Timer;

/// A request that waits for a record to become visible.
#[derive(Debug)]
pub(super) struct Receiver {
    queue: u64,
    queue_arn: String,
    lane: Lane,
    limit: Option<u32>,
    visibility_timeout_seconds: Option<u32>,
    head: Head,
    /// How much later than found the answer is to be given.
    latency_ms: u64,
}

impl Engine {
    /// An answer without records, to a request that is ready to wait for them, comes later.
    pub(super) fn wait_for_records(
        &mut self,
        call: &Call<'_>,
        head: Head,
        latency_ms: u64,
        answer: Result<Reply, Error>,
    ) -> Outcome {
        let Input::ReceiveQueueRecords(lane, input, wait_ms) = &call.input else {
            return Outcome::Answer(answer);
        };
        let is_empty =
            matches!(&answer, Ok(Reply::ReceiveQueueRecords(reply)) if reply.queue_records.is_empty());
        let Some(queue) = self.queues.number_of(input.queue_arn).filter(|_| is_empty) else {
            return Outcome::Answer(answer);
        };
        if self.exchanges.are_full() {
            return Outcome::Answer(Err(too_many()));
        }
        let receiver = Receiver {
            queue,
            queue_arn: input.queue_arn.to_string(),
            lane: *lane,
            limit: input.limit,
            visibility_timeout_seconds: input.visibility_timeout_seconds,
            head,
            latency_ms,
        };
        let id = self.exchanges.open(Exchange::Receiver(receiver));
        self.timers.set(Timer::Exchange(id.0), Some(self.now.plus_millis(*wait_ms)));
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.waiting(*lane).push_back(id.0);
        }
        self.queues.set_timers(&mut self.streams, queue, self.now, &mut self.timers);
        Outcome::Pending(id)
    }

    /// A queue's state ends, or a record is visible in it that someone waits for.
    pub(super) fn handle_queue_timeout(&mut self, id: u64, now: Timestamp) {
        self.queues.handle_timeout(&mut self.streams, id, now);
        self.serve_receivers(id, now);
    }

    /// Gives those who wait at a queue what is visible at `now`, in the order in which they came.
    pub(super) fn serve_receivers(&mut self, id: u64, now: Timestamp) {
        for lane in [Lane::Main, Lane::Dead] {
            while let Some(queue) = self.queues.get_mut(id)
                && let Some(&first) = queue.waiting(lane).front()
            {
                let answer = self.receive_for(first, now);
                if answer.as_ref().is_ok_and(|reply| reply.queue_records.is_empty()) {
                    break;
                }
                self.answer_receiver(first, now, answer);
            }
        }
        self.queues.set_timers(&mut self.streams, id, now, &mut self.timers);
    }

    /// The time of a receiver is over: it gets what is visible at its end, if those before it leave something.
    pub(super) fn end_receiver(&mut self, id: u64, queue: u64, now: Timestamp) {
        self.serve_receivers(queue, now);
        if matches!(self.exchanges.get(id), Some(Exchange::Receiver(_))) {
            self.answer_receiver(id, now, Ok(ReceiveQueueRecordsReply::default()));
            self.queues.set_timers(&mut self.streams, queue, now, &mut self.timers);
        }
    }

    /// Answers all who wait for records of queues, as if their time were over. A host does so before it takes a snapshot
    /// that is to go on just as this engine does: those who wait are no part of one.
    pub fn release_receivers(&mut self, now: Timestamp) {
        self.advance(now);
        let ids: Vec<u64> = self.exchanges.ids().map(|id| id.0).collect();
        for id in ids {
            if let Some(Exchange::Receiver(receiver)) = self.exchanges.get(id) {
                let queue = receiver.queue();
                self.end_receiver(id, queue, self.now);
            }
        }
        self.run_timers();
    }

    /// A receiver has gone.
    pub(super) fn forget_receiver(&mut self, id: u64, receiver: &Receiver) {
        if let Some(queue) = self.queues.get_mut(receiver.queue) {
            queue.waiting(receiver.lane).retain(|other| *other != id);
        }
        self.queues.set_timers(&mut self.streams, receiver.queue, self.now, &mut self.timers);
    }

    fn receive_for(&mut self, id: u64, now: Timestamp) -> Result<ReceiveQueueRecordsReply, Error> {
        let Some(Exchange::Receiver(receiver)) = self.exchanges.get(id) else {
            return Ok(ReceiveQueueRecordsReply::default());
        };
        let input = ReceiveQueueRecords {
            queue_arn: &receiver.queue_arn,
            limit: receiver.limit,
            visibility_timeout_seconds: receiver.visibility_timeout_seconds,
        };
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let mut cx = self.settings.context(now, account, region, &mut self.timers);
        self.queues.receive(&self.streams, &mut cx, receiver.lane, &input)
    }

    fn answer_receiver(&mut self, id: u64, now: Timestamp, answer: Result<ReceiveQueueRecordsReply, Error>) {
        let Some(Exchange::Receiver(receiver)) = self.exchanges.get(id) else { return };
        if let Some(queue) = self.queues.get_mut(receiver.queue) {
            let waiting = queue.waiting(receiver.lane);
            if waiting.front() == Some(&id) {
                waiting.pop_front();
            } else {
                waiting.retain(|other| *other != id);
            }
        }
        let response = receiver.head.response(&answer.map(Reply::ReceiveQueueRecords));
        if receiver.latency_ms > 0 {
            self.timers.set(Timer::Exchange(id), Some(now.plus_millis(receiver.latency_ms)));
            self.exchanges.replace(id, Exchange::HeldBack(response));
        } else {
            self.timers.set(Timer::Exchange(id), None);
            self.exchanges.remove(id);
            self.outputs.push_back(Output::Response(ExchangeId(id), response));
        }
    }
}

impl Receiver {
    /// The number of the queue.
    pub(super) fn queue(&self) -> u64 {
        self.queue
    }
}

/// The operations on queues as typed calls, as those on streams. None of them waits.
impl Engine {
    /// Makes a queue on a stream, which is CREATING and then ACTIVE.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn create_queue(&mut self, now: Timestamp, input: &CreateQueue<'_>) -> Result<QueueReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.create_queue(streams, cx, input))
    }

    /// Describes a queue.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn describe_queue(&mut self, now: Timestamp, input: &DescribeQueue<'_>) -> Result<QueueReply, Error> {
        self.with_queues(now, |queues, streams, _| queues.describe_queue(streams, input))
    }

    /// Lists the queues in order of their names.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn list_queues(&mut self, now: Timestamp, input: &ListQueues<'_>) -> Result<ListQueuesReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.list_queues(streams, cx, input))
    }

    /// Changes a queue's attributes.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn update_queue(&mut self, now: Timestamp, input: &UpdateQueue<'_>) -> Result<QueueReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.update_queue(streams, cx, input))
    }

    /// Deletes a queue.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn delete_queue(&mut self, now: Timestamp, input: &DeleteQueue<'_>) -> Result<(), Error> {
        let id = self.with_queues(now, |queues, _, cx| queues.delete_queue(cx, input))?;
        self.serve_receivers(id, self.now);
        self.run_timers();
        Ok(())
    }

    /// Receives the records of a queue that are visible now.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn receive_queue_records(
        &mut self,
        now: Timestamp,
        input: &ReceiveQueueRecords<'_>,
    ) -> Result<ReceiveQueueRecordsReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.receive(streams, cx, Lane::Main, input))
    }

    /// Receives the dead-letter records of a queue that are visible now.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn receive_dead_letter_queue_records(
        &mut self,
        now: Timestamp,
        input: &ReceiveQueueRecords<'_>,
    ) -> Result<ReceiveQueueRecordsReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.receive(streams, cx, Lane::Dead, input))
    }

    /// Says that records are done with.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn acknowledge_queue_records(
        &mut self,
        now: Timestamp,
        input: &AcknowledgeQueueRecords<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.acknowledge(streams, cx, Lane::Main, input))
    }

    /// Says that dead-letter records are done with.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn acknowledge_dead_letter_queue_records(
        &mut self,
        now: Timestamp,
        input: &AcknowledgeQueueRecords<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.acknowledge(streams, cx, Lane::Dead, input))
    }

    /// Changes for how long received records are in flight.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn update_queue_records_visibility(
        &mut self,
        now: Timestamp,
        input: &UpdateQueueRecordsVisibility<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.update_visibility(streams, cx, Lane::Main, input))
    }

    /// Changes for how long received dead-letter records are in flight.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn update_dead_letter_queue_records_visibility(
        &mut self,
        now: Timestamp,
        input: &UpdateQueueRecordsVisibility<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.update_visibility(streams, cx, Lane::Dead, input))
    }

    /// Takes dead-letter records back among those that are received normally.
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn restore_dead_letter_queue_records(
        &mut self,
        now: Timestamp,
        input: &RestoreDeadLetterQueueRecords<'_>,
    ) -> Result<QueueEntriesReply, Error> {
        self.with_queues(now, |queues, streams, cx| queues.restore(streams, cx, input))
    }

    fn with_queues<T>(
        &mut self,
        now: Timestamp,
        operate: impl FnOnce(&mut Queues, &mut Streams, &mut Context<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.advance(now);
        let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
        let mut cx = self.settings.context(self.now, account, region, &mut self.timers);
        let reply = operate(&mut self.queues, &mut self.streams, &mut cx)?;
        self.run_timers();
        Ok(reply)
    }
}
