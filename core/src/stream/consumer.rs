//! The consumers that are registered with a stream for enhanced fan-out.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::Stream;
use crate::arn::StreamArn;
use crate::shard_id::ShardId;
use crate::snapshot::Persist;
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};

/// For how long after a subscription the same consumer cannot subscribe to the same shard again.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html>
const RESUBSCRIBE_MS: u64 = 5_000;

/// Names of consumers that are gone that are kept one by one: more than a stream has consumers.
const MAX_GONE: usize = 100;

/// What a consumer does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ConsumerStatus {
    /// It can subscribe to shards.
    Active,
    /// It cannot subscribe yet.
    Creating,
    /// On its way out.
    Deleting,
}

/// A registered consumer.
#[derive(Debug, Persist)]
pub(crate) struct Consumer {
    /// Never used again for another consumer of the same stream.
    pub(crate) id: u64,
    pub(crate) name: String,
    /// When it was registered, as its ARN says.
    pub(crate) created_secs: u64,
    status: ConsumerStatus,
    /// When CREATING or DELETING ends by itself.
    due: Option<Timestamp>,
    /// When which shards were subscribed to, not long ago.
    subscribed: Vec<(ShardId, Timestamp)>,
}

impl Consumer {
    /// The consumer's ARN, with that of its stream.
    pub(crate) fn arn(&self, stream: &StreamArn) -> String {
        alloc::format!("{}/consumer/{}:{}", stream.as_str(), self.name, self.created_secs)
    }

    pub(crate) fn status(&self) -> ConsumerStatus {
        self.status
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == ConsumerStatus::Active
    }

    /// Whether the consumer subscribed to `shard` so recently that it cannot do so again.
    pub(crate) fn has_just_subscribed(&self, now: Timestamp, shard: ShardId) -> bool {
        let is_recent = |at: Timestamp| now.millis_since(at) < RESUBSCRIBE_MS;
        self.subscribed.iter().any(|(other, at)| *other == shard && is_recent(*at))
    }

    /// Notes a subscription.
    pub(crate) fn on_subscribed(&mut self, now: Timestamp, shard: ShardId) {
        self.subscribed.retain(|(_, at)| now.millis_since(*at) < RESUBSCRIBE_MS);
        self.subscribed.push((shard, now));
    }
}

/// The consumers of a stream, in order of their names.
#[derive(Debug, Default, Persist)]
pub(crate) struct Consumers {
    sorted: Vec<Consumer>,
    next_id: u64,
    /// Names of consumers that are gone with the second in their last ARNs, as long as another could get the same ARN.
    gone: Vec<(String, u64)>,
    /// No ARN that is given out has an earlier second: later than those of all that were gone and are forgotten.
    earliest_secs: u64,
}

impl Consumers {
    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// How many are in CREATING.
    pub(crate) fn creating(&self) -> usize {
        self.sorted.iter().filter(|consumer| consumer.status == ConsumerStatus::Creating).count()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Consumer> {
        self.search(name).ok().map(|place| &self.sorted[place])
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Consumer> {
        self.search(name).ok().map(|place| &mut self.sorted[place])
    }

    pub(crate) fn by_id_mut(&mut self, id: u64) -> Option<&mut Consumer> {
        self.sorted.iter_mut().find(|consumer| consumer.id == id)
    }

    /// Whether the consumer with this number can be read with.
    pub(crate) fn is_active(&self, id: u64) -> bool {
        self.sorted.iter().any(|consumer| consumer.id == id && consumer.is_active())
    }

    /// Those whose names come after `after`.
    pub(crate) fn after(&self, after: &str) -> &[Consumer] {
        let first = self.sorted.partition_point(|consumer| &*consumer.name <= after);
        &self.sorted[first..]
    }

    /// Adds a consumer in CREATING; no other has its name.
    pub(crate) fn register(&mut self, now: Timestamp, name: &str, active_at: Timestamp) -> &Consumer {
        let (Ok(place) | Err(place)) = self.search(name);
        let secs = now.as_secs();
        self.gone.retain(|(_, gone)| *gone >= secs);
        // The ARN of a consumer that was registered again differs from the first one's: it has another time.
        let same_name = self.gone.iter().find(|(gone, _)| gone == name);
        let created_secs =
            secs.max(self.earliest_secs).max(same_name.map_or(0, |(_, gone)| gone.saturating_add(1)));
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        let consumer = Consumer {
            id,
            name: name.to_string(),
            created_secs,
            status: ConsumerStatus::Creating,
            due: Some(active_at),
            subscribed: Vec::new(),
        };
        self.sorted.insert(place, consumer);
        &self.sorted[place]
    }

    /// Starts DELETING of a consumer, which is gone at `gone_at`. One that is on its way out goes on as it was.
    pub(crate) fn deregister(&mut self, name: &str, gone_at: Timestamp) {
        if let Some(consumer) =
            self.get_mut(name).filter(|consumer| consumer.status != ConsumerStatus::Deleting)
        {
            consumer.status = ConsumerStatus::Deleting;
            consumer.due = Some(gone_at);
        }
    }

    /// All consumers are on their way out, and go with their stream.
    pub(crate) fn delete_all(&mut self) {
        for consumer in &mut self.sorted {
            consumer.status = ConsumerStatus::Deleting;
            consumer.due = None;
        }
    }

    /// Whether what was read from a snapshot that was taken at `now` can be searched, and has times that can be told.
    /// The states of consumers that go with their stream do not end by themselves.
    pub(super) fn are_sound(&self, now: Timestamp, go_with_stream: bool) -> bool {
        let is_sound = |consumer: &Consumer| {
            consumer.subscribed.iter().all(|(_, at)| *at <= now)
                && consumer.due.is_none() == (go_with_stream || consumer.is_active())
        };
        self.sorted.is_sorted_by(|a, b| a.name < b.name) && self.sorted.iter().all(is_sound)
    }

    /// When a state ends next.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        self.sorted.iter().filter_map(|consumer| consumer.due).min()
    }

    /// Ends the states that are due at `now`, and gives the consumers that are gone.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) -> Vec<Consumer> {
        for consumer in &mut self.sorted {
            if consumer.status == ConsumerStatus::Creating && consumer.due.is_some_and(|due| due <= now) {
                consumer.status = ConsumerStatus::Active;
                consumer.due = None;
            }
        }
        let gone: Vec<Consumer> =
            self.sorted.extract_if(.., |consumer| consumer.due.is_some_and(|due| due <= now)).collect();
        gone.iter().for_each(|consumer| self.remember(consumer));
        gone
    }

    /// Keeps a consumer that is gone from being taken for a later one.
    fn remember(&mut self, consumer: &Consumer) {
        if let Some((_, secs)) = self.gone.iter_mut().find(|(name, _)| *name == consumer.name) {
            *secs = consumer.created_secs;
            return;
        }
        if self.gone.len() == MAX_GONE {
            let latest = self.gone.drain(..).map(|(_, secs)| secs).max().unwrap_or_default();
            self.earliest_secs = self.earliest_secs.max(latest.saturating_add(1));
        }
        self.gone.push((consumer.name.clone(), consumer.created_secs));
    }

    fn search(&self, name: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|consumer| (*consumer.name).cmp(name))
    }
}

impl Stream {
    /// Lets the stream's subscriptions look at `now` what has become of it.
    pub(crate) fn wake_subscriptions(&self, now: Timestamp, timers: &mut TimerQueue<Timer>) {
        for timer in self.readers.iter().filter(|timer| matches!(timer, Timer::Subscription(_))) {
            timers.set(*timer, Some(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_used_again_within_a_second_gives_another_arn() {
        let mut consumers = Consumers::default();
        let at = Timestamp::from_millis;
        for (time, secs) in [(1_000, 1), (1_500, 2), (1_900, 3), (3_999, 4), (9_000, 9)] {
            assert_eq!(consumers.register(at(time), "c", at(time)).created_secs, secs);
            consumers.deregister("c", at(time));
            consumers.handle_timeout(at(time));
            assert!(consumers.is_empty());
        }
        assert_eq!(consumers.register(at(9_000), "other", at(9_000)).created_secs, 9);
    }

    #[test]
    fn what_is_kept_of_those_that_are_gone_is_bounded() {
        let mut consumers = Consumers::default();
        let at = Timestamp::from_millis(1_000);
        let mut arns = alloc::collections::BTreeSet::new();
        for n in 0..1_000 {
            // Many names once, one name again and again, and names that come back.
            for name in [alloc::format!("a{n}"), "b".to_string(), alloc::format!("c{}", n % 7)] {
                let created_secs = consumers.register(at, &name, at).created_secs;
                assert!(arns.insert((name.clone(), created_secs)), "{name}:{created_secs}");
                consumers.deregister(&name, at);
                consumers.handle_timeout(at);
                assert!(consumers.gone.len() <= MAX_GONE);
            }
        }
        let later = Timestamp::from_millis(10_000_000);
        assert_eq!(consumers.register(later, "b", later).created_secs, 10_000);
        assert!(consumers.gone.is_empty());
    }

    #[test]
    fn states_end_when_they_are_due() {
        let mut consumers = Consumers::default();
        let at = Timestamp::from_millis;
        for (name, active_at) in [("b", 20), ("a", 10), ("c", 30)] {
            consumers.register(at(0), name, at(active_at));
        }
        assert_eq!((consumers.poll_timeout(), consumers.creating()), (Some(at(10)), 3));
        consumers.handle_timeout(at(20));
        assert_eq!((consumers.poll_timeout(), consumers.creating()), (Some(at(30)), 1));
        consumers.deregister("b", at(40));
        assert!(consumers.is_active(1) && !consumers.is_active(0));
        consumers.handle_timeout(at(40));
        let names: Vec<_> = consumers.after("").iter().map(|consumer| &*consumer.name).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(consumers.after("a").len(), 1);
        consumers.delete_all();
        assert_eq!(consumers.poll_timeout(), None);
        assert!(consumers.are_sound(at(40), true) && !consumers.are_sound(at(40), false));
    }

    #[test]
    fn a_snapshot_has_no_state_without_an_end_and_no_subscription_that_is_still_to_come() {
        let at = Timestamp::from_millis;
        let mut consumers = Consumers::default();
        consumers.register(at(0), "c", at(10));
        assert!(consumers.are_sound(at(5), false) && !consumers.are_sound(at(5), true));
        consumers.handle_timeout(at(10));
        consumers.sorted[0].on_subscribed(at(12), ShardId::new(0));
        assert!(consumers.are_sound(at(12), false) && !consumers.are_sound(at(11), false));
        consumers.sorted[0].due = Some(at(20));
        assert!(!consumers.are_sound(at(12), false));
    }
}
