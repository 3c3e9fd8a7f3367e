use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::arn::StreamArn;
use crate::hash::HashKey;
use crate::shard_id::ShardId;
use crate::stream::{Reshard, StreamMode};

const HOUR_MS: u64 = 3_600_000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn stream(shards: u32) -> Stream {
    let arn = StreamArn::new(AccountId::default(), "us-east-1", "s");
    let mut stream = Stream::new(0, arn, StreamMode::OnDemand, shards, at(0), at(0));
    stream.handle_timeout(at(0), usize::MAX);
    stream
}

fn put(stream: &mut Stream, now: Timestamp, shard: u32, data: &[u8]) -> u64 {
    stream.append(now, ShardId::new(shard), Some("k"), data).1
}

fn terms(limit: usize, visibility_ms: u64) -> Terms {
    Terms { limit, visibility_ms, max_receive_count: Some(6) }
}

fn receive(ledger: &mut Ledger, stream: &Stream, now: Timestamp, terms: Terms) -> Vec<(u32, u64, Receipt)> {
    let deliveries = ledger.receive(stream, now, Lane::Main, terms);
    deliveries.iter().map(|one| (one.shard.id().index(), one.record.index, one.receipt)).collect()
}

/// Where the record of each delivery is.
fn places(deliveries: &[(u32, u64, Receipt)]) -> Vec<(u32, u64)> {
    deliveries.iter().map(|(shard, index, _)| (*shard, *index)).collect()
}

#[test]
fn children_come_after_their_parents_and_closed_shards_are_read() {
    let mut stream = stream(1);
    let mut ledger = Ledger::new(Progress::default());
    for _ in 0..3 {
        put(&mut stream, at(10), 0, b"");
    }
    let new_start = HashKey::from_bits(1 << 127);
    stream.start_update(
        at(20),
        crate::stream::Transition::Reshard(Reshard::Split { shard: ShardId::new(0), new_start }),
    );
    stream.handle_timeout(at(20), usize::MAX);
    put(&mut stream, at(20), 2, b"");
    put(&mut stream, at(20), 1, b"");
    assert_eq!(places(&receive(&mut ledger, &stream, at(30), terms(2, 1000))), [(0, 0), (0, 1)]);
    // The parent is read to its end, so that its children follow in the same answer.
    assert_eq!(places(&receive(&mut ledger, &stream, at(30), terms(10, 1000))), [(0, 2), (1, 0), (2, 0)]);
}

#[test]
fn starting_positions() {
    let mut stream = stream(1);
    put(&mut stream, at(10), 0, b"");
    put(&mut stream, at(20), 0, b"");
    let starts = [
        (QueueStart::TrimHorizon, vec![(0, 0), (0, 1), (0, 2)]),
        (QueueStart::Latest, vec![(0, 2)]),
        (QueueStart::AtTimestamp(at(11)), vec![(0, 1), (0, 2)]),
        (QueueStart::AtTimestamp(at(30)), vec![(0, 2)]),
        (QueueStart::AtTimestamp(at(31)), vec![]),
    ];
    let mut ledgers: Vec<_> = starts.iter().map(|(start, _)| Ledger::new(start.progress(&stream))).collect();
    put(&mut stream, at(30), 0, b"");
    for (ledger, (start, expected)) in ledgers.iter_mut().zip(starts) {
        assert_eq!(places(&receive(ledger, &stream, at(40), terms(10, 0))), expected, "{start:?}");
    }
}

#[test]
fn a_start_in_the_future_does_not_keep_children_back() {
    let mut stream = stream(1);
    put(&mut stream, at(10), 0, b"");
    let mut ledger = Ledger::new(QueueStart::AtTimestamp(at(50)).progress(&stream));
    let new_start = HashKey::from_bits(1 << 127);
    stream.start_update(
        at(20),
        crate::stream::Transition::Reshard(Reshard::Split { shard: ShardId::new(0), new_start }),
    );
    stream.handle_timeout(at(20), usize::MAX);
    put(&mut stream, at(60), 1, b"");
    assert_eq!(places(&receive(&mut ledger, &stream, at(60), terms(10, 0))), [(1, 0)]);
}

#[test]
fn what_is_visible_the_longest_comes_first_and_nothing_starves() {
    let mut stream = stream(1);
    put(&mut stream, at(0), 0, b"");
    put(&mut stream, at(0), 0, b"");
    let mut ledger = Ledger::new(Progress::default());
    // Under a clock that stands still, a record that nobody can process does not keep the others back.
    let seen: Vec<_> =
        (0..4).flat_map(|_| places(&receive(&mut ledger, &stream, at(5), terms(1, 0)))).collect();
    assert_eq!(seen, [(0, 0), (0, 1), (0, 0), (0, 1)]);
}

#[test]
fn an_answer_has_at_most_ten_mebibytes_but_one_record() {
    let mut stream = stream(1);
    let large = vec![0; 6 << 20];
    for _ in 0..2 {
        put(&mut stream, at(0), 0, &large);
    }
    put(&mut stream, at(0), 0, &vec![0; 11 << 20]);
    let mut ledger = Ledger::new(Progress::default());
    for expected in 0..3 {
        let received = places(&receive(&mut ledger, &stream, at(1), terms(10, 1000)));
        assert_eq!(received, [(0, expected)]);
    }
}

#[test]
fn memory_goes_by_what_is_in_flight() {
    let mut stream = stream(2);
    for i in 0..20_000 {
        put(&mut stream, at(i), (i % 2) as u32, b"");
    }
    let mut ledger = Ledger::new(Progress::default());
    let mut open = Vec::new();
    for round in 0..2000 {
        let received = receive(&mut ledger, &stream, at(20_000), terms(10, 60_000));
        assert_eq!(received.len(), 10);
        // Visibility changes leave nothing behind either.
        for (_, _, receipt) in &received {
            assert!(ledger.set_visibility(&stream, at(20_000), Lane::Main, *receipt, 50_000));
        }
        open.extend(received);
        if round >= 10 {
            for (_, _, receipt) in open.drain(..10) {
                assert!(ledger.acknowledge(&stream, at(20_000), Lane::Main, receipt));
            }
        }
        let (held, turns) = ledger.sizes();
        assert!(held <= 110 && turns <= 2 * 110 + 65, "{held} {turns}");
    }
    for (_, _, receipt) in open {
        assert!(ledger.acknowledge(&stream, at(20_000), Lane::Main, receipt));
    }
    assert_eq!(ledger.sizes(), (0, 0));
}

#[test]
fn expired_records_are_forgotten() {
    let mut stream = stream(1);
    for _ in 0..5000 {
        put(&mut stream, at(0), 0, b"");
    }
    let mut ledger = Ledger::new(Progress::default());
    for _ in 0..500 {
        receive(&mut ledger, &stream, at(1), terms(10, 0));
    }
    let later = at(25 * HOUR_MS);
    for _ in 0..5000 {
        put(&mut stream, later, 0, b"");
    }
    let received = receive(&mut ledger, &stream, later, terms(10, 1000));
    assert_eq!(places(&received)[0], (0, 5000));
    let (held, turns) = ledger.sizes();
    assert_eq!((held, turns), (10, 10), "all of the first were visible, and have gone");
}

#[derive(Clone, Debug)]
enum Op {
    Put(u32),
    Receive { dead: bool, limit: usize, visibility_ms: u64 },
    Acknowledge { dead: bool, receipt: usize },
    SetVisibility { dead: bool, receipt: usize, visibility_ms: u64 },
    Restore { receipt: usize },
    Pass(u64),
    SetMax(Option<u32>),
}

fn op() -> impl Strategy<Value = Op> {
    let visibility = || prop_oneof![Just(0), Just(5), 0..40_u64];
    prop_oneof![
        3 => (0..2_u32).prop_map(Op::Put),
        4 => (any::<bool>(), 1..4_usize, visibility())
            .prop_map(|(dead, limit, visibility_ms)| Op::Receive { dead, limit, visibility_ms }),
        2 => (any::<bool>(), 0..64_usize).prop_map(|(dead, receipt)| Op::Acknowledge { dead, receipt }),
        2 => (any::<bool>(), 0..64_usize, visibility())
            .prop_map(|(dead, receipt, visibility_ms)| Op::SetVisibility { dead, receipt, visibility_ms }),
        1 => (0..64_usize).prop_map(|receipt| Op::Restore { receipt }),
        3 => prop_oneof![Just(0), 1..20_u64, Just(9 * HOUR_MS)].prop_map(Op::Pass),
        1 => prop::option::of(1..4_u32).prop_map(Op::SetMax),
    ]
}

/// One record as a naive queue sees it.
#[derive(Clone, Debug)]
struct Known {
    shard: u32,
    index: u64,
    arrival: u64,
    state: Naive,
    visible_at: u64,
    /// Its place among those visible at the same time.
    turn: u64,
    delivery: u64,
    slot: u32,
    count: u32,
    first_received: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naive {
    Fresh,
    Main,
    Last,
    Dead,
    Done,
}

/// A queue that looks at every record for every question.
#[derive(Debug, Default)]
struct NaiveQueue {
    records: Vec<Known>,
    max: Option<u32>,
    turns: u64,
}

impl NaiveQueue {
    /// Applies what time does: last chances pass, and records expire.
    fn settle(&mut self, now: u64) {
        for record in &mut self.records {
            if record.state == Naive::Last && record.visible_at <= now {
                record.state = Naive::Dead;
                record.delivery = 0;
            }
            if now.saturating_sub(24 * HOUR_MS) > record.arrival {
                record.state = Naive::Done;
            }
        }
    }

    fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// The records to be received, in order.
    fn visible(&self, now: u64, lane: Lane) -> Vec<usize> {
        let mut visible: Vec<_> = (0..self.records.len())
            .filter_map(|place| {
                let record = &self.records[place];
                let key = match (lane, record.state) {
                    (Lane::Main, Naive::Fresh) => (record.arrival, 0, u64::from(record.shard), record.index),
                    (Lane::Main, Naive::Main) | (Lane::Dead, Naive::Dead) if record.visible_at <= now => {
                        (record.visible_at, 1, record.turn, 0)
                    }
                    _ => return None,
                };
                Some((key, place))
            })
            .collect();
        visible.sort_unstable();
        visible.into_iter().map(|(_, place)| place).collect()
    }

    fn find(&self, lane: Lane, receipt: Receipt) -> Option<usize> {
        self.records.iter().position(|record| {
            let lane_now = match record.state {
                Naive::Main | Naive::Last => Lane::Main,
                Naive::Dead => Lane::Dead,
                Naive::Fresh | Naive::Done => return false,
            };
            record.delivery == receipt.delivery && record.slot == receipt.slot && lane_now == lane
        })
    }

    fn set_max(&mut self, now: u64, max: Option<u32>) {
        self.max = max;
        let mut by_slot: Vec<usize> = (0..self.records.len()).collect();
        by_slot.sort_by_key(|place| self.records[*place].slot);
        for place in by_slot {
            let turn = self.turns + 1;
            let record = &mut self.records[place];
            let is_exhausted = max.is_some_and(|max| record.count >= max);
            let before = record.state;
            record.state = match before {
                Naive::Main if is_exhausted && record.visible_at <= now => Naive::Dead,
                Naive::Main if is_exhausted => Naive::Last,
                Naive::Last if !is_exhausted => Naive::Main,
                same @ (Naive::Fresh | Naive::Main | Naive::Last | Naive::Dead | Naive::Done) => same,
            };
            if record.state == Naive::Dead && before == Naive::Main {
                record.delivery = 0;
            }
            if record.state != before {
                record.turn = turn;
                self.turns = turn;
            }
        }
    }
}

fn lane(dead: bool) -> Lane {
    if dead { Lane::Dead } else { Lane::Main }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn does_what_a_naive_queue_does(ops in prop::collection::vec(op(), 1..120)) {
        let mut stream = stream(2);
        let mut ledger = Ledger::new(Progress::default());
        let mut naive = NaiveQueue { max: Some(2), ..NaiveQueue::default() };
        let mut receipts = Vec::new();
        let mut now = 0;
        for op in ops {
            naive.settle(now);
            let chosen = |receipt: usize| receipts.get(receipt % receipts.len().max(1)).copied();
            match op {
                Op::Pass(millis) => now += millis,
                Op::Put(shard) => {
                    let index = put(&mut stream, at(now), shard, b"");
                    naive.records.push(Known {
                        shard, index, arrival: now, state: Naive::Fresh, visible_at: 0, turn: 0, delivery: 0,
                        slot: 0, count: 0, first_received: None,
                    });
                }
                Op::SetMax(max) => {
                    ledger.change_max_receive_count(at(now), max);
                    naive.set_max(now, max);
                }
                Op::Receive { dead, limit, visibility_ms } => {
                    let terms = Terms { limit, visibility_ms, max_receive_count: naive.max };
                    let deliveries = ledger.receive(&stream, at(now), lane(dead), terms);
                    let mut expected = naive.visible(now, lane(dead));
                    expected.truncate(limit);
                    prop_assert_eq!(deliveries.len(), expected.len());
                    for (delivery, place) in deliveries.iter().zip(expected) {
                        let turn = naive.turn();
                        let max = naive.max;
                        let record = &mut naive.records[place];
                        record.count += 1;
                        record.first_received.get_or_insert(now);
                        let found = (delivery.shard.id().index(), delivery.record.index, delivery.receive_count);
                        prop_assert_eq!(found, (record.shard, record.index, record.count));
                        prop_assert_eq!(Some(delivery.first_received.as_millis()), record.first_received);
                        record.state = match dead {
                            true => Naive::Dead,
                            false if max.is_some_and(|max| record.count >= max) => Naive::Last,
                            false => Naive::Main,
                        };
                        (record.visible_at, record.turn) = (now + visibility_ms, turn);
                        (record.delivery, record.slot) = (delivery.receipt.delivery, delivery.receipt.slot);
                        receipts.push(delivery.receipt);
                    }
                }
                Op::Acknowledge { dead, receipt } => {
                    let Some(receipt) = chosen(receipt) else { continue };
                    let place = naive.find(lane(dead), receipt);
                    prop_assert_eq!(ledger.acknowledge(&stream, at(now), lane(dead), receipt), place.is_some());
                    if let Some(place) = place {
                        naive.records[place].state = Naive::Done;
                    }
                }
                Op::SetVisibility { dead, receipt, visibility_ms } => {
                    let Some(receipt) = chosen(receipt) else { continue };
                    let place = naive.find(lane(dead), receipt);
                    let is_good = ledger.set_visibility(&stream, at(now), lane(dead), receipt, visibility_ms);
                    prop_assert_eq!(is_good, place.is_some());
                    if let Some(place) = place {
                        naive.records[place].turn = naive.turn();
                        naive.records[place].visible_at = now + visibility_ms;
                    }
                }
                Op::Restore { receipt } => {
                    let Some(receipt) = chosen(receipt) else { continue };
                    let place = naive.find(Lane::Dead, receipt);
                    prop_assert_eq!(ledger.restore(&stream, at(now), receipt), place.is_some());
                    if let Some(place) = place {
                        let turn = naive.turn();
                        let record = &mut naive.records[place];
                        (record.state, record.count, record.delivery) = (Naive::Main, 0, 0);
                        (record.turn, record.visible_at) = (turn, now);
                    }
                }
            }
            naive.settle(now);
            for lane in [Lane::Main, Lane::Dead] {
                let state = if lane == Lane::Main { Naive::Main } else { Naive::Dead };
                let in_line = naive.records.iter().filter(|record| {
                    record.state == state || lane == Lane::Dead && record.state == Naive::Last
                });
                let expected = in_line.map(|record| at(record.visible_at)).min();
                prop_assert_eq!(ledger.next_visible(&stream, at(now), lane), expected);
            }
        }
    }
}
