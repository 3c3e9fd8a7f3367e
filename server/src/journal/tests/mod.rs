//! The journal against disks that fail, with requests at random.

mod closing;
mod crash;
mod damage;
mod disk;
mod failing;
mod folder;
mod traffic;
mod versions;

use std::sync::Arc;

use shardbrook::{Engine, EngineConfig, Limits, Timestamp};

use self::disk::Disk;
use self::folder::Folder;
use self::traffic::Owned;
use super::{Journal, JournalError, JournalOptions};
use crate::{Answer, Host, ManualClock};

/// Numbers that look random, the same for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// The next number, by the method of SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

const START: u64 = 1_700_000_000_000;

fn config() -> EngineConfig {
    EngineConfig { now: START, limits: Limits::AWS, ..EngineConfig::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// A directory whose store and snapshots are on a disk of its own.
struct Place {
    directory: tempfile::TempDir,
    disk: Disk,
    folder: Folder,
}

impl Place {
    fn new() -> Self {
        let disk = Disk::default();
        Self { directory: tempfile::tempdir().unwrap(), folder: Folder::new(&disk), disk }
    }

    /// What a crash leaves.
    fn recover(&self, rng: &mut Rng) {
        self.disk.recover(rng);
        self.folder.recover(rng);
    }

    /// The numbers of the snapshots that are there.
    fn snapshots(&self) -> Vec<u64> {
        let names = std::fs::read_dir(self.directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let number = |name: std::ffi::OsString| name.to_str()?.strip_prefix("snapshot-")?.parse().ok();
        names.filter_map(number).collect()
    }

    fn options(&self) -> JournalOptions {
        JournalOptions {
            backend: self.disk.backend(),
            files: Arc::new(self.folder.clone()),
            ..JournalOptions::default()
        }
    }

    fn open(&self, now: Timestamp) -> Result<(Journal, Engine), JournalError> {
        Journal::open(self.directory.path(), &self.options(), &config(), now)
    }

    fn host(&self, clock: &Arc<ManualClock>) -> Result<Arc<Host>, JournalError> {
        use crate::Clock as _;
        let (journal, engine) = self.open(clock.now())?;
        Ok(Host::with_journal(engine, Arc::clone(clock) as _, journal).unwrap())
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::starting_at(Timestamp::from_millis(START)))
}

/// The status and the body of an answer that comes at once.
async fn ask(host: &Arc<Host>, request: &Owned) -> (u16, Vec<u8>) {
    let request_of = request.headers();
    let request =
        shardbrook::Request { method: "POST", path: "/", headers: &request_of, body: &request.body };
    match host.call(&request).await {
        Answer::Whole(response) => (response.status, response.body),
        Answer::Later(_) | Answer::Pieces(..) => (0, Vec::new()),
    }
}
