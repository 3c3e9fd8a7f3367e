//! The streams of all accounts and regions: finding one, and the errors when there is none.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Context, StreamRef};
use crate::arn::{AccountId, StreamArn, parse_stream_arn};
use crate::by_id::ById;
use crate::error::{Error, ErrorKind};
use crate::regions::Regions;
use crate::shard::ShardId;
use crate::stream::{Outcome, Stream, StreamMode};
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};

/// All streams of an engine.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    by_id: ById<Box<Stream>>,
    places: Regions,
    regions: Vec<Region>,
    next_id: u64,
}

/// The streams of one account in one region.
#[derive(Debug, Default)]
pub(crate) struct Region {
    by_name: BTreeMap<String, u64>,
    /// Open shards of all streams, which the shard limit counts.
    open_shards: usize,
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

impl Streams {
    /// The stream at `address`, in whatever state.
    pub(super) fn find(&self, address: &Address<'_>) -> Result<&Stream, Error> {
        self.id_of(address).and_then(|id| self.get(id)).ok_or_else(|| address.not_found())
    }

    pub(super) fn find_mut(&mut self, address: &Address<'_>) -> Result<&mut Stream, Error> {
        self.id_of(address).and_then(|id| self.get_mut(id)).ok_or_else(|| address.not_found())
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

    pub(super) fn open_shards(&self, account: AccountId, region: &str) -> usize {
        self.region(account, region).map_or(0, |region| region.open_shards)
    }

    fn region(&self, account: AccountId, region: &str) -> Option<&Region> {
        self.places.find(account, region).map(|place| &self.regions[place])
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
        let id = self.next_id;
        self.next_id += 1;
        let arn = StreamArn::new(address.account, address.region, address.name);
        let place = self.places.meet(address.account, address.region);
        if place == self.regions.len() {
            self.regions.push(Region::default());
        }
        let region = &mut self.regions[place];
        region.by_name.insert(address.name.to_string(), id);
        region.open_shards += shard_count as usize;
        self.by_id.push(id, Box::new(Stream::new(id, arn, mode, shard_count, now, active_at)));
        id
    }

    /// Ends the transitional state of a stream that is due at `now`.
    pub(crate) fn handle_timeout(&mut self, id: u64, now: Timestamp, timers: &mut TimerQueue<Timer>) {
        let Some(stream) = self.by_id.get_mut(id) else { return };
        let open_before = stream.open_shard_count();
        let outcome = stream.handle_timeout(now);
        let open_after = if outcome == Outcome::Removed { 0 } else { stream.open_shard_count() };
        timers.set(Timer::Stream(id), stream.poll_timeout());
        // Shards may have ended, or the whole stream.
        stream.wake_subscriptions(now, timers);
        if let Some(place) = self.places.find(stream.arn.account(), stream.arn.region()) {
            let region = &mut self.regions[place];
            region.open_shards = region.open_shards + open_after - open_before;
            if outcome == Outcome::Removed {
                region.by_name.remove(stream.name());
            }
        }
        if outcome == Outcome::Removed {
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
        if let Some(stream) = self.get_mut(id) {
            stream.consumers.handle_timeout(now);
            timers.set(Timer::Consumers(id), stream.consumers.poll_timeout());
        }
    }
}
