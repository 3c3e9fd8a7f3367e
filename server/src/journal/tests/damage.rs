//! Files that were cut off or changed: everything is there, or the start is refused.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::traffic::{self, Memory};
use super::{Place, Rng, clock, runtime};
use crate::{Clock as _, ManualClock};

/// A journal with a snapshot and entries after it, all acknowledged, of a process that died; and the state.
fn specimen(dies: bool) -> (Place, Arc<ManualClock>, Vec<u8>) {
    let (place, clock) = (Place::new(), clock());
    let host = place.host(&clock).unwrap();
    let (mut rng, memory) = (Rng(1), Memory::default());
    runtime().block_on(async {
        for request in traffic::beginnings() {
            super::ask(&host, &request).await;
        }
        host.take_snapshot().unwrap();
        for _ in 0..60 {
            super::ask(&host, &traffic::next(&mut rng, &memory)).await;
        }
    });
    let content = place.disk.content();
    drop(host);
    if dies {
        place.disk.set_content(content);
    }
    let (content, others) = (place.disk.content(), files(&place));
    let state = state(&place, &clock).unwrap();
    place.disk.set_content(content);
    put_back(&place, &others);
    (place, clock, state)
}

/// The state after a start, or why there is none.
fn state(place: &Place, clock: &ManualClock) -> Result<Vec<u8>, String> {
    let (journal, mut engine) = place.open(clock.now()).map_err(|error| error.to_string())?;
    drop(journal);
    Ok(engine.snapshot_bytes(clock.now()))
}

/// What is in the directory, to be put back.
fn files(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(place.directory.path()).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn put_back(place: &Place, files: &[(PathBuf, Vec<u8>)]) {
    for entry in fs::read_dir(place.directory.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (path, content) in files {
        fs::write(path, content).unwrap();
    }
}

/// Starts with each of the damages, and counts those that were refused.
fn refused(
    (place, clock, whole): &(Place, Arc<ManualClock>, Vec<u8>),
    damages: impl Iterator<Item = (String, Vec<u8>)>,
    damage: impl Fn(Vec<u8>),
) -> usize {
    let (store, others) = (place.disk.content(), files(place));
    assert!(state(place, clock).unwrap() == *whole);
    place.disk.set_content(store.clone());
    put_back(place, &others);
    let mut refused = 0;
    for (what, content) in damages {
        damage(content);
        match state(place, clock) {
            Ok(state) => assert!(state == *whole, "{what}: something is lost"),
            Err(error) => {
                assert!(error.contains(place.directory.path().to_str().unwrap()), "{what}: {error}");
                refused += 1;
            }
        }
        place.disk.set_content(store.clone());
        put_back(place, &others);
    }
    refused
}

fn cuts(content: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let odd = [1, 100, 511, 4095, 4097, content.len() - 1];
    let lengths = (0..content.len()).step_by(4096).chain(odd).filter(|len| *len < content.len());
    lengths.map(|len| (format!("{len} bytes are left"), content[..len].to_vec()))
}

fn flips(content: &[u8], step: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    let mut rng = Rng(9);
    (0..content.len()).step_by(step).map(move |start| {
        let mut content = content.to_vec();
        let at = (start + rng.below(step)).min(content.len() - 1);
        let bit = rng.below(8);
        content[at] ^= 1 << bit;
        (format!("bit {bit} of byte {at} is another"), content)
    })
}

#[test]
fn a_damaged_store_is_refused_or_loses_nothing() {
    for dies in [true, false] {
        let specimen = specimen(dies);
        let content = specimen.0.disk.content();
        let set = |content| specimen.0.disk.set_content(content);
        assert!(refused(&specimen, cuts(&content), set) > 10);
        assert!(refused(&specimen, flips(&content, 1009), set) > 10);
    }
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let specimen = specimen(true);
    let snapshot = |(path, _): &(PathBuf, Vec<u8>)| path.to_str().unwrap().contains("snapshot-");
    let (path, content) = files(&specimen.0).into_iter().find(snapshot).unwrap();
    let set = |content| fs::write(&path, content).unwrap();
    let (cut, flipped) = (cuts(&content), flips(&content, 97));
    assert_eq!(refused(&specimen, cut, set), cuts(&content).count());
    assert_eq!(refused(&specimen, flipped, set), flips(&content, 97).count());
}

#[test]
fn a_missing_file_is_refused() {
    let specimen = specimen(true);
    let (place, clock, whole) = &specimen;
    let (store, others) = (place.disk.content(), files(place));
    for (path, _) in &others {
        fs::remove_file(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        match state(place, clock) {
            // The store is on another disk here: it is missing when its name is.
            Err(error) => assert!(name.starts_with("snapshot") || name == "journal.redb", "{name}: {error}"),
            // Without a watermark, the store is believed.
            Ok(state) => assert!(name == "lock" || name == "watermark" && state == *whole, "{name}"),
        }
        place.disk.set_content(store.clone());
        put_back(place, &others);
    }
}

#[test]
fn a_damaged_watermark_is_refused() {
    let specimen = specimen(true);
    let path = specimen.0.directory.path().join("watermark");
    let content = fs::read(&path).unwrap();
    let set = |content| fs::write(&path, content).unwrap();
    assert_eq!(refused(&specimen, flips(&content, 1), set), content.len());
}
