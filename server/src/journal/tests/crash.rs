//! After any crash, the state is that of all entries up to one at or after the last that was acknowledged.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use shardbrook::wire::{self, WireConfig};
use shardbrook::{Call, Engine, ExchangeId, Handled, Output, Timestamp};

use super::traffic::{self, Memory, Owned};
use super::{Place, Rng, clock, config, runtime};
use crate::{Answer, Clock as _, Frames, Host, Later, ManualClock};

/// What was done with an engine.
#[derive(Clone, Debug)]
enum Deed {
    Call(Owned),
    /// A call that is not kept.
    Read(Owned),
    /// One that a crash undid.
    Undone,
    /// The client of the deed at this place is gone.
    Disconnect(usize),
    Release,
    Timeout,
}

impl Deed {
    /// Whether there is an entry of it.
    fn is_kept(&self) -> bool {
        !matches!(self, Self::Read(_) | Self::Undone)
    }
}

type Log = Vec<(Timestamp, Deed)>;

/// An engine that is told everything by itself, without a journal.
struct Reference {
    engine: Engine,
    exchanges: HashMap<usize, ExchangeId>,
}

impl Reference {
    /// The engine after the first `kept` entries of a log; before the deed at `snapshot`, also after what is not kept.
    fn of(log: &Log, restarts: &BTreeSet<usize>, snapshot: usize, kept: u64) -> Self {
        let mut reference = Self { engine: Engine::new(config()).unwrap(), exchanges: HashMap::new() };
        let mut entries = 0;
        for (place, (now, deed)) in log.iter().enumerate() {
            let is_read = !deed.is_kept();
            if restarts.contains(&place) {
                reference.forget_connections(*now);
            }
            if entries == kept && place >= snapshot {
                break;
            }
            if place < snapshot || !is_read {
                reference.apply(place, *now, deed);
            }
            entries += u64::from(!is_read);
        }
        assert_eq!(entries, kept);
        if restarts.contains(&log.len()) {
            let now = reference.engine.now();
            reference.forget_connections(now);
        }
        reference
    }

    /// Ends the subscriptions, which alone are left when a snapshot is taken.
    fn forget_connections(&mut self, now: Timestamp) {
        for (_, id) in self.exchanges.drain() {
            self.engine.handle_disconnect(now, id);
        }
    }

    fn apply(&mut self, place: usize, now: Timestamp, deed: &Deed) {
        match deed {
            Deed::Call(request) | Deed::Read(request) => {
                match request.with(|request| self.engine.handle_request(now, request)) {
                    Handled::Done(_) => {}
                    Handled::Pending(id) => drop(self.exchanges.insert(place, id)),
                    Handled::Stream(_, id) => {
                        self.engine.pause_frames(id);
                        self.exchanges.insert(place, id);
                    }
                }
            }
            Deed::Disconnect(place) => {
                if let Some(id) = self.exchanges.remove(place) {
                    self.engine.handle_disconnect(now, id);
                }
            }
            Deed::Release => self.engine.release_receivers(now),
            Deed::Timeout => self.engine.handle_timeout(now),
            Deed::Undone => {}
        }
        while !matches!(self.engine.poll_output(), Output::Timeout(_)) {}
    }
}

/// A client that waits.
enum Open {
    Later(Later),
    Pieces { _frames: Frames },
}

/// A server that crashes again and again, and all that was done with it.
struct World {
    rng: Rng,
    place: Place,
    clock: Arc<ManualClock>,
    log: Log,
    /// Entries of the log; those before this one were acknowledged.
    entries: u64,
    acknowledged: u64,
    /// The place in the log, and the entry, at which the last snapshot was taken that outlived a crash.
    snapshot: (usize, u64),
    /// The same of those that were begun since.
    snapshots: Vec<(usize, u64)>,
    /// The places of the snapshots from which the server was started again: subscriptions are no part of them.
    restarts: BTreeSet<usize>,
    memory: Memory,
    /// Those who wait, by the place of their deed.
    open: Vec<(usize, Open)>,
    executed: BTreeSet<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng(seed),
            place: Place::new(),
            clock: clock(),
            log: Vec::new(),
            entries: 0,
            acknowledged: 0,
            snapshot: (0, 0),
            snapshots: Vec::new(),
            restarts: BTreeSet::new(),
            memory: Memory::default(),
            open: Vec::new(),
            executed: BTreeSet::new(),
        }
    }

    fn push(&mut self, deed: Deed) -> usize {
        self.entries += u64::from(deed.is_kept());
        self.log.push((self.clock.now(), deed));
        self.log.len() - 1
    }

    /// Several requests at a time, which become one group or some.
    async fn call(&mut self, host: &Arc<Host>, requests: Vec<Owned>) {
        let places: Vec<(usize, u64)> = requests
            .iter()
            .map(|request| {
                let is_kept = is_kept(request);
                let deed = if is_kept == Some(true) { Deed::Call } else { Deed::Read };
                let place = self.push(deed(request.clone()));
                // What the engine does not see is no sign that what it saw is kept.
                (place, if is_kept.is_some() { self.entries } else { 0 })
            })
            .collect();
        let calls = requests.iter().map(|request| async {
            let headers = request.headers();
            let request =
                shardbrook::Request { method: "POST", path: "/", headers: &headers, body: &request.body };
            host.call(&request).await
        });
        let answers = futures_util::future::join_all(calls).await;
        for ((request, (place, entries)), answer) in requests.iter().zip(places).zip(answers) {
            let answer = match answer {
                Answer::Whole(response) if response.status == 500 => {
                    let text = String::from_utf8(response.body).unwrap();
                    assert!(self.place.disk.has_stopped() && text.contains("journal"), "{text}");
                    continue;
                }
                Answer::Whole(response) => {
                    if response.status == 200 {
                        self.executed.insert(request.target.clone());
                    }
                    self.memory.learn(&response.body);
                    None
                }
                Answer::Later(later) => {
                    self.executed.insert("a long poll".into());
                    Some(Open::Later(later))
                }
                Answer::Pieces(_, frames) => {
                    self.executed.insert(request.target.clone());
                    Some(Open::Pieces { _frames: frames })
                }
            };
            self.acknowledged = self.acknowledged.max(entries);
            self.open.extend(answer.map(|open| (place, open)));
        }
    }

    fn disconnect(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let (place, mut open) = self.open.swap_remove(self.rng.below(self.open.len()));
        // An answer that came is none that the client can leave.
        let is_over = match &mut open {
            Open::Later(later) => later.has_come(),
            Open::Pieces { .. } => false,
        };
        drop(open);
        if !is_over {
            self.executed.insert("a disconnect".into());
            self.push(Deed::Disconnect(place));
        }
    }

    async fn step(&mut self, host: &Arc<Host>) {
        match self.rng.below(20) {
            0 | 1 => {
                let millis = [10, 1000, 20_000, 90_000, 4_000_000, 90_000_000][self.rng.below(6)];
                self.clock.advance(millis);
                if self.rng.chance(50) {
                    host.tick();
                    self.push(Deed::Timeout);
                }
            }
            2 | 3 => self.disconnect(),
            4 if self.rng.chance(30) => {
                let taken = host.take_snapshot();
                self.push(Deed::Release);
                // One that failed when it had its name may be there after all.
                self.snapshots.push((self.log.len(), self.entries));
                if taken.is_ok() {
                    self.executed.insert("a snapshot".into());
                    self.snapshot = (self.log.len(), self.entries);
                } else {
                    assert!(self.place.disk.has_stopped());
                    self.executed.insert("a snapshot that failed".into());
                }
            }
            _ => {
                let count = 1 + self.rng.below(5);
                // Subscriptions decide nothing, as another test shows; here they would only count up timers.
                let requests = (0..count)
                    .map(|_| traffic::next(&mut self.rng, &self.memory))
                    .filter(|request| !request.target.ends_with("SubscribeToShard"))
                    .collect();
                self.call(host, requests).await;
            }
        }
    }

    /// Finds out which snapshot a crash left.
    fn find_snapshot(&mut self) {
        let newest = self.place.snapshots().into_iter().max();
        let is_newest = |(_, entry): &&(usize, u64)| Some(*entry) == newest;
        if let Some(snapshot) = self.snapshots.iter().find(is_newest) {
            self.snapshot = *snapshot;
        }
        assert_eq!(newest, Some(self.snapshot.1));
        self.snapshots.clear();
    }

    /// Checks what is there after a crash, and goes on from there.
    fn check(&mut self, engine: &mut Engine, next: u64) {
        let snapshot = self.snapshot;
        // Those who waited are released, if there was anything to go through.
        let kept = if next > snapshot.1 { next - 1 } else { next };
        assert!(kept >= self.acknowledged, "{kept} of {} acknowledged entries", self.acknowledged);
        assert!(kept <= self.entries, "{kept} of {} entries", self.entries);
        self.restarts.insert(snapshot.0);
        let mut reference = Reference::of(&self.log, &self.restarts, snapshot.0, kept);
        let now = self.clock.now();
        reference.engine.release_receivers(now);
        let (wanted, found) = (reference.engine.snapshot_bytes(now), engine.snapshot_bytes(now));
        let differs = wanted.iter().zip(&found).position(|(wanted, found)| wanted != found);
        if let Some(at) = differs {
            let near = at.saturating_sub(24)..(at + 24).min(wanted.len()).min(found.len());
            panic!("the states differ at {at}: {:?} and {:?}", &wanted[near.clone()], &found[near]);
        }
        assert_eq!(wanted.len(), found.len());
        let mut left = kept;
        let mut end = self.log.len();
        for (place, (_, deed)) in self.log.iter_mut().enumerate() {
            if place >= snapshot.0 && !deed.is_kept() {
                *deed = Deed::Undone;
            } else if deed.is_kept() && left == 0 {
                end = place;
                break;
            }
            left -= u64::from(deed.is_kept());
        }
        self.log.truncate(end);
        self.entries = kept;
        if next > kept {
            self.push(Deed::Release);
        }
        self.acknowledged = self.entries;
    }
}

/// Whether a request is kept; nothing if the engine does not get to see it.
fn is_kept(request: &Owned) -> Option<bool> {
    let config = WireConfig::default();
    request.with(|request| {
        let decoded = wire::decode(&config, request);
        Call::read(request, &decoded).ok().map(|call| call.is_mutation())
    })
}

/// Lets a server crash some times; gives what it did.
fn crash(seed: u64, prepare: impl Fn(&Place)) -> BTreeSet<String> {
    let runtime = runtime();
    let mut world = World::new(seed);
    for round in 0..4 {
        if round > 0 {
            let content = world.place.disk.content();
            assert!(!content.is_empty());
            world.find_snapshot();
        }
        let (journal, mut engine) = world.place.open(world.clock.now()).unwrap();
        if round > 0 {
            let next = journal.next();
            world.check(&mut engine, next);
        }
        prepare(&world.place);
        let host = Host::with_journal(engine, Arc::clone(&world.clock) as _, journal).unwrap();
        let operations = 20 + world.rng.below(800) as u64;
        runtime.block_on(async {
            if round == 0 {
                world.call(&host, traffic::beginnings()).await;
            }
            world.place.disk.stop_after(operations);
            for _ in 0..200 {
                if world.place.disk.has_stopped() {
                    break;
                }
                world.step(&host).await;
            }
        });
        world.place.disk.stop_after(0);
        // Who waited is gone with the machine.
        world.open.clear();
        drop(host);
        world.place.recover(&mut world.rng);
    }
    world.executed
}

#[test]
fn what_was_acknowledged_outlives_a_crash() {
    let seeds = std::env::var("SHARDBROOK_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(60);
    let mut executed = BTreeSet::new();
    for seed in 0..seeds {
        let ran = std::panic::catch_unwind(|| crash(seed, |_| {}));
        executed.extend(ran.unwrap_or_else(|_| panic!("seed {seed}")));
    }
    // All that is kept, and that reads are among it.
    assert!(executed.len() >= 40, "{executed:?}");
    for needed in ["a long poll", "a disconnect", "a snapshot", "a snapshot that failed"] {
        assert!(executed.contains(needed), "{needed}: {executed:?}");
    }
}

#[test]
fn a_disk_that_forgets_syncs_is_found_out() {
    let finds = |seed| std::panic::catch_unwind(|| crash(seed, |place| place.disk.forget_syncs())).is_err();
    assert!((0..10).any(finds));
}

/// What is not kept must not decide what becomes of what is.
#[test]
fn reads_decide_nothing() {
    for seed in 0..60 {
        let mut rng = Rng(seed);
        let mut engines = [(); 2].map(|()| Engine::new(config()).unwrap());
        let mut now = config().now;
        let mut memory = Memory::default();
        for round in 0..300 {
            let request = traffic::beginnings()
                .into_iter()
                .nth(round)
                .unwrap_or_else(|| traffic::next(&mut rng, &memory));
            now += [0, 0, 1, 30, 700, 60_000][rng.below(6)];
            let is_kept = is_kept(&request) == Some(true);
            let mut answers =
                engines.iter_mut().enumerate().filter(|(number, _)| *number == 0 || is_kept).map(
                    |(_, engine)| {
                        let now = Timestamp::from_millis(now);
                        let handled = request.with(|request| engine.handle_request(now, request));
                        // Answers that come later are among the outputs.
                        let mut later = Vec::new();
                        loop {
                            match engine.poll_output() {
                                Output::Response(_, response) => later.push(response.body),
                                Output::Timeout(_) => break,
                                Output::Frame(..)
                                | Output::End(_)
                                | Output::Reset(_)
                                | Output::Effect(_)
                                | Output::Event(_) => {}
                            }
                        }
                        let body = match handled {
                            Handled::Done(response) => Some((response.status, response.body)),
                            Handled::Pending(_) | Handled::Stream(..) => None,
                        };
                        (body, later)
                    },
                );
            let (first, second) = (answers.next(), answers.next());
            if let (true, Some((first, _)), Some((second, _))) = (is_kept, &first, &second) {
                let text = |answer: &Option<(u16, Vec<u8>)>| {
                    answer
                        .as_ref()
                        .map(|(status, body)| (*status, String::from_utf8_lossy(body).into_owned()))
                };
                assert_eq!(text(first), text(second), "seed {seed}: {}", request.target);
            }
            if let Some((Some((_, body)), later)) = first {
                memory.learn(&body);
                later.iter().for_each(|body| memory.learn(body));
            }
        }
    }
}

/// Every write, sync, rename and removal of a snapshot is once the last thing that happens.
#[test]
fn a_crash_at_any_step_of_a_snapshot_loses_nothing() {
    let mut rng = Rng(5);
    let mut newest = BTreeSet::new();
    for operations in 0.. {
        // What is there of what was not synced is another thing each time.
        let taken = [(); 12].map(|()| {
            let (is_taken, is_new) = crash_in_snapshot(operations, &mut rng);
            newest.insert(is_new);
            is_taken
        });
        if taken.contains(&true) {
            assert!(operations > 10, "{operations} steps");
            break;
        }
    }
    assert_eq!(newest.len(), 2, "the snapshot before, and the one that was being written");
}

/// Lets a disk stop so many steps after a snapshot was begun. Whether it was taken, and whether it is there.
fn crash_in_snapshot(operations: u64, rng: &mut Rng) -> (bool, bool) {
    let (place, clock) = (Place::new(), clock());
    let host = place.host(&clock).unwrap();
    runtime().block_on(async {
        for request in traffic::beginnings() {
            super::ask(&host, &request).await;
        }
        host.take_snapshot().unwrap();
        let requests = core::iter::repeat_with(|| traffic::next(rng, &Memory::default()));
        // Those that only read count in the state, but outlive a crash only in a snapshot.
        for request in requests.filter(|request| is_kept(request) == Some(true)).take(10) {
            super::ask(&host, &request).await;
        }
    });
    let before = place.snapshots();
    let state = |engine: &mut Engine| {
        engine.release_receivers(clock.now());
        engine.snapshot_bytes(clock.now())
    };
    let wanted = host.with_engine(|engine, _| state(engine));
    place.disk.stop_after(operations);
    let is_taken = host.take_snapshot().is_ok();
    place.disk.stop_after(0);
    drop(host);
    place.recover(rng);
    let is_new = place.snapshots().iter().max() > before.iter().max();
    let opened = place.open(clock.now());
    let (journal, mut engine) = opened.unwrap_or_else(|error| panic!("after {operations} steps: {error}"));
    drop(journal);
    assert!(state(&mut engine) == wanted, "after {operations} steps");
    (is_taken, is_new)
}
