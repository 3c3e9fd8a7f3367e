use alloc::vec::Vec;
use core::num::NonZeroU32;

use proptest::prelude::*;

use super::calls::CALLS;
use super::*;
use crate::arn::AccountId;
use crate::json::{FromJson, Json};
use crate::time::Timestamp;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis)
}

fn rate(per_second: u32) -> NonZeroU32 {
    NonZeroU32::new(per_second).unwrap()
}

#[test]
fn a_second_passes_at_once_and_then_one_each_millisecond() {
    let mut bucket = Bucket::default();
    assert_eq!((0..1500).filter(|_| bucket.take(at(0), rate(1000), 1)).count(), 1000);
    assert!(bucket.take(at(1), rate(1000), 1));
    assert!(!bucket.take(at(1), rate(1000), 1));
    assert_eq!((0..1500).filter(|_| bucket.take(at(500), rate(1000), 1)).count(), 499);
    assert_eq!((0..1500).filter(|_| bucket.take(at(90_000), rate(1000), 1)).count(), 1000);
}

#[test]
fn three_a_second_come_back_after_334_667_and_1000_ms() {
    let mut bucket = Bucket::default();
    assert!(bucket.take(at(0), rate(3), 3));
    let back: Vec<_> = (1..=1000).filter(|millis| bucket.take(at(*millis), rate(3), 1)).collect();
    assert_eq!(back, [334, 667, 1000]);
}

#[test]
fn what_is_larger_than_the_bucket_needs_a_full_one_and_leaves_a_debt() {
    let mut bucket = Bucket::default();
    assert!(bucket.take(at(0), rate(100), 1));
    assert!(!bucket.take(at(9), rate(100), 250));
    assert!(bucket.take(at(10), rate(100), 250));
    assert!(!bucket.take(at(10 + 1509), rate(100), 1));
    assert!(bucket.take(at(10 + 1510), rate(100), 1));
}

#[test]
fn a_charge_above_the_content_is_paid_back_whole() {
    let ten_mib = 10 << 20;
    let mut bucket = Bucket::default();
    bucket.charge(at(0), rate(2 << 20), ten_mib);
    assert!(!bucket.has_any(at(4999), rate(2 << 20)));
    assert!(bucket.has_any(at(5000), rate(2 << 20)));
    assert_eq!(bucket.ready_at(at(7), rate(2 << 20)), at(5000));
    assert_eq!(bucket.ready_at(at(5000), rate(2 << 20)), at(5000));
    // What the bucket holds is taken at once, and an empty bucket has something after a millisecond.
    let mut bucket = Bucket::default();
    bucket.charge(at(0), rate(1000), 1000);
    assert!(!bucket.has_any(at(0), rate(1000)));
    assert_eq!(bucket.ready_at(at(0), rate(1000)), at(1));
}

#[test]
fn numbers_at_their_ends_do_not_overflow() {
    let mut bucket = Bucket::default();
    bucket.charge(at(0), rate(u32::MAX), u64::MAX);
    assert!(!bucket.has_any(at(0), rate(1)));
    assert!(bucket.ready_at(at(0), rate(u32::MAX)) > at(0));
    assert!(bucket.has_any(Timestamp::from_millis(u64::MAX), rate(u32::MAX)));
}

proptest! {
    #[test]
    fn no_window_holds_more_than_the_bucket_and_what_came_back(
        per_second in 1..5000u32,
        calls in prop::collection::vec((0..400u64, 0..200u64), 1..200),
    ) {
        let rate = rate(per_second);
        let mut bucket = Bucket::default();
        let mut now = 0;
        let mut taken: Vec<(u64, u64)> = Vec::new();
        for (wait, tokens) in calls {
            now += wait;
            let tokens = tokens.min(per_second.into());
            if bucket.take(at(now), rate, tokens) {
                taken.push((now, tokens));
            }
        }
        for (first, (start, _)) in taken.iter().enumerate() {
            let mut sum = 0;
            for (end, tokens) in &taken[first..] {
                sum += tokens;
                prop_assert!(sum * 1000 <= u64::from(per_second) * (1000 + end - start));
            }
        }
    }

    /// The bucket against one that counts the thousandths up, millisecond by millisecond.
    #[test]
    fn refill_is_exact(
        per_second in 1..3000u64,
        calls in prop::collection::vec((0..50u64, 0..3000u64), 1..100),
    ) {
        let rate = rate(per_second as u32);
        let mut bucket = Bucket::default();
        let (mut now, mut content) = (0, per_second * 1000);
        for (wait, tokens) in calls {
            for _ in 0..wait {
                content = (content + per_second).min(per_second * 1000);
            }
            now += wait;
            let tokens = tokens.min(per_second);
            let has = tokens * 1000 <= content;
            prop_assert_eq!(bucket.take(at(now), rate, tokens), has);
            if has {
                content -= tokens * 1000;
            }
        }
    }

    #[test]
    fn ready_at_is_the_first_time_with_something(
        per_second in 1..2000u32,
        charges in prop::collection::vec((0..300u64, 1..5000u64), 1..20),
    ) {
        let rate = rate(per_second);
        let mut bucket = Bucket::default();
        let mut now = 0;
        for (wait, tokens) in charges {
            now += wait;
            bucket.charge(at(now), rate, tokens);
            let ready = bucket.ready_at(at(now), rate);
            prop_assert!(bucket.has_any(ready, rate));
            prop_assert!(ready == at(now) || !bucket.has_any(ready.minus_millis(1), rate));
        }
    }
}

#[test]
fn operations_are_in_order_and_exist() {
    assert!(CALLS.is_sorted_by(|a, b| a.operation < b.operation));
    for quota in CALLS {
        assert!(crate::wire::is_operation(quota.operation), "{}", quota.operation);
    }
}

fn limits(json: &str) -> Limits {
    Limits::from_json(Json::parse(json).unwrap()).unwrap()
}

#[test]
fn limits_are_off_aws_or_single_values() {
    assert_eq!(limits(r#""off""#), Limits::OFF);
    assert_eq!(limits(r#""aws""#), Limits::AWS);
    assert_eq!(limits("{}"), Limits::OFF);
    assert_eq!(limits(r#"{"preset":"aws"}"#), Limits::AWS);
    assert_eq!(limits(r#"{"callsPerSecond":"aws"}"#).calls_per_second("DescribeLimits"), Some(rate(1)));

    let one = limits(r#"{"shardWriteRecordsPerSecond":10}"#);
    assert_eq!(one, Limits { shard_write_records_per_second: Some(rate(10)), ..Limits::OFF });
    // The preset comes first, wherever it stands.
    let most = limits(r#"{"callsPerSecond":{"ListShards":"off","DescribeStream":7},"preset":"aws"}"#);
    assert_eq!(most.shard_read_bytes_per_second, Some(rate(2 << 20)));
    assert_eq!(most.calls_per_second("ListShards"), None);
    assert_eq!(most.calls_per_second("DescribeStream"), Some(rate(7)));
    assert_eq!(
        limits(r#"{"shardReadBytesPerSecond":"aws"}"#).shard_read_bytes_per_second,
        Some(rate(2 << 20))
    );
}

#[test]
fn limits_that_make_no_sense_are_refused_by_name() {
    for (json, word) in [
        (r#""none""#, "none"),
        ("7", "7"),
        ("null", "null"),
        ("[]", "a list"),
        (r#"{"preset":"gcp"}"#, "gcp"),
        (r#"{"shardWriteRecords":1}"#, "shardWriteRecordsPerSecond"),
        (r#"{"shardWriteRecordsPerSecond":0}"#, "shardWriteRecordsPerSecond must be 1 to"),
        (r#"{"shardWriteRecordsPerSecond":-1}"#, "-1"),
        (r#"{"shardWriteRecordsPerSecond":4294967296}"#, "4294967296"),
        (r#"{"callsPerSecond":{"PutRecords":5}}"#, "PutRecords"),
        (r#"{"callsPerSecond":{"SubscribeToShard":5}}"#, "SubscribeToShard"),
        (r#"{"callsPerSecond":{"ListStreams":"fast"}}"#, "ListStreams"),
    ] {
        let error = Limits::from_json(Json::parse(json).unwrap()).unwrap_err();
        assert!(error.contains(word), "{json}: {error}");
    }
}

#[test]
fn calls_are_counted_by_operation_account_and_region() {
    let (a, b) = (AccountId::new(1).unwrap(), AccountId::new(2).unwrap());
    let mut buckets = CallBuckets::default();
    let mut take = |millis, operation, (account, region)| {
        buckets.take(at(millis), Limits::AWS.quota_of(operation).unwrap(), account, region)
    };
    assert_eq!((0..9).filter(|_| take(0, "DeleteStream", (a, "x"))).count(), 5);
    assert!(take(0, "CreateStream", (a, "x")));
    assert!(take(0, "DeleteStream", (a, "y")) && take(0, "DeleteStream", (b, "x")));
    assert!(!take(199, "DeleteStream", (a, "x")) && take(200, "DeleteStream", (a, "x")));
    assert!(take(200, "DescribeLimits", (a, "x")) && !take(200, "DescribeLimits", (a, "x")));
    assert!(Limits::AWS.quota_of("PutRecords").is_none() && Limits::OFF.quota_of("DeleteStream").is_none());
}

#[test]
fn calls_about_a_stream_are_counted_by_operation() {
    let mut calls = StreamCalls::default();
    let mut take = |operation| calls.take(at(0), Limits::AWS.quota_of(operation).unwrap());
    assert_eq!((0..9).filter(|_| take("ListStreamConsumers")).count(), 5);
    assert_eq!((0..1500).filter(|_| take("ListShards")).count(), 1000);
    assert!(!take("ListStreamConsumers") && take("DescribeStreamConsumer"));
    assert!(calls.are_sound());
}

#[test]
fn those_who_went_away_are_forgotten() {
    let mut buckets = CallBuckets::default();
    let quota = Limits::AWS.quota_of("ListStreams").unwrap();
    for millis in 0..50_000 {
        assert!(buckets.take(at(millis), quota, AccountId::new(millis).unwrap(), "x"));
    }
    assert!(buckets.len() <= 2 * 1001, "{}", buckets.len());
}

#[test]
fn so_many_accounts_can_be_made_up_in_a_second_and_no_more() {
    let mut buckets = CallBuckets::default();
    let quota = Limits::AWS.quota_of("ListStreams").unwrap();
    let mut take = |millis, account| buckets.take(at(millis), quota, AccountId::new(account).unwrap(), "x");
    assert_eq!((0..20_000).filter(|account| take(0, *account)).count(), 10_000);
    // Those who are known go on, and when their buckets are full again there is room for others.
    assert!(take(999, 0) && !take(999, 20_000));
    assert!(take(1000, 20_000));
    assert_eq!(buckets.len(), 2);
    assert!(buckets.are_sound());
}

#[test]
fn buckets_out_of_order_are_found() {
    let mut buckets = CallBuckets::default();
    let quota = Limits::AWS.quota_of("ListStreams").unwrap();
    for account in [2, 1] {
        assert!(buckets.take(at(0), quota, AccountId::new(account).unwrap(), "x"));
    }
    assert!(buckets.are_sound());
    buckets.swap(0, 1);
    assert!(!buckets.are_sound());
}
