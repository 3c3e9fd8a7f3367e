//! How delivery streams and channels read their source streams.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Engine;
use super::delivery::Home;
use crate::by_id::ById;
use crate::firehose::{DeliveryStreams, SourceRecord};
use crate::service::{MAX_BYTES, MAX_RECORDS, Streams};
use crate::shard::{Shard, StoredRecord};
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::stream::Progress;
use crate::time::Timestamp;
use crate::timers::Timer;

/// A delivery stream calls GetRecords once a second for each shard of its source.
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html>
const READ_INTERVAL_MS: u64 = 1000;

/// The readers of an engine. Their numbers are never used again.
#[derive(Debug, Default, Persist)]
pub(super) struct Readers {
    by_id: ById<Reader>,
    /// By the home and number of whom each reads for, in order.
    #[persist(skip)]
    owners: Vec<(Home, u64, u64)>,
}

impl Readers {
    /// Makes anew what follows from the readers of a snapshot; fails if they do not hold together.
    pub(super) fn rebuild(
        &mut self,
        regions: &ById<Box<DeliveryStreams>>,
        streams: &mut Streams,
        now: Timestamp,
    ) -> Result<(), SnapshotError> {
        let is_known =
            |home| if let Home::Region(place) = home { regions.get(place).is_some() } else { true };
        for (id, reader) in self.by_id.iter() {
            if !is_known(reader.home) || reader.last_read.is_some_and(|last| last > now) {
                return Err(unsound("the reading of a source stream"));
            }
            let source = streams.get_mut(reader.source);
            source
                .ok_or_else(|| unsound("the source of a delivery stream"))?
                .add_reader(Timer::SourceRead(id));
            self.owners.push((reader.home, reader.number, id));
        }
        self.owners.sort_unstable();
        if !self.owners.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)) {
            return Err(unsound("the reading of a source stream"));
        }
        Ok(())
    }

    pub(super) fn get(&self, id: u64) -> Option<&Reader> {
        self.by_id.get(id)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The reader of a delivery stream or channel.
    fn of(&self, home: Home, number: u64) -> Option<u64> {
        let owner = self.owners.get(self.place_of(home, number));
        owner.filter(|owner| (owner.0, owner.1) == (home, number)).map(|owner| owner.2)
    }

    fn place_of(&self, home: Home, number: u64) -> usize {
        self.owners.partition_point(|owner| (owner.0, owner.1) < (home, number))
    }
}

/// A delivery stream or channel that reads a data stream, and how far it has come.
#[derive(Debug, Persist)]
pub(super) struct Reader {
    home: Home,
    /// The number of the delivery stream or channel.
    number: u64,
    source: u64,
    progress: Progress,
    last_read: Option<Timestamp>,
}

/// What a reader's owner makes of more records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Appetite {
    /// It takes them.
    Hungry,
    /// It takes none before this time, or before it says so.
    Waits(Option<Timestamp>),
    /// It takes none any more.
    Gone,
}

impl Engine {
    /// Lets a delivery stream or channel read a stream.
    pub(super) fn add_reader(&mut self, home: Home, number: u64, source: u64, progress: Progress) {
        if let Some(stream) = self.streams.get_mut(source) {
            let readers = &mut self.deliveries.readers;
            let id = readers.by_id.add(Reader { home, number, source, progress, last_read: None });
            readers.owners.insert(readers.place_of(home, number), (home, number, id));
            stream.add_reader(Timer::SourceRead(id));
        }
    }

    /// One round of reading: up to one GetRecords call for each shard.
    pub(super) fn read_source(&mut self, id: u64, now: Timestamp) {
        let Some(&Reader { home, number, source, .. }) = self.deliveries.readers.get(id) else { return };
        if self.streams.get(source).is_none() {
            self.forget_reader(id);
            return;
        }
        match self.appetite(home, number) {
            Appetite::Hungry => {}
            Appetite::Waits(until) => {
                self.timers.set(Timer::SourceRead(id), until);
                return;
            }
            Appetite::Gone => {
                self.forget_reader(id);
                return;
            }
        }
        let Some((source, channels)) = self.streams.with_channels(source) else { return };
        let Some(reader) = self.deliveries.readers.by_id.get_mut(id) else { return };
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
            if records.is_empty() {
                continue;
            }
            match home {
                Home::Region(place) => {
                    let records = records
                        .iter()
                        .map(|record| SourceRecord { data: record.data, arrival: record.arrival });
                    if let Some(region) = self.deliveries.regions.get_mut(place) {
                        region.put_source_records(now, number, records);
                    }
                }
                Home::Channel(id) => {
                    if let Some(channel) = channels.get_mut(id) {
                        channel.put_source_records(now, shard, &records);
                    }
                }
            }
        }
        if is_behind {
            let next_read = reader.next_read(now);
            self.timers.set(Timer::SourceRead(id), Some(next_read));
        }
        self.settle(home);
    }

    fn appetite(&self, home: Home, number: u64) -> Appetite {
        match home {
            Home::Region(place) => match self.deliveries.stream(place, number) {
                Some(stream) if stream.wants_source_records() => Appetite::Hungry,
                // Either it is being created, and reads when that is over; or its objects cannot be delivered, and it
                // is woken by the next answer.
                Some(stream) if !stream.is_ending() => Appetite::Waits(stream.created_until()),
                _ => Appetite::Gone,
            },
            Home::Channel(id) => match self.streams.channels.get(id) {
                Some(channel) if channel.is_reading() && channel.is_backlogged() => Appetite::Waits(None),
                Some(channel) if channel.is_reading() => Appetite::Hungry,
                _ => Appetite::Gone,
            },
        }
    }

    fn forget_reader(&mut self, id: u64) {
        let readers = &mut self.deliveries.readers;
        let Some(reader) = readers.by_id.remove(id) else { return };
        readers.owners.remove(readers.place_of(reader.home, reader.number));
        if let Some(stream) = self.streams.get_mut(reader.source) {
            stream.remove_reader(Timer::SourceRead(id));
        }
    }

    pub(super) fn forget_reader_of(&mut self, home: Home, number: u64) {
        if let Some(id) = self.deliveries.readers.of(home, number) {
            self.forget_reader(id);
            self.timers.set(Timer::SourceRead(id), None);
        }
    }

    /// A delivery stream or channel that had stopped reading because too much waited may go on.
    pub(super) fn wake_reader_of(&mut self, home: Home, number: u64) {
        if self.appetite(home, number) != Appetite::Hungry {
            return;
        }
        let Some(id) = self.deliveries.readers.of(home, number) else { return };
        let Some(reader) = self.deliveries.readers.get(id) else { return };
        if self.sleeps(id, reader) {
            self.timers.set(Timer::SourceRead(id), Some(reader.next_read(self.now)));
        }
    }

    /// Whether a reader does not go on by itself, though there is something to read.
    fn sleeps(&self, id: u64, reader: &Reader) -> bool {
        let source = self.streams.get(reader.source);
        !self.timers.is_set(Timer::SourceRead(id))
            && source.is_some_and(|source| reader.progress.is_behind(source, self.now))
    }

    /// Whether all readers of a snapshot go on that take more records.
    pub(super) fn readers_go_on(&self) -> bool {
        let readers = &self.deliveries.readers.by_id;
        readers.iter().all(|(id, reader)| {
            self.appetite(reader.home, reader.number) != Appetite::Hungry || !self.sleeps(id, reader)
        })
    }
}

impl Reader {
    /// When the reader may read again. What a channel reads is not GetRecords' and has no rate.
    pub(super) fn next_read(&self, now: Timestamp) -> Timestamp {
        match (self.home, self.last_read) {
            (Home::Region(_), Some(last)) => last.plus_millis(READ_INTERVAL_MS).max(now),
            (Home::Region(_), None) | (Home::Channel(_), _) => now,
        }
    }
}

/// What one GetRecords call gives from `position` on, and the position after it.
fn read_batch(shard: &Shard, position: u64) -> (Vec<StoredRecord<'_>>, u64) {
    let records: Vec<_> = shard.log().read_within(position, MAX_RECORDS as usize, MAX_BYTES).collect();
    let next = records.last().map_or(position, |last| last.index + 1);
    (records, next)
}
