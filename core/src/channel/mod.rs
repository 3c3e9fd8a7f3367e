//! Channels: each delivers the records of one on-demand stream to objects.
//!
//! [`Channel`] is the machine: records of the source and time in, objects out. A record's age counts from its arrival
//! in the stream: what has not been delivered when it reaches the data freshness is sealed at that moment. Sealed
//! objects are delivered, and retried, as those of delivery streams are.
//!
//! Source: <https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-about.html>

mod format;
mod template;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;

use serde::Serialize;

pub use self::format::RecordFormatType;
use self::format::Unfit;
use self::template::DEAD_LETTER_TEMPLATE;
pub(crate) use self::template::{DEFAULT_TEMPLATE, Variables};
use crate::arn::AccountId;
use crate::firehose::{
    Batch, Compression, DEFAULT_BACKLOG_BYTES, ObjectResult, Outbox, Output, Packed, PutObject, UnknownObject,
};
use crate::objects::Handling;
use crate::rng::{EntityRng, Seed};
use crate::sequence::SequenceNumber;
use crate::shard::{Shard, StoredRecord};
use crate::shard_id::ShardId;
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::time::Timestamp;

/// Bytes of records, before compression, with which an object is sealed before its time. Ours: that there is such a
/// size is documented, its figure is not.
pub(crate) const MAX_OBJECT_BYTES: usize = 64 << 20;

/// Where a channel is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ChannelStatus {
    /// It delivers nothing yet.
    Creating,
    /// It delivers what is put into its stream.
    Active,
    /// It delivers, with the settings that it was just given.
    Updating,
    /// It delivers nothing any more.
    Deleting,
}

impl ChannelStatus {
    /// The status as the service writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
        }
    }
}

/// What a channel was told, checked.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Config {
    pub(crate) account: AccountId,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) role_arn: String,
    pub(crate) source: Source,
    pub(crate) format: RecordFormatType,
    pub(crate) freshness_secs: u32,
    pub(crate) destination: Bucket,
    pub(crate) template: String,
    pub(crate) compression: Compression,
    pub(crate) dead_letters: Bucket,
    pub(crate) error_prefix: String,
    /// How objects are stored; the owner of the bucket is left out.
    pub(crate) handling: Handling,
    pub(crate) logging: Logging,
}

/// The stream that a channel reads.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Source {
    pub(crate) stream: u64,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
}

/// A bucket, and whose it must be.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Bucket {
    pub(crate) arn: String,
    pub(crate) owner: AccountId,
}

impl Bucket {
    /// Its name: what follows `arn:…:s3:::`.
    fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }
}

/// Whether and where delivery errors are written.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Logging {
    pub(crate) enabled: bool,
    pub(crate) group: String,
    pub(crate) stream: String,
}

/// One channel.
///
/// It is told the time by [`handle_timeout`](Self::handle_timeout), in the order of its deadlines, and by
/// [`put_source_records`](Self::put_source_records). At one instant the order is: lifecycle, records, dead letters,
/// retries from the oldest object on.
#[derive(Debug, Persist)]
pub(crate) struct Channel {
    config: Config,
    created: Timestamp,
    status: ChannelStatus,
    /// When CREATING, UPDATING or DELETING ends.
    until: Option<Timestamp>,
    records: Batch,
    dead_letters: Batch,
    outbox: Outbox,
    object_names: EntityRng,
    /// What is to be written to the log. Empty between the calls of the engine, which drains it.
    #[persist(skip)]
    log: VecDeque<String>,
}

/// What the end of a state means to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing.
    None,
    /// Reading starts here: CREATING is over.
    Start,
    /// The channel is gone.
    End,
}

impl Channel {
    /// A channel that is CREATING until a time.
    pub(crate) fn new(number: u64, now: Timestamp, until: Timestamp, config: Config, seed: Seed) -> Self {
        Self {
            object_names: seed.entity(config.arn.clone()),
            config,
            created: now,
            status: ChannelStatus::Creating,
            until: Some(until),
            records: Batch::default(),
            dead_letters: Batch::default(),
            outbox: Outbox::new(number),
            log: VecDeque::new(),
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
    pub(crate) fn rebuild(&mut self, number: u64, now: Timestamp) -> Result<(), SnapshotError> {
        let is_sound = self.created <= now
            && self.until.is_none() == (self.status == ChannelStatus::Active)
            && self.records.is_sound()
            && self.dead_letters.is_sound();
        if !is_sound {
            return Err(unsound(&self.config.arn));
        }
        self.outbox.rebuild(number)
    }

    /// What the channel takes in memory for records and objects.
    pub(crate) const fn stored_bytes(&self) -> u64 {
        self.records.stored_bytes() + self.dead_letters.stored_bytes() + self.outbox.backlog()
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) const fn created(&self) -> Timestamp {
        self.created
    }

    pub(crate) const fn status(&self) -> ChannelStatus {
        self.status
    }

    /// Whether the channel takes records.
    pub(crate) const fn is_reading(&self) -> bool {
        matches!(self.status, ChannelStatus::Active | ChannelStatus::Updating)
    }

    /// Whether so much waits for its delivery that no more should be read.
    pub(crate) fn is_backlogged(&self) -> bool {
        self.outbox.backlog() >= DEFAULT_BACKLOG_BYTES
    }

    /// Takes other settings; the channel is UPDATING until a time. What waits is due anew.
    pub(crate) fn update(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        freshness_secs: Option<u32>,
        logging: Option<Logging>,
    ) {
        self.status = ChannelStatus::Updating;
        self.until = Some(until);
        if let Some(logging) = logging {
            self.config.logging = logging;
        }
        if let Some(freshness_secs) = freshness_secs {
            self.config.freshness_secs = freshness_secs;
            let freshness_ms = self.freshness_ms();
            for batch in [&mut self.records, &mut self.dead_letters] {
                batch.set_deadline(|oldest| oldest.plus_millis(freshness_ms).max(now));
            }
        }
    }

    /// Starts to delete the channel, whatever it was doing. What is not delivered is discarded.
    pub(crate) fn delete(&mut self, until: Timestamp) {
        if self.status != ChannelStatus::Deleting {
            self.status = ChannelStatus::Deleting;
            self.until = Some(until);
            self.records.clear();
            self.dead_letters.clear();
            self.outbox.clear();
        }
    }

    /// Takes records that were read from a shard of the source at `now`.
    pub(crate) fn put_source_records(&mut self, now: Timestamp, shard: &Shard, records: &[StoredRecord<'_>]) {
        self.run_timers(now);
        let freshness_ms = self.freshness_ms();
        for record in records {
            let due = record.arrival.plus_millis(freshness_ms).max(now);
            self.outbox.counters.accepted_records += 1;
            self.outbox.counters.accepted_bytes += record.data.len() as u64;
            match self.config.format.check(record.data) {
                Ok(()) => {
                    if self.records.push(due, record.arrival, record.data, MAX_OBJECT_BYTES) {
                        self.seal_records(now, true);
                    }
                }
                Err(unfit) => {
                    let line = self.dead_letter(shard, record, unfit);
                    if self.dead_letters.push(due, record.arrival, line.as_bytes(), MAX_OBJECT_BYTES) {
                        self.seal_dead_letters(now, true);
                    }
                }
            }
        }
    }

    /// Runs what is due at `now`.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) -> Turn {
        self.run_timers(now)
    }

    /// Takes the answer to a put that applies `at` a time. No timer runs here; a retry is due by `at`.
    pub(crate) fn handle_object_result(
        &mut self,
        at: Timestamp,
        object: u64,
        result: ObjectResult,
    ) -> Result<(), UnknownObject> {
        if self.config.logging.enabled
            && result == ObjectResult::Failed
            && let Some(put) = self.outbox.sent(object)
        {
            self.log.push_back(format!(
                "S3.PutObjectFailed: the object {} with {} records could not be put into bucket {} (attempt {})",
                put.key, put.records, put.bucket, put.attempt
            ));
        }
        match self.outbox.handle_result(at, object, result) {
            // An object of a channel that is being deleted may still come home.
            Err(UnknownObject) if !self.is_reading() && self.outbox.has_sent(object) => Ok(()),
            answer => answer,
        }
    }

    /// The next line of the log.
    pub(crate) fn pop_log(&mut self) -> Option<String> {
        self.log.pop_front()
    }

    /// The next thing to do; `Timeout` when there is nothing more.
    pub(crate) fn poll_output(&mut self) -> Output {
        self.outbox.pop().unwrap_or_else(|| Output::Timeout(self.poll_timeout()))
    }

    /// When `handle_timeout` must be called at the latest. Changes with every call that takes `&mut self`.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let deadlines =
            [self.until, self.records.deadline(), self.dead_letters.deadline(), self.outbox.next_retry()];
        deadlines.into_iter().flatten().min()
    }

    fn freshness_ms(&self) -> u64 {
        u64::from(self.config.freshness_secs) * 1000
    }

    fn run_timers(&mut self, now: Timestamp) -> Turn {
        let mut turn = Turn::None;
        while let Some(due) = self.poll_timeout().filter(|due| *due <= now) {
            if self.until == Some(due) {
                self.until = None;
                turn = match self.status {
                    ChannelStatus::Creating => Turn::Start,
                    ChannelStatus::Deleting => Turn::End,
                    ChannelStatus::Active | ChannelStatus::Updating => turn,
                };
                if self.status != ChannelStatus::Deleting {
                    self.status = ChannelStatus::Active;
                }
            } else if self.records.deadline() == Some(due) {
                self.seal_records(due, false);
            } else if self.dead_letters.deadline() == Some(due) {
                self.seal_dead_letters(due, false);
            } else {
                self.outbox.retry();
            }
        }
        turn
    }

    /// Makes an object of the records that wait.
    fn seal_records(&mut self, now: Timestamp, full: bool) {
        let Config { compression, destination, template, .. } = &self.config;
        let packed = self.records.pack(*compression, full);
        let names = &mut self.object_names;
        self.outbox.send(now, self.config.object(now, packed, *compression, destination, template, names));
    }

    /// Makes an object of the dead letters that wait.
    fn seal_dead_letters(&mut self, now: Timestamp, full: bool) {
        let compression = Compression::Uncompressed;
        let packed = self.dead_letters.pack(compression, full);
        if self.config.logging.enabled {
            self.log.push_back(format!(
                "InvalidRecord: {} records do not have the format of the channel; dead letters name them",
                packed.contents.records,
            ));
        }
        let template = format!("{}{DEAD_LETTER_TEMPLATE}", self.config.error_prefix);
        let names = &mut self.object_names;
        let bucket = &self.config.dead_letters;
        self.outbox.send(now, self.config.object(now, packed, compression, bucket, &template, names));
    }

    /// A line that names a record and says what is wrong with it. The record itself stays in the stream.
    fn dead_letter(&self, shard: &Shard, record: &StoredRecord<'_>, unfit: Unfit) -> String {
        let letter = DeadLetter {
            stream_arn: &self.config.source.arn,
            shard_id: shard.id(),
            sequence_number: shard.sequence_number(record.index, record.arrival),
            partition_key: record.partition_key,
            approximate_arrival_timestamp: record.arrival,
            error_code: unfit.code,
            error_message: unfit.message,
        };
        let mut line = serde_json::to_string(&letter).unwrap_or_default();
        line.push('\n');
        line
    }
}

impl Config {
    fn object(
        &self,
        now: Timestamp,
        packed: Packed,
        compression: Compression,
        bucket: &Bucket,
        template: &str,
        names: &mut EntityRng,
    ) -> PutObject {
        let Packed { contents, record_bytes, body } = packed;
        let suffix = format!("-{}", names.next_uuid());
        let key = self.variables(compression).expand(template, contents.oldest, &suffix);
        PutObject {
            body,
            content_encoding: compression.content_encoding(),
            records: contents.records,
            record_bytes,
            handling: Handling { expected_bucket_owner: Some(bucket.owner), ..self.handling.clone() },
            ..PutObject::new(now, bucket.name().into(), key)
        }
    }

    /// What the variables of key templates stand for.
    pub(crate) fn variables(&self, compression: Compression) -> Variables<'_> {
        Variables {
            channel_name: &self.name,
            channel_id: &self.id,
            stream_name: &self.source.name,
            extension: compression.extension(),
        }
    }
}

/// What a dead letter says: "record identifiers and error context, not full record payloads"
/// (<https://docs.aws.amazon.com/streams/latest/dev/data-delivery-concepts.html>).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetter<'a> {
    #[serde(rename = "StreamARN")]
    stream_arn: &'a str,
    shard_id: ShardId,
    sequence_number: SequenceNumber,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<&'a str>,
    approximate_arrival_timestamp: Timestamp,
    error_code: &'static str,
    error_message: &'static str,
}
