//! Directories that another version of the engine left.

use serde_json::json;

use super::traffic::Owned;
use super::{Place, Rng, ask, clock, config, runtime};
use crate::journal::store::Store;
use crate::{Clock as _, Journal, JournalError, ManualClock};

const OTHER: &str = "0.0.7";

/// A directory with a stream and three records after the last snapshot, whose server was killed or stopped.
fn left(is_killed: bool, clock: &std::sync::Arc<ManualClock>) -> Place {
    let place = Place::new();
    let host = place.host(clock).unwrap();
    runtime().block_on(async {
        let create = Owned::new("CreateStream", &json!({"StreamName": "s", "ShardCount": 1}));
        let put = Owned::new("PutRecord", &json!({"StreamName": "s", "PartitionKey": "k", "Data": "QQ=="}));
        for request in [&create, &put, &put, &put] {
            assert_eq!(ask(&host, request).await.0, 200);
        }
    });
    if is_killed {
        place.disk.stop_after(0);
    } else {
        host.close().unwrap();
    }
    drop(host);
    place.recover(&mut Rng(3));
    place
}

/// Has the store say which version wrote it.
fn say_version(place: &Place, version: &str) {
    let store = place.directory.path().join("journal.redb");
    Store::open(&store, &place.options().backend).unwrap().set_version(version).unwrap();
}

fn version(place: &Place) -> String {
    let store = place.directory.path().join("journal.redb");
    Store::open(&store, &place.options().backend).unwrap().head().version.clone()
}

#[test]
fn what_another_version_was_killed_over_is_left_to_that_version() {
    let clock = clock();
    let place = left(true, &clock);
    say_version(&place, OTHER);
    let before = place.snapshots();
    for _ in 0..2 {
        let refused =
            Journal::open(place.directory.path(), &place.options(), &config(), clock.now()).unwrap_err();
        assert!(matches!(refused, JournalError::OtherVersion { entries: 4, .. }), "{refused:?}");
        let directory = place.directory.path().display();
        let this = env!("CARGO_PKG_VERSION");
        assert_eq!(
            refused.to_string(),
            format!(
                "{directory} has 4 entries that version 0.0.7 wrote after its last snapshot, and this is version {this}: \
                 start version 0.0.7 once more and stop it with SIGTERM, which takes a snapshot, then start this one"
            )
        );
    }
    // Nothing was changed: the other version finds all of it.
    assert_eq!((version(&place).as_str(), place.snapshots()), (OTHER, before));
    say_version(&place, env!("CARGO_PKG_VERSION"));
    assert_eq!(super::failing::records(&place.host(&clock).unwrap()), 3);
}

#[test]
fn what_another_version_stopped_with_is_started_from() {
    let clock = clock();
    let place = left(false, &clock);
    say_version(&place, OTHER);
    assert_eq!(super::failing::records(&place.host(&clock).unwrap()), 3);
    // From now on, it is this version's.
    assert_eq!(version(&place), env!("CARGO_PKG_VERSION"));
    let host = place.host(&clock).unwrap();
    runtime().block_on(async {
        let put = Owned::new("PutRecord", &json!({"StreamName": "s", "PartitionKey": "k", "Data": "QQ=="}));
        assert_eq!(ask(&host, &put).await.0, 200);
    });
    place.disk.stop_after(0);
    drop(host);
    place.recover(&mut Rng(4));
    assert_eq!(super::failing::records(&place.host(&clock).unwrap()), 4);
}
