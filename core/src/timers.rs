//! What is due when. Timers fire in order of their due time, those due together in the order they were set.

use alloc::collections::BTreeMap;

use crate::time::Timestamp;

/// What the engine does at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A stream's transitional state ends.
    Stream(u64),
    /// The delivery streams of a region have something to do: a state that ends, a buffer that is due, a retry.
    Delivery(usize),
    /// A delivery stream reads its source stream.
    SourceRead(u64),
    /// The result of a host's work takes effect.
    EffectResult(u64),
    /// A delayed response is due.
    Exchange(u64),
}

/// Deadlines by key: at most one for each.
#[derive(Debug)]
pub(crate) struct TimerQueue<K> {
    queue: BTreeMap<(Timestamp, u64), K>,
    places: BTreeMap<K, (Timestamp, u64)>,
    set_count: u64,
}

impl<K> Default for TimerQueue<K> {
    fn default() -> Self {
        Self { queue: BTreeMap::new(), places: BTreeMap::new(), set_count: 0 }
    }
}

impl<K: Copy + Ord> TimerQueue<K> {
    /// Sets the deadline of `key`, or clears it. A timer set again to the same time keeps its place in line.
    pub(crate) fn set(&mut self, key: K, due: Option<Timestamp>) {
        if let Some(&place) = self.places.get(&key) {
            if due == Some(place.0) {
                return;
            }
            self.queue.remove(&place);
            self.places.remove(&key);
        }
        if let Some(due) = due {
            let place = (due, self.set_count);
            self.set_count += 1;
            self.queue.insert(place, key);
            self.places.insert(key, place);
        }
    }

    /// Whether `key` has a deadline.
    pub(crate) fn is_set(&self, key: K) -> bool {
        self.places.contains_key(&key)
    }

    /// Takes the first timer that is due at `now`, with its due time.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, K)> {
        let first = self.queue.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((due, _), key) = first.remove_entry();
        self.places.remove(&key);
        Some((due, key))
    }

    /// When the next timer is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((due, _), _)| *due)
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
        let fired: alloc::vec::Vec<_> =
            core::iter::from_fn(|| timers.pop_due(now)).map(|(_, key)| key).collect();
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
}
