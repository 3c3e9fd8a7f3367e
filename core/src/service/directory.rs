//! Where queues and channels are found: by their ARNs, and by their names in each account and region.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;

use super::Context;
use super::page::invalid_token;
use super::streams::Address;
use crate::arn::{ResourceArn, is_region, is_stream_name};
use crate::error::Error;
use crate::token::TokenKind;

/// The numbers of the resources of one kind. What was removed leaves nothing behind.
#[derive(Debug, Default)]
pub(super) struct Directory {
    by_arn: BTreeMap<String, u64>,
    by_name: BTreeMap<String, u64>,
}

impl Directory {
    /// Adds a resource. Whether its name and its ARN are new.
    pub(super) fn add(&mut self, address: &Address<'_>, arn: &str, id: u64) -> bool {
        let is_new_name = self.by_name.insert(key(address), id).is_none();
        self.by_arn.insert(arn.to_string(), id).is_none() && is_new_name
    }

    /// As [`add`](Self::add), for a resource of a snapshot. Whether its names are such as resources of the kind have.
    pub(super) fn restore(&mut self, kind: &str, address: &Address<'_>, arn: &str, id: u64) -> bool {
        is_region(address.region)
            && is_stream_name(address.name)
            && ResourceArn::parse(arn).is_some_and(|parsed| {
                (parsed.account, parsed.region) == (address.account, address.region)
                    && parsed.resource.kind() == kind
                    && parsed.text() == arn
            })
            && self.add(address, arn, id)
    }

    pub(super) fn remove(&mut self, address: &Address<'_>, arn: &str) {
        self.by_name.remove(&key(address));
        self.by_arn.remove(arn);
    }

    pub(super) fn with_arn(&self, arn: &str) -> Option<u64> {
        self.by_arn.get(arn).copied()
    }

    /// Whether there is a resource of this name.
    pub(super) fn has(&self, address: &Address<'_>) -> bool {
        self.by_name.contains_key(&key(address))
    }

    /// A page of those of the caller's account and region that `find` wants, in order of their names, and the token of
    /// the page after it.
    pub(super) fn page<T>(
        &self,
        cx: &Context<'_>,
        (kind, token): (TokenKind, Option<&str>),
        limit: usize,
        find: impl FnMut(u64) -> Option<T>,
        name: fn(&T) -> &str,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let resumed = token.map(|token| cx.open_page(kind, token)).transpose()?;
        let after = core::str::from_utf8(resumed.as_deref().unwrap_or_default());
        let address =
            Address { account: cx.account, region: cx.region, name: after.map_err(|_| invalid_token())? };
        let mut rest = self.after(&address).filter_map(find);
        let page: Vec<T> = rest.by_ref().take(limit).collect();
        let last = page.last().filter(|_| rest.next().is_some());
        let next_token = last.map(|last| cx.seal_page(kind, name(last).as_bytes()));
        Ok((page, next_token))
    }

    /// The resources of an account and region in order of their names, from the first one after that of `address`.
    fn after<'d>(&'d self, address: &Address<'_>) -> impl Iterator<Item = u64> + use<'d> {
        let region = key(&Address { name: "", ..*address });
        self.by_name
            .range::<str, _>((Bound::Excluded(&*key(address)), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(&region))
            .map(|(_, id)| *id)
    }
}

/// Neither an account nor the name of a region has a slash.
fn key(address: &Address<'_>) -> String {
    format!("{}/{}/{}", address.account, address.region, address.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arn::AccountId;

    #[test]
    fn lists_one_account_and_region_in_order() {
        let accounts = [AccountId::new(1).unwrap(), AccountId::new(2).unwrap()];
        let address = |account: usize, region, name| Address { account: accounts[account], region, name };
        let mut directory = Directory::default();
        for (id, (account, region, name)) in
            [(0, "b", "y"), (0, "b", "x"), (0, "a", "x"), (0, "b-1", "a"), (1, "b", "x"), (0, "b", "z")]
                .into_iter()
                .enumerate()
        {
            assert!(directory.add(&address(account, region, name), &format!("arn-{id}"), id as u64));
        }
        assert!(directory.has(&address(1, "b", "x")) && !directory.has(&address(1, "b", "y")));
        let listed =
            |directory: &Directory, after| -> Vec<u64> { directory.after(&address(0, "b", after)).collect() };
        assert_eq!(listed(&directory, ""), [1, 0, 5]);
        assert_eq!(listed(&directory, "x"), [0, 5]);
        assert_eq!(directory.with_arn("arn-4"), Some(4));
        directory.remove(&address(0, "b", "y"), "arn-0");
        assert_eq!((listed(&directory, "x"), directory.with_arn("arn-0")), ([5].into(), None));
        // A name that is taken, and an ARN that is.
        assert!(!directory.add(&address(0, "b", "x"), "arn-9", 9));
        assert!(!directory.add(&address(0, "b", "w"), "arn-4", 9));
    }

    #[test]
    fn snapshots_have_no_other_names() {
        let account = AccountId::new(1).unwrap();
        let arn = "arn:aws:kinesis:b:000000000001:queue/q";
        for (kind, region, name, arn, is_sound) in [
            ("queue", "b", "q", arn, true),
            ("channel", "b", "q", arn, false),
            ("queue", "c", "q", arn, false),
            ("queue", "b", "", arn, false),
            ("queue", "b", "q/r", arn, false),
            ("queue", "b/c", "q", &arn.replace(":b:", ":b/c:"), false),
            ("queue", "b", "q", &arn.replace("1:queue", "2:queue"), false),
            ("queue", "b", "q", &arn.replace("aws", "aws-cn"), false),
            ("queue", "b", "q", "q", false),
        ] {
            let address = Address { account, region, name };
            assert_eq!(
                Directory::default().restore(kind, &address, arn, 0),
                is_sound,
                "{kind} {region} {name} {arn}"
            );
        }
    }
}
