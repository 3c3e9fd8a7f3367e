//! The streams of all accounts and regions: finding one, and the errors when there is none.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::account::Commitment;
use super::resources::Attachments;
use super::{Channels, Context, StreamRef};
use crate::arn::{AccountId, Resource, ResourceArn, StreamArn, parse_stream_arn};
use crate::by_id::ById;
use crate::error::{Error, ErrorKind};
use crate::regions::Regions;
use crate::shard_id::ShardId;
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::stream::{Outcome, Stream, StreamMode, StreamStatus, Transition};
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};

/// All streams of an engine.
#[derive(Debug, Default, Persist)]
pub(crate) struct Streams {
    by_id: ById<Box<Stream>>,
    regions: Regions<Box<Region>>,
    /// Whether a policy was set: before that, nobody has to look for one.
    #[persist(skip)]
    pub(super) has_policies: bool,
    pub(crate) channels: Channels,
    pub(super) attachments: Attachments,
}

/// The streams of one account in one region.
#[derive(Debug, Default, Persist)]
struct Region {
    #[persist(skip)]
    by_name: BTreeMap<String, u64>,
    /// What the limits count.
    #[persist(skip)]
    usage: Usage,
    commitment: Commitment,
}

impl Region {
    /// Whether there is anything to keep.
    fn is_used(&self) -> bool {
        !self.by_name.is_empty() || self.commitment != Commitment::default()
    }
}

/// What one stream, or all of an account and region, use of its limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) open_shards: usize,
    pub(super) on_demand_streams: usize,
    pub(super) channels: usize,
    /// With what accepted changes will add: the limits go by these.
    claimed_shards: usize,
    pub(super) claimed_on_demand_streams: usize,
}

impl Usage {
    fn of(stream: &Stream) -> Self {
        let open_shards = stream.open_shard_count();
        Self {
            open_shards,
            on_demand_streams: usize::from(stream.mode == StreamMode::OnDemand),
            channels: stream.channels.len(),
            claimed_shards: open_shards.max(stream.shards_to_come()),
            claimed_on_demand_streams: usize::from(
                stream.mode == StreamMode::OnDemand || stream.becomes(StreamMode::OnDemand),
            ),
        }
    }

    /// Counts `after` where `before` was counted.
    fn replace(&mut self, before: Self, after: Self) {
        self.open_shards = self.open_shards + after.open_shards - before.open_shards;
        self.on_demand_streams = self.on_demand_streams + after.on_demand_streams - before.on_demand_streams;
        self.channels = self.channels + after.channels - before.channels;
        self.claimed_shards = self.claimed_shards + after.claimed_shards - before.claimed_shards;
        self.claimed_on_demand_streams = self.claimed_on_demand_streams + after.claimed_on_demand_streams
            - before.claimed_on_demand_streams;
    }
}

/// A stream as a request names it: whose, where and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) account: AccountId,
    pub(super) region: &'a str,
    pub(super) name: &'a str,
}

impl<'a> Address<'a> {
    /// Who and what `stream` means to the caller of `cx`.
    pub(super) fn of(cx: &'a Context<'_>, stream: StreamRef<'a>) -> Result<Self, Error> {
        let Some(arn) = stream.arn else {
            let name = stream
                .name
                .ok_or_else(|| Error::invalid_argument("Either StreamName or StreamARN must be provided."))?;
            return Ok(Self { account: cx.account, region: cx.region, name });
        };
        let (account, region, name) = parse_stream_arn(arn)
            .ok_or_else(|| Error::invalid_argument(format!("StreamARN {arn} is not the ARN of a stream.")))?;
        if let Some(other) = stream.name.filter(|other| *other != name) {
            let message = format!("StreamName {other} does not match StreamARN {arn}.");
            return Err(Error::invalid_argument(message));
        }
        Ok(Self { account, region, name })
    }

    /// The ARN that a stream here has.
    pub(super) fn arn(&self) -> ResourceArn<'a> {
        ResourceArn { account: self.account, region: self.region, resource: Resource::Stream(self.name) }
    }

    pub(super) fn not_found(&self) -> Error {
        let message = format!("Stream {} under account {} not found.", self.name, self.account);
        Error::new(ErrorKind::ResourceNotFound, message)
    }

    /// The error for a shard id that is none, or that no shard of the stream has.
    pub(super) fn no_such_shard(&self, id: impl fmt::Display) -> Error {
        let message =
            format!("Could not find shard {id} in stream {} under account {}.", self.name, self.account);
        Error::new(ErrorKind::ResourceNotFound, message)
    }

    /// The error of reads for a shard that does not exist, or not any more.
    pub(super) fn shard_does_not_exist(&self, id: ShardId) -> Error {
        let message =
            format!("Shard {id} in stream {} under account {} does not exist", self.name, self.account);
        Error::new(ErrorKind::ResourceNotFound, message)
    }
}

pub(super) fn check_active(stream: &Stream) -> Result<(), Error> {
    if stream.status() == StreamStatus::Active { Ok(()) } else { Err(not_active(stream)) }
}

/// The error of an operation that the stream's status does not allow.
pub(super) fn not_active(stream: &Stream) -> Error {
    let (name, account, status) = (stream.name(), stream.arn.account(), stream.status().as_str());
    let message = format!("Stream {name} under account {account} not ACTIVE, instead in state {status}");
    Error::new(ErrorKind::ResourceInUse, message)
}

impl Streams {
    /// The stream at `address`, in whatever state.
    pub(super) fn find(&self, address: &Address<'_>) -> Result<&Stream, Error> {
        self.id_of(address).and_then(|id| self.get(id)).ok_or_else(|| address.not_found())
    }

    pub(super) fn find_mut(&mut self, address: &Address<'_>) -> Result<&mut Stream, Error> {
        self.id_of(address).and_then(|id| self.get_mut(id)).ok_or_else(|| address.not_found())
    }

    /// The stream at `address` if it is ACTIVE: in any other state it cannot be changed.
    pub(super) fn find_active(&mut self, address: &Address<'_>) -> Result<&mut Stream, Error> {
        let stream = self.find_mut(address)?;
        check_active(stream)?;
        Ok(stream)
    }

    /// The stream at `address` if it takes records: one that is being created is not found yet.
    pub(super) fn find_usable(&mut self, address: &Address<'_>) -> Result<&mut Stream, Error> {
        let stream = self.find_mut(address)?;
        if !stream.is_born() {
            return Err(address.not_found());
        }
        Ok(stream)
    }

    fn id_of(&self, address: &Address<'_>) -> Option<u64> {
        self.region(address.account, address.region)?.by_name.get(address.name).copied()
    }

    /// The stream with this number, if it still exists.
    pub(crate) fn get(&self, id: u64) -> Option<&Stream> {
        self.by_id.get(id).map(|stream| &**stream)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Stream> {
        self.by_id.get_mut(id).map(|stream| &mut **stream)
    }

    /// The stream with this number, beside the channels that may take what it holds.
    pub(crate) fn with_channels(&mut self, id: u64) -> Option<(&Stream, &mut Channels)> {
        Some((&**self.by_id.get(id)?, &mut self.channels))
    }

    /// The stream that `stream` means in `account` and `region`, ready to be read.
    pub(crate) fn resolve(&self, cx: &Context<'_>, stream: StreamRef<'_>) -> Result<&Stream, Error> {
        self.find(&Address::of(cx, stream)?)
    }

    /// The streams of one account and region in order of their names, from the first one after `after`.
    pub(super) fn in_region(
        &self,
        account: AccountId,
        region: &str,
        after: &str,
    ) -> impl Iterator<Item = &Stream> {
        use core::ops::Bound;
        self.region(account, region)
            .into_iter()
            .flat_map(move |region| {
                region.by_name.range::<str, _>((Bound::Excluded(after), Bound::Unbounded))
            })
            .filter_map(|(_, id)| self.get(*id))
    }

    pub(super) fn usage(&self, account: AccountId, region: &str) -> Usage {
        self.region(account, region).map_or_else(Usage::default, |region| region.usage)
    }

    /// Refuses what would open `more` shards above the limit of the account and region.
    pub(super) fn check_shard_limit(
        &self,
        cx: &Context<'_>,
        address: &Address<'_>,
        more: usize,
    ) -> Result<(), Error> {
        let current = self.usage(address.account, address.region).claimed_shards;
        if current.saturating_add(more) <= cx.shard_limit as usize {
            return Ok(());
        }
        let message = format!(
            "This request would exceed the shard limit for the account {} in {}. Current shard count for the \
             account: {current}. Limit: {}. Number of additional shards that would have resulted from this \
             request: {more}. Refer to the AWS Service Limits page \
             (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how \
             to request higher limits.",
            address.account, address.region, cx.shard_limit
        );
        Err(Error::new(ErrorKind::LimitExceeded, message))
    }

    /// Starts UPDATING of a stream. What changes does so when it ends, and counts against the limits at once.
    pub(super) fn start_update(&mut self, cx: &mut Context<'_>, id: u64, change: Transition) {
        let due = cx.now.plus_millis(cx.durations.update_stream);
        self.change(id, |stream| {
            stream.start_update(due, change);
            cx.timers.set(Timer::Stream(id), stream.poll_timeout());
        });
    }

    /// Does something to a stream that changes what it uses of its account's limits.
    pub(super) fn change(&mut self, id: u64, change: impl FnOnce(&mut Stream)) {
        let Some(stream) = self.by_id.get_mut(id) else { return };
        let before = Usage::of(stream);
        change(stream);
        if let Some(region) = self.regions.get_mut(stream.arn.account(), stream.arn.region()) {
            region.usage.replace(before, Usage::of(stream));
        }
    }

    pub(super) fn commitment(&self, account: AccountId, region: &str) -> Commitment {
        self.region(account, region).map_or_else(Commitment::default, |region| region.commitment)
    }

    pub(super) fn commitment_mut(&mut self, account: AccountId, region: &str) -> &mut Commitment {
        &mut self.meet(account, region).commitment
    }

    fn region(&self, account: AccountId, region: &str) -> Option<&Region> {
        self.regions.get(account, region).map(|region| &**region)
    }

    /// The streams of an account and region, which may be new.
    fn meet(&mut self, account: AccountId, region: &str) -> &mut Region {
        self.regions.meet(account, region, Default::default)
    }

    /// Adds a stream that becomes ACTIVE at `active_at`, and gives its number.
    pub(super) fn insert(
        &mut self,
        address: &Address<'_>,
        mode: StreamMode,
        shard_count: u32,
        now: Timestamp,
        active_at: Timestamp,
    ) -> u64 {
        let id = self.by_id.next_id();
        let arn = StreamArn::new(address.account, address.region, address.name);
        let stream = Box::new(Stream::new(id, arn, mode, shard_count, now, active_at));
        let region = self.meet(address.account, address.region);
        region.by_name.insert(address.name.to_string(), id);
        region.usage.replace(Usage::default(), Usage::of(&stream));
        self.by_id.add(stream)
    }

    /// Forgets a channel that is gone.
    pub(crate) fn remove_channel(&mut self, id: u64) {
        let Some(channel) = self.channels.remove(id) else { return };
        self.attachments.remove(&channel.config().arn);
        self.change(channel.config().source.stream, |stream| stream.channels.retain(|other| *other != id));
    }

    /// Frees what expired before `now`, as far as that is cheap.
    pub(crate) fn trim(&mut self, now: Timestamp) {
        self.by_id.values_mut().for_each(|stream| stream.trim(now));
    }

    /// What the streams and the buffers of channels take in memory.
    pub(crate) fn stored_bytes(&self) -> u64 {
        let streams: u64 = self.by_id.iter().map(|(_, stream)| stream.stored_bytes()).sum();
        streams + self.channels.stored_bytes()
    }

    /// Frees what expired before `now`, down to the record.
    pub(crate) fn trim_exactly(&mut self, now: Timestamp) {
        self.by_id.values_mut().for_each(|stream| stream.trim_exactly(now));
    }

    /// Makes anew what follows from the streams of a snapshot taken at `now`; fails if they do not hold together.
    pub(crate) fn rebuild(
        &mut self,
        now: Timestamp,
        timers: &TimerQueue<Timer>,
    ) -> Result<(), SnapshotError> {
        let mut streams = core::mem::take(&mut self.by_id);
        for (id, stream) in streams.iter_mut() {
            stream.rebuild(now)?;
            let region = self.regions.get_mut(stream.arn.account(), stream.arn.region());
            let region = region.ok_or_else(|| unsound("the region of a stream"))?;
            region.usage.replace(Usage::default(), Usage::of(stream));
            let is_new = region.by_name.insert(stream.name().to_string(), id).is_none();
            let is_sound = is_new
                && stream.id == id
                && timers.has_by(Timer::Stream(id), stream.transition_due())
                && timers.has_by(Timer::Consumers(id), stream.consumers.poll_timeout());
            if !is_sound {
                return Err(unsound(stream.arn.as_str()));
            }
        }
        self.by_id = streams;
        if !self.regions.all(|region| region.is_used()) {
            return Err(unsound("the accounts and regions"));
        }
        self.channels.rebuild(now, timers)?;
        let sources: Vec<_> = self.channels.sources().collect();
        for (channel, source) in sources {
            let is_sound = self.get(source).is_some_and(|stream| stream.status() != StreamStatus::Deleting);
            if !is_sound {
                return Err(unsound("the source of a channel"));
            }
            self.change(source, |stream| stream.channels.push(channel));
        }
        Ok(())
    }

    /// Gives what a snapshot attaches to the resources to them, when all are known but the queues with these ARNs.
    pub(super) fn rebuild_attachments(&mut self, queues: Vec<String>) -> Result<(), SnapshotError> {
        let mut arns = queues;
        for (_, stream) in self.by_id.iter() {
            arns.push(stream.arn.as_str().to_string());
            arns.extend(stream.consumers.after("").iter().map(|consumer| consumer.arn(&stream.arn)));
        }
        arns.extend(self.channels.arns().map(ToString::to_string));
        if !self.attachments.rebuild(arns) {
            return Err(unsound("the tags of resources"));
        }
        self.has_policies = self.attachments.have_policy();
        Ok(())
    }

    /// Ends the transitional state of a stream that is due at `now`.
    pub(crate) fn handle_timeout(
        &mut self,
        id: u64,
        now: Timestamp,
        shard_limit: u32,
        timers: &mut TimerQueue<Timer>,
    ) {
        let Some(stream) = self.by_id.get_mut(id) else { return };
        let mut region = self.regions.get_mut(stream.arn.account(), stream.arn.region());
        let claimed = region.as_ref().map_or(0, |region| region.usage.claimed_shards);
        let before = Usage::of(stream);
        let outcome = stream.handle_timeout(now, (shard_limit as usize).saturating_sub(claimed));
        let after = if outcome == Outcome::Removed { Usage::default() } else { Usage::of(stream) };
        timers.set(Timer::Stream(id), stream.poll_timeout());
        // Shards may have ended, or the whole stream: then all who read it look for it once more.
        match outcome {
            Outcome::Kept => stream.wake_subscriptions(now, timers),
            Outcome::Removed => stream.readers().iter().for_each(|reader| timers.set(*reader, Some(now))),
        }
        if let Some(region) = &mut region {
            region.usage.replace(before, after);
            if outcome == Outcome::Removed {
                region.by_name.remove(stream.name());
            }
        }
        if region.is_some_and(|region| !region.is_used()) {
            self.regions.remove(stream.arn.account(), stream.arn.region());
        }
        if outcome == Outcome::Removed {
            self.attachments.remove(stream.arn.as_str());
            for consumer in stream.consumers.after("") {
                self.attachments.remove(&consumer.arn(&stream.arn));
            }
            // Shards that were to be split are gone too.
            timers.set(Timer::Stream(id), None);
            timers.set(Timer::Consumers(id), None);
            self.by_id.remove(id);
        }
    }

    /// Ends the transitional states of a stream's consumers that are due at `now`.
    pub(crate) fn handle_consumers_timeout(
        &mut self,
        id: u64,
        now: Timestamp,
        timers: &mut TimerQueue<Timer>,
    ) {
        let Some(stream) = self.by_id.get_mut(id) else { return };
        for gone in stream.consumers.handle_timeout(now) {
            self.attachments.remove(&gone.arn(&stream.arn));
        }
        timers.set(Timer::Consumers(id), stream.consumers.poll_timeout());
    }
}
