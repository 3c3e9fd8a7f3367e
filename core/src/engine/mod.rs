//! The engine: requests in, answers out, on a clock that its caller moves.
//!
//! Every call first runs the timers that are due at or before `now`, each at its own due time, so that the state is
//! a function of inputs and time and never of who looked when.

mod call;
mod channels;
mod config;
mod delivery;
mod dispatch;
mod exchange;
mod faults;
mod input;
mod output;
mod queues;
mod reading;
mod snapshot;
mod stored;
mod subscriptions;
#[cfg(test)]
mod tests;
mod typed;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

pub use self::call::{Call, Executed, Ready, Refusal};
use self::call::{Head, Input, Outcome, Reply};
use self::config::InitialStream;
pub use self::config::{ClockKind, ConfigError, EngineConfig, ObjectStoreKind};
use self::delivery::Deliveries;
use self::exchange::Exchanges;
use self::faults::Strike;
pub use self::faults::{DropWhen, Fault, FaultError, FaultUnit, Faults};
pub use self::output::{
    Action, Effect, EffectError, EffectId, EffectResult, Event, ExchangeId, Handled, Output,
};
use crate::arn::{AccountId, parse_stream_arn};
use crate::error::Error;
use crate::firehose;
use crate::objects::ObjectStore;
use crate::quota::{CallBuckets, Limits};
use crate::rng::Seed;
use crate::service::{Context, CreateStream, Durations, Queues, StreamRef, Streams, Target};
use crate::shard::ShardIterator;
use crate::shard_id::ShardId;
use crate::stream::Stream;
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};
use crate::token::TokenSealer;
use crate::wire::{self, Request, Response, WireConfig};

/// News that an engine keeps for a host that does not ask; the oldest go first.
const MAX_WAITING_EVENTS: usize = 1_000;

/// Streams, delivery streams and delivered objects of all accounts and regions.
///
/// - A. getters: [`now`](Self::now), [`objects`](Self::objects), [`poll_timeout`](Self::poll_timeout), …
/// - B. handlers of what comes from outside: [`handle_request`](Self::handle_request),
///   [`handle_timeout`](Self::handle_timeout), [`handle_disconnect`](Self::handle_disconnect),
///   [`handle_effect_result`](Self::handle_effect_result)
/// - C. mutators: [`faults_mut`](Self::faults_mut), [`reset`](Self::reset), and the typed operations such as
///   [`put_records`](Self::put_records)
/// - D. what goes out: [`poll_output`](Self::poll_output), until [`Output::Timeout`]
///
/// ```
/// use shardbrook::{CreateStream, Engine, EngineConfig, PutRecord, PutRecordsEntry, StreamRef, Timestamp};
///
/// let mut engine = Engine::new(EngineConfig::default())?;
/// let now = Timestamp::from_millis(1_000);
/// engine.create_stream(now, &CreateStream { stream_name: "orders", shard_count: Some(2), ..Default::default() })?;
/// let record = PutRecordsEntry { data: b"hello", partition_key: Some("customer-1"), ..Default::default() };
/// let stream = StreamRef::named("orders");
/// let placed = engine.put_record(now, &PutRecord { stream, record, ..Default::default() })?;
/// assert_eq!(placed.shard_id.to_string(), "shardId-000000000001");
///
/// let mut reader = engine.records(now, "orders")?;
/// let batch = reader.next_batch(&mut engine, now)?;
/// assert_eq!(batch[0]?.data, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
    settings: Settings,
    now: Timestamp,
    timers: TimerQueue<Timer>,
    streams: Streams,
    queues: Queues,
    deliveries: Deliveries,
    objects: ObjectStore,
    faults: Faults,
    calls: CallBuckets,
    outputs: VecDeque<Output>,
    exchanges: Exchanges,
    requests: u64,
    resets: u64,
    clamped_calls: u64,
}

/// What the configuration comes to.
#[derive(Clone, Debug)]
struct Settings {
    wire: WireConfig,
    seed: Seed,
    sealer: TokenSealer,
    durations: Durations,
    shard_limit: u32,
    on_demand_stream_limit: u32,
    limits: Limits,
    object_store: ObjectStoreKind,
}

impl Settings {
    fn context<'c>(
        &'c self,
        now: Timestamp,
        account: AccountId,
        region: &'c str,
        timers: &'c mut TimerQueue<Timer>,
    ) -> Context<'c> {
        Context {
            now,
            account,
            region,
            durations: self.durations,
            shard_limit: self.shard_limit,
            on_demand_stream_limit: self.on_demand_stream_limit,
            limits: &self.limits,
            latency_ms: 0,
            seed: self.seed,
            sealer: self.sealer,
            timers,
            operation: wire::operation,
        }
    }

    fn delivery_settings(&self) -> firehose::Settings {
        firehose::Settings {
            creating_ms: self.durations.create_delivery_stream,
            deleting_ms: self.durations.delete_delivery_stream,
            ..firehose::Settings::default()
        }
    }
}

impl Engine {
    /// An engine with the initial streams of `config`, at the time where `config` starts.
    ///
    /// # Errors
    /// When a setting has a value that makes no sense; the error says which, and what is allowed.
    pub fn new(config: EngineConfig) -> Result<Self, ConfigError> {
        let seed = Seed::new(config.seed);
        let account = config.account_id()?;
        let settings = Settings {
            wire: WireConfig::new(account, config.checked_region()?),
            seed,
            sealer: TokenSealer::new(seed, 0),
            durations: config.durations,
            shard_limit: config.shard_limit,
            on_demand_stream_limit: config.on_demand_stream_limit,
            limits: config.limits,
            object_store: config.object_store,
        };
        let mut engine = Self {
            now: config.start(),
            timers: TimerQueue::default(),
            streams: Streams::default(),
            queues: Queues::default(),
            deliveries: Deliveries::default(),
            objects: ObjectStore::new(config.object_capacity_bytes),
            faults: Faults::new(seed),
            calls: CallBuckets::default(),
            outputs: VecDeque::new(),
            exchanges: Exchanges::default(),
            requests: 0,
            resets: 0,
            clamped_calls: 0,
            settings,
            config,
        };
        let initial = engine.config.initial_streams()?;
        engine.create_initial_streams(account, initial)?;
        Ok(engine)
    }

    /// Goes on with other settings, and gives whether they differ: quotas, durations, limits and the capacity of the
    /// object store. Initial streams that do not exist are created; `now` says nothing here.
    ///
    /// # Errors
    /// When a setting makes no sense, or one differs that what exists depends on. Nothing changes then.
    pub fn reconfigure(&mut self, now: Timestamp, config: &EngineConfig) -> Result<bool, ConfigError> {
        self.config.check_successor(config)?;
        let account = config.account_id()?;
        let mut initial = config.initial_streams()?;
        let config = EngineConfig { now: self.config.now, ..config.clone() };
        if config == self.config {
            return Ok(false);
        }
        self.advance(now);
        self.settings.durations = config.durations;
        self.settings.limits = config.limits;
        self.settings.shard_limit = config.shard_limit;
        self.settings.on_demand_stream_limit = config.on_demand_stream_limit;
        self.objects.set_capacity(config.object_capacity_bytes);
        self.config = config;
        let settings = self.settings.delivery_settings();
        self.deliveries.regions.values_mut().for_each(|region| region.set_settings(settings));
        initial.retain(|stream| {
            let cx = self.settings.context(self.now, account, &stream.region, &mut self.timers);
            self.streams.resolve(&cx, StreamRef::named(&stream.name)).is_err()
        });
        self.create_initial_streams(account, initial)?;
        Ok(true)
    }

    fn create_initial_streams(
        &mut self,
        account: AccountId,
        initial: Vec<InitialStream>,
    ) -> Result<(), ConfigError> {
        for stream in initial {
            let mut cx = self.settings.context(self.now, account, &stream.region, &mut self.timers);
            cx.durations.create_stream = 0;
            let input = CreateStream {
                stream_name: &stream.name,
                shard_count: Some(stream.shards),
                ..CreateStream::default()
            };
            let created = self.streams.create_stream(&mut cx, &input);
            created
                .map_err(|error| ConfigError::new(alloc::format!("initializeStreams: {}", error.message)))?;
        }
        self.run_timers();
        Ok(())
    }

    /// Answers one request: decodes it, executes it, encodes the answer. A host that shares the engine between threads
    /// does the three apart, and needs the engine for the second alone: [`wire::decode()`] and [`Call::read`], then
    /// [`execute`](Self::execute) or [`refuse`](Self::refuse), then [`Ready::encode`].
    pub fn handle_request(&mut self, now: Timestamp, request: &Request<'_>) -> Handled {
        let decoded = wire::decode(&self.settings.wire, request);
        match Call::read(request, &decoded) {
            Ok(call) => {
                let executed = self.execute(now, &call);
                self.hand_over(executed)
            }
            Err(refusal) => Handled::Done(self.refuse(now, refusal)),
        }
    }

    /// What a request needs to be decoded by [`wire::decode()`], outside the engine.
    pub fn wire_config(&self) -> &WireConfig {
        &self.settings.wire
    }

    /// Executes a call that was decoded before.
    pub fn execute(&mut self, now: Timestamp, call: &Call<'_>) -> Executed {
        self.advance(now);
        let head =
            Head { protocol: call.protocol, request_id: self.draw_request_id(), has_origin: call.has_origin };
        let Strike { error, mut latency_ms, drop } = self.strike(call);
        let outcome = match (error, drop) {
            _ if (latency_ms > 0 || drop.is_some()) && self.exchanges.are_full() => {
                // This answer must not wait either.
                latency_ms = 0;
                Outcome::Answer(Err(exchange::too_many()))
            }
            (Some(kind), _) => Outcome::Answer(Err(Error::new(kind, "This error was asked for as a fault."))),
            (None, None) => match self.dispatch(call, latency_ms) {
                Ok(Reply::Subscribed(id)) => {
                    // The first frame waits, not the head.
                    self.delay_subscription(id, core::mem::take(&mut latency_ms));
                    Outcome::Stream(id)
                }
                answer => self.wait_for_records(call, head, latency_ms, answer),
            },
            (None, Some(when)) => {
                if when == DropWhen::After
                    && let Ok(Reply::Subscribed(id)) = self.dispatch(call, latency_ms)
                {
                    self.close_subscription(id.0);
                }
                // What came of it is what the client never gets to know.
                Outcome::Dropped(self.drop_connection(core::mem::take(&mut latency_ms)))
            }
        };
        // What the call woke is due now.
        self.run_timers();
        Executed { head, outcome, latency_ms }
    }

    /// Answers a request that no operation sees. Only then does the answer have a name.
    pub fn refuse(&mut self, now: Timestamp, refusal: Refusal) -> Response {
        self.advance(now);
        refusal.answer(self.draw_request_id())
    }

    /// Writes the answer of a call, which comes as an output if it is to be held back. An answer that
    /// [is ready](Executed::into_ready) can be written outside the engine, by [`Ready::encode`].
    pub fn hand_over(&mut self, executed: Executed) -> Handled {
        match executed.encode() {
            Handled::Done(response) if executed.latency_ms > 0 => {
                Handled::Pending(self.hold_back(response, executed.latency_ms))
            }
            handled @ (Handled::Done(_) | Handled::Pending(_) | Handled::Stream(..)) => handled,
        }
    }

    /// The fault that strikes a call, if one does.
    fn strike(&mut self, call: &Call<'_>) -> Strike {
        if self.faults.is_empty() {
            return Strike::default();
        }
        let subject = call.input.subject();
        let mut shards = subject.shards.map(|shard| shard.and_then(ShardId::parse));
        let iterator = match subject.target {
            Target::Iterator(text) => ShardIterator::open(&self.settings.sealer, text),
            Target::None | Target::Name(_) | Target::Stream(_) | Target::Arn(_) => None,
        };
        let mut stream = subject.target.stream_name();
        if let Some(iterator) = &iterator {
            shards[0] = Some(iterator.shard);
            stream = parse_stream_arn(&iterator.stream_arn).map(|(_, _, name)| name);
        }
        if let Input::PutRecord(input) = &call.input
            && self.faults.name_shards()
        {
            let cx = self.settings.context(self.now, call.account, &call.region, &mut self.timers);
            shards[0] = self.streams.shard_of(&cx, input);
        }
        self.faults.strike(call.operation, stream, shards).unwrap_or_default()
    }

    /// Runs what is due at or before `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
    }

    /// Takes the host's answer to an [`Output::Effect`]. It takes effect at the effect's due time plus the latency
    /// that the result declares, however late it comes.
    ///
    /// # Errors
    /// When no such effect is outstanding. Nothing changes then.
    pub fn handle_effect_result(
        &mut self,
        now: Timestamp,
        id: EffectId,
        result: EffectResult,
    ) -> Result<(), EffectError> {
        self.advance(now);
        self.take_effect_result(id, &result)?;
        self.run_timers();
        Ok(())
    }

    /// The next thing for the host to do. A host that never asks loses nothing but the answers that come this way.
    pub fn poll_output(&mut self) -> Output {
        let output = self.outputs.pop_front().or_else(|| self.poll_frame());
        output.unwrap_or_else(|| Output::Timeout(self.poll_timeout()))
    }

    /// When something is due next. It changes with every call that takes `&mut self`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.next_due()
    }

    /// The settings that the engine was made with.
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// The latest time that the engine was given.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How many calls came with a time before [`now`](Self::now); they were treated as if they came at `now`.
    pub fn clamped_calls(&self) -> u64 {
        self.clamped_calls
    }

    /// Whether someone waits for an output: an answer is pending or comes in pieces, or an effect is outstanding. Only
    /// then does a host with a real clock need a timer.
    pub fn awaits_host(&self) -> bool {
        !self.exchanges.is_empty() || self.deliveries.has_outstanding_effects()
    }

    /// The stream with this number.
    pub(crate) fn stream(&self, id: u64) -> Option<&Stream> {
        self.streams.get(id)
    }

    /// The delivered objects.
    pub fn objects(&self) -> &ObjectStore {
        &self.objects
    }

    /// The delivered objects, to be cleared.
    pub fn objects_mut(&mut self) -> &mut ObjectStore {
        &mut self.objects
    }

    /// The faults that requests meet.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Starts again as if the engine were new, with the time as it is. Iterators, tokens and ids handed out before
    /// are void. Requests that were pending are dropped: their clients see a broken connection.
    ///
    /// # Errors
    /// None for an engine that could be made once, only for one of a snapshot with initial streams that cannot be made.
    /// Nothing changes then.
    pub fn reset(&mut self, now: Timestamp) -> Result<(), ConfigError> {
        self.advance(now);
        let fresh = Self::new(EngineConfig { now: self.now.as_millis(), ..self.config.clone() })?;
        let exchanges = core::mem::take(&mut self.exchanges);
        // Answers that are due, and connections that are to be dropped, are for clients that still wait.
        let mut outputs = core::mem::take(&mut self.outputs);
        outputs.retain(|output| !matches!(output, Output::Effect(_) | Output::Event(_)));
        let (next_effect, requests) = (self.deliveries.next_effect(), self.requests);
        let broken: Vec<ExchangeId> = exchanges.ids().collect();
        let resets = self.resets.wrapping_add(1);
        *self = fresh;
        // Ids go on and tokens get another key, so that what was handed out before is refused.
        self.resets = resets;
        self.requests = requests;
        self.settings.sealer = TokenSealer::new(self.settings.seed, resets);
        self.exchanges = Exchanges::starting_at(exchanges.next());
        self.deliveries.start_effects_at(next_effect);
        self.outputs = outputs;
        self.outputs.extend(broken.into_iter().map(Output::Reset));
        Ok(())
    }

    /// Moves the clock and runs what is due.
    fn advance(&mut self, now: Timestamp) {
        if now < self.now {
            self.clamped_calls = self.clamped_calls.saturating_add(1);
        }
        self.now = self.now.max(now);
        self.run_timers();
    }

    fn run_timers(&mut self) {
        while let Some((due, timer)) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Stream(id) => {
                    self.streams.handle_timeout(id, due, self.settings.shard_limit, &mut self.timers);
                }
                Timer::Delivery(place) => self.handle_delivery_timeout(place, due),
                Timer::Channel(id) => self.handle_channel_timeout(id, due),
                Timer::SourceRead(id) => self.read_source(id, due),
                Timer::EffectResult(id) => self.apply_effect_result(id, due),
                Timer::Consumers(id) => self.streams.handle_consumers_timeout(id, due, &mut self.timers),
                Timer::Queue(id) => self.handle_queue_timeout(id, due),
                Timer::QueueRead(id) => self.serve_receivers(id, due),
                Timer::Exchange(id) => self.handle_exchange_timeout(id, due),
                Timer::Subscription(id) => self.handle_subscription_timeout(id, due),
            }
        }
    }

    fn draw_request_id(&mut self) -> u128 {
        self.requests = self.requests.wrapping_add(1);
        self.settings.seed.draw("request", self.requests)
    }

    fn push_event(&mut self, event: Event) {
        let is_event = |output: &Output| matches!(output, Output::Event(_));
        if self.outputs.len() >= MAX_WAITING_EVENTS
            && let Some(oldest) = self.outputs.iter().position(is_event)
        {
            self.outputs.remove(oldest);
        }
        self.outputs.push_back(Output::Event(event));
    }
}
