//! The records of one shard: append at the end, read from any position, trim at the front by age.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use borsh::io::{Read, Write};
use borsh::{BorshDeserialize, BorshSerialize};

use crate::snapshot::{check, contradiction};
use crate::time::Timestamp;

/// Size of the smallest segments. Each has a fixed share of the bytes that the log holds already, up to the cap, so
/// that an idle shard costs almost nothing, and a busy one holds little memory that is not used yet.
const MIN_SEGMENT_BYTES: usize = 1024;
/// The share of a new segment in the log is one in this many.
const SEGMENT_SHARE: usize = 16;
/// Segments stop growing here: what trimming drops at once, and at most what one shard holds unused.
const MAX_SEGMENT_BYTES: usize = 1 << 20;
/// The counters of sequence numbers have 63 bits; nobody gets near.
const MAX_RECORDS: u64 = 1 << 62;

/// One stored record, borrowed from its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredRecord<'a> {
    /// How many records the shard took before this one, in its whole life.
    pub(crate) index: u64,
    pub(crate) arrival: Timestamp,
    pub(crate) partition_key: &'a str,
    pub(crate) data: &'a [u8],
}

impl StoredRecord<'_> {
    /// What the record counts against size limits: its data and its partition key.
    pub(crate) fn size(&self) -> usize {
        self.partition_key.len() + self.data.len()
    }
}

/// What a segment keeps of a record beside its bytes: 16 bytes.
#[derive(Clone, Copy, Debug)]
struct Entry {
    arrival: Timestamp,
    /// Where the record's bytes end; they start where the one before ends.
    end: u32,
    key_len: u32,
}

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
        let (key, data) = self.bytes[start..entry.end as usize].split_at(entry.key_len as usize);
        StoredRecord {
            index: self.first_index + position as u64,
            arrival: entry.arrival,
            // The key came in as a `str`, so this check cannot fail; it costs less than a copy would.
            partition_key: core::str::from_utf8(key).unwrap_or_default(),
            data,
        }
    }
}

/// An append-only log of records in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Log {
    segments: VecDeque<Segment>,
    next_index: u64,
    /// What the records that are kept have together.
    bytes: usize,
}

impl Log {
    /// How many records the log ever took: the index of the next one.
    pub(crate) fn next_index(&self) -> u64 {
        self.next_index
    }

    /// When the newest record arrived that is kept.
    pub(crate) fn last_arrival(&self) -> Timestamp {
        self.segments.back().map_or(Timestamp::EPOCH, Segment::last_arrival)
    }

    /// Appends a record and returns its index. `arrival` must not be earlier than that of the last record; the
    /// engine's clock sees to it.
    pub(crate) fn append(&mut self, arrival: Timestamp, partition_key: &str, data: &[u8]) -> u64 {
        let size = partition_key.len() + data.len();
        let segment = match self.segments.back_mut() {
            Some(last) if last.bytes.len() + size <= last.bytes.capacity() => last,
            _ => self.start_segment(size),
        };
        segment.bytes.extend_from_slice(partition_key.as_bytes());
        segment.bytes.extend_from_slice(data);
        segment.entries.push(Entry {
            arrival,
            end: segment.bytes.len() as u32,
            key_len: partition_key.len() as u32,
        });
        self.bytes += size;
        let index = self.next_index;
        self.next_index += 1;
        index
    }

    fn start_segment(&mut self, at_least: usize) -> &mut Segment {
        if let Some(last) = self.segments.back_mut() {
            // A closed segment takes nothing more; what it reserved beyond its content goes back.
            last.entries.shrink_to_fit();
            last.bytes.shrink_to_fit();
        }
        let capacity = (self.bytes / SEGMENT_SHARE).clamp(MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
        self.segments.push_back(Segment {
            first_index: self.next_index,
            entries: Vec::new(),
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
            (first..segment.entries.len()).map(move |position| segment.record(position))
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
        }
    }

    /// Drops the segments whose every record arrived before `horizon`.
    pub(crate) fn trim(&mut self, horizon: Timestamp) {
        while let Some(segment) = self.segments.front()
            && segment.last_arrival() < horizon
        {
            self.bytes -= segment.bytes.len();
            self.segments.pop_front();
        }
    }
}

/// Records and where they stand, without the segments they happen to lie in.
impl BorshSerialize for Log {
    fn serialize<W: Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.next_index.serialize(writer)?;
        let kept: u64 = self.segments.iter().map(|segment| segment.entries.len() as u64).sum();
        kept.serialize(writer)?;
        for record in self.read(0) {
            (record.arrival, record.partition_key, record.data).serialize(writer)?;
        }
        Ok(())
    }
}

impl BorshDeserialize for Log {
    fn deserialize_reader<R: Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let next_index = u64::deserialize_reader(reader)?;
        let kept = u64::deserialize_reader(reader)?;
        check(next_index < MAX_RECORDS, "a shard took more than can be counted")?;
        let first_index =
            next_index.checked_sub(kept).ok_or_else(|| contradiction("a shard keeps more than it took"))?;
        let mut log = Self { next_index: first_index, ..Self::default() };
        let mut before = Timestamp::EPOCH;
        for _ in 0..kept {
            let (arrival, partition_key, data) = <(Timestamp, String, Vec<u8>)>::deserialize_reader(reader)?;
            check(arrival >= before, "records are out of order")?;
            before = arrival;
            log.append(arrival, &partition_key, &data);
        }
        Ok(log)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn log_of(records: u64) -> Log {
        let mut log = Log::default();
        for i in 0..records {
            assert_eq!(log.append(Timestamp::from_millis(i * 10), &format!("k{i}"), &[i as u8; 100]), i);
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
                assert_eq!(record.partition_key, format!("k{i}"));
                assert_eq!(record.data, [i as u8; 100]);
                assert_eq!(record.arrival, Timestamp::from_millis(i * 10));
            }
        }
    }

    #[test]
    fn finds_positions_by_time() {
        let log = log_of(1000);
        let at = |millis| log.first_at_or_after(Timestamp::from_millis(millis));
        assert_eq!((at(0), at(1), at(10), at(9989), at(9990), at(9991)), (0, 1, 1, 999, 999, 1000));
        assert_eq!(Log::default().first_at_or_after(Timestamp::EPOCH), 0);
    }

    #[test]
    fn trimming_drops_whole_segments_and_keeps_indices() {
        let mut log = log_of(1000);
        log.trim(Timestamp::from_millis(5000));
        let first = log.read(0).next().unwrap().index;
        assert!(first > 0 && first <= 500, "first kept record: {first}");
        log.trim(Timestamp::from_millis(u64::MAX));
        assert_eq!(log.read(0).count(), 0);
        assert_eq!(log.append(Timestamp::from_millis(u64::MAX), "k", b""), 1000);
        assert_eq!(log.read(0).next().unwrap().index, 1000);
    }

    #[test]
    fn a_record_larger_than_a_segment_gets_its_own() {
        let mut log = Log::default();
        let large = alloc::vec![7; 3 * MAX_SEGMENT_BYTES];
        log.append(Timestamp::EPOCH, "a", &large);
        log.append(Timestamp::EPOCH, "b", b"");
        assert_eq!(log.read(0).next().unwrap().data.len(), 3 * MAX_SEGMENT_BYTES);
        assert_eq!(log.read(1).next().unwrap().partition_key, "b");
    }
}
