//! What is due when. Timers fire in order of their due time, those due together in the order they were set.

use alloc::vec::Vec;

use crate::snapshot::{Persist, Reader, Writer};
use crate::time::Timestamp;

/// What the engine does at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
pub(crate) enum Timer {
    /// A stream's transitional state ends.
    Stream(u64),
    /// The delivery streams of a region have something to do: a state that ends, a buffer that is due, a retry.
    Delivery(u64),
    /// A delivery stream or a channel reads its source stream.
    SourceRead(u64),
    /// The result of a host's work takes effect.
    EffectResult(u64),
    /// A channel has something to do: a state that ends, data that is due, a retry.
    Channel(u64),
    /// A queue's transitional state ends, or a record is visible that someone waits for.
    Queue(u64),
    /// The stream of a queue where someone waits has a new record.
    QueueRead(u64),
    /// A delayed response is due.
    Exchange(u64),
    /// A transitional state of a stream's consumers ends.
    Consumers(u64),
    /// A subscription has something to say: new records, the end of its shard, that nothing happens, or its end.
    Subscription(u64),
}

/// Deadlines by key: at most one for each. They are few at a time, so two sorted lists serve.
#[derive(Clone, Debug)]
pub(crate) struct TimerQueue<K> {
    /// The one that is due next comes last; of those due together, the one that was set first.
    queue: Vec<(Timestamp, K)>,
    /// By key.
    by_key: Vec<(K, Timestamp)>,
}

impl<K> Default for TimerQueue<K> {
    fn default() -> Self {
        Self { queue: Vec::new(), by_key: Vec::new() }
    }
}

impl<K: Copy + Ord> TimerQueue<K> {
    /// Sets the deadline of `key`, or clears it. A timer set again to the same time keeps its place in line.
    pub(crate) fn set(&mut self, key: K, due: Option<Timestamp>) {
        if let Ok(at) = self.search(key) {
            let (_, before) = self.by_key[at];
            if due == Some(before) {
                return;
            }
            self.by_key.remove(at);
            let together = self.later_than(before);
            if let Some(behind) = self.queue[together..].iter().position(|(_, other)| *other == key) {
                self.queue.remove(together + behind);
            }
        }
        if let Some(due) = due {
            self.queue.insert(self.later_than(due), (due, key));
            let (Ok(at) | Err(at)) = self.search(key);
            self.by_key.insert(at, (key, due));
        }
    }

    /// Whether `key` has a deadline.
    pub(crate) fn is_set(&self, key: K) -> bool {
        self.search(key).is_ok()
    }

    /// Takes the first timer that is due at `now`, with its due time.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, K)> {
        let (due, key) = self.queue.pop_if(|(due, _)| *due <= now)?;
        if let Ok(at) = self.search(key) {
            self.by_key.remove(at);
        }
        Some((due, key))
    }

    /// When the next timer is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.queue.last().map(|(due, _)| *due)
    }

    /// Whether what is due at a time, if anything is, has its deadline by then.
    pub(crate) fn has_by(&self, key: K, due: Option<Timestamp>) -> bool {
        due.is_none_or(|due| self.search(key).is_ok_and(|at| self.by_key[at].1 <= due))
    }

    /// Whether this holds for every key that has a deadline.
    pub(crate) fn all(&self, holds: impl Fn(K) -> bool) -> bool {
        self.by_key.iter().all(|(key, _)| holds(*key))
    }

    /// Clears the deadlines of all keys but these.
    pub(crate) fn retain(&mut self, keep: impl Fn(K) -> bool) {
        self.queue.retain(|(_, key)| keep(*key));
        self.by_key.retain(|(key, _)| keep(*key));
    }

    fn search(&self, key: K) -> Result<usize, usize> {
        self.by_key.binary_search_by(|(other, _)| other.cmp(&key))
    }

    /// How many are due later than `due`: those due then come after them.
    fn later_than(&self, due: Timestamp) -> usize {
        self.queue.partition_point(|(other, _)| *other > due)
    }
}

/// The line; the deadlines by key follow from it.
impl<K: Copy + Ord + Persist> Persist for TimerQueue<K> {
    fn save(&self, to: &mut Writer<'_>) {
        self.queue.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let queue: Vec<(Timestamp, K)> = Vec::load(from);
        let mut by_key: Vec<_> = queue.iter().map(|&(due, key)| (key, due)).collect();
        by_key.sort_unstable();
        let is_sound =
            queue.is_sorted_by(|(a, _), (b, _)| a >= b) && by_key.is_sorted_by(|(a, _), (b, _)| a < b);
        from.check(is_sound, "timers are out of order");
        Self { queue, by_key }
    }
}

/// Points in time of things that have numbers: the earliest first, the lowest number first among equals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deadlines {
    /// The first comes last.
    sorted: Vec<(Timestamp, u64)>,
}

impl FromIterator<(Timestamp, u64)> for Deadlines {
    /// Of many at once, no two of which are alike.
    fn from_iter<I: IntoIterator<Item = (Timestamp, u64)>>(deadlines: I) -> Self {
        let mut sorted = Vec::from_iter(deadlines);
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        Self { sorted }
    }
}

impl Deadlines {
    pub(crate) fn insert(&mut self, deadline: (Timestamp, u64)) {
        if let Err(at) = self.search(deadline) {
            self.sorted.insert(at, deadline);
        }
    }

    pub(crate) fn remove(&mut self, deadline: (Timestamp, u64)) {
        if let Ok(at) = self.search(deadline) {
            self.sorted.remove(at);
        }
    }

    pub(crate) fn first(&self) -> Option<(Timestamp, u64)> {
        self.sorted.last().copied()
    }

    pub(crate) fn pop_first(&mut self) -> Option<(Timestamp, u64)> {
        self.sorted.pop()
    }

    pub(crate) fn clear(&mut self) {
        self.sorted.clear();
    }

    fn search(&self, deadline: (Timestamp, u64)) -> Result<usize, usize> {
        self.sorted.binary_search_by(|other| deadline.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fires_in_order_of_time_then_of_setting() {
        let mut timers = TimerQueue::default();
        let at = |millis| Some(Timestamp::from_millis(millis));
        timers.set('c', at(5));
        timers.set('a', at(5));
        timers.set('b', at(1));
        timers.set('d', at(9));
        timers.set('c', at(5));
        timers.set('d', None);
        assert_eq!(timers.next_due(), at(1));
        let now = Timestamp::from_millis(5);
        let fired: Vec<_> = core::iter::from_fn(|| timers.pop_due(now)).map(|(_, key)| key).collect();
        assert_eq!(fired, ['b', 'c', 'a']);
        assert_eq!(timers.next_due(), None);
    }

    #[test]
    fn a_timer_set_anew_goes_to_the_end_of_the_line() {
        let mut timers = TimerQueue::default();
        timers.set('a', Some(Timestamp::from_millis(5)));
        timers.set('b', Some(Timestamp::from_millis(6)));
        timers.set('a', Some(Timestamp::from_millis(6)));
        assert!(timers.is_set('a'));
        assert_eq!(timers.pop_due(Timestamp::from_millis(5)), None);
        assert_eq!(timers.pop_due(Timestamp::from_millis(6)), Some((Timestamp::from_millis(6), 'b')));
    }

    #[test]
    fn deadlines_come_in_order_and_once() {
        let mut deadlines = Deadlines::default();
        let at = Timestamp::from_millis;
        let many = [(at(5), 1), (at(3), 9), (at(5), 0), (at(7), 2)];
        for deadline in many.into_iter().chain([(at(5), 1)]) {
            deadlines.insert(deadline);
        }
        assert_eq!(deadlines.sorted, Deadlines::from_iter(many).sorted);
        deadlines.remove((at(7), 2));
        assert_eq!(deadlines.first(), Some((at(3), 9)));
        let all: Vec<_> = core::iter::from_fn(|| deadlines.pop_first()).collect();
        assert_eq!(all, [(at(3), 9), (at(5), 0), (at(5), 1)]);
    }
}
