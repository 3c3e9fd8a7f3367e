//! Things under numbers that are given out in order and never again.

use alloc::vec::Vec;

use crate::snapshot::{Persist, Reader, Writer};

/// A table in order of the numbers. Finding is logarithmic and adding constant. Removing moves what was added later,
/// so large things are boxed.
///
/// It is one kind of container where a tree for each kind of thing would cost the wasm module several kilobytes.
#[derive(Clone, Debug)]
pub(crate) struct ById<T> {
    entries: Vec<(u64, T)>,
    /// All numbers that were given out are below this one.
    end: u64,
}

/// Where numbers end. No engine gets there, unless a forged snapshot starts it there: numbers that are free are given out
/// again then, so that whatever a snapshot holds, an engine goes on and its own snapshots are as good.
const LAST: u64 = u64::MAX;

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl<T> ById<T> {
    /// An empty table whose first thing gets this number.
    pub(crate) const fn starting_at(next: u64) -> Self {
        Self { entries: Vec::new(), end: next }
    }

    /// The number of what is added next.
    pub(crate) fn next_id(&self) -> u64 {
        if self.end < LAST {
            return self.end;
        }
        let free = (0..).zip(&self.entries).find(|(free, (id, _))| free != id);
        free.map_or(self.entries.len() as u64, |(free, _)| free)
    }

    /// Whether there is or was a thing with this number.
    pub(crate) const fn was_given(&self, id: u64) -> bool {
        id < self.end
    }

    /// Adds a thing, and gives its number.
    pub(crate) fn add(&mut self, value: T) -> u64 {
        let id = self.next_id();
        self.end = self.end.max(id.saturating_add(1));
        let place = match self.entries.last() {
            Some((last, _)) if *last > id => self.entries.partition_point(|(other, _)| *other < id),
            _ => self.entries.len(),
        };
        self.entries.insert(place, (id, value));
        id
    }

    pub(crate) fn get(&self, id: u64) -> Option<&T> {
        self.place(id).map(|place| &self.entries[place].1)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.place(id).map(|place| &mut self.entries[place].1)
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        self.place(id).map(|place| self.entries.remove(place).1)
    }

    /// Removes all things; their numbers stay given out.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The things with their numbers, in order of these.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.entries.iter().map(|(id, value)| (*id, value))
    }

    /// The things, to be changed, with their numbers.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u64, &mut T)> {
        self.entries.iter_mut().map(|(id, value)| (*id, value))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The numbers, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().map(|(id, _)| *id)
    }

    fn place(&self, id: u64) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()
    }
}

impl<T: Persist> Persist for ById<T> {
    fn save(&self, to: &mut Writer<'_>) {
        self.end.save(to);
        self.entries.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let end = u64::load(from);
        let entries: Vec<(u64, T)> = Vec::load(from);
        let is_sound = entries.is_sorted_by(|(a, _), (b, _)| a < b)
            && entries.last().is_none_or(|(last, _)| *last < end);
        from.check(is_sound, "numbers are out of order");
        Self { entries, end }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::snapshot::tests::{loaded, refused, saved};

    #[test]
    fn finds_what_is_left() {
        let mut table = ById::default();
        for value in [0, 10, 20, 30] {
            assert_eq!(table.next_id(), value / 10);
            assert_eq!(table.add(value), value / 10);
        }
        assert_eq!((table.get(2), table.get(4)), (Some(&20), None));
        assert_eq!((table.remove(1), table.remove(1)), (Some(10), None));
        *table.get_mut(3).unwrap() += 1;
        assert_eq!((table.get(0), table.get(3), table.len()), (Some(&0), Some(&31), 3));
        assert_eq!(table.ids().collect::<Vec<_>>(), [0, 2, 3]);
    }

    #[test]
    fn gives_no_number_twice() {
        let mut table = ById::starting_at(5);
        assert_eq!((table.add('a'), table.add('b')), (5, 6));
        table.remove(6);
        assert_eq!(table.add('c'), 7);
        table.clear();
        assert_eq!((table.next_id(), table.was_given(7), table.was_given(8)), (8, true, false));
    }

    #[test]
    fn goes_on_where_numbers_end() {
        let mut table = ById::starting_at(u64::MAX - 1);
        assert_eq!((table.add(0), table.add(1), table.add(2)), (u64::MAX - 1, 0, 1));
        table.remove(0);
        assert_eq!(table.next_id(), 0);
        assert_eq!((table.add(3), table.add(4)), (0, 2));
        assert_eq!(table.ids().collect::<Vec<_>>(), [0, 1, 2, u64::MAX - 1]);
        let again: ById<u64> = loaded(&saved(&table)).unwrap();
        assert_eq!(again.iter().collect::<Vec<_>>(), table.iter().collect::<Vec<_>>());
        assert_eq!((again.next_id(), again.was_given(u64::MAX - 1)), (3, true));
    }

    #[test]
    fn numbers_that_were_not_given_are_refused() {
        refused::<ById<u8>>(&saved(&(5_u64, vec![(5_u64, 1_u8)])), "numbers are out of order");
        refused::<ById<u8>>(&saved(&(5_u64, vec![(1_u64, 1_u8), (1, 1)])), "numbers are out of order");
    }
}
