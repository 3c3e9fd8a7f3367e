//! What a delivery stream holds back: records by size and interval.

use alloc::vec::Vec;

use super::output::count;
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// When a buffer is full and when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thresholds {
    pub(crate) size_bytes: usize,
    pub(crate) interval_ms: u64,
}

/// Records that wait, one after another in one piece, so that a flush compresses them in one go.
#[derive(Debug, Default, Persist)]
pub(crate) struct Buffer {
    data: Vec<u8>,
    contents: Contents,
    deadline: Option<Timestamp>,
}

/// What is known of records that lie or lay in a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub(crate) struct Contents {
    pub(crate) records: u64,
    /// Arrival of the oldest record.
    pub(crate) oldest: Timestamp,
}

impl Buffer {
    /// Appends a record that arrived at `arrival`; the buffer is due when the first of its records is. Returns whether
    /// the buffer is full: the record that reaches `size_bytes` is still inside, so an object may exceed the hint
    /// by less than one record.
    pub(crate) fn push(
        &mut self,
        deadline: Timestamp,
        arrival: Timestamp,
        record: &[u8],
        size_bytes: usize,
    ) -> bool {
        if self.contents.records == 0 {
            self.contents.oldest = arrival;
        }
        self.deadline = Some(self.deadline.map_or(deadline, |first| first.min(deadline)));
        self.contents.oldest = self.contents.oldest.min(arrival);
        count(&mut self.contents.records, 1);
        self.reserve(record.len(), size_bytes);
        self.data.extend_from_slice(record);
        self.data.len() >= size_bytes
    }

    /// Doubles like a vector, but never far beyond what a full buffer needs.
    fn reserve(&mut self, more: usize, size_bytes: usize) {
        let needed = self.data.len() + more;
        if needed > self.data.capacity() {
            let target = needed.max((2 * self.data.capacity()).min(size_bytes));
            self.data.reserve_exact(target - self.data.len());
        }
    }

    /// Takes what the buffer knows of its records; their bytes stay until [`clear`](Self::clear) or
    /// [`take_data`](Self::take_data).
    pub(crate) fn take_contents(&mut self) -> Contents {
        self.deadline = None;
        core::mem::take(&mut self.contents)
    }

    /// Empties the buffer; keeps its memory if `keep`.
    pub(crate) fn clear(&mut self, keep: bool) {
        self.take_contents();
        self.data.clear();
        if !keep {
            self.data = Vec::new();
        }
    }

    /// The bytes, taken out.
    pub(crate) fn take_data(&mut self) -> Vec<u8> {
        let mut data = core::mem::take(&mut self.data);
        data.shrink_to_fit();
        data
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// What the buffer takes in memory.
    pub(crate) const fn stored_bytes(&self) -> u64 {
        self.data.capacity() as u64
    }

    /// Whether what was read from a snapshot can be: records have a deadline, and without records there are no bytes.
    pub(crate) fn is_sound(&self) -> bool {
        let is_empty = self.contents.records == 0;
        self.deadline.is_none() == is_empty && (self.data.is_empty() || !is_empty)
    }

    #[cfg(test)]
    pub(crate) const fn records(&self) -> u64 {
        self.contents.records
    }

    /// Moves the deadline, unless the buffer is empty.
    pub(crate) fn set_deadline(&mut self, due: impl FnOnce(Timestamp) -> Timestamp) {
        if self.deadline.is_some() {
            self.deadline = Some(due(self.contents.oldest));
        }
    }

    /// When the buffer is due; nothing while it is empty.
    pub(crate) const fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE_BYTES: usize = 10;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn is_full_with_the_record_that_reaches_the_threshold() {
        let mut buffer = Buffer::default();
        assert!(!buffer.push(at(9), at(5), &[0; 9], SIZE_BYTES));
        assert!(buffer.push(at(9), at(6), &[0; 3], SIZE_BYTES));
        assert_eq!(buffer.data().len(), 12);
        assert_eq!(buffer.take_contents(), Contents { records: 2, oldest: at(5) });
    }

    #[test]
    fn the_deadline_is_that_of_the_record_that_is_due_first_even_if_it_is_empty() {
        let mut buffer = Buffer::default();
        assert_eq!(buffer.deadline(), None);
        buffer.set_deadline(|oldest| oldest);
        assert_eq!(buffer.deadline(), None);
        assert!(!buffer.push(at(60_005), at(3), b"", SIZE_BYTES));
        assert!(!buffer.push(at(60_009), at(2), b"", SIZE_BYTES));
        assert_eq!(buffer.deadline(), Some(at(60_005)));
        assert!(!buffer.push(at(60_001), at(4), b"", SIZE_BYTES));
        assert_eq!(buffer.deadline(), Some(at(60_001)));
        buffer.set_deadline(|oldest| oldest.plus_millis(90_000));
        assert_eq!(buffer.deadline(), Some(at(90_002)));
        assert_eq!(buffer.take_contents(), Contents { records: 3, oldest: at(2) });
        assert_eq!(buffer.deadline(), None);
    }

    #[test]
    fn snapshots_have_no_records_that_are_never_due() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_sound());
        buffer.push(at(9), at(5), b"x", SIZE_BYTES);
        assert!(buffer.is_sound());
        let deadline = buffer.deadline.take();
        assert!(!buffer.is_sound());
        (buffer.contents.records, buffer.deadline) = (0, deadline);
        assert!(!buffer.is_sound());
        buffer.deadline = None;
        assert!(!buffer.is_sound());
    }

    #[test]
    fn memory_does_not_outgrow_the_threshold() {
        let mut buffer = Buffer::default();
        while !buffer.push(at(0), at(0), &[0; 7], 1000) {}
        assert!(buffer.data.capacity() < 1016);
    }
}
