//! Things under numbers that are given out in order and never again.

use alloc::vec::Vec;

use crate::snapshot::{Persist, Reader, Writer};

/// A table in order of the numbers. Finding is logarithmic and adding constant. Removing moves what was added later,
/// so large things are boxed.
///
/// It is one kind of container where a tree for each kind of thing would cost the wasm module several kilobytes.
#[derive(Clone, Debug)]
pub(crate) struct ById<T> {
    numbers: Numbers,
    /// In the order of their numbers.
    values: Vec<T>,
}

/// The numbers of a table, apart from what they stand for, so that this code is there once for all kinds of things.
#[derive(Clone, Debug)]
struct Numbers {
    /// In order.
    ids: Vec<u64>,
    /// All numbers that were given out are below this one.
    end: u64,
}

/// Where numbers end. No engine gets there, unless a forged snapshot starts it there: numbers that are free are given out
/// again then, so that whatever a snapshot holds, an engine goes on and its own snapshots are as good.
const LAST: u64 = u64::MAX;

impl Numbers {
    fn next_id(&self) -> u64 {
        if self.end < LAST {
            return self.end;
        }
        let free = (0..).zip(&self.ids).find(|(free, id)| free != *id);
        free.map_or(self.ids.len() as u64, |(free, _)| free)
    }

    /// Gives out a number; gives its place too.
    fn add(&mut self) -> (usize, u64) {
        let id = self.next_id();
        self.end = self.end.max(id.saturating_add(1));
        let place = self.ids.partition_point(|other| *other < id);
        self.ids.insert(place, id);
        (place, id)
    }

    fn place(&self, id: u64) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }
}

impl Persist for Numbers {
    fn save(&self, to: &mut Writer<'_>) {
        self.end.save(to);
        self.ids.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let (end, ids) = <(u64, Vec<u64>)>::load(from);
        let is_sound = ids.is_sorted_by(|a, b| a < b) && ids.last().is_none_or(|last| *last < end);
        from.check(is_sound, "numbers are out of order");
        Self { ids, end }
    }
}

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl<T> ById<T> {
    /// An empty table whose first thing gets this number.
    pub(crate) const fn starting_at(next: u64) -> Self {
        Self { numbers: Numbers { ids: Vec::new(), end: next }, values: Vec::new() }
    }

    /// The number of what is added next.
    pub(crate) fn next_id(&self) -> u64 {
        self.numbers.next_id()
    }

    /// Whether there is or was a thing with this number.
    pub(crate) const fn was_given(&self, id: u64) -> bool {
        id < self.numbers.end
    }

    /// How many were removed.
    pub(crate) fn removed(&self) -> u64 {
        self.numbers.end.saturating_sub(self.len() as u64)
    }

    /// Adds a thing, and gives its number.
    pub(crate) fn add(&mut self, value: T) -> u64 {
        let (place, id) = self.numbers.add();
        self.values.push(value);
        // Almost always it is there already.
        (place + 1..self.values.len()).rev().for_each(|other| self.values.swap(other - 1, other));
        id
    }

    pub(crate) fn get(&self, id: u64) -> Option<&T> {
        self.values.get(self.numbers.place(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.values.get_mut(self.numbers.place(id)?)
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        let place = self.numbers.place(id)?;
        self.numbers.ids.remove(place);
        Some(self.values.remove(place))
    }

    /// Removes all things; their numbers stay given out.
    pub(crate) fn clear(&mut self) {
        self.numbers.ids.clear();
        self.values.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The things with their numbers, in order of these.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.ids().zip(&self.values)
    }

    /// The things, to be changed, with their numbers.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u64, &mut T)> {
        self.numbers.ids.iter().copied().zip(&mut self.values)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut()
    }

    /// The numbers, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.numbers.ids.iter().copied()
    }
}

impl<T: Persist> Persist for ById<T> {
    fn save(&self, to: &mut Writer<'_>) {
        self.numbers.save(to);
        self.values.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let (numbers, values) = <(Numbers, Vec<T>)>::load(from);
        from.check(numbers.ids.len() == values.len(), "there are not as many things as numbers");
        Self { numbers, values }
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
        assert_eq!(table.removed(), 1);
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
        refused::<ById<u8>>(&saved(&(5_u64, vec![5_u64], vec![1_u8])), "numbers are out of order");
        refused::<ById<u8>>(&saved(&(5_u64, vec![1_u64, 1], vec![1_u8, 1])), "numbers are out of order");
        let why = "there are not as many things as numbers";
        refused::<ById<u8>>(&saved(&(5_u64, vec![1_u64, 2], vec![1_u8])), why);
    }
}
