//! Delivery streams and channels: where their objects go.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::output::{Action, Effect, EffectError, EffectId, EffectResult, Event, Output};
use super::reading::Readers;
use super::{Engine, ObjectStoreKind, Settings};
use crate::arn::AccountId;
use crate::by_id::ById;
use crate::channel::Config;
use crate::error::Error;
use crate::firehose::{self, DeliveryStream, DeliveryStreams, ObjectId, ObjectResult, PutObject};
use crate::objects::Object;
use crate::regions::Regions;
use crate::rng::Seed;
use crate::service::{Channels, StreamRef, Streams};
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::stream::{Progress, Stream};
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};

/// The delivery streams of an engine.
#[derive(Debug, Default, Persist)]
pub(super) struct Deliveries {
    /// By numbers that are never used again.
    pub(super) regions: ById<Box<DeliveryStreams>>,
    #[persist(skip)]
    places: Regions<u64>,
    pub(super) readers: Readers,
    pub(super) outstanding: ById<Outstanding>,
}

/// Where a machine lives that delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
pub(super) enum Home {
    /// Among the delivery streams of a region.
    Region(u64),
    /// By itself.
    Channel(u64),
}

/// An effect that the host has not answered yet.
#[derive(Debug, Persist)]
pub(super) struct Outstanding {
    home: Home,
    object: ObjectId,
    due: Timestamp,
    delivered: Event,
    /// The host's answer, until it takes effect.
    result: Option<ObjectResult>,
}

impl Deliveries {
    /// What the delivery streams take in memory for records and objects.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.regions.iter().map(|(_, region)| region.stored_bytes()).sum()
    }

    /// An account and region without delivery streams.
    fn empty(engine: &Settings, seed: Seed, account: AccountId, region: &str) -> DeliveryStreams {
        DeliveryStreams::new(account.to_string(), region, seed, engine.delivery_settings())
    }

    /// Makes anew what follows from the delivery streams of a snapshot; fails if they do not hold together.
    pub(super) fn rebuild(
        &mut self,
        streams: &mut Streams,
        now: Timestamp,
        timers: &TimerQueue<Timer>,
        settings: &Settings,
    ) -> Result<(), SnapshotError> {
        let mut places = Vec::with_capacity(self.regions.len());
        for (number, region) in self.regions.iter_mut() {
            let (account, name) = region.place();
            let account =
                AccountId::parse(account).ok_or_else(|| unsound("the account of delivery streams"))?;
            places.push((account, name.to_string(), number));
            if region.is_empty() {
                return Err(unsound("the region of delivery streams"));
            }
            region.rebuild(now, settings.delivery_settings())?;
            if !timers.has_by(Timer::Delivery(number), region.poll_timeout()) {
                return Err(unsound("the region of delivery streams"));
            }
        }
        self.places =
            Regions::from_entries(places).ok_or_else(|| unsound("the regions of delivery streams"))?;
        let is_sound = |(id, effect): (u64, &Outstanding)| {
            effect.result.is_some() == timers.is_set(Timer::EffectResult(id))
                && (effect.result.is_some()
                    || self.sent(&streams.channels, effect.home, effect.object).is_some())
        };
        // Each attempt that is on its way is one effect.
        let effects = self.outstanding.iter().map(|(_, effect)| (effect.home, effect.object));
        let mut sent: Vec<_> =
            effects.filter(|&(home, object)| self.sent(&streams.channels, home, object).is_some()).collect();
        sent.sort_unstable();
        let in_flight = self.regions.iter().map(|(_, region)| region.in_flight()).sum::<usize>();
        let is_host = settings.object_store == ObjectStoreKind::Host;
        if !self.outstanding.iter().all(is_sound)
            || !sent.is_sorted_by(|a, b| a < b)
            || sent.len() != in_flight + streams.channels.in_flight()
            || !(is_host || self.outstanding.is_empty())
        {
            return Err(unsound("the work of the host"));
        }
        self.readers.rebuild(&self.regions, streams, now)
    }

    /// The attempt to put an object that is on its way; none if its sender was deleted.
    fn sent<'s>(&'s self, channels: &'s Channels, home: Home, object: ObjectId) -> Option<&'s PutObject> {
        match home {
            Home::Region(place) => self.stream(place, object.stream)?.sent(object.object),
            Home::Channel(id) => channels.get(id)?.sent(object.object),
        }
    }

    /// Whether the host has answered an effect, and the answer is still to take effect.
    pub(super) fn is_answered(&self, id: u64) -> bool {
        self.outstanding.get(id).is_some_and(|effect| effect.result.is_some())
    }

    /// A delivery stream, by the number of its region and its own.
    pub(super) fn stream(&self, place: u64, number: u64) -> Option<&DeliveryStream> {
        self.regions.get(place)?.stream(number)
    }

    /// Forgets a region whose last delivery stream is gone.
    fn forget_if_empty(&mut self, place: u64) {
        if let Some(region) = self.regions.get(place).filter(|region| region.is_empty()) {
            let (account, name) = region.place();
            if let Some(account) = AccountId::parse(account) {
                self.places.remove(account, name);
            }
            self.regions.remove(place);
        }
    }

    pub(super) fn next_effect(&self) -> u64 {
        self.outstanding.next_id()
    }

    /// No effect is outstanding, and the next one has this id.
    pub(super) fn start_effects_at(&mut self, next: u64) {
        self.outstanding = ById::starting_at(next);
    }

    pub(super) fn has_outstanding_effects(&self) -> bool {
        !self.outstanding.is_empty()
    }
}

impl Engine {
    /// Runs an operation on the delivery streams of an account and region, and does what follows from it.
    pub(super) fn with_deliveries<T>(
        &mut self,
        account: AccountId,
        region: &str,
        operate: impl FnOnce(&mut DeliveryStreams, Timestamp) -> T,
    ) -> T {
        let place = self.deliveries.places.get(account, region).copied();
        let known = place.and_then(|place| self.deliveries.regions.get_mut(place));
        let mut unknown = None;
        let streams = match known {
            Some(streams) => streams,
            None => {
                // Others if the region may have had delivery streams before that are gone.
                let seed = self.settings.seed.nth(self.deliveries.regions.removed());
                unknown.insert(Box::new(Deliveries::empty(&self.settings, seed, account, region)))
            }
        };
        let result = operate(streams, self.now);
        // A region is kept from its first delivery stream to its last: what finds nothing, or is refused, leaves nothing
        // behind.
        let first = unknown.filter(|streams| !streams.is_empty()).map(|streams| {
            let number = self.deliveries.regions.add(streams);
            *self.deliveries.places.meet(account, region, || number)
        });
        if let Some(place) = place.or(first) {
            self.settle(Home::Region(place));
        }
        result
    }

    pub(super) fn create_delivery_stream(
        &mut self,
        account: AccountId,
        region: &str,
        input: &firehose::CreateDeliveryStream<'_>,
    ) -> Result<firehose::CreateDeliveryStreamOutput, Error> {
        let source_arn = input.kinesis_stream_source_configuration.map(|source| source.kinesis_stream_arn);
        let source = source_arn.map(|arn| self.find_source(account, region, arn)).transpose()?;
        let (reply, number) = self.with_deliveries(account, region, |streams, now| {
            let reply = streams.create(now, input)?;
            let stream = streams.stream_named(input.delivery_stream_name);
            Ok((reply, stream.filter(|stream| stream.reads_source()).map(DeliveryStream::number)))
        })?;
        let place = self.deliveries.places.get(account, region).copied();
        if let (Some((source, progress)), Some(place), Some(number)) = (source, place, number) {
            self.add_reader(Home::Region(place), number, source, progress);
        }
        Ok(reply)
    }

    pub(super) fn delete_delivery_stream(
        &mut self,
        account: AccountId,
        region: &str,
        input: &firehose::DeleteDeliveryStream<'_>,
    ) -> Result<firehose::DeleteDeliveryStreamOutput, Error> {
        let place = self.deliveries.places.get(account, region).copied();
        let (reply, number) = self.with_deliveries(account, region, |streams, now| {
            let number = streams.stream_named(input.delivery_stream_name).map(DeliveryStream::number);
            streams.delete(now, input).map(|reply| (reply, number))
        })?;
        // It reads nothing more, also while it is DELETING.
        if let (Some(place), Some(number)) = (place, number) {
            self.forget_reader_of(Home::Region(place), number);
        }
        self.forget_effects();
        Ok(reply)
    }

    /// The source stream's number, and the tips of its shards: reading starts at LATEST.
    fn find_source(&mut self, account: AccountId, region: &str, arn: &str) -> Result<(u64, Progress), Error> {
        let cx = self.settings.context(self.now, account, region, &mut self.timers);
        let stream = self.streams.resolve(&cx, StreamRef::with_arn(arn)).map_err(|error| {
            Error::invalid_argument(format!(
                "The source of the delivery stream cannot be read: {}",
                error.message
            ))
        })?;
        Ok((stream.id, Progress::at_tips(stream)))
    }

    /// Tells the readers of a stream that it has new records.
    pub(super) fn wake_readers(&mut self, source: u64) {
        if let Some(stream) = self.streams.get(source)
            && stream.is_growing()
        {
            self.timers.set(Timer::Stream(source), stream.poll_timeout());
        }
        let readers = self.streams.get(source).map_or(&[][..], Stream::readers);
        for &timer in readers {
            // Delivery streams read once a second; the others read what comes when it comes.
            let delivery = if let Timer::SourceRead(id) = timer {
                if self.timers.is_set(timer) {
                    continue;
                }
                self.deliveries.readers.get(id)
            } else {
                None
            };
            let next_read = delivery.map(|reader| reader.next_read(self.now));
            self.timers.set(timer, Some(next_read.unwrap_or(self.now)));
        }
    }

    /// Runs what is due in a region's delivery streams.
    pub(super) fn handle_delivery_timeout(&mut self, place: u64, now: Timestamp) {
        if let Some(region) = self.deliveries.regions.get_mut(place) {
            region.handle_timeout(now);
        }
        self.settle(Home::Region(place));
    }

    /// Takes over what the delivery streams of a region, or a channel, have to say, until they say nothing more.
    pub(super) fn settle(&mut self, home: Home) {
        loop {
            let output = match home {
                Home::Region(place) => match self.deliveries.regions.get_mut(place) {
                    Some(region) => region.poll_output(),
                    None => return,
                },
                Home::Channel(id) => match self.streams.channels.get_mut(id) {
                    Some(channel) => channel.poll_output(),
                    None => return,
                },
            };
            match output {
                firehose::Output::PutObject(object) => self.deliver(home, object),
                firehose::Output::Dropped(dropped) => {
                    let event = Event::RecordsLost {
                        arn: self.deliverer_arn(home, dropped.id.stream),
                        records: dropped.records,
                        reason: format!(
                            "the object {} could not be put into bucket {} in {} attempts",
                            dropped.key, dropped.bucket, dropped.attempts
                        ),
                    };
                    self.push_event(event);
                }
                firehose::Output::BadMembers { stream, members, .. } => {
                    let event = Event::RecordsLost {
                        arn: self.deliverer_arn(home, stream),
                        records: members,
                        reason: "members of aggregated records in the source cannot be read".to_string(),
                    };
                    self.push_event(event);
                }
                firehose::Output::Timeout(due) => {
                    let timer = match home {
                        Home::Region(place) => Timer::Delivery(place),
                        Home::Channel(id) => Timer::Channel(id),
                    };
                    self.timers.set(timer, due);
                    break;
                }
            }
        }
        match home {
            Home::Region(place) => self.deliveries.forget_if_empty(place),
            Home::Channel(id) => self.report_log(id),
        }
    }

    /// Tells what a channel wrote to its log.
    fn report_log(&mut self, id: u64) {
        while let Some(channel) = self.streams.channels.get_mut(id)
            && let Some(message) = channel.pop_log()
        {
            let Config { arn, logging, .. } = channel.config();
            let event = Event::ErrorLogged {
                arn: arn.clone(),
                log_group_name: logging.group.clone(),
                log_stream_name: logging.stream.clone(),
                message,
            };
            self.push_event(event);
        }
    }

    fn deliverer_arn(&self, home: Home, number: u64) -> String {
        match home {
            Home::Region(place) => self.deliveries.stream(place, number).map(DeliveryStream::arn),
            Home::Channel(id) => self.streams.channels.get(id).map(|channel| &*channel.config().arn),
        }
        .map_or_else(String::new, str::to_string)
    }

    fn deliver(&mut self, home: Home, put: PutObject) {
        let arn = self.deliverer_arn(home, put.id.stream);
        let delivered = Event::ObjectDelivered {
            arn: arn.clone(),
            bucket: put.bucket.clone(),
            key: put.key.clone(),
            records: put.records,
        };
        match self.settings.object_store {
            ObjectStoreKind::Memory => {
                let object = Object::new(put.body, put.due, put.content_type, put.content_encoding)
                    .with_handling(put.handling);
                let result = match self.objects.put(&put.bucket, put.key, object) {
                    Ok(()) => ObjectResult::Stored,
                    Err(_) => ObjectResult::Failed,
                };
                self.apply_object_result(home, put.id, put.due, result, delivered);
            }
            ObjectStoreKind::Host => {
                let outstanding = Outstanding { home, object: put.id, due: put.due, delivered, result: None };
                let id = self.deliveries.outstanding.add(outstanding);
                self.emit_put(id, arn, put);
            }
        }
    }

    fn emit_put(&mut self, id: u64, arn: String, put: PutObject) {
        self.outputs.push_back(Output::Effect(Effect {
            id: EffectId(id),
            due: put.due,
            arn,
            action: Action::PutObject {
                bucket: put.bucket,
                key: put.key,
                body: put.body.to_vec(),
                content_type: put.content_type,
                content_encoding: put.content_encoding,
                handling: put.handling,
            },
        }));
    }

    /// The work that the host has not answered, with the object that is to be put; none if its sender was deleted.
    fn unanswered(&self) -> Vec<(u64, Home, Option<&PutObject>)> {
        let waiting = self.deliveries.outstanding.iter().filter(|(_, effect)| effect.result.is_none());
        let sent = waiting.map(|(id, &Outstanding { home, object, .. })| {
            (id, home, self.deliveries.sent(&self.streams.channels, home, object))
        });
        sent.collect()
    }

    /// Asks the host once more for the work that it has not answered.
    pub(super) fn repeat_effects(&mut self) {
        let unanswered = self.unanswered().into_iter();
        let sent: Vec<_> =
            unanswered.filter_map(|(id, home, sent)| Some((id, home, sent?.clone()))).collect();
        for (id, home, put) in sent {
            let arn = self.deliverer_arn(home, put.id.stream);
            self.emit_put(id, arn, put);
        }
    }

    /// Waits no longer for the answers that are about objects of a sender that was deleted.
    pub(super) fn forget_effects(&mut self) {
        let unanswered = self.unanswered().into_iter();
        let forgotten: Vec<u64> =
            unanswered.filter(|(_, _, sent)| sent.is_none()).map(|(id, ..)| id).collect();
        for id in forgotten {
            self.deliveries.outstanding.remove(id);
        }
    }

    fn apply_object_result(
        &mut self,
        home: Home,
        object: ObjectId,
        at: Timestamp,
        result: ObjectResult,
        delivered: Event,
    ) {
        // The object is known: only results of outstanding puts come here.
        let _ = match home {
            Home::Region(place) => match self.deliveries.regions.get_mut(place) {
                Some(region) => region.handle_object_result(at, object, result),
                None => Ok(()),
            },
            Home::Channel(id) => match self.streams.channels.get_mut(id) {
                Some(channel) => channel.handle_object_result(at, object.object, result),
                None => Ok(()),
            },
        };
        if result == ObjectResult::Stored {
            self.push_event(delivered);
        }
        self.wake_reader_of(home, object.stream);
    }

    pub(super) fn take_effect_result(
        &mut self,
        id: EffectId,
        result: &EffectResult,
    ) -> Result<(), EffectError> {
        let outstanding = self.deliveries.outstanding.get_mut(id.0);
        let outstanding = outstanding
            .filter(|outstanding| outstanding.result.is_none())
            .ok_or(EffectError::NotOutstanding(id))?;
        let stored = result.outcome.is_ok();
        outstanding.result = Some(if stored { ObjectResult::Stored } else { ObjectResult::Failed });
        let at = outstanding.due.plus_millis(result.latency_ms);
        self.timers.set(Timer::EffectResult(id.0), Some(at));
        Ok(())
    }

    pub(super) fn apply_effect_result(&mut self, id: u64, at: Timestamp) {
        let Some(Outstanding { home, object, delivered, result: Some(result), .. }) =
            self.deliveries.outstanding.remove(id)
        else {
            return;
        };
        self.apply_object_result(home, object, at, result, delivered);
        self.settle(home);
    }
}
