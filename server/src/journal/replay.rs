//! Entries, executed again.

use std::collections::HashMap;

use shardbrook::{Call, Engine, ExchangeId, Handled, Output, Timestamp, WireConfig, wire};

use super::entry::{Entry, Input, PackedRequest};

/// An engine that goes through what another went through.
#[derive(Debug)]
pub(super) struct Replay {
    engine: Engine,
    wire: WireConfig,
    /// The exchanges of the other engine, and what they are here: those of what is not kept have numbers too.
    exchanges: HashMap<u64, ExchangeId>,
}

impl Replay {
    pub(super) fn new(engine: Engine) -> Self {
        Self { wire: engine.wire_config().clone(), engine, exchanges: HashMap::new() }
    }

    pub(super) fn finish(self) -> Engine {
        self.engine
    }

    /// Executes an entry.
    ///
    /// # Errors
    /// When it does not have the outcome that it had.
    pub(super) fn apply(&mut self, entry: &Entry) -> Result<(), String> {
        let now = Timestamp::from_millis(entry.now);
        match &entry.input {
            Input::Call(request, exchange) => self.call(now, request, *exchange)?,
            Input::Disconnect(exchange) => {
                // One that is not known was over before the snapshot.
                if let Some(exchange) = self.exchanges.remove(exchange) {
                    self.engine.handle_disconnect(now, exchange);
                }
            }
            Input::Release => self.engine.release_receivers(now),
            Input::Timeout => self.engine.handle_timeout(now),
        }
        drain(&mut self.engine);
        Ok(())
    }

    fn call(&mut self, now: Timestamp, request: &[u8], exchange: Option<u64>) -> Result<(), String> {
        let request = PackedRequest::unpack(request).map_err(|error| error.to_string())?;
        request.with(|request| {
            let decoded = wire::decode(&self.wire, request);
            let Ok(call) = Call::read(request, &decoded) else {
                return Err("it is not a request that was ever executed".to_owned());
            };
            let handled = match self.engine.execute(now, &call).into_ready() {
                Ok(_) => None,
                Err(executed) => Some(self.engine.hand_over(executed)),
            };
            match (handled, exchange) {
                (None | Some(Handled::Done(_)), None) => Ok(()),
                (Some(Handled::Pending(here)), Some(there)) => {
                    self.exchanges.insert(there, here);
                    Ok(())
                }
                _ => Err("its answer came at once, or did not, other than before".to_owned()),
            }
        })
    }
}

/// Takes what was for those who waited.
pub(super) fn drain(engine: &mut Engine) {
    while !matches!(engine.poll_output(), Output::Timeout(_)) {}
}
