//! What an engine gives its host: answers, frames, work to do, news, and when to come back.

use alloc::string::String;
use alloc::vec::Vec;

use crate::objects::Handling;
use crate::snapshot::Persist;
use crate::time::Timestamp;
use crate::wire::Response;

/// Names a request whose answer comes later, or in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(pub(crate) u64);

/// Names a piece of work that the host does for the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub(crate) u64);

macro_rules! number_of {
    ($($id:ident),+) => {$(
        impl $id {
            /// The id as a number, for hosts in other languages.
            pub const fn to_u64(self) -> u64 {
                self.0
            }

            /// The id with this number.
            pub const fn from_u64(number: u64) -> Self {
                Self(number)
            }
        }
    )+};
}
number_of!(ExchangeId, EffectId);

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "a host must handle each of the three")]
pub enum Handled {
    /// Here is the answer.
    Done(Response),
    /// The answer comes as [`Output::Response`], or the connection ends with [`Output::Reset`].
    Pending(ExchangeId),
    /// Here is the head of the answer; its body comes in pieces as [`Output::Frame`] until [`Output::End`].
    Stream(Response, ExchangeId),
}

/// What the host has to do next. [`Output::Timeout`] comes last.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "a host must handle each kind of output")]
pub enum Output {
    /// The answer to a pending request.
    Response(ExchangeId, Response),
    /// The next bytes of a streamed answer.
    Frame(ExchangeId, Vec<u8>),
    /// A streamed answer is complete.
    End(ExchangeId),
    /// Drop the client's connection without an answer.
    Reset(ExchangeId),
    /// Work for the host.
    Effect(Effect),
    /// News that nobody has to act on.
    Event(Event),
    /// There is nothing more to do before this time, or before the next request.
    Timeout(Option<Timestamp>),
}

impl Output {
    /// The exchange that the output belongs to.
    pub(super) fn exchange(&self) -> Option<ExchangeId> {
        match self {
            Self::Response(id, _) | Self::Frame(id, _) | Self::End(id) | Self::Reset(id) => Some(*id),
            Self::Effect(_) | Self::Event(_) | Self::Timeout(_) => None,
        }
    }
}

/// Work for the host, to be answered by [`Engine::handle_effect_result`](crate::Engine::handle_effect_result).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Names this piece of work in its result.
    pub id: EffectId,
    /// When the work starts; its result counts from here, however late the host comes to it.
    pub due: Timestamp,
    /// The ARN of the delivery stream or channel that asks for it.
    pub arn: String,
    /// What to do.
    pub action: Action,
}

/// What a host can be asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Put an object into a bucket.
    PutObject {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
        /// The object's bytes.
        body: Vec<u8>,
        /// The value of its Content-Type header.
        content_type: &'static str,
        /// The value of its Content-Encoding header, if it has one.
        content_encoding: Option<&'static str>,
        /// How it is to be stored.
        handling: Handling,
    },
}

/// How a piece of work went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectResult {
    /// How long it took, on the engine's clock: the result takes effect this long after the effect was due.
    pub latency_ms: u64,
    /// What it gave, nothing for an object that was put; or why it failed.
    pub outcome: Result<Vec<u8>, String>,
}

/// The host gave a result that the engine does not wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EffectError {
    /// No effect with this id was ever given out, its result is here already, or who asked for it was deleted.
    NotOutstanding(EffectId),
}

impl core::fmt::Display for EffectError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotOutstanding(id) => {
                write!(
                    f,
                    "effect {} is not outstanding: its id is unknown, its result was given before, or what asked \
                     for it was deleted",
                    id.0
                )
            }
        }
    }
}

impl core::error::Error for EffectError {}

/// News of an engine.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
#[non_exhaustive]
pub enum Event {
    /// An object is in its bucket.
    ObjectDelivered {
        /// The ARN of the delivery stream or channel.
        arn: String,
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
        /// How many records are in the object.
        records: u64,
    },
    /// Records of a delivery stream or channel are lost: their object could not be put for as long as the service retries, or
    /// they are members of an aggregate in the source that cannot be read.
    RecordsLost {
        /// The ARN of the delivery stream or channel.
        arn: String,
        /// How many records.
        records: u64,
        /// Why.
        reason: String,
    },
    /// A channel whose logging is enabled has met an error.
    ErrorLogged {
        /// The channel's ARN.
        arn: String,
        /// The log group that would have the line.
        log_group_name: String,
        /// The log stream that would have the line.
        log_stream_name: String,
        /// What went wrong.
        message: String,
    },
}
