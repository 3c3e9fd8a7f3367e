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
}

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> ById<T> {
    /// Adds a thing; `id` is greater than all before.
    pub(crate) fn push(&mut self, id: u64, value: T) {
        debug_assert!(
            self.entries.last().is_none_or(|(last, _)| *last < id),
            "numbers are given out in order"
        );
        self.entries.push((id, value));
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
        self.entries.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let entries: Vec<(u64, T)> = Vec::load(from);
        from.check(entries.is_sorted_by(|(a, _), (b, _)| a < b), "numbers are out of order");
        Self { entries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_left() {
        let mut table = ById::default();
        for id in [2, 3, 5, 8] {
            table.push(id, id * 10);
        }
        assert_eq!((table.get(5), table.get(4)), (Some(&50), None));
        assert_eq!((table.remove(3), table.remove(3)), (Some(30), None));
        *table.get_mut(8).unwrap() += 1;
        assert_eq!((table.get(2), table.get(8), table.len()), (Some(&20), Some(&81), 3));
        assert_eq!(table.ids().collect::<Vec<_>>(), [2, 5, 8]);
    }
}
