//! Errors on their way to JavaScript.

use alloc::borrow::Cow;

use shardbrook::{
    AggregateError, ConfigError, EffectError, Error, ErrorKind, FaultError, HashKeyError, ShardMapError,
    SnapshotError,
};

/// The engine met a state that must not be. It is not usable any more.
pub const ENGINE_PANICKED: &str = "EnginePanickedError";
const CONFIG_ERROR: &str = "ConfigError";
const INVALID_INPUT: &str = "InvalidInputError";
const SNAPSHOT_ERROR: &str = "SnapshotError";

/// An error before it is a JavaScript `Error`: the `code`, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// AWS's code of the error, or one of ours where AWS has none.
    pub code: &'static str,
    /// What went wrong, for people.
    pub message: Cow<'static, str>,
}

impl Failure {
    /// An argument that makes no sense.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: INVALID_INPUT, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.kind.code(), message: error.message }
    }
}

macro_rules! failures {
    ($code:ident: $($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { code: $code, message: error.to_string().into() }
            }
        }
    )+};
}
failures!(CONFIG_ERROR: ConfigError, FaultError);
failures!(INVALID_INPUT: AggregateError, EffectError, HashKeyError, ShardMapError);
failures!(SNAPSHOT_ERROR: SnapshotError);

/// Code, HTTP status and whether a retry may help, of every kind of error.
pub fn error_kinds() -> impl Iterator<Item = (&'static str, u16, bool)> {
    ErrorKind::ALL.iter().map(|kind| (kind.code(), kind.status(), kind.is_retryable()))
}
