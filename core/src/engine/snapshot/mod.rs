//! Taking and reading snapshots.

use alloc::vec::Vec;

use super::exchange::Exchanges;
use super::{Engine, EngineConfig};
use crate::snapshot::{Persist, Reader, SnapshotError, Writer, unsound};
use crate::time::Timestamp;
use crate::timers::Timer;
use crate::token::TokenSealer;

impl Engine {
    /// Writes the whole state, a piece at a time: streams with their records, delivery streams with their buffers,
    /// delivered objects, faults and settings. The same calls give the same bytes, on every platform, and so does
    /// the snapshot of an engine that was restored from them. Requests whose answers are pending are not part of it, nor
    /// are connections: clients of the restored engine make their own.
    ///
    /// ```
    /// # use shardbrook::{CreateStream, Engine, EngineConfig, Timestamp};
    /// let now = Timestamp::from_millis(1_000);
    /// let mut engine = Engine::new(EngineConfig::default())?;
    /// engine.create_stream(now, &CreateStream { stream_name: "orders", shard_count: Some(2), ..Default::default() })?;
    /// let mut bytes = Vec::new();
    /// engine.snapshot(now, &mut |piece| bytes.extend_from_slice(piece));
    ///
    /// let mut restored = Engine::restore(now, &bytes)?;
    /// assert!(restored.records(now, "orders").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot(&mut self, now: Timestamp, out: &mut dyn FnMut(&[u8])) {
        self.advance(now);
        self.streams.trim_exactly(self.now);
        let mut timers = self.timers.clone();
        timers.retain(|timer| !matches!(timer, Timer::Exchange(_) | Timer::Subscription(_)));
        let mut writer = Writer::new(out);
        self.config.save(&mut writer);
        self.now.save(&mut writer);
        self.exchanges.next().save(&mut writer);
        self.requests.save(&mut writer);
        self.resets.save(&mut writer);
        self.clamped_calls.save(&mut writer);
        timers.save(&mut writer);
        self.streams.save(&mut writer);
        self.deliveries.save(&mut writer);
        self.objects.save(&mut writer);
        self.faults.save(&mut writer);
        self.calls.save(&mut writer);
        self.queues.save(&mut writer);
        writer.finish();
    }

    /// The whole state in one piece, as [`snapshot`](Self::snapshot) writes it.
    pub fn snapshot_bytes(&mut self, now: Timestamp) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.snapshot(now, &mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// An engine with the state of a snapshot, moved on to `now`. Work that the host had not answered is asked for
    /// again by [`Output::Effect`](super::Output::Effect).
    ///
    /// # Errors
    /// When the bytes are no snapshot, one of another version, damaged, or contradict themselves.
    pub fn restore(now: Timestamp, snapshot: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = Reader::open(snapshot)?;
        let from = &mut reader;
        let config = EngineConfig::load(from);
        let taken = Timestamp::load(from);
        from.so_far()?;
        let start =
            EngineConfig { now: taken.as_millis(), initialize_streams: Default::default(), ..config.clone() };
        let engine = config.initial_streams().and_then(|_| Self::new(start));
        let mut engine = engine.map_err(|_| unsound("the settings"))?;
        engine.config = config;
        engine.exchanges = Exchanges::starting_at(Persist::load(from));
        engine.requests = Persist::load(from);
        engine.resets = Persist::load(from);
        engine.clamped_calls = Persist::load(from);
        engine.timers = Persist::load(from);
        engine.streams = Persist::load(from);
        engine.deliveries = Persist::load(from);
        engine.objects = Persist::load(from);
        engine.faults = Persist::load(from);
        engine.calls = Persist::load(from);
        engine.queues = Persist::load(from);
        reader.finish()?;
        engine.settings.sealer = TokenSealer::new(engine.settings.seed, engine.resets);
        engine.rebuild(taken)?;
        engine.repeat_effects();
        engine.advance(now.max(taken));
        Ok(engine)
    }

    /// Makes anew what follows from the state; fails if that does not hold together.
    fn rebuild(&mut self, taken: Timestamp) -> Result<(), SnapshotError> {
        self.streams.rebuild(taken, &self.timers)?;
        self.queues.rebuild(&mut self.streams, taken, &self.timers)?;
        self.deliveries.rebuild(&mut self.streams, taken, &self.timers, &self.settings)?;
        self.objects.rebuild(self.config.object_capacity_bytes)?;
        self.faults.rebuild(self.settings.seed)?;
        if !self.calls.are_sound() {
            return Err(unsound("what was called"));
        }
        // What was due had been done.
        let is_later = self.timers.next_due().is_none_or(|due| due > taken);
        if !is_later || !self.timers.all(|timer| self.can_fire(timer)) || !self.readers_go_on() {
            return Err(unsound("a timer"));
        }
        Ok(())
    }

    /// Whether a timer of a snapshot is about something that there is.
    fn can_fire(&self, timer: Timer) -> bool {
        match timer {
            Timer::Stream(id) | Timer::Consumers(id) => self.streams.get(id).is_some(),
            Timer::Channel(id) => self.streams.channels.get(id).is_some(),
            Timer::Queue(id) => self.queues.has(id),
            Timer::Delivery(place) => self.deliveries.regions.get(place).is_some(),
            Timer::SourceRead(id) => self.deliveries.readers.get(id).is_some(),
            Timer::EffectResult(id) => self.deliveries.is_answered(id),
            Timer::QueueRead(_) | Timer::Exchange(_) | Timer::Subscription(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
