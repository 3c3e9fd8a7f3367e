//! The records of one shard: append at the end, read from any position, trim at the front by age.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use crate::aggregate::MAX_RECORD_BYTES;
use crate::snapshot::{Persist, Reader, Writer};
use crate::time::Timestamp;

/// Size of the smallest segments. Each has a fixed share of the bytes that the log holds already, up to the cap, so
/// that an idle shard costs almost nothing, and a busy one holds little memory that is not used yet.
const MIN_SEGMENT_BYTES: usize = 1024;
/// The share of a new segment in the log is one in this many.
const SEGMENT_SHARE: usize = 16;
/// Segments stop growing here: what trimming drops at once, and at most what one shard holds unused, once for what records
/// have and once for their entries.
const MAX_SEGMENT_BYTES: usize = 1 << 20;
/// The counters of sequence numbers have 63 bits; nobody gets near, except from a forged snapshot.
const MAX_RECORDS: u64 = 1 << 62;

/// One stored record, borrowed from its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredRecord<'a> {
    /// How many records the shard took before this one, in its whole life.
    pub(crate) index: u64,
    pub(crate) arrival: Timestamp,
    /// None for a record that was put without one.
    pub(crate) partition_key: Option<&'a str>,
    /// Whether the stream was encrypted when the record came.
    pub(crate) is_encrypted: bool,
    pub(crate) data: &'a [u8],
}

impl StoredRecord<'_> {
    /// What the record counts against size limits: its data and its partition key.
    pub(crate) fn size(&self) -> usize {
        self.partition_key.map_or(0, str::len) + self.data.len()
    }
}

/// What a segment keeps of a record beside its bytes: 16 bytes.
#[derive(Clone, Copy, Debug)]
struct Entry {
    arrival: Timestamp,
    /// Where the record's bytes end; they start where the one before ends.
    end: u32,
    /// Bytes of the partition key, or [`NO_KEY`].
    key_len: u32,
}

/// In place of a length: there is no partition key. No key is that long.
const NO_KEY: u32 = u32::MAX;

/// Consecutive records in two contiguous buffers: partition key then data of each, and an entry for each.
#[derive(Debug)]
struct Segment {
    first_index: u64,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

impl Segment {
    fn end_index(&self) -> u64 {
        self.first_index + self.entries.len() as u64
    }

    fn last_arrival(&self) -> Timestamp {
        self.entries.last().map_or(Timestamp::EPOCH, |entry| entry.arrival)
    }

    fn record(&self, position: usize) -> StoredRecord<'_> {
        let entry = self.entries[position];
        let start = if position == 0 { 0 } else { self.entries[position - 1].end as usize };
        let bytes = &self.bytes[start..entry.end as usize];
        let (partition_key, data) = match entry.key_len {
            NO_KEY => (None, bytes),
            key_len => {
                let (key, data) = bytes.split_at(key_len as usize);
                // The key came in as a `str`, so this check cannot fail; it costs less than a copy would.
                (Some(core::str::from_utf8(key).unwrap_or_default()), data)
            }
        };
        let index = self.first_index + position as u64;
        StoredRecord { index, arrival: entry.arrival, partition_key, is_encrypted: false, data }
    }
}

/// An append-only log of records in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Log {
    segments: VecDeque<Segment>,
    next_index: u64,
    /// What the records that are kept have together.
    bytes: usize,
    /// The records with which encryption began and ended by turns; it began with the first of them.
    encryption_changes: Vec<u64>,
    /// The horizon of the last trimming: records that came since are none of its.
    horizon: Timestamp,
}

impl Log {
    /// How many records the log ever took: the index of the next one.
    pub(crate) fn next_index(&self) -> u64 {
        self.next_index
    }

    /// Whether the log takes no more: a log that came to the end of the numbers.
    pub(crate) fn is_full(&self) -> bool {
        self.next_index >= MAX_RECORDS
    }

    /// What the log takes in memory: records, what is kept of each, and segments.
    pub(crate) fn stored_bytes(&self) -> u64 {
        let first = self.segments.front().map_or(self.next_index, |segment| segment.first_index);
        let entries = (self.next_index - first) * size_of::<Entry>() as u64;
        (self.bytes + self.segments.len() * size_of::<Segment>()) as u64 + entries
    }

    /// When the newest record arrived that is kept.
    pub(crate) fn last_arrival(&self) -> Timestamp {
        self.segments.back().map_or(Timestamp::EPOCH, Segment::last_arrival)
    }

    /// Appends a record and returns its index. `arrival` must not be earlier than that of the last record; the
    /// engine's clock sees to it.
    pub(crate) fn append(
        &mut self,
        arrival: Timestamp,
        partition_key: Option<&str>,
        is_encrypted: bool,
        data: &[u8],
    ) -> u64 {
        // Trimming rests on it.
        debug_assert!(arrival >= self.horizon, "a record is older than what was trimmed");
        let key = partition_key.unwrap_or_default();
        let size = key.len() + data.len();
        let segment = match self.segments.back_mut() {
            Some(last) if last.bytes.len() + size <= last.bytes.capacity() => last,
            _ => self.start_segment(size),
        };
        segment.bytes.extend_from_slice(key.as_bytes());
        segment.bytes.extend_from_slice(data);
        segment.entries.push(Entry {
            arrival,
            end: segment.bytes.len() as u32,
            key_len: partition_key.map_or(NO_KEY, |key| key.len() as u32),
        });
        self.bytes += size;
        let index = self.next_index;
        if is_encrypted == self.encryption_changes.len().is_multiple_of(2) {
            self.encryption_changes.push(index);
        }
        self.next_index += 1;
        index
    }

    fn is_encrypted(&self, index: u64) -> bool {
        !self.encryption_changes.partition_point(|change| *change <= index).is_multiple_of(2)
    }

    fn start_segment(&mut self, at_least: usize) -> &mut Segment {
        let mut records = 0;
        if let Some(last) = self.segments.back_mut() {
            // A closed segment takes nothing more; what it reserved beyond its content goes back.
            last.entries.shrink_to_fit();
            last.bytes.shrink_to_fit();
            // Likely the next one takes somewhat more, as long as segments grow.
            records = (last.entries.len() * 9 / 8).min(MAX_SEGMENT_BYTES / size_of::<Entry>());
        }
        let capacity = (self.bytes / SEGMENT_SHARE).clamp(MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
        self.segments.push_back(Segment {
            first_index: self.next_index,
            entries: Vec::with_capacity(records),
            bytes: Vec::with_capacity(capacity.max(at_least)),
        });
        let last = self.segments.len() - 1;
        &mut self.segments[last]
    }

    /// The records from `index` on, oldest first; from the oldest kept one if `index` is trimmed.
    pub(crate) fn read(&self, index: u64) -> impl Iterator<Item = StoredRecord<'_>> {
        let segment = self.segments.partition_point(|segment| segment.end_index() <= index);
        self.segments.range(segment..).flat_map(move |segment| {
            let first = index.saturating_sub(segment.first_index) as usize;
            (first..segment.entries.len()).map(move |position| {
                let record = segment.record(position);
                StoredRecord { is_encrypted: self.is_encrypted(record.index), ..record }
            })
        })
    }

    /// As [`read`](Self::read), up to so many records and bytes; one record at least, however large it is.
    pub(crate) fn read_within(
        &self,
        index: u64,
        max_records: usize,
        max_bytes: usize,
    ) -> impl Iterator<Item = StoredRecord<'_>> {
        let (mut bytes, mut is_first) = (0, true);
        self.read(index).take(max_records).take_while(move |record| {
            bytes += record.size();
            core::mem::replace(&mut is_first, false) || bytes <= max_bytes
        })
    }

    /// The index of the first record that arrived at `time` or later: `next_index` if none did.
    pub(crate) fn first_at_or_after(&self, time: Timestamp) -> u64 {
        let segment = self.segments.partition_point(|segment| segment.last_arrival() < time);
        self.segments.get(segment).map_or(self.next_index, |segment| {
            segment.first_index + segment.entries.partition_point(|entry| entry.arrival < time) as u64
        })
    }

    /// Drops every record that arrived before `horizon`, also in the middle of a segment.
    pub(crate) fn trim_exactly(&mut self, horizon: Timestamp) {
        self.trim(horizon);
        let Some(first) = self.segments.front_mut() else { return };
        let expired = first.entries.partition_point(|entry| entry.arrival < horizon);
        if let Some(last) = expired.checked_sub(1) {
            let bytes = first.entries[last].end;
            first.entries.drain(..expired);
            first.entries.iter_mut().for_each(|entry| entry.end -= bytes);
            first.bytes.drain(..bytes as usize);
            first.first_index += expired as u64;
            self.bytes -= bytes as usize;
            self.forget_encryption_changes();
        }
    }

    /// Drops the segments whose every record arrived before `horizon`.
    pub(crate) fn trim(&mut self, horizon: Timestamp) {
        // Each record that is put asks, also those of one request.
        if core::mem::replace(&mut self.horizon, horizon) == horizon {
            return;
        }
        while let Some(segment) = self.segments.front()
            && segment.last_arrival() < horizon
        {
            self.bytes -= segment.bytes.len();
            self.segments.pop_front();
        }
        self.forget_encryption_changes();
    }

    fn forget_encryption_changes(&mut self) {
        let oldest = self.segments.front().map_or(self.next_index, |segment| segment.first_index);
        let past = self.encryption_changes.partition_point(|change| *change <= oldest);
        // Pairs, so that what begins and ends stays the same for the rest.
        self.encryption_changes.drain(..past & !1);
    }
}

/// Records and where they stand, without the segments they happen to lie in.
impl Persist for Log {
    fn save(&self, to: &mut Writer<'_>) {
        self.next_index.save(to);
        let kept: u64 = self.segments.iter().map(|segment| segment.entries.len() as u64).sum();
        kept.save(to);
        for record in self.read(0) {
            record.arrival.save(to);
            record.partition_key.is_some().save(to);
            record.partition_key.into_iter().for_each(|key| to.bytes(key.as_bytes()));
            record.is_encrypted.save(to);
            to.bytes(record.data);
        }
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let (next_index, kept): (u64, u64) = Persist::load(from);
        from.check(next_index <= MAX_RECORDS, "a shard took more than can be counted");
        from.check(kept <= next_index, "a shard keeps more than it took");
        let mut log = Self { next_index: next_index.saturating_sub(kept), ..Self::default() };
        let mut before = Timestamp::EPOCH;
        for _ in 0..kept {
            let (arrival, partition_key, is_encrypted): (Timestamp, Option<String>, bool) =
                Persist::load(from);
            let data = from.bytes();
            from.check(arrival >= before, "records are out of order");
            let size = data.len() + partition_key.as_ref().map_or(0, String::len);
            from.check(size <= MAX_RECORD_BYTES, "a record is too large");
            if from.has_failed() {
                break;
            }
            before = arrival;
            log.append(arrival, partition_key.as_deref(), is_encrypted, data);
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::snapshot::tests::{loaded, refused, saved};

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn log_of(records: u64) -> Log {
        let mut log = Log::default();
        for i in 0..records {
            assert_eq!(log.append(at(i * 10), Some(&format!("k{i}")), false, &[i as u8; 100]), i);
        }
        log
    }

    #[test]
    fn reads_back_from_every_position() {
        let log = log_of(2000);
        for start in [0, 1, 7, 1023, 1999, 2000] {
            let read: Vec<_> = log.read(start).collect();
            assert_eq!(read.len() as u64, 2000 - start);
            for (offset, record) in read.iter().enumerate() {
                let i = start + offset as u64;
                assert_eq!(record.index, i);
                assert_eq!(record.partition_key, Some(&*format!("k{i}")));
                assert_eq!(record.data, [i as u8; 100]);
                assert_eq!(record.arrival, Timestamp::from_millis(i * 10));
            }
        }
    }

    #[test]
    fn is_full_where_numbers_end() {
        let mut log: Log = loaded(&saved(&(MAX_RECORDS - 1, 0_u64))).unwrap();
        assert!(!log.is_full());
        assert_eq!(log.append(at(1), Some("k"), false, b"last"), MAX_RECORDS - 1);
        assert!(log.is_full());
        let again: Log = loaded(&saved(&log)).unwrap();
        assert!(again.is_full() && again.read(0).count() == 1);
        refused::<Log>(&saved(&(MAX_RECORDS + 1, 0_u64)), "a shard took more than can be counted");
    }

    #[test]
    fn finds_positions_by_time() {
        let log = log_of(1000);
        let at = |millis| log.first_at_or_after(Timestamp::from_millis(millis));
        assert_eq!((at(0), at(1), at(10), at(9989), at(9990), at(9991)), (0, 1, 1, 999, 999, 1000));
        assert_eq!(Log::default().first_at_or_after(Timestamp::EPOCH), 0);
    }

    #[test]
    fn snapshots_have_no_larger_records_than_streams_take() {
        for (size, is_sound) in [(MAX_RECORD_BYTES, true), (MAX_RECORD_BYTES + 1, false)] {
            let mut log = Log::default();
            log.append(at(0), Some("key"), false, &alloc::vec![0; size - 3]);
            assert_eq!(loaded::<Log>(&saved(&log)).is_ok(), is_sound, "{size}");
        }
    }

    #[test]
    fn trimming_drops_whole_segments_and_keeps_indices() {
        let mut log = log_of(1000);
        log.trim(Timestamp::from_millis(5000));
        let first = log.read(0).next().unwrap().index;
        assert!(first > 0 && first <= 500, "first kept record: {first}");
        log.trim(Timestamp::from_millis(u64::MAX));
        assert_eq!(log.read(0).count(), 0);
        assert_eq!(log.append(Timestamp::from_millis(u64::MAX), Some("k"), false, b""), 1000);
        assert_eq!(log.read(0).next().unwrap().index, 1000);
    }

    #[test]
    fn trimming_again_at_the_same_time_drops_no_more_and_no_less() {
        let mut log = log_of(1000);
        log.trim(at(5000));
        let kept = log.read(0).count();
        log.append(at(9990), Some("k"), false, b"");
        log.trim(at(5000));
        assert_eq!(log.read(0).count(), kept + 1);
        // Also in the middle of a segment, and again.
        for _ in 0..2 {
            log.trim_exactly(at(5000));
            assert_eq!(log.read(0).next().unwrap().arrival, at(5000));
        }
        // What is loaded was not trimmed yet, whatever was trimmed before it was saved.
        let mut log: Log = loaded(&saved(&log_of(1000))).unwrap();
        log.trim(at(0));
        assert_eq!(log.read(0).count(), 1000);
        log.trim(at(5000));
        assert!(log.read(0).count() <= kept);
    }

    #[test]
    fn entries_have_room_for_no_more_than_a_segment_takes() {
        let mut log = Log::default();
        for i in 0..200_000 {
            log.append(at(i), None, false, b"x");
        }
        log.append(at(200_000), None, false, &[0; MAX_SEGMENT_BYTES]);
        let reserved: usize = log.segments.iter().map(|segment| segment.entries.capacity()).sum();
        let entries: usize = log.segments.iter().map(|segment| segment.entries.len()).sum();
        assert!(reserved <= entries + MAX_SEGMENT_BYTES / size_of::<Entry>(), "{reserved} for {entries}");
    }

    #[test]
    fn a_record_larger_than_a_segment_gets_its_own() {
        let mut log = Log::default();
        let large = alloc::vec![7; 3 * MAX_SEGMENT_BYTES];
        log.append(Timestamp::EPOCH, Some("a"), false, &large);
        log.append(Timestamp::EPOCH, Some("b"), false, b"");
        assert_eq!(log.read(0).next().unwrap().data.len(), 3 * MAX_SEGMENT_BYTES);
        assert_eq!(log.read(1).next().unwrap().partition_key, Some("b"));
    }

    #[test]
    fn no_key_is_not_the_empty_key() {
        let mut log = Log::default();
        log.append(at(0), None, false, b"x");
        log.append(at(0), Some(""), false, b"x");
        let keys: Vec<_> = log.read(0).map(|record| record.partition_key).collect();
        assert_eq!(keys, [None, Some("")]);
        assert_eq!(log.read(0).next().unwrap().size(), 1);
    }

    #[test]
    fn encryption_is_kept_for_each_record_in_a_number_for_each_change() {
        let mut log = Log::default();
        let pattern = |i: u64| (300..500).contains(&i) || (700..701).contains(&i) || i >= 900;
        for i in 0..1000 {
            log.append(at(i * 10), Some("k"), pattern(i), &[0; 100]);
        }
        assert_eq!(log.encryption_changes, [300, 500, 700, 701, 900]);
        for millis in [0, 2000, 4000, 6000, 8000, 9500] {
            log.trim(at(millis));
            assert!(log.read(0).all(|record| record.is_encrypted == pattern(record.index)), "{millis}");
        }
        log.trim(at(u64::MAX));
        assert_eq!(log.encryption_changes, [900]);
        log.append(at(u64::MAX), Some("k"), true, b"");
        assert!(log.read(0).all(|record| record.is_encrypted));
    }
}
