//! A disk that is full, and other troubles while the server runs.

use serde_json::json;

use super::traffic::Owned;
use super::{Place, ask, clock, config, runtime};
use crate::{Clock as _, Host, Journal, JournalError};

fn create() -> Owned {
    Owned::new("CreateStream", &json!({"StreamName": "s", "ShardCount": 1}))
}

fn put(data: &str) -> Owned {
    Owned::new("PutRecord", &json!({"StreamName": "s", "PartitionKey": "k", "Data": data}))
}

#[test]
fn nothing_is_acknowledged_once_the_disk_is_full() {
    let (place, clock) = (Place::new(), clock());
    let host = place.host(&clock).unwrap();
    let data = "QUJD".repeat(20_000);
    let mut acknowledged = 0;
    runtime().block_on(async {
        assert_eq!(ask(&host, &create()).await.0, 200);
        place.disk.set_capacity(Some(place.disk.content().len() as u64 + 2_000_000));
        for _ in 0..100 {
            let (status, body) = ask(&host, &put(&data)).await;
            if status != 200 {
                let text = String::from_utf8(body).unwrap();
                assert_eq!(status, 500);
                assert!(text.contains("InternalFailure") && text.contains("cannot be written"), "{text}");
                break;
            }
            acknowledged += 1;
        }
        assert!((1..100).contains(&acknowledged), "{acknowledged}");
        assert!(host.failure().is_some());
        // Room that comes back changes nothing: what was executed and not kept must not be seen.
        place.disk.set_capacity(None);
        let list = Owned::new("ListShards", &json!({"StreamName": "s"}));
        for request in [put("QQ=="), create(), list] {
            assert_eq!(ask(&host, &request).await.0, 500);
        }
    });
    assert!(host.close().is_err());
    drop(host);
    let host = place.host(&clock).unwrap();
    assert_eq!(records(&host), acknowledged);
}

/// How many records the stream has.
pub(super) fn records(host: &std::sync::Arc<Host>) -> usize {
    runtime().block_on(async {
        let position = json!({
            "StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"
        });
        let (_, body) = ask(host, &Owned::new("GetShardIterator", &position)).await;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let (_, body) = ask(host, &Owned::new("GetRecords", &body)).await;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body["Records"].as_array().unwrap().len()
    })
}

#[test]
fn snapshots_take_the_place_of_entries() {
    let (place, clock) = (Place::new(), clock());
    let options = crate::JournalOptions { snapshot_after_bytes: 100_000, ..place.options() };
    let (journal, engine) = Journal::open(place.directory.path(), &options, &config(), clock.now()).unwrap();
    let host = Host::with_journal(engine, clock.clone(), journal).unwrap();
    let data = "QUJD".repeat(2000);
    runtime().block_on(async {
        assert_eq!(ask(&host, &create()).await.0, 200);
        for _ in 0..200 {
            clock.advance(100);
            assert_eq!(ask(&host, &put(&data)).await.0, 200);
        }
    });
    let stats = host.journal_stats().unwrap();
    assert!((3..20).contains(&stats.snapshots), "{stats:?}");
    host.close().unwrap();
    let names = std::fs::read_dir(place.directory.path()).unwrap();
    let snapshots =
        names.filter(|name| name.as_ref().unwrap().file_name().to_str().unwrap().starts_with("snapshot"));
    assert_eq!(snapshots.count(), 1);
    drop(host);
    assert_eq!(records(&place.host(&clock).unwrap()), 200);
}

#[test]
fn what_was_written_in_several_groups_at_once_is_gone_through() {
    let (place, clock) = (Place::new(), clock());
    let fsync = crate::Fsync::Interval(core::time::Duration::from_millis(300));
    let options = crate::JournalOptions { fsync, ..place.options() };
    let (journal, engine) = Journal::open(place.directory.path(), &options, &config(), clock.now()).unwrap();
    let host = Host::with_journal(engine, clock.clone(), journal).unwrap();
    let data = "QUJD".repeat(200_000);
    runtime().block_on(async {
        for request in core::iter::once(create()).chain((0..6).map(|_| put(&data))) {
            clock.advance(1000);
            assert_eq!(ask(&host, &request).await.0, 200);
        }
    });
    drop(host);
    assert_eq!(records(&place.host(&clock).unwrap()), 6);
}

#[test]
fn a_directory_has_one_user() {
    let (place, clock) = (Place::new(), clock());
    let host = place.host(&clock).unwrap();
    let refused = place.open(clock.now()).unwrap_err();
    assert!(matches!(refused, JournalError::InUse(_)), "{refused}");
    drop(host);
    place.host(&clock).unwrap();
}

#[test]
fn settings_may_change_where_nothing_depends_on_them() {
    let (place, clock) = (Place::new(), clock());
    let host = place.host(&clock).unwrap();
    runtime().block_on(async { assert_eq!(ask(&host, &create()).await.0, 200) });
    drop(host);
    let open = |config| Journal::open(place.directory.path(), &place.options(), &config, clock.now());
    let other = shardbrook::EngineConfig { seed: 7, ..config() };
    let refused = open(other).unwrap_err().to_string();
    assert!(refused.contains("seed"), "{refused}");
    let initialize_streams = "s:3,t:2".to_owned();
    let other = shardbrook::EngineConfig { limits: shardbrook::Limits::OFF, initialize_streams, ..config() };
    // What changed is there at the next start too, which finds nothing to change.
    for _ in 0..2 {
        let (journal, engine) = open(other.clone()).unwrap();
        assert_eq!(engine.config(), &other);
        let host = Host::with_journal(engine, clock.clone(), journal).unwrap();
        let shards = |name: &str| {
            let request = Owned::new("ListShards", &json!({"StreamName": name}));
            let (_, body) = runtime().block_on(ask(&host, &request));
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()["Shards"].as_array().unwrap().len()
        };
        assert_eq!((shards("s"), shards("t")), (1, 2));
    }
}
