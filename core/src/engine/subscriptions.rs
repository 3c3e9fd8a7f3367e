//! Streamed answers: the subscriptions of consumers to shards, and their frames.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Engine;
use super::exchange::Exchange;
use super::output::{ExchangeId, Output};
use crate::arn::AccountId;
use crate::error::Error;
use crate::service::{Piece, SubscribeToShard, SubscribeToShardEvent, Subscription};
use crate::stream::Stream;
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::wire::{Protocol, event_stream};

/// An exchange that is a subscription.
#[derive(Debug)]
pub(super) struct Subscribed {
    subscription: Box<Subscription>,
    /// How the payloads are written.
    protocol: Protocol,
    /// Whether the host takes nothing for now.
    is_paused: bool,
    /// Whether the exchange stands in the line of those that have something to say.
    is_in_line: bool,
}

impl Subscribed {
    pub(super) fn subscription(&self) -> &Subscription {
        &self.subscription
    }
}

impl Engine {
    /// Opens a subscription, and ends the one that it takes over.
    pub(super) fn open_subscription(
        &mut self,
        (account, region): (AccountId, &str),
        protocol: Protocol,
        input: &SubscribeToShard<'_>,
    ) -> Result<ExchangeId, Error> {
        let spare = self.exchanges.make_room(&self.streams)?;
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        let mut subscription = Box::new(self.streams.subscribe_to_shard(&cx, input)?);
        if let Some(spare) = spare {
            self.close_subscription(spare.0);
            self.outputs.push_back(Output::Reset(spare));
        }
        let number = subscription.stream;
        let others = self.streams.get(number).map_or(&[][..], Stream::readers);
        let others = others
            .iter()
            .filter_map(|timer| if let Timer::Subscription(id) = timer { Some(*id) } else { None });
        let replaced: Vec<u64> = others
            .filter(|id| match self.exchanges.open.get(*id) {
                Some(Exchange::Subscribed(other)) => subscription.replaces(&other.subscription),
                _ => false,
            })
            .collect();
        for id in replaced {
            if let Some(Exchange::Subscribed(other)) = self.exchanges.open.get_mut(id) {
                other.subscription.handle_takeover(&mut subscription);
            }
            self.settle_subscription(id);
        }
        let due = subscription.poll_timeout();
        let subscribed = Subscribed { subscription, protocol, is_paused: false, is_in_line: false };
        let id = self.exchanges.open(Exchange::Subscribed(subscribed));
        if let Some(stream) = self.streams.get_mut(number) {
            stream.add_reader(Timer::Subscription(id.0));
        }
        self.timers.set(Timer::Subscription(id.0), due);
        Ok(id)
    }

    /// Lets a subscription that was just opened begin later.
    pub(super) fn delay_subscription(&mut self, id: ExchangeId, latency_ms: u64) {
        if let Some(Exchange::Subscribed(subscribed)) = self.exchanges.open.get_mut(id.0) {
            subscribed.subscription.delay(latency_ms);
            self.timers.set(Timer::Subscription(id.0), subscribed.subscription.poll_timeout());
        }
    }

    /// A subscription looks what there is to push.
    pub(super) fn handle_subscription_timeout(&mut self, id: u64, now: Timestamp) {
        if let Some(Exchange::Subscribed(Subscribed { subscription, .. })) = self.exchanges.open.get_mut(id) {
            subscription.handle_timeout(now, self.streams.get(subscription.stream), &self.settings.limits);
        }
        self.settle_subscription(id);
    }

    /// Does what follows from a subscription's state.
    fn settle_subscription(&mut self, id: u64) {
        let Some(Exchange::Subscribed(subscribed)) = self.exchanges.open.get_mut(id) else { return };
        let Subscribed { subscription, is_paused, is_in_line, .. } = subscribed;
        self.timers.set(Timer::Subscription(id), subscription.poll_timeout());
        if subscription.has_news() && !*is_paused && !*is_in_line {
            *is_in_line = true;
            self.exchanges.line.push_back(id);
        }
        let stream = subscription.has_ended().then_some(subscription.stream);
        if let Some(stream) = stream.and_then(|stream| self.streams.get_mut(stream)) {
            stream.remove_reader(Timer::Subscription(id));
        }
    }

    /// Drops a subscription with all that waits.
    pub(super) fn close_subscription(&mut self, id: u64) {
        if let Some(Exchange::Subscribed(closed)) = self.exchanges.remove(id) {
            self.forget_subscription(id, &closed);
        }
    }

    /// A subscription is closed: nothing wakes it any more.
    pub(super) fn forget_subscription(&mut self, id: u64, closed: &Subscribed) {
        self.timers.set(Timer::Subscription(id), None);
        if closed.is_in_line {
            self.exchanges.line.retain(|other| *other != id);
        }
        if let Some(stream) = self.streams.get_mut(closed.subscription.stream) {
            stream.remove_reader(Timer::Subscription(id));
        }
    }

    /// The next frame, or the end, of a streamed answer. Those that have something to say take turns.
    pub(super) fn poll_frame(&mut self) -> Option<Output> {
        while let Some(id) = self.exchanges.line.pop_front() {
            let Some(Exchange::Subscribed(subscribed)) = self.exchanges.open.get_mut(id) else { continue };
            subscribed.is_in_line = false;
            let protocol = subscribed.protocol;
            if subscribed.is_paused {
                continue;
            }
            let Some(piece) = self.poll_piece(id) else { continue };
            let frame = match piece {
                Piece::Head => event_stream::initial_response(protocol),
                Piece::Event(event) => event_stream::event(protocol, "SubscribeToShardEvent", &event),
                Piece::Exception(error) => event_stream::exception(protocol, &error),
                Piece::End => return Some(Output::End(ExchangeId(id))),
            };
            return Some(Output::Frame(ExchangeId(id), frame));
        }
        None
    }

    /// What a subscription says next. One that could not read on may do so now.
    fn poll_piece(&mut self, id: u64) -> Option<Piece> {
        let Some(Exchange::Subscribed(Subscribed { subscription, .. })) = self.exchanges.open.get_mut(id)
        else {
            return None;
        };
        let was_full = subscription.is_full();
        let piece = subscription.poll();
        if matches!(piece, Some(Piece::End)) {
            self.close_subscription(id);
        } else if was_full {
            self.handle_subscription_timeout(id, self.now);
        } else {
            self.settle_subscription(id);
        }
        piece
    }

    /// Lets the frames of a streamed answer wait in the engine. Up to a mebibyte does; then the subscription reads no
    /// further until they are taken.
    pub fn pause_frames(&mut self, id: ExchangeId) {
        if let Some(Exchange::Subscribed(subscribed)) = self.exchanges.open.get_mut(id.0) {
            subscribed.is_paused = true;
        }
    }

    /// Takes the frames of a streamed answer again.
    pub fn resume_frames(&mut self, id: ExchangeId) {
        if let Some(Exchange::Subscribed(subscribed)) = self.exchanges.open.get_mut(id.0) {
            subscribed.is_paused = false;
            self.settle_subscription(id.0);
        }
    }

    /// Subscribes a consumer to a shard, without the wire in between: [`poll_event`](Self::poll_event) gives what is
    /// pushed, [`handle_disconnect`](Self::handle_disconnect) ends it early.
    ///
    /// ```
    /// use shardbrook::*;
    ///
    /// let config = EngineConfig::from_json(r#"{"initializeStreams": "orders:1"}"#)?;
    /// let mut engine = Engine::new(config)?;
    /// let now = Timestamp::from_millis(1_000);
    /// let stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    /// let registered =
    ///     engine.register_stream_consumer(now, &RegisterStreamConsumer { stream_arn, consumer_name: "billing", ..Default::default() })?;
    /// let subscribed = engine.subscribe_to_shard(now, &SubscribeToShard {
    ///     consumer_arn: &registered.consumer.consumer_arn,
    ///     shard_id: "shardId-000000000000",
    ///     starting_position: StartingPosition {
    ///         kind: ShardIteratorType::Latest,
    ///         sequence_number: None,
    ///         timestamp: None,
    ///     },
    ///     dry_run: false,
    /// })?;
    /// let record = PutRecordsEntry { data: b"hello", partition_key: Some("customer-1"), ..Default::default() };
    /// engine.put_record(now, &PutRecord { stream: StreamRef::named("orders"), record, ..Default::default() })?;
    /// let event = engine.poll_event(now, subscribed)?.unwrap();
    /// assert_eq!(event.records[0].data, b"hello");
    /// assert!(engine.poll_event(now, subscribed)?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those that the service's API reference lists for the operation.
    pub fn subscribe_to_shard(
        &mut self,
        now: Timestamp,
        input: &SubscribeToShard<'_>,
    ) -> Result<ExchangeId, Error> {
        self.advance(now);
        let region = self.settings.wire.default_region.clone();
        let caller = (self.settings.wire.default_account, &*region);
        let id = self.open_subscription(caller, Protocol::Json, input)?;
        // Its events are asked for by name.
        self.pause_frames(id);
        self.run_timers();
        Ok(id)
    }

    /// What a subscription says next; nothing if there is nothing at `now`, or if it is over.
    /// [`is_open`](Self::is_open) tells these apart.
    ///
    /// # Errors
    /// Why the subscription ends before its time.
    pub fn poll_event(
        &mut self,
        now: Timestamp,
        id: ExchangeId,
    ) -> Result<Option<SubscribeToShardEvent>, Error> {
        self.advance(now);
        while let Some(piece) = self.poll_piece(id.0) {
            match piece {
                Piece::Head => {}
                Piece::Event(event) => return Ok(Some(*event)),
                Piece::Exception(error) => return Err(error),
                Piece::End => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Whether something may still come for a pending or streamed answer.
    pub fn is_open(&self, id: ExchangeId) -> bool {
        self.exchanges.open.get(id.0).is_some()
    }
}
