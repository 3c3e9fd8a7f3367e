//! The engine as a native add-on: the classes and functions of `bindings-js/src/raw.ts`. Each converts in, calls core
//! and converts out; `bindings-js` makes of them what users see.

#![allow(missing_debug_implementations, reason = "nothing in Rust holds a JavaScript class or object")]

pub mod convert;
pub mod engine;
pub mod functions;

use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use shardbrook_js::{ENGINE_PANICKED, Failure};

/// A result whose error is thrown as a JavaScript `Error` with a `code`.
type Result<T> = core::result::Result<T, napi::Error<&'static str>>;

fn throw(failure: impl Into<Failure>) -> napi::Error<&'static str> {
    let failure = failure.into();
    napi::Error::new(failure.code, failure.message)
}

/// Does `work`; a panic becomes an error like any other, so that it does not end the process.
fn catch<T>(work: impl FnOnce() -> core::result::Result<T, Failure>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(panicked)?.map_err(throw)
}

fn panicked(payload: Box<dyn core::any::Any + Send>) -> napi::Error<&'static str> {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    napi::Error::new(ENGINE_PANICKED, format!("the engine panicked: {text}"))
}
