//! The accounts and regions that an engine has met, by number.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::arn::AccountId;
use crate::snapshot::Persist;

/// An account and region that was met: a place in each table that has one row for each.
pub(crate) type RegionIndex = usize;

/// The accounts and regions in order of name, each with its number. They are few, and they stay.
#[derive(Debug, Default, Persist)]
pub(crate) struct Regions {
    sorted: Vec<(AccountId, String, RegionIndex)>,
}

impl Regions {
    /// The number of an account and region, if it was met.
    pub(crate) fn find(&self, account: AccountId, region: &str) -> Option<RegionIndex> {
        self.search(account, region).ok().map(|place| self.sorted[place].2)
    }

    /// The number of an account and region: the next one if it was not met before.
    pub(crate) fn meet(&mut self, account: AccountId, region: &str) -> RegionIndex {
        match self.search(account, region) {
            Ok(place) => self.sorted[place].2,
            Err(place) => {
                let index = self.sorted.len();
                self.sorted.insert(place, (account, region.to_string(), index));
                index
            }
        }
    }

    /// Whether what was read from a snapshot gives each of `count` places to one account and region.
    pub(crate) fn are_sound(&self, count: usize) -> bool {
        let mut places: Vec<RegionIndex> = self.sorted.iter().map(|(_, _, place)| *place).collect();
        places.sort_unstable();
        self.sorted.is_sorted_by(|a, b| (a.0, &a.1) < (b.0, &b.1)) && places.into_iter().eq(0..count)
    }

    fn search(&self, account: AccountId, region: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(known, name, _)| (*known, name.as_str()).cmp(&(account, region)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_more_are_met() {
        let mut regions = Regions::default();
        let accounts = [AccountId::new(2).unwrap(), AccountId::new(1).unwrap()];
        for (index, (account, region)) in
            [(accounts[0], "b"), (accounts[0], "a"), (accounts[1], "c")].into_iter().enumerate()
        {
            assert_eq!(regions.find(account, region), None);
            assert_eq!(regions.meet(account, region), index);
        }
        assert_eq!((regions.meet(accounts[0], "b"), regions.find(accounts[1], "c")), (0, Some(2)));
    }
}
