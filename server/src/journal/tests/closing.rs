//! The end of a journal, and the directory that it leaves.

use core::time::Duration;
use std::sync::{Arc, mpsc};

use serde_json::json;
use shardbrook::Timestamp;

use super::traffic::Owned;
use super::{Place, START, ask, clock, config, runtime};
use crate::journal::entry::Input;
use crate::journal::files::Watermark;
use crate::journal::store::Store;
use crate::journal::writer::Writer;
use crate::{Clock as _, Fsync, Host, Journal, JournalOptions};

#[test]
fn an_end_does_not_wait_for_the_interval() {
    let (place, clock) = (Place::new(), clock());
    let fsync = Fsync::Interval(Duration::from_secs(3600));
    let options = JournalOptions { fsync, ..place.options() };
    let (journal, engine) = Journal::open(place.directory.path(), &options, &config(), clock.now()).unwrap();
    let host = Host::with_journal(engine, clock.clone(), journal).unwrap();
    for name in ["a", "b"] {
        let create = Owned::new("CreateStream", &json!({"StreamName": name, "ShardCount": 1}));
        assert_eq!(runtime().block_on(ask(&host, &create)).0, 200);
    }
    let (sender, closed) = mpsc::channel();
    let closing = Arc::clone(&host);
    let thread = std::thread::spawn(move || sender.send(closing.close().is_ok()));
    assert_eq!(closed.recv_timeout(Duration::from_secs(30)), Ok(true));
    thread.join().unwrap().unwrap();
    drop(host);
    let host = place.host(&clock).unwrap();
    let (_, body) = runtime().block_on(ask(&host, &Owned::new("ListStreams", &json!({}))));
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["StreamNames"], json!(["a", "b"]));
}

#[test]
fn an_entry_that_comes_after_the_end_takes_no_other_with_it() {
    let (place, options) = (Place::new(), JournalOptions::default());
    let path = place.directory.path().join("store");
    Store::create(&path, &options.backend).unwrap();
    let store = Store::open(&path, &options.backend).unwrap();
    let watermark = Watermark::create(&place.directory.path().join("watermark"), 0).unwrap();
    let writer = Writer::new(0, 0, &options);
    let now = Timestamp::from_millis(START);
    writer.append(now, Input::Release, None);
    writer.close();
    writer.append(now, Input::Timeout, None);
    writer.run(store, watermark, options.fsync);
    let progress = writer.subscribe().borrow().clone();
    assert_eq!(progress.durable, 1);
    assert!(progress.failure.is_some(), "the one that came late is never acknowledged");
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_made_is_for_one_user() {
    use std::os::unix::fs::PermissionsExt as _;

    let (place, clock) = (Place::new(), clock());
    let path = place.directory.path().join("deep/data");
    let open = || Journal::open(&path, &place.options(), &config(), clock.now()).map(drop);
    let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
    open().unwrap();
    assert_eq!(mode(), 0o700);
    // One that is there is left as it is.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    open().unwrap();
    assert_eq!(mode(), 0o750);
}
