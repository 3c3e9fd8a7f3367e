//! Tokens that come back at a steady rate.

use core::num::NonZeroU32;

use crate::snapshot::Persist;
use crate::time::Timestamp;

/// A bucket for the tokens of one second. A new one is full.
///
/// What is kept is what was taken and has not come back, in thousandths of a token: in a millisecond as many
/// thousandths come back as tokens do in a second, so nothing is ever rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub(crate) struct Bucket {
    missing: u64,
    at: Timestamp,
}

const THOUSANDTHS: u64 = 1000;

impl Bucket {
    /// What is missing at `now`, in thousandths; more than a full bucket where there is a debt.
    fn missing(&self, now: Timestamp, rate: NonZeroU32) -> u64 {
        self.missing.saturating_sub(now.millis_since(self.at).saturating_mul(rate.get().into()))
    }

    fn capacity(rate: NonZeroU32) -> u64 {
        u64::from(rate.get()) * THOUSANDTHS
    }

    /// Whether this many tokens can be taken. More than the bucket ever holds can be taken from a full one, and leave
    /// a debt.
    pub(crate) fn has(&self, now: Timestamp, rate: NonZeroU32, tokens: u64) -> bool {
        let missing = self.missing(now, rate);
        missing == 0 || missing.saturating_add(tokens.saturating_mul(THOUSANDTHS)) <= Self::capacity(rate)
    }

    /// Takes tokens that the bucket [`has`](Self::has).
    pub(crate) fn spend(&mut self, now: Timestamp, rate: NonZeroU32, tokens: u64) {
        self.missing = self.missing(now, rate).saturating_add(tokens.saturating_mul(THOUSANDTHS));
        self.at = now;
    }

    /// Takes tokens if the bucket has them.
    pub(crate) fn take(&mut self, now: Timestamp, rate: NonZeroU32, tokens: u64) -> bool {
        let has = self.has(now, rate, tokens);
        if has {
            self.spend(now, rate, tokens);
        }
        has
    }

    /// Whether anything can be taken: the bucket is neither empty nor in debt.
    pub(crate) fn has_any(&self, now: Timestamp, rate: NonZeroU32) -> bool {
        self.missing(now, rate) < Self::capacity(rate)
    }

    /// Takes tokens after the fact, as many as it were. More than the bucket held are paid back whole: there is
    /// something to take again when as many have come back.
    pub(crate) fn charge(&mut self, now: Timestamp, rate: NonZeroU32, tokens: u64) {
        self.spend(now, rate, tokens);
        if self.missing > Self::capacity(rate) {
            // One millisecond less, for a bucket with what came in that time is one that something can be taken from.
            let debt = tokens.saturating_mul(THOUSANDTHS).saturating_sub(rate.get().into());
            self.missing = Self::capacity(rate).saturating_add(debt);
        }
    }

    /// The first point in time from `now` on at which the bucket [has something](Self::has_any).
    pub(crate) fn ready_at(&self, now: Timestamp, rate: NonZeroU32) -> Timestamp {
        let missing = self.missing(now, rate);
        let Some(too_much) = missing.checked_sub(Self::capacity(rate)) else { return now };
        now.plus_millis(too_much / u64::from(rate.get()) + 1)
    }

    /// Whether the bucket is full again, at whatever rate; only for buckets that never have a debt.
    pub(crate) fn is_surely_full(&self, now: Timestamp) -> bool {
        now.millis_since(self.at) >= 1000
    }
}
