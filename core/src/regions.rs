//! What there is of each account and region.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::arn::AccountId;
use crate::snapshot::{Persist, Reader, Writer};

/// Accounts and regions in order, each with what it has. One that has nothing left is to be removed: anyone can name as
/// many as there are.
#[derive(Debug)]
pub(crate) struct Regions<T> {
    sorted: Vec<(AccountId, String, T)>,
}

impl<T> Default for Regions<T> {
    fn default() -> Self {
        Self { sorted: Vec::new() }
    }
}

impl<T> Regions<T> {
    /// Of entries in any order; nothing if an account and region has two.
    pub(crate) fn from_entries(mut entries: Vec<(AccountId, String, T)>) -> Option<Self> {
        entries.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let regions = Self { sorted: entries };
        regions.are_in_order().then_some(regions)
    }

    pub(crate) fn get(&self, account: AccountId, region: &str) -> Option<&T> {
        self.search(account, region).ok().map(|place| &self.sorted[place].2)
    }

    pub(crate) fn get_mut(&mut self, account: AccountId, region: &str) -> Option<&mut T> {
        self.search(account, region).ok().map(|place| &mut self.sorted[place].2)
    }

    /// What an account and region has, which it gets by `make` if there is nothing.
    pub(crate) fn meet(&mut self, account: AccountId, region: &str, make: impl FnOnce() -> T) -> &mut T {
        let place = self.search(account, region).unwrap_or_else(|place| {
            self.sorted.insert(place, (account, region.to_string(), make()));
            place
        });
        &mut self.sorted[place].2
    }

    pub(crate) fn remove(&mut self, account: AccountId, region: &str) {
        if let Ok(place) = self.search(account, region) {
            self.sorted.remove(place);
        }
    }

    /// Whether this holds for what each has.
    pub(crate) fn all(&self, holds: impl Fn(&T) -> bool) -> bool {
        self.sorted.iter().all(|(_, _, value)| holds(value))
    }

    fn are_in_order(&self) -> bool {
        self.sorted.is_sorted_by(|a, b| (a.0, &a.1) < (b.0, &b.1))
    }

    fn search(&self, account: AccountId, region: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(known, name, _)| (*known, name.as_str()).cmp(&(account, region)))
    }
}

impl<T: Persist> Persist for Regions<T> {
    fn save(&self, to: &mut Writer<'_>) {
        self.sorted.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let regions = Self { sorted: Persist::load(from) };
        from.check(regions.are_in_order(), "accounts and regions are out of order");
        regions
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn each_has_its_own_until_it_is_removed() {
        let mut regions = Regions::default();
        let accounts = [AccountId::new(2).unwrap(), AccountId::new(1).unwrap()];
        let entries = [(accounts[0], "b"), (accounts[0], "a"), (accounts[1], "c")];
        for (number, (account, region)) in (0..).zip(entries) {
            assert_eq!(regions.get(account, region), None);
            assert_eq!(*regions.meet(account, region, || number), number);
        }
        assert_eq!((*regions.meet(accounts[0], "b", || 9), regions.get(accounts[1], "c")), (0, Some(&2)));
        regions.remove(accounts[0], "a");
        assert_eq!((regions.get(accounts[0], "a"), regions.get(accounts[0], "b")), (None, Some(&0)));
    }

    #[test]
    fn entries_are_sorted_and_differ() {
        let entry = |region: &str, number: u64| (AccountId::new(1).unwrap(), region.to_string(), number);
        let regions = Regions::from_entries(vec![entry("b", 1), entry("a", 0)]).unwrap();
        assert_eq!(regions.get(AccountId::new(1).unwrap(), "a"), Some(&0));
        assert!(Regions::from_entries(vec![entry("a", 1), entry("a", 1)]).is_none());
    }
}
