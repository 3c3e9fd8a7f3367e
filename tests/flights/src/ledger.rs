//! The proof that everything came through: each record that arrives is compared with those that were put.

use core::hash::Hasher as _;
use core::ops::Range;
use std::hash::DefaultHasher;

use crate::input::Flights;

/// Accounts for records that arrive somewhere, byte for byte, against the flights.
#[derive(Debug)]
pub struct Ledger<'f> {
    flights: &'f Flights,
    /// The flights in put order, one key after another, and where each key's start.
    by_key: Vec<u32>,
    starts: Vec<usize>,
    /// For each key, the place in `by_key` after the furthest flight that arrived.
    next: Vec<usize>,
    /// Which places of `by_key` arrived.
    arrived: Vec<bool>,
    /// The hash of each place's record; made when a record arrives that is not the one that is due.
    hashes: Vec<u64>,
    record: Vec<u8>,
    tally: Tally,
}

/// What arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// All records, right or wrong.
    pub records: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Flights that did not arrive.
    pub lost: usize,
    /// Records whose flight had arrived before.
    pub repeated: usize,
    /// Records that are no flight of their key.
    pub foreign: usize,
    /// Flights that arrived after a later one of the same key.
    pub late: usize,
}

impl<'f> Ledger<'f> {
    /// An account in which nothing has arrived yet.
    pub fn new(flights: &'f Flights) -> Self {
        let mut starts = vec![0; flights.keys().len() + 1];
        for flight in flights.iter() {
            starts[flight.key() + 1] += 1;
        }
        for key in 1..starts.len() {
            starts[key] += starts[key - 1];
        }
        let mut next = starts.clone();
        let mut by_key = vec![0; flights.len()];
        for (index, flight) in flights.iter().enumerate() {
            let place = &mut next[flight.key()];
            by_key[*place] = index as u32;
            *place += 1;
        }
        next.copy_from_slice(&starts);
        let arrived = vec![false; flights.len()];
        Self {
            flights,
            by_key,
            starts,
            next,
            arrived,
            hashes: Vec::new(),
            record: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Accounts for one record.
    pub fn arrive(&mut self, partition_key: &str, data: &[u8]) {
        self.tally.records += 1;
        self.tally.bytes += data.len() as u64;
        let Some(key) = self.flights.find_key(partition_key) else {
            self.tally.foreign += 1;
            return;
        };
        let (start, next, end) = (self.starts[key], self.next[key], self.starts[key + 1]);
        if next < end && self.holds(next, data) {
            self.take(key, next);
            return;
        }
        self.hash_all();
        let hash = hash_of(data);
        let mut find = |places: Range<usize>, arrived: bool| {
            places.into_iter().find(|&place| {
                self.arrived[place] == arrived && self.hashes[place] == hash && self.holds(place, data)
            })
        };
        if let Some(place) = find(next..end, false) {
            self.take(key, place);
        } else if let Some(place) = find(start..next, false) {
            self.arrived[place] = true;
            self.tally.late += 1;
        } else if find(start..next, true).is_some() {
            self.tally.repeated += 1;
        } else {
            self.tally.foreign += 1;
        }
    }

    fn take(&mut self, key: usize, place: usize) {
        self.arrived[place] = true;
        self.next[key] = place + 1;
    }

    fn hash_all(&mut self) {
        if self.hashes.is_empty() {
            for &index in &self.by_key {
                self.record.clear();
                self.flights.flight(index as usize).write_record(&mut self.record);
                self.hashes.push(hash_of(&self.record));
            }
        }
    }

    /// Whether the flight at this place of `by_key` has this record.
    fn holds(&mut self, place: usize, data: &[u8]) -> bool {
        self.record.clear();
        self.flights.flight(self.by_key[place] as usize).write_record(&mut self.record);
        self.record == data
    }

    /// What arrived, when nothing more comes.
    pub fn close(self) -> Tally {
        let lost = self.arrived.iter().filter(|arrived| !**arrived).count();
        Tally { lost, ..self.tally }
    }
}

fn hash_of(data: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(data);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "tailnum,x,time_hour\n\
        A,1,2013-01-01T10:00:00Z\n\
        B,1,2013-01-01T10:00:00Z\n\
        A,2,2013-01-01T11:00:00Z\n\
        A,2,2013-01-01T11:00:00Z\n\
        A,3,2013-01-01T12:00:00Z\n";

    /// Lets flights arrive by their numbers.
    fn tally(order: &[usize]) -> Tally {
        let flights = Flights::read(CSV.as_bytes(), "", 0, None).unwrap();
        let mut ledger = Ledger::new(&flights);
        for &index in order {
            let mut record = Vec::new();
            flights.flight(index).write_record(&mut record);
            ledger.arrive(flights.flight(index).partition_key(), &record);
        }
        Tally { bytes: 0, ..ledger.close() }
    }

    #[test]
    fn tells_lost_late_repeated_and_foreign_records() {
        let clean = Tally { records: 5, ..Tally::default() };
        assert_eq!(tally(&[0, 1, 2, 3, 4]), clean);
        // Keys are independent of each other, and equal records stand for each other.
        assert_eq!(tally(&[0, 3, 2, 4, 1]), clean);
        assert_eq!(tally(&[0, 1, 2, 4]), Tally { records: 4, lost: 1, ..clean });
        assert_eq!(tally(&[0, 1, 2, 4, 3]), Tally { late: 1, ..clean });
        assert_eq!(tally(&[0, 1, 2, 3, 4, 0, 2]), Tally { records: 7, repeated: 2, ..clean });

        let flights = Flights::read(CSV.as_bytes(), "", 0, None).unwrap();
        let mut ledger = Ledger::new(&flights);
        ledger.arrive("A", b"{}\n");
        ledger.arrive("C", b"");
        assert_eq!(ledger.close(), Tally { records: 2, bytes: 3, lost: 5, foreign: 2, ..Tally::default() });
    }
}
