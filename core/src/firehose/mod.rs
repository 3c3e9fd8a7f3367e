//! Amazon Data Firehose: delivery streams that gather records into objects.
//!
//! [`DeliveryStream`] is the machine: puts and time in, objects out. [`DeliveryStreams`] is a region's worth of
//! them behind the operations of the API. Neither knows where objects go.
//!
//! What an object holds depends on the puts and their times alone. Buffers are sealed when they are full or when
//! their interval ends, whatever becomes of the objects before: each sealed object is delivered, and retried,
//! by itself, while records go on being buffered.

mod api;
mod batch;
mod buffer;
mod config;
mod gzip;
mod key;
mod outbox;
mod output;
mod region;
#[cfg(test)]
mod tests;
mod zstd;

use alloc::string::String;
use alloc::vec::Vec;

pub(crate) use self::api::{
    BufferingHintsInput, CloudWatchLoggingOptionsInput, CreateDeliveryStream, CreateDeliveryStreamOutput,
    DeleteDeliveryStream, DeleteDeliveryStreamOutput, DescribeDeliveryStream, DescribeDeliveryStreamOutput,
    EncryptionConfigurationInput, KinesisStreamSourceConfiguration, ListDeliveryStreams,
    ListDeliveryStreamsOutput, PutRecord, PutRecordBatch, PutRecordBatchOutput, PutRecordOutput,
    S3Configuration, SwitchInput,
};
pub(crate) use self::batch::{Batch, Compression, Packed};
pub(crate) use self::config::{Config, Source};
pub(crate) use self::outbox::Outbox;
pub(crate) use self::output::{
    DEFAULT_BACKLOG_BYTES, ObjectId, ObjectResult, Output, PutError, PutObject, Settings, SourceRecord,
    Status, UnknownObject,
};
pub(crate) use self::region::DeliveryStreams;

use self::buffer::Thresholds;
use self::key::KeyParts;
#[cfg(test)]
use self::output::Counters;
use self::output::count;
use crate::aggregate::{DeaggregateMode, Deaggregated, deaggregate_batch};
use crate::arn::is_stream_name;
use crate::rng::{EntityRng, Seed};
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::time::Timestamp;

/// Records whose digests are checked together.
const DEAGGREGATED_AT_ONCE: usize = 256;

/// One delivery stream.
///
/// - A. getters: `status`, `counters`, `poll_timeout`, …;
/// - B. handlers: `handle_timeout`, `handle_object_result`;
/// - C. mutators: `put`, `put_source_records`, `delete`;
/// - D. `poll_output`, until it says `Timeout`.
///
/// Every call but `handle_object_result` first runs the timers that are due at its time, each at its own due
/// time. At one instant the order is: lifecycle, interval of the buffer, retries from the oldest object on.
#[derive(Debug, Persist)]
pub(crate) struct DeliveryStream {
    #[persist(skip)]
    number: u64,
    name: String,
    #[persist(skip)]
    arn: String,
    config: Config,
    #[persist(skip)]
    settings: Settings,
    created: Timestamp,
    version: u64,
    status: Status,
    /// The latest time seen: time does not run backwards.
    now: Timestamp,
    batch: Batch,
    outbox: Outbox,
    object_names: EntityRng,
    record_ids: EntityRng,
}

impl DeliveryStream {
    /// Goes on with other durations and bounds.
    pub(super) fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// What the stream takes in memory for records and objects.
    pub(crate) const fn stored_bytes(&self) -> u64 {
        self.batch.stored_bytes() + self.outbox.backlog()
    }

    /// A stream that is CREATING from `now` on. `number` tells it from others of its owner.
    pub(crate) fn new(
        now: Timestamp,
        number: u64,
        name: String,
        arn: String,
        config: Config,
        settings: Settings,
        seed: Seed,
    ) -> Self {
        let mut record_ids_of = String::with_capacity(arn.len() + 10);
        record_ids_of.push_str(&arn);
        record_ids_of.push_str("#record-id");
        Self {
            number,
            name,
            config,
            settings,
            created: now,
            version: 1,
            status: Status::Creating { until: now.plus_millis(settings.creating_ms) },
            now,
            batch: Batch::default(),
            outbox: Outbox::new(number),
            object_names: seed.entity(arn.clone()),
            record_ids: seed.entity(record_ids_of),
            arn,
        }
    }

    /// Takes a record from a producer.
    pub(crate) fn put(&mut self, now: Timestamp, record: &[u8]) -> Result<(), PutError> {
        let now = self.advance(now);
        let refusal = match (self.status, &self.config.source) {
            (Status::Active, Source::DirectPut) if self.is_backlogged() => PutError::Backlogged,
            (Status::Active, Source::DirectPut) => {
                self.buffer_record(now, now, record);
                return Ok(());
            }
            (Status::Active, Source::Kinesis { .. }) => PutError::WrongSource,
            (Status::Creating { .. } | Status::Deleting { .. } | Status::Deleted, _) => PutError::NotActive,
        };
        count(&mut self.outbox.counters.refused_records, 1);
        Err(refusal)
    }

    /// Takes records that were read from the source stream at `now`. Aggregated ones are taken apart first, and
    /// each user record is buffered by itself, with the arrival of the record it came in. A member that cannot be
    /// read is reported.
    ///
    /// Ask [`wants_source_records`](Self::wants_source_records) before reading: what comes here is taken whatever
    /// waits for its delivery, and discarded only if the stream is being deleted.
    pub(crate) fn put_source_records<'a>(
        &mut self,
        now: Timestamp,
        records: impl IntoIterator<Item = SourceRecord<'a>>,
    ) {
        let now = self.advance(now);
        if self.is_ending() {
            return;
        }
        let records: Vec<_> = records.into_iter().collect();
        let mut bad_members = 0;
        for chunk in records.chunks(DEAGGREGATED_AT_ONCE) {
            let data: Vec<_> = chunk.iter().map(|record| record.data).collect();
            // Shards are not looked at: an aggregate lies in one shard, and what it holds is delivered from there.
            let parts = deaggregate_batch(&data, None, DeaggregateMode::Off);
            for (record, parts) in chunk.iter().zip(parts) {
                match parts {
                    Deaggregated::Raw(data) => self.buffer_record(now, record.arrival, data),
                    Deaggregated::Aggregate(members) => {
                        for member in members {
                            match member {
                                Ok(member) => self.buffer_record(now, record.arrival, member.data),
                                Err(_) => bad_members += 1,
                            }
                        }
                    }
                }
            }
        }
        if bad_members > 0 {
            count(&mut self.outbox.counters.bad_members, bad_members);
            let stream = self.number;
            self.outbox.push(Output::BadMembers { stream, at: now, members: bad_members });
        }
    }

    /// The attempt to put an object that is on its way.
    pub(crate) fn sent(&self, object: u64) -> Option<&PutObject> {
        self.outbox.sent(object)
    }

    /// How many attempts to put objects are on their way.
    pub(crate) fn in_flight(&self) -> usize {
        self.outbox.in_flight()
    }

    /// Makes anew what follows from the rest of a snapshot that was taken at `now`; fails if it does not hold together.
    pub(crate) fn rebuild(
        &mut self,
        now: Timestamp,
        number: u64,
        arn: String,
        settings: Settings,
    ) -> Result<(), SnapshotError> {
        (self.number, self.arn, self.settings) = (number, arn, settings);
        let is_sound = self.created.max(self.now) <= now
            && self.status != Status::Deleted
            && is_stream_name(&self.name)
            && self.batch.is_sound();
        if !is_sound {
            return Err(unsound(&self.arn));
        }
        self.outbox.rebuild(now, number)
    }

    /// Starts to delete the stream. What is buffered or waits for a retry is discarded, as on AWS.
    pub(crate) fn delete(&mut self, now: Timestamp) {
        let now = self.advance(now);
        if self.is_ending() {
            return;
        }
        self.status = Status::Deleting { until: now.plus_millis(self.settings.deleting_ms) };
        self.batch.clear();
        self.outbox.clear();
    }

    /// Runs the timers that are due at or before `now`.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
    }

    /// Takes the answer to a [`PutObject`] that applies `at` a time: when the attempt was made, plus the latency
    /// that the host declares. That may lie before times that the stream has seen, if the host answered late, or
    /// after them, if it declares much. No timer runs here; a retry is due by `at`.
    pub(crate) fn handle_object_result(
        &mut self,
        at: Timestamp,
        object: u64,
        result: ObjectResult,
    ) -> Result<(), UnknownObject> {
        match self.outbox.handle_result(at, object, result) {
            // An object of a stream that is being deleted may still come home.
            Err(UnknownObject) if self.is_ending() && self.outbox.has_sent(object) => Ok(()),
            answer => answer,
        }
    }

    /// The next thing to do; `Timeout` when there is nothing more.
    pub(crate) fn poll_output(&mut self) -> Output {
        self.outbox.pop().unwrap_or_else(|| Output::Timeout(self.poll_timeout()))
    }

    /// When `handle_timeout` must be called at the latest. Changes with every call that takes `&mut self`.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        [self.lifecycle_deadline(), self.batch.deadline(), self.outbox.next_retry()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The bits that the ids of one request's records are made of.
    pub(crate) fn draw_record_ids(&mut self) -> u128 {
        self.record_ids.next_bits()
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) const fn created(&self) -> Timestamp {
        self.created
    }

    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    pub(crate) const fn status(&self) -> Status {
        self.status
    }

    #[cfg(test)]
    pub(crate) const fn counters(&self) -> &Counters {
        &self.outbox.counters
    }

    /// Records in the buffer.
    #[cfg(test)]
    pub(crate) const fn buffered_records(&self) -> u64 {
        self.batch.records()
    }

    /// Bytes of sealed objects that are not delivered yet.
    #[cfg(test)]
    pub(crate) const fn backlog_bytes(&self) -> u64 {
        self.outbox.backlog()
    }

    /// Whether the stream takes its records from a data stream.
    pub(crate) const fn reads_source(&self) -> bool {
        matches!(self.config.source, Source::Kinesis { .. })
    }

    /// Whether the stream reads a source, and may go on reading.
    pub(crate) fn wants_source_records(&self) -> bool {
        self.reads_source() && self.status == Status::Active && !self.is_backlogged()
    }

    /// When CREATING ends, while it lasts.
    pub(crate) const fn created_until(&self) -> Option<Timestamp> {
        match self.status {
            Status::Creating { until } => Some(until),
            Status::Active | Status::Deleting { .. } | Status::Deleted => None,
        }
    }

    /// Whether the stream is being deleted, or is gone.
    pub(crate) const fn is_ending(&self) -> bool {
        matches!(self.status, Status::Deleting { .. } | Status::Deleted)
    }

    fn is_backlogged(&self) -> bool {
        self.outbox.backlog() >= self.settings.backlog_bytes
    }

    /// Runs what is due and gives the time, which never runs backwards.
    fn advance(&mut self, now: Timestamp) -> Timestamp {
        self.now = self.now.max(now);
        self.run_timers(self.now);
        self.now
    }

    fn run_timers(&mut self, now: Timestamp) {
        while let Some(due) = self.poll_timeout().filter(|due| *due <= now) {
            if self.lifecycle_deadline() == Some(due) {
                self.status = match self.status {
                    Status::Creating { .. } | Status::Active => Status::Active,
                    Status::Deleting { .. } | Status::Deleted => Status::Deleted,
                };
            } else if self.batch.deadline() == Some(due) {
                self.seal(due, false);
            } else {
                self.outbox.retry();
            }
        }
    }

    const fn lifecycle_deadline(&self) -> Option<Timestamp> {
        match self.status {
            Status::Creating { until } | Status::Deleting { until } => Some(until),
            Status::Active | Status::Deleted => None,
        }
    }

    fn buffer_record(&mut self, now: Timestamp, arrival: Timestamp, record: &[u8]) {
        count(&mut self.outbox.counters.accepted_records, 1);
        count(&mut self.outbox.counters.accepted_bytes, record.len() as u64);
        let Thresholds { size_bytes, interval_ms } = self.config.destination.thresholds();
        if self.batch.push(now.plus_millis(interval_ms), arrival, record, size_bytes) {
            self.seal(now, true);
        }
    }

    /// Makes an object of what is buffered.
    fn seal(&mut self, now: Timestamp, full: bool) {
        let destination = &self.config.destination;
        let compression = destination.compression();
        let Packed { contents, record_bytes, body } = self.batch.pack(compression, full);
        let key = KeyParts {
            prefix: destination.prefix(),
            stream: &self.name,
            version: self.version,
            extension: compression.extension(),
        }
        .key(contents.oldest, &self.object_names.next_uuid());
        let put = PutObject {
            body,
            content_encoding: compression.content_encoding(),
            records: contents.records,
            record_bytes,
            ..PutObject::new(now, destination.bucket().into(), key)
        };
        self.outbox.send(now, put);
    }
}
