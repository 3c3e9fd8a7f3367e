//! The delivery streams of one account in one region, behind the operations of the API.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Bound;

use super::api::{
    CreateDeliveryStream, CreateDeliveryStreamOutput, DeleteDeliveryStream, DeleteDeliveryStreamOutput,
    DeliveryStreamDescription, DescribeDeliveryStream, DescribeDeliveryStreamOutput, EncryptionStatus,
    KinesisStreamSourceDescription, ListDeliveryStreams, ListDeliveryStreamsOutput, PutRecord,
    PutRecordBatch, PutRecordBatchOutput, PutRecordBatchResponseEntry, PutRecordOutput, RecordId,
    SourceDescription,
};
use super::config::{Config, Source};
use super::{DeliveryStream, ObjectId, ObjectResult, Output, Settings, SourceRecord, Status, UnknownObject};
use crate::arn::{is_region, partition_of};
use crate::by_id::ById;
use crate::error::{Error, ErrorKind};
use crate::rng::Seed;
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::time::Timestamp;
use crate::timers::Deadlines;

/// Delivery streams of an account in a region
/// (<https://docs.aws.amazon.com/firehose/latest/dev/limits.html>).
const MAX_DELIVERY_STREAMS: usize = 5000;

/// Bytes of a batch, before base64 (service model prose of `PutRecordBatch`, and the same page).
const MAX_BATCH_BYTES: usize = 4 << 20;

/// Names on a page of `ListDeliveryStreams` when no limit is given (service model prose).
const DEFAULT_LIST_LIMIT: usize = 10;

/// What AWS says to a record it has no room for.
const SLOW_DOWN: &str = "Slow down.";

/// All delivery streams of one account and region.
///
/// A machine like its parts: every call runs what is due, then `poll_output` until `Timeout`. Timers run in the
/// order of their due times, ties by the streams' creation. To have each delivery answered before a later timer
/// runs, call [`handle_timeout`](Self::handle_timeout) with just the instant that
/// [`poll_timeout`](Self::poll_timeout) gave, and drain in between.
#[derive(Debug, Persist)]
pub(crate) struct DeliveryStreams {
    account: String,
    region: String,
    seed: Seed,
    #[persist(skip)]
    settings: Settings,
    #[persist(skip)]
    numbers: BTreeMap<String, u64>,
    streams: ById<Box<Slot>>,
    #[persist(skip)]
    timers: Deadlines,
    /// Empty between the calls of the engine, which drains them.
    #[persist(skip)]
    outputs: VecDeque<Output>,
}

#[derive(Debug, Persist)]
struct Slot {
    stream: DeliveryStream,
    /// The stream's entry in `timers`.
    #[persist(skip)]
    timer: Option<Timestamp>,
}

fn arn_of(account: &str, region: &str, name: &str) -> String {
    format!("arn:{}:firehose:{region}:{account}:deliverystream/{name}", partition_of(region))
}

impl DeliveryStreams {
    pub(crate) fn new(
        account: impl Into<String>,
        region: impl Into<String>,
        seed: Seed,
        settings: Settings,
    ) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            seed,
            settings,
            numbers: BTreeMap::new(),
            streams: ById::default(),
            timers: Deadlines::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What the streams take in memory for records and objects.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.streams.iter().map(|(_, slot)| slot.stream.stored_bytes()).sum()
    }

    /// The account and the region.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Has delivery streams be created and deleted by other durations and bounds from now on.
    pub(crate) fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
        self.streams.iter_mut().for_each(|(_, slot)| slot.stream.set_settings(settings));
    }

    /// How many attempts to put objects are on their way.
    pub(crate) fn in_flight(&self) -> usize {
        self.streams.iter().map(|(_, slot)| slot.stream.in_flight()).sum()
    }

    /// Makes anew what follows from the streams of a snapshot that was taken at `now`; fails if they do not hold together.
    pub(crate) fn rebuild(&mut self, now: Timestamp, settings: Settings) -> Result<(), SnapshotError> {
        if !is_region(&self.region) {
            return Err(unsound("a region of delivery streams"));
        }
        self.settings = settings;
        let mut due = Vec::new();
        for (number, slot) in self.streams.iter_mut() {
            let is_new = self.numbers.insert(slot.stream.name().into(), number).is_none();
            let arn = arn_of(&self.account, &self.region, slot.stream.name());
            if !is_new {
                return Err(unsound(&arn));
            }
            slot.stream.rebuild(now, number, arn, settings)?;
            slot.timer = slot.stream.poll_timeout();
            due.extend(slot.timer.map(|timer| (timer, number)));
        }
        self.timers = due.into_iter().collect();
        Ok(())
    }

    pub(crate) fn create(
        &mut self,
        now: Timestamp,
        input: &CreateDeliveryStream<'_>,
    ) -> Result<CreateDeliveryStreamOutput, Error> {
        self.handle_timeout(now);
        let config = Config::new(input)?;
        let name = input.delivery_stream_name;
        if self.numbers.contains_key(name) {
            return Err(Error::new(
                ErrorKind::ResourceInUse,
                format!("Firehose {name} under accountId {} already exists", self.account),
            ));
        }
        if self.numbers.len() >= MAX_DELIVERY_STREAMS {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                format!("You have already consumed your firehose quota of {MAX_DELIVERY_STREAMS} hoses."),
            ));
        }
        let arn = arn_of(&self.account, &self.region, name);
        let number = self.streams.next_id();
        // One that may have the name of another that is gone names its objects otherwise.
        let seed = self.seed.nth(self.streams.removed());
        let stream = DeliveryStream::new(now, number, name.into(), arn.clone(), config, self.settings, seed);
        self.numbers.insert(name.into(), number);
        self.streams.add(Box::new(Slot { stream, timer: None }));
        self.settle(number);
        Ok(CreateDeliveryStreamOutput { delivery_stream_arn: arn })
    }

    pub(crate) fn describe(
        &mut self,
        now: Timestamp,
        input: &DescribeDeliveryStream<'_>,
    ) -> Result<DescribeDeliveryStreamOutput, Error> {
        self.handle_timeout(now);
        let number = self.number_of(input.delivery_stream_name)?;
        let stream = self.stream(number).ok_or_else(|| self.not_found(input.delivery_stream_name))?;
        let config = stream.config();
        let (source, encryption) = match &config.source {
            Source::DirectPut => (None, Some(EncryptionStatus { status: "DISABLED" })),
            Source::Kinesis { stream_arn, role_arn } => {
                let description = KinesisStreamSourceDescription {
                    kinesis_stream_arn: stream_arn.clone(),
                    role_arn: role_arn.clone(),
                    delivery_start_timestamp: stream.created(),
                };
                (Some(SourceDescription { kinesis_stream_source_description: description }), None)
            }
        };
        let delivery_stream_description = DeliveryStreamDescription {
            delivery_stream_name: stream.name().into(),
            delivery_stream_arn: stream.arn().into(),
            delivery_stream_status: stream.status().name(),
            delivery_stream_encryption_configuration: encryption,
            delivery_stream_type: config.source.type_name(),
            version_id: stream.version().to_string(),
            create_timestamp: stream.created(),
            source,
            destinations: vec![config.destination.describe()],
            has_more_destinations: false,
        };
        Ok(DescribeDeliveryStreamOutput { delivery_stream_description })
    }

    pub(crate) fn list(
        &mut self,
        now: Timestamp,
        input: &ListDeliveryStreams<'_>,
    ) -> ListDeliveryStreamsOutput {
        self.handle_timeout(now);
        let limit = input
            .limit
            .map_or(DEFAULT_LIST_LIMIT, |limit| usize::try_from(limit).unwrap_or(DEFAULT_LIST_LIMIT));
        let start = input.exclusive_start_delivery_stream_name.map_or(Bound::Unbounded, Bound::Excluded);
        let mut names = self
            .numbers
            .range::<str, _>((start, Bound::Unbounded))
            .filter(|(_, number)| {
                input.delivery_stream_type.is_none_or(|wanted| {
                    self.stream(**number).is_some_and(|stream| stream.config().source.type_name() == wanted)
                })
            })
            .map(|(name, _)| name);
        let delivery_stream_names: Vec<String> = names.by_ref().take(limit).cloned().collect();
        let has_more_delivery_streams = names.next().is_some();
        ListDeliveryStreamsOutput { delivery_stream_names, has_more_delivery_streams }
    }

    pub(crate) fn delete(
        &mut self,
        now: Timestamp,
        input: &DeleteDeliveryStream<'_>,
    ) -> Result<DeleteDeliveryStreamOutput, Error> {
        self.handle_timeout(now);
        let name = input.delivery_stream_name;
        let number = self.number_of(name)?;
        if let Some(stream) = self.stream_mut(number) {
            if matches!(stream.status(), Status::Creating { .. }) {
                return Err(Error::new(
                    ErrorKind::ResourceInUse,
                    format!(
                        "Firehose {name} under accountId {} cannot be deleted when it is in CREATING status",
                        self.account
                    ),
                ));
            }
            stream.delete(now);
        }
        self.settle(number);
        Ok(DeleteDeliveryStreamOutput {})
    }

    pub(crate) fn put_record(
        &mut self,
        now: Timestamp,
        input: &PutRecord<'_>,
    ) -> Result<PutRecordOutput, Error> {
        self.handle_timeout(now);
        let number = self.ready(input.delivery_stream_name)?;
        let Some(stream) = self.stream_mut(number) else {
            return Err(self.not_found(input.delivery_stream_name));
        };
        stream.put(now, input.data).map_err(|_| Error::new(ErrorKind::ServiceUnavailable, SLOW_DOWN))?;
        let record_id = RecordId::new(stream.draw_record_ids(), 0);
        self.settle(number);
        Ok(PutRecordOutput { record_id, encrypted: false })
    }

    pub(crate) fn put_record_batch(
        &mut self,
        now: Timestamp,
        input: &PutRecordBatch<'_>,
    ) -> Result<PutRecordBatchOutput, Error> {
        self.handle_timeout(now);
        if input.records.iter().map(|record| record.len()).sum::<usize>() > MAX_BATCH_BYTES {
            return Err(Error::invalid_argument("Records size exceeds 4 MB limit"));
        }
        let number = self.ready(input.delivery_stream_name)?;
        let Some(stream) = self.stream_mut(number) else {
            return Err(self.not_found(input.delivery_stream_name));
        };
        let request = stream.draw_record_ids();
        let mut failed_put_count = 0;
        let request_responses = input
            .records
            .iter()
            .zip(0..)
            .map(|(record, index)| match stream.put(now, record) {
                Ok(()) => PutRecordBatchResponseEntry {
                    record_id: Some(RecordId::new(request, index)),
                    error_code: None,
                    error_message: None,
                },
                Err(_) => {
                    failed_put_count += 1;
                    PutRecordBatchResponseEntry {
                        record_id: None,
                        error_code: Some(ErrorKind::ServiceUnavailable.code()),
                        error_message: Some(SLOW_DOWN),
                    }
                }
            })
            .collect();
        self.settle(number);
        Ok(PutRecordBatchOutput { failed_put_count, encrypted: false, request_responses })
    }

    /// Records of the source stream for the delivery stream with this number; none if it is gone.
    pub(crate) fn put_source_records<'a>(
        &mut self,
        now: Timestamp,
        number: u64,
        records: impl IntoIterator<Item = SourceRecord<'a>>,
    ) {
        self.handle_timeout(now);
        if let Some(stream) = self.stream_mut(number) {
            stream.put_source_records(now, records);
            self.settle(number);
        }
    }

    /// Runs the timers that are due at or before `now`, each at its own time.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        while let Some((due, number)) = self.timers.first().filter(|(due, _)| *due <= now) {
            match self.stream_mut(number) {
                Some(stream) => stream.handle_timeout(due),
                // No entry outlives its stream; if one did, it must not be met for ever.
                None => self.timers.remove((due, number)),
            }
            self.settle(number);
        }
    }

    /// Takes the answer to a `PutObject` that applies `at` a time (see the machine's method of this name). For a
    /// stream that is gone it does nothing.
    pub(crate) fn handle_object_result(
        &mut self,
        at: Timestamp,
        id: ObjectId,
        result: ObjectResult,
    ) -> Result<(), UnknownObject> {
        let was_given = self.streams.was_given(id.stream);
        let answer = match self.stream_mut(id.stream) {
            Some(stream) => stream.handle_object_result(at, id.object, result),
            None if was_given => Ok(()),
            None => Err(UnknownObject),
        };
        self.settle(id.stream);
        answer
    }

    pub(crate) fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Timeout(self.poll_timeout()))
    }

    /// When `handle_timeout` must be called at the latest.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.first().map(|(due, _)| due)
    }

    /// The stream with this number.
    pub(crate) fn stream(&self, number: u64) -> Option<&DeliveryStream> {
        self.streams.get(number).map(|slot| &slot.stream)
    }

    fn stream_mut(&mut self, number: u64) -> Option<&mut DeliveryStream> {
        self.streams.get_mut(number).map(|slot| &mut slot.stream)
    }

    /// The stream with this name.
    pub(crate) fn stream_named(&self, name: &str) -> Option<&DeliveryStream> {
        self.stream(*self.numbers.get(name)?)
    }

    fn number_of(&self, name: &str) -> Result<u64, Error> {
        self.numbers.get(name).copied().ok_or_else(|| self.not_found(name))
    }

    fn not_found(&self, name: &str) -> Error {
        Error::new(
            ErrorKind::ResourceNotFound,
            format!("Firehose {name} under account {} not found.", self.account),
        )
    }

    /// The number of a stream that producers may put to.
    fn ready(&self, name: &str) -> Result<u64, Error> {
        let number = self.number_of(name)?;
        let stream = self.stream(number).ok_or_else(|| self.not_found(name))?;
        match (stream.status(), &stream.config().source) {
            (Status::Active, Source::DirectPut) => Ok(number),
            (Status::Active, Source::Kinesis { .. }) => Err(Error::invalid_argument(
                "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
            )),
            (Status::Creating { .. } | Status::Deleting { .. } | Status::Deleted, _) => Err(Error::new(
                ErrorKind::ResourceNotFound,
                format!("Firehose {name} is not active in {} account.", self.account),
            )),
        }
    }

    /// Takes over what a stream has to say, and its next deadline; drops it when it is gone.
    fn settle(&mut self, number: u64) {
        let Some(slot) = self.streams.get_mut(number) else { return };
        let deadline = loop {
            match slot.stream.poll_output() {
                Output::Timeout(deadline) => break deadline,
                output @ (Output::PutObject(_) | Output::Dropped(_) | Output::BadMembers { .. }) => {
                    self.outputs.push_back(output);
                }
            }
        };
        if slot.timer != deadline {
            if let Some(old) = slot.timer {
                self.timers.remove((old, number));
            }
            if let Some(new) = deadline {
                self.timers.insert((new, number));
            }
            slot.timer = deadline;
        }
        if slot.stream.status() == Status::Deleted {
            self.numbers.remove(slot.stream.name());
            self.streams.remove(number);
        }
    }
}
