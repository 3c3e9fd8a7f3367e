//! Amazon Data Firehose: delivery streams that gather records into objects.
//!
//! [`DeliveryStream`] is the machine: puts and time in, objects out. [`DeliveryStreams`] is a region's worth of
//! them behind the operations of the API. Neither knows where objects go.
//!
//! What an object holds depends on the puts and their times alone. Buffers are sealed when they are full or when
//! their interval ends, whatever becomes of the objects before: each sealed object is delivered, and retried,
//! by itself, while records go on being buffered.

mod api;
mod buffer;
mod config;
mod decode;
mod gzip;
mod key;
mod output;
mod region;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use borsh::{BorshDeserialize, BorshSerialize};

pub(crate) use self::api::{
    CreateDeliveryStream, CreateDeliveryStreamOutput, DeleteDeliveryStream, DeleteDeliveryStreamOutput,
    DescribeDeliveryStream, DescribeDeliveryStreamOutput, ListDeliveryStreams, ListDeliveryStreamsOutput,
    PutRecord, PutRecordBatch, PutRecordBatchOutput, PutRecordOutput,
};
pub(crate) use self::config::{Config, Source};
pub(crate) use self::output::{
    Counters, Dropped, ObjectId, ObjectResult, Output, PutError, PutObject, Settings, SourceRecord, Status,
    UnknownObject,
};
pub(crate) use self::region::DeliveryStreams;

use self::buffer::Buffer;
use self::config::Compression;
use self::gzip::Gzip;
use self::key::KeyParts;
use crate::aggregate::{DeaggregateMode, Deaggregated, deaggregate_batch};
use crate::by_id::ById;
use crate::objects::Body;
use crate::snapshot::{SnapshotError, unsound};
use crate::timers::Deadlines;
use crate::{EntityRng, Seed, Timestamp};

/// For how long a failing delivery is repeated
/// (<https://docs.aws.amazon.com/firehose/latest/dev/retry.html>, Amazon S3).
const RETRY_WINDOW_MS: u64 = 24 * 60 * 60 * 1000;

/// Delay before the second attempt, doubled for each further one, and its cap. What Firehose does for S3 is not
/// documented; this is what it does for HTTP endpoints
/// (<https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html>), without jitter.
const FIRST_RETRY_MS: u64 = 1000;
const MAX_RETRY_MS: u64 = 120_000;

/// Records whose digests are checked together.
const DEAGGREGATED_AT_ONCE: usize = 256;

/// The `Content-Type` of every object (reference: firehose.md §2.3).
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";

/// A sealed object that is not delivered yet.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
struct Pending {
    sealed: Timestamp,
    attempts: u32,
    /// When it is tried again; nothing while an attempt is on its way.
    retry: Option<Timestamp>,
    key: String,
    body: Body,
    records: u64,
    record_bytes: u64,
}

/// One delivery stream.
///
/// - A. getters: `status`, `counters`, `poll_timeout`, …;
/// - B. handlers: `handle_timeout`, `handle_object_result`;
/// - C. mutators: `put`, `put_source_records`, `delete`;
/// - D. `poll_output`, until it says `Timeout`.
///
/// Every call but `handle_object_result` first runs the timers that are due at its time, each at its own due
/// time. At one instant the order is: lifecycle, interval of the buffer, retries from the oldest object on.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct DeliveryStream {
    number: u64,
    name: String,
    arn: String,
    config: Config,
    settings: Settings,
    created: Timestamp,
    version: u64,
    status: Status,
    /// The latest time seen: time does not run backwards.
    now: Timestamp,
    buffer: Buffer,
    #[borsh(skip)]
    gzip: Option<Box<Gzip>>,
    next_object: u64,
    pending: ById<Pending>,
    #[borsh(skip)]
    retries: Deadlines,
    #[borsh(skip)]
    backlog: u64,
    object_names: EntityRng,
    record_ids: EntityRng,
    counters: Counters,
    /// Empty between the calls of the owner, which drains them.
    #[borsh(skip)]
    outputs: VecDeque<Output>,
}

impl DeliveryStream {
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
            buffer: Buffer::default(),
            gzip: None,
            next_object: 0,
            pending: ById::default(),
            retries: Deadlines::default(),
            backlog: 0,
            object_names: seed.entity(arn.clone()),
            record_ids: seed.entity(record_ids_of),
            arn,
            counters: Counters::default(),
            outputs: VecDeque::new(),
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
        self.counters.refused_records += 1;
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
            self.counters.bad_members += bad_members;
            let stream = self.number;
            self.outputs.push_back(Output::BadMembers { stream, at: now, members: bad_members });
        }
    }

    /// Starts to delete the stream. What is buffered or waits for a retry is discarded, as on AWS.
    pub(crate) fn delete(&mut self, now: Timestamp) {
        let now = self.advance(now);
        if self.is_ending() {
            return;
        }
        self.status = Status::Deleting { until: now.plus_millis(self.settings.deleting_ms) };
        self.buffer.clear(false);
        self.gzip = None;
        self.pending.clear();
        self.retries.clear();
        self.backlog = 0;
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
        let Some(pending) = self.pending.get_mut(object).filter(|pending| pending.retry.is_none()) else {
            // An object of a stream that is being deleted may still come home.
            let forgotten = self.is_ending() && object < self.next_object;
            return if forgotten { Ok(()) } else { Err(UnknownObject) };
        };
        match result {
            ObjectResult::Stored => {
                self.counters.delivered_objects += 1;
                self.counters.delivered_records += pending.records;
                self.counters.delivered_bytes += pending.record_bytes;
                self.forget(object);
            }
            ObjectResult::Failed => {
                self.counters.failed_attempts += 1;
                let end = pending.sealed.plus_millis(RETRY_WINDOW_MS);
                if at >= end {
                    self.drop_object(at, object);
                } else {
                    let doublings = (pending.attempts - 1).min(16);
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

    /// The next thing to do; `Timeout` when there is nothing more.
    pub(crate) fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Timeout(self.poll_timeout()))
    }

    /// When `handle_timeout` must be called at the latest. Changes with every call that takes `&mut self`.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let retry = self.retries.first().map(|(at, _)| at);
        [self.lifecycle_deadline(), self.buffer.deadline(), retry].into_iter().flatten().min()
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
        &self.counters
    }

    /// Records in the buffer.
    #[cfg(test)]
    pub(crate) const fn buffered_records(&self) -> u64 {
        self.buffer.records()
    }

    /// Bytes of sealed objects that are not delivered yet.
    #[cfg(test)]
    pub(crate) const fn backlog_bytes(&self) -> u64 {
        self.backlog
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
        self.backlog >= self.settings.backlog_bytes
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
            } else if self.buffer.deadline() == Some(due) {
                self.seal(due, false);
            } else if let Some((at, object)) = self.retries.pop_first() {
                self.attempt(at, object);
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
        self.counters.accepted_records += 1;
        self.counters.accepted_bytes += record.len() as u64;
        if self.buffer.push(now, arrival, record, self.config.destination.thresholds()) {
            self.seal(now, true);
        }
    }

    /// Makes an object of what is buffered.
    ///
    /// A stream whose buffer is full is busy: it keeps the memory of buffer and compressor for the next object.
    /// One whose interval ended gives it back, so that many quiet streams cost almost nothing.
    fn seal(&mut self, now: Timestamp, full: bool) {
        let contents = self.buffer.take_contents();
        let record_bytes = self.buffer.data().len() as u64;
        let compression = self.config.destination.compression();
        let body = match compression {
            Compression::Uncompressed => self.buffer.take_data(),
            Compression::Gzip => {
                let gzip = self.gzip.get_or_insert_with(|| Box::new(Gzip::new()));
                let body = gzip.compress(self.buffer.data());
                self.buffer.clear(full);
                if !full {
                    self.gzip = None;
                }
                body
            }
        };
        let key = KeyParts {
            prefix: self.config.destination.prefix(),
            stream: &self.name,
            version: self.version,
            extension: compression.extension(),
        }
        .key(contents.oldest, &self.object_names.next_uuid());
        let object = self.next_object;
        self.next_object += 1;
        self.backlog += body.len() as u64;
        let body = Body::from(body);
        let pending = Pending {
            sealed: now,
            attempts: 0,
            retry: None,
            key,
            body,
            records: contents.records,
            record_bytes,
        };
        self.pending.push(object, pending);
        self.attempt(now, object);
    }

    fn attempt(&mut self, due: Timestamp, object: u64) {
        let Some(pending) = self.pending.get_mut(object) else { return };
        pending.attempts += 1;
        pending.retry = None;
        let put = self.outstanding_put(due, object);
        self.outputs.extend(put.map(Output::PutObject));
    }

    /// The attempt of `due` to put an object that is on its way.
    pub(crate) fn outstanding_put(&self, due: Timestamp, object: u64) -> Option<PutObject> {
        let pending = self.pending.get(object).filter(|pending| pending.retry.is_none())?;
        Some(PutObject {
            id: ObjectId { stream: self.number, object },
            due,
            attempt: pending.attempts,
            bucket: self.config.destination.bucket().into(),
            key: pending.key.clone(),
            body: pending.body.clone(),
            content_type: CONTENT_TYPE,
            content_encoding: self.config.destination.compression().content_encoding(),
            records: pending.records,
            record_bytes: pending.record_bytes,
        })
    }

    /// Makes anew what follows from the rest of a snapshot; fails if it does not hold together.
    pub(crate) fn rebuild(&mut self) -> Result<(), SnapshotError> {
        for (object, pending) in self.pending.iter() {
            if object >= self.next_object || pending.attempts == 0 {
                return Err(unsound(&self.arn));
            }
            self.backlog += pending.body.len() as u64;
            if let Some(retry) = pending.retry {
                self.retries.insert((retry, object));
            }
        }
        Ok(())
    }

    fn drop_object(&mut self, at: Timestamp, object: u64) {
        let Some(pending) = self.forget(object) else { return };
        self.counters.dropped_objects += 1;
        self.counters.dropped_records += pending.records;
        self.outputs.push_back(Output::Dropped(Dropped {
            id: ObjectId { stream: self.number, object },
            at,
            attempts: pending.attempts,
            bucket: self.config.destination.bucket().into(),
            key: pending.key,
            records: pending.records,
            record_bytes: pending.record_bytes,
        }));
    }

    fn forget(&mut self, object: u64) -> Option<Pending> {
        let pending = self.pending.remove(object)?;
        self.backlog -= pending.body.len() as u64;
        Some(pending)
    }
}
