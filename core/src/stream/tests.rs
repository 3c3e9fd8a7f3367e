use alloc::format;
use alloc::vec::Vec;

use super::*;
use crate::arn::AccountId;

fn stream(shards: u32) -> Stream {
    let arn = StreamArn::new(AccountId::default(), "us-east-1", "s");
    let mut stream = Stream::new(0, arn, StreamMode::Provisioned, shards, at(0), at(0));
    stream.handle_timeout(at(0), usize::MAX);
    stream
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_356_998_400_000 + millis)
}

/// Carries out a change at once.
fn change(stream: &mut Stream, now: Timestamp, reshard: Reshard) {
    stream.start_update(now, Transition::Reshard(reshard));
    stream.handle_timeout(now, usize::MAX);
    assert_covered(stream);
}

/// The open shards cover every hash key exactly once, and `place` agrees with them.
fn assert_covered(stream: &Stream) {
    let mut open: Vec<HashRange> =
        stream.shards.iter().filter(|shard| shard.is_open()).map(Shard::range).collect();
    open.sort();
    assert_eq!(open[0].start(), HashKey::MIN);
    assert_eq!(open[open.len() - 1].end(), HashKey::MAX);
    for pair in open.windows(2) {
        assert!(pair[0].is_followed_by(&pair[1]));
    }
    for range in open {
        for key in [range.start(), range.midpoint(), range.end()] {
            let shard = stream.shard_of_any_age(stream.place(key)).unwrap();
            assert!(shard.is_open() && shard.range().contains(key));
        }
    }
}

#[test]
fn scaling_makes_as_many_shards_as_the_service_does() {
    // Totals with closed shards, verified against AWS by moto's test suite (test_kinesis_boto3.py).
    for (initial, target, total) in [(2, 4, 6), (4, 5, 15), (10, 13, 37), (4, 2, 6), (5, 3, 7)] {
        let mut stream = stream(initial);
        change(&mut stream, at(0), Reshard::Count { target });
        assert_eq!(stream.open_shard_count(), target as usize);
        assert_eq!(stream.shards.len(), total, "{initial} to {target}");
    }
}

#[test]
fn halving_and_doubling_give_equal_ranges() {
    let mut scaled = stream(8);
    change(&mut scaled, at(0), Reshard::Count { target: 4 });
    let mut ranges: Vec<_> = scaled.shards(at(0)).filter(|shard| shard.is_open()).map(Shard::range).collect();
    ranges.sort();
    assert_eq!(ranges, HashRange::uniform(4));
}

#[test]
fn children_are_later_than_parents_however_often_a_stream_changes_in_one_millisecond() {
    let mut stream = stream(1);
    for round in 0..20 {
        let newest = ShardId::new(stream.shards.len() as u32 - 1);
        let parent = &stream.shards[newest.index() as usize];
        let new_start = parent.range().midpoint();
        stream.append(at(0), newest, Some("k"), b"record");
        change(&mut stream, at(0), Reshard::Split { shard: newest, new_start });
        let parent = &stream.shards[newest.index() as usize];
        let ending = parent.ending_sequence_number().unwrap();
        assert!(parent.sequence_number(0, at(0)) > parent.starting_sequence_number());
        assert!(parent.sequence_number(0, at(0)) < ending, "round {round}");
        assert_eq!(parent.children().len(), 2);
        for child in parent.children() {
            let child = &stream.shards[child.index() as usize];
            assert!(child.starting_sequence_number() > ending, "round {round}");
            assert_eq!(child.created_secs(), ending.time_secs() + 1);
        }
    }
}

#[test]
fn a_merge_takes_the_place_of_both_parents() {
    let mut stream = stream(3);
    change(&mut stream, at(0), Reshard::Merge { shard: ShardId::new(1), adjacent: ShardId::new(2) });
    let child = &stream.shards[3];
    assert_eq!(child.parents().iter().collect::<Vec<_>>(), [ShardId::new(1), ShardId::new(2)]);
    assert_eq!(
        (child.range().start(), child.range().end()),
        (stream.shards[1].range().start(), HashKey::MAX)
    );
}

#[test]
fn the_smallest_neighbours_are_merged_first_and_the_lowest_among_equals() {
    for (shards, cuts) in [(9, 0), (16, 5), (40, 20)] {
        let mut stream = stream(shards);
        for cut in 0..cuts {
            let shard = stream.open[cut as usize * 7 % stream.open.len()].shard;
            let range = stream.shards[shard.index() as usize].range();
            let new_start = HashKey::from_bits(range.start().to_bits() / 3 + range.end().to_bits() / 3 * 2);
            change(&mut stream, at(0), Reshard::Split { shard, new_start });
        }
        let open = |stream: &Stream| -> Vec<HashRange> {
            stream.open.iter().map(|open| stream.shards[open.shard.index() as usize].range()).collect()
        };
        let mut expected = open(&stream);
        let target = expected.len() / 2 + 1;
        while expected.len() > target {
            let width = |pair: &[HashRange]| pair[1].end().to_bits() - pair[0].start().to_bits();
            let at = (0..expected.len() - 1).min_by_key(|&at| width(&expected[at..at + 2])).unwrap();
            let end = expected.remove(at + 1).end();
            expected[at] = HashRange::new(expected[at].start(), end).unwrap();
        }
        change(&mut stream, at(0), Reshard::Count { target: target as u32 });
        assert_eq!(open(&stream), expected);
    }
}

#[test]
fn an_empty_parent_does_not_hide_what_is_unread_before_it() {
    let mut stream = stream(1);
    let split = |stream: &mut Stream, shard: u32| {
        let shard = ShardId::new(shard);
        let new_start = stream.shards[shard.index() as usize].range().midpoint();
        change(stream, at(0), Reshard::Split { shard, new_start });
    };
    stream.append(at(0), ShardId::new(0), Some("k"), b"record");
    split(&mut stream, 0);
    split(&mut stream, 1);
    let may_read = |progress: &mut Progress| {
        let readable =
            stream.shards(at(0)).filter(|shard| progress.has_read_ancestors(&stream, shard, at(0)));
        readable.map(|shard| shard.id().index()).collect::<Vec<_>>()
    };
    let mut progress = Progress::default();
    assert_eq!(may_read(&mut progress), [0]);
    progress.set(ShardId::new(0), 1);
    assert_eq!(may_read(&mut progress), [0, 1, 2, 3, 4]);
}

#[test]
fn closed_shards_are_seen_as_long_as_their_records_can_be() {
    let mut stream = stream(1);
    let middle = HashRange::ALL.midpoint();
    change(&mut stream, at(0), Reshard::Split { shard: ShardId::new(0), new_start: middle });
    let day = 24 * HOUR_MS;
    assert_eq!(stream.shards(at(day)).count(), 3);
    assert_eq!(stream.shards(at(day + 1)).count(), 2);
    assert!(stream.shard(at(day + 1), ShardId::new(0)).is_none());
}

#[test]
fn deletion_ends_whatever_the_stream_was_doing() {
    let mut stream = stream(2);
    stream.start_update(at(500), Transition::Reshard(Reshard::Count { target: 4 }));
    stream.start_deletion(at(300));
    stream.start_deletion(at(900));
    assert_eq!((stream.status(), stream.poll_timeout()), (StreamStatus::Deleting, Some(at(300))));
    assert_eq!(stream.handle_timeout(at(299), usize::MAX), Outcome::Kept);
    assert_eq!(stream.handle_timeout(at(300), usize::MAX), Outcome::Removed);
}

#[test]
fn statuses_read_the_same_in_messages_and_answers() {
    use StreamStatus::{Active, Creating, Deleting, Updating};
    for status in [Active, Creating, Deleting, Updating] {
        assert_eq!(serde_json::to_string(&status).unwrap(), format!("{:?}", status.as_str()));
    }
}

#[test]
fn records_of_closed_shards_are_freed_when_they_have_expired() {
    let mut stream = stream(1);
    let day = 24 * HOUR_MS;
    stream.append(at(0), ShardId::new(0), Some("k"), b"in the parent");
    let middle = HashRange::ALL.midpoint();
    change(&mut stream, at(1), Reshard::Split { shard: ShardId::new(0), new_start: middle });
    change(&mut stream, at(2), Reshard::Merge { shard: ShardId::new(1), adjacent: ShardId::new(2) });
    let kept = |stream: &Stream| stream.shards[0].log().read(0).count();
    stream.append(at(1 + day), ShardId::new(3), Some("k"), b"");
    assert_eq!((kept(&stream), stream.closed.len()), (1, 3));
    stream.append(at(2 + day), ShardId::new(3), Some("k"), b"");
    assert_eq!((kept(&stream), stream.closed.len()), (0, 2));
}

#[test]
fn the_trim_horizon_never_moves_back() {
    let hour = 3_600_000;
    let mut stream = stream(1);
    let mut last = stream.trim_horizon(at(0));
    for (hours, now) in [(48, 30), (24, 60), (8760, 61), (24, 62), (168, 90), (167, 1000)] {
        stream.set_retention_hours(at(now * hour), hours);
        let horizon = stream.trim_horizon(at(now * hour));
        assert!(horizon >= last, "{hours} hours");
        assert!(horizon >= at(now * hour).minus_millis(u64::from(hours) * hour), "{hours} hours");
        last = horizon;
    }
}

#[test]
fn turns_are_even_to_within_one_record() {
    let mut stream = stream(7);
    for records in 1..100usize {
        let placed = stream.place_by_turns();
        stream.append(at(0), placed, None, b"");
        let counts = stream.shards(at(0)).map(|shard| shard.log().next_index() as usize);
        assert!(counts.into_iter().all(|count| (records / 7..=records.div_ceil(7)).contains(&count)));
    }
}

#[test]
fn a_stream_grows_to_many_times_its_shards_at_once() {
    for (from, target) in [(4, 100), (1, 9), (3, 10)] {
        let mut stream = stream(from);
        change(&mut stream, at(0), Reshard::Count { target });
        assert_eq!(stream.open_shard_count(), target as usize);
        let widths: Vec<u128> = stream
            .open
            .iter()
            .map(|open| stream.shards[open.shard.index() as usize].range())
            .map(|range| range.end().to_bits() - range.start().to_bits())
            .collect();
        let (least, most) = (widths.iter().min().unwrap(), widths.iter().max().unwrap());
        assert!(most / 2 <= least + 2, "{from} to {target}: {least} {most}");
    }
}

#[test]
fn a_snapshot_has_no_change_to_more_shards_than_there_can_be() {
    let is_sound = |change: Transition| {
        let mut stream = stream(2);
        stream.start_update(at(10), change);
        stream.is_sound(at(10))
    };
    for (target, can_be) in [(0, false), (1, true), (10_240, true), (10_241, false), (u32::MAX, false)] {
        assert_eq!(is_sound(Transition::Reshard(Reshard::Count { target })), can_be, "{target}");
        assert_eq!(is_sound(Transition::SetMode(StreamMode::OnDemand, Some(target))), can_be, "{target}");
    }
}

#[test]
fn a_snapshot_merges_only_open_neighbours_of_provisioned_streams() {
    let [zero, one, two] = [0, 1, 2].map(ShardId::new);
    for (mode, shard, adjacent, can_be) in [
        (StreamMode::Provisioned, zero, one, true),
        (StreamMode::Provisioned, zero, two, false),
        (StreamMode::Provisioned, one, zero, false),
        (StreamMode::Provisioned, one, one, false),
        (StreamMode::Provisioned, two, ShardId::new(3), false),
        (StreamMode::OnDemand, zero, one, false),
    ] {
        let mut stream = stream(3);
        stream.mode = mode;
        stream.start_update(at(10), Transition::Reshard(Reshard::Merge { shard, adjacent }));
        assert_eq!(stream.is_sound(at(10)), can_be, "{shard} {adjacent}");
    }
}

#[test]
fn a_snapshot_has_no_stream_that_its_parts_contradict() {
    let mut split = stream(2);
    let id = ShardId::new(0);
    change(&mut split, at(5), Reshard::Split { shard: id, new_start: HashKey::from_bits(9) });
    assert!(split.is_sound(at(5)) && !split.is_sound(at(4)));
    let forges: [fn(&mut Stream); 5] = [
        |stream| stream.created = at(11),
        |stream| stream.oldest_horizon = at(11),
        |stream| stream.is_born = false,
        |stream| stream.transition = Some((at(20), Transition::Activate)),
        |stream| {
            stream.shards.push(Shard::new(ShardId::new(2), HashRange::ALL, Parents::default(), at(0), 0))
        },
    ];
    for (number, forge) in forges.iter().enumerate() {
        let mut stream = stream(2);
        assert!(stream.is_sound(at(10)));
        forge(&mut stream);
        stream.index_open_shards();
        assert!(!stream.is_sound(at(10)), "{number}");
    }
    let mut ending = Stream::new(0, stream(1).arn, StreamMode::Provisioned, 1, at(0), at(9));
    assert!(ending.is_sound(at(10)));
    ending.start_deletion(at(20));
    assert!(ending.is_sound(at(10)));
}
