//! The engine as a wasm module: the classes and functions of `bindings-js/src/raw.ts`. Each converts in, calls core
//! and converts out; `bindings-js` makes of them what users see.

pub mod convert;
pub mod engine;
pub mod functions;

use wasm_bindgen::prelude::*;

use shardbrook_js::ENGINE_PANICKED;

/// A panic leaves the module as an error that says what happened, in place of a bare `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        wasm_bindgen::throw_val(convert::error(ENGINE_PANICKED, &info.to_string()));
    }));
}
