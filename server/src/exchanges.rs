//! Answers that come later or in pieces, on their way from the engine to whoever waits for them.

use std::collections::HashMap;
use std::sync::Arc;

use shardbrook::{ExchangeId, Response};
use tokio::sync::{mpsc, oneshot};

use crate::Host;

/// Where the outputs of an exchange go.
#[derive(Debug)]
enum Route {
    Whole(oneshot::Sender<Response>),
    Pieces(mpsc::UnboundedSender<Result<Vec<u8>, Reset>>),
}

/// The connection is to be dropped before the answer is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset;

impl core::fmt::Display for Reset {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the engine reset the connection")
    }
}

impl core::error::Error for Reset {}

/// Who waits for outputs of the engine.
#[derive(Debug, Default)]
pub(crate) struct Exchanges {
    routes: HashMap<ExchangeId, Route>,
}

impl Exchanges {
    pub(crate) fn wait(&mut self, host: &Arc<Host>, id: ExchangeId) -> Later {
        let (sender, answer) = oneshot::channel();
        self.routes.insert(id, Route::Whole(sender));
        Later { open: Open { host: Arc::clone(host), id }, answer }
    }

    pub(crate) fn stream(&mut self, host: &Arc<Host>, id: ExchangeId) -> Frames {
        // Never more than one frame is in it: the engine is paused after each.
        let (sender, frames) = mpsc::unbounded_channel();
        self.routes.insert(id, Route::Pieces(sender));
        Frames { open: Open { host: Arc::clone(host), id }, frames }
    }

    pub(crate) fn answer(&mut self, id: ExchangeId, response: Response) {
        if let Some(Route::Whole(sender)) = self.routes.remove(&id) {
            // Who is gone has no need of it.
            drop(sender.send(response));
        }
    }

    pub(crate) fn frame(&self, id: ExchangeId, frame: Vec<u8>) {
        if let Some(Route::Pieces(sender)) = self.routes.get(&id) {
            drop(sender.send(Ok(frame)));
        }
    }

    /// The exchange is complete, or nobody waits for it any more: gives whether somebody did.
    pub(crate) fn forget(&mut self, id: ExchangeId) -> bool {
        self.routes.remove(&id).is_some()
    }

    /// Whether something is to come for an exchange.
    pub(crate) fn is_open(&self, id: ExchangeId) -> bool {
        self.routes.contains_key(&id)
    }

    /// Completes all answers in pieces as they are.
    pub(crate) fn end_pieces(&mut self) -> Vec<ExchangeId> {
        let ended = self.routes.extract_if(|_, route| matches!(route, Route::Pieces(_)));
        ended.map(|(id, _)| id).collect()
    }

    /// Breaks off all answers.
    pub(crate) fn abandon(&mut self) {
        for (_, route) in self.routes.drain() {
            if let Route::Pieces(sender) = route {
                drop(sender.send(Err(Reset)));
            }
        }
    }

    /// Whether all answers are complete.
    pub(crate) fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// How many answers are not complete.
    pub(crate) fn len(&self) -> usize {
        self.routes.len()
    }

    /// The exchange breaks off.
    pub(crate) fn reset(&mut self, id: ExchangeId) {
        if let Some(Route::Pieces(sender)) = self.routes.remove(&id) {
            drop(sender.send(Err(Reset)));
        }
    }
}

/// An exchange that somebody waits for. When that ends early, the engine hears of it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) host: Arc<Host>,
    pub(crate) id: ExchangeId,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.host.disconnect(self.id);
    }
}

/// An answer that comes later.
#[derive(Debug)]
pub struct Later {
    pub(crate) open: Open,
    pub(crate) answer: oneshot::Receiver<Response>,
}

impl Later {
    /// Whether the answer is there.
    #[cfg(test)]
    pub(crate) fn has_come(&self) -> bool {
        !self.answer.is_empty()
    }

    /// Waits for the answer; none comes where the connection is to be dropped.
    pub async fn wait(self) -> Option<Response> {
        let response = self.answer.await.ok()?;
        self.open.host.durable().await.is_ok().then_some(response)
    }
}

/// The pieces of an answer.
#[derive(Debug)]
pub struct Frames {
    pub(crate) open: Open,
    pub(crate) frames: mpsc::UnboundedReceiver<Result<Vec<u8>, Reset>>,
}

impl Frames {
    /// Waits for the next piece; none comes after the last. Pieces that nobody asks for stay in the engine.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, Reset>> {
        self.open.host.written().await;
        self.open.host.resume(self.open.id, || self.open.host.now());
        let piece = self.frames.recv().await?;
        Some(if self.open.host.durable().await.is_ok() { piece } else { Err(Reset) })
    }
}
