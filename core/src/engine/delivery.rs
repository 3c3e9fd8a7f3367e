//! The delivery streams of all accounts and regions: what they read, and where their objects go.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::output::{Action, Effect, EffectError, EffectId, EffectResult, Event, Output};
use super::{Engine, ObjectStoreKind};
use crate::arn::AccountId;
use crate::by_id::ById;
use crate::error::Error;
use crate::firehose::{self, DeliveryStream, DeliveryStreams, ObjectId, ObjectResult, SourceRecord};
use crate::objects::Object;
use crate::regions::{RegionIndex, Regions};
use crate::service::StreamRef;
use crate::shard::Shard;
use crate::stream::Progress;
use crate::time::Timestamp;
use crate::timers::Timer;

/// A delivery stream calls GetRecords once a second for each shard of its source.
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html>
const READ_INTERVAL_MS: u64 = 1000;
/// What one GetRecords call gives at most.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html>
const MAX_READ_RECORDS: usize = 10_000;
/// As above, in bytes.
const MAX_READ_BYTES: usize = 10 << 20;

/// The delivery streams of an engine.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    pub(super) regions: Vec<DeliveryStreams>,
    places: Regions,
    readers: ById<Reader>,
    next_reader: u64,
    outstanding: ById<Outstanding>,
    next_effect: u64,
}

/// A delivery stream that reads a data stream, and how far it has come.
#[derive(Debug)]
struct Reader {
    region: RegionIndex,
    delivery_stream: u64,
    source: u64,
    progress: Progress,
    last_read: Option<Timestamp>,
}

/// An effect that the host has not answered yet.
#[derive(Debug)]
struct Outstanding {
    region: usize,
    object: ObjectId,
    due: Timestamp,
    delivered: Event,
    /// The host's answer, until it takes effect.
    result: Option<ObjectResult>,
}

impl Deliveries {
    /// Where the delivery streams of an account and region are kept.
    fn place(&mut self, engine: &super::Settings, account: AccountId, region: &str) -> usize {
        let place = self.places.meet(account, region);
        if place == self.regions.len() {
            let empty = Self::empty(engine, account, region);
            self.regions.push(empty);
        }
        place
    }

    /// An account and region without delivery streams.
    fn empty(engine: &super::Settings, account: AccountId, region: &str) -> DeliveryStreams {
        DeliveryStreams::new(account.to_string(), region, engine.seed, engine.delivery_settings())
    }

    pub(super) fn next_effect(&self) -> u64 {
        self.next_effect
    }

    /// Leaves out the ids before `next`.
    pub(super) fn skip_effects(&mut self, next: u64) {
        self.next_effect = next;
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
        // A region is kept from its first delivery stream on, so that requests that find nothing leave nothing behind.
        let Some(place) = self.deliveries.places.find(account, region) else {
            return operate(&mut Deliveries::empty(&self.settings, account, region), self.now);
        };
        let result = operate(&mut self.deliveries.regions[place], self.now);
        self.settle_deliveries(place);
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
        self.deliveries.place(&self.settings, account, region);
        let reply = self.with_deliveries(account, region, |streams, now| streams.create(now, input))?;
        if let Some((source, progress)) = source {
            self.add_reader(account, region, input.delivery_stream_name, source, progress);
        }
        Ok(reply)
    }

    fn add_reader(&mut self, account: AccountId, region: &str, name: &str, source: u64, progress: Progress) {
        let region = self.deliveries.place(&self.settings, account, region);
        let stream = self.deliveries.regions[region].stream_named(name);
        let number = stream.filter(|stream| stream.reads_source()).map(DeliveryStream::number);
        if let Some((delivery_stream, stream)) = number.zip(self.streams.get_mut(source)) {
            let id = self.deliveries.next_reader;
            self.deliveries.next_reader += 1;
            let reader = Reader { region, delivery_stream, source, progress, last_read: None };
            self.deliveries.readers.push(id, reader);
            stream.readers.push(Timer::SourceRead(id));
        }
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
        let readers = self.streams.get(source).map_or(&[][..], |stream| &stream.readers);
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

    /// One round of reading: up to one GetRecords call for each shard.
    pub(super) fn read_source(&mut self, id: u64, now: Timestamp) {
        let Some(reader) = self.deliveries.readers.get_mut(id) else { return };
        let place = reader.region;
        let region = &mut self.deliveries.regions[place];
        let Some(stream) = region.stream(reader.delivery_stream).filter(|stream| !stream.is_ending()) else {
            self.forget_reader(id);
            return;
        };
        if !stream.wants_source_records() {
            // Either it is being created, and reads when that is over; or its objects cannot be delivered, and it is
            // woken by the next answer.
            let ready = stream.created_until();
            self.timers.set(Timer::SourceRead(id), ready);
            return;
        }
        let Some(source) = self.streams.get(reader.source) else {
            self.forget_reader(id);
            return;
        };
        reader.last_read = Some(now);
        let mut is_behind = false;
        for shard in source.shards(now) {
            if !reader.progress.has_read_ancestors(source, shard, now) {
                is_behind = true;
                continue;
            }
            let (records, next) = read_batch(shard, reader.progress.position(source, shard, now));
            reader.progress.set(shard.id(), next);
            is_behind |= next < shard.log().next_index();
            if !records.is_empty() {
                region.put_source_records(now, reader.delivery_stream, records);
            }
        }
        if is_behind {
            self.timers.set(Timer::SourceRead(id), Some(now.plus_millis(READ_INTERVAL_MS)));
        }
        self.settle_deliveries(place);
    }

    fn forget_reader(&mut self, id: u64) {
        let reader = self.deliveries.readers.remove(id);
        if let Some(stream) = reader.and_then(|reader| self.streams.get_mut(reader.source)) {
            stream.readers.retain(|other| *other != Timer::SourceRead(id));
        }
    }

    /// Runs what is due in a region's delivery streams.
    pub(super) fn handle_delivery_timeout(&mut self, place: usize, now: Timestamp) {
        self.deliveries.regions[place].handle_timeout(now);
        self.settle_deliveries(place);
    }

    /// Takes over what the delivery streams of a region have to say, until they say nothing more.
    fn settle_deliveries(&mut self, place: usize) {
        loop {
            match self.deliveries.regions[place].poll_output() {
                firehose::Output::PutObject(object) => self.deliver(place, object),
                firehose::Output::Dropped(dropped) => {
                    let event = Event::RecordsLost {
                        delivery_stream_arn: self.delivery_stream_arn(place, dropped.id.stream),
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
                        delivery_stream_arn: self.delivery_stream_arn(place, stream),
                        records: members,
                        reason: "members of aggregated records in the source cannot be read".to_string(),
                    };
                    self.push_event(event);
                }
                firehose::Output::Timeout(due) => {
                    self.timers.set(Timer::Delivery(place), due);
                    return;
                }
            }
        }
    }

    fn delivery_stream_arn(&self, place: usize, number: u64) -> String {
        self.deliveries.regions[place]
            .stream(number)
            .map_or_else(String::new, |stream| stream.arn().to_string())
    }

    fn deliver(&mut self, place: usize, put: firehose::PutObject) {
        let arn = self.delivery_stream_arn(place, put.id.stream);
        let delivered = Event::ObjectDelivered {
            delivery_stream_arn: arn.clone(),
            bucket: put.bucket.clone(),
            key: put.key.clone(),
            records: put.records,
        };
        match self.settings.object_store {
            ObjectStoreKind::Memory => {
                let object = Object::new(put.body, put.due, put.content_type, put.content_encoding);
                let result = match self.objects.put(&put.bucket, put.key, object) {
                    Ok(()) => ObjectResult::Stored,
                    Err(_) => ObjectResult::Failed,
                };
                self.apply_object_result(place, put.id, put.due, result, delivered);
            }
            ObjectStoreKind::Host => {
                let id = self.deliveries.next_effect;
                self.deliveries.next_effect += 1;
                let outstanding =
                    Outstanding { region: place, object: put.id, due: put.due, delivered, result: None };
                self.deliveries.outstanding.push(id, outstanding);
                self.outputs.push_back(Output::Effect(Effect {
                    id: EffectId(id),
                    due: put.due,
                    delivery_stream_arn: arn,
                    action: Action::PutObject {
                        bucket: put.bucket,
                        key: put.key,
                        body: put.body.to_vec(),
                        content_type: put.content_type,
                        content_encoding: put.content_encoding,
                    },
                }));
            }
        }
    }

    fn apply_object_result(
        &mut self,
        place: usize,
        object: ObjectId,
        at: Timestamp,
        result: ObjectResult,
        delivered: Event,
    ) {
        // The object is known: only results of outstanding puts come here.
        let _ = self.deliveries.regions[place].handle_object_result(at, object, result);
        if result == ObjectResult::Stored {
            self.push_event(delivered);
        }
        self.wake_reader_of(place, object.stream);
    }

    /// A delivery stream that had stopped reading because too much waited may go on.
    fn wake_reader_of(&mut self, place: usize, delivery_stream: u64) {
        let stream = self.deliveries.regions[place].stream(delivery_stream);
        if !stream.is_some_and(DeliveryStream::wants_source_records) {
            return;
        }
        let reads = |reader: &Reader| (reader.region, reader.delivery_stream) == (place, delivery_stream);
        let Some((id, reader)) = self.deliveries.readers.iter().find(|(_, reader)| reads(reader)) else {
            return;
        };
        if !self.timers.is_set(Timer::SourceRead(id))
            && self
                .streams
                .get(reader.source)
                .is_some_and(|source| reader.progress.is_behind(source, self.now))
        {
            self.timers.set(Timer::SourceRead(id), Some(reader.next_read(self.now)));
        }
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
        let Some(Outstanding { region, object, delivered, result: Some(result), .. }) =
            self.deliveries.outstanding.remove(id)
        else {
            return;
        };
        self.apply_object_result(region, object, at, result, delivered);
        self.settle_deliveries(region);
    }
}

impl Reader {
    fn next_read(&self, now: Timestamp) -> Timestamp {
        self.last_read.map_or(now, |last| last.plus_millis(READ_INTERVAL_MS).max(now))
    }
}

/// What one GetRecords call gives from `position` on, and the position after it.
fn read_batch(shard: &Shard, position: u64) -> (Vec<SourceRecord<'_>>, u64) {
    let mut next = position;
    let mut bytes = 0;
    let mut records = Vec::new();
    for stored in shard.log().read(position).take(MAX_READ_RECORDS) {
        bytes += stored.size();
        if bytes > MAX_READ_BYTES && !records.is_empty() {
            break;
        }
        next = stored.index + 1;
        records.push(SourceRecord { data: stored.data, arrival: stored.arrival });
    }
    (records, next)
}
