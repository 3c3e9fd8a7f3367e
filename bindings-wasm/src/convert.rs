//! From Rust to JavaScript values.

use js_sys::{Array, Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use shardbrook_js::{Answer, Columns, Failure};

// The shapes below are those of `raw.ts`, which lies beside the glue once both are built.
#[wasm_bindgen(typescript_custom_section)]
const IMPORTS: &str = "import type { RawAnswer, RawColumns, RawErrorKind, RawObject } from \"../raw.js\";";

#[wasm_bindgen]
extern "C" {
    /// What a call or an output comes to.
    #[wasm_bindgen(extends = Object, typescript_type = "RawAnswer")]
    pub type RawAnswer;
    /// Many records, by column.
    #[wasm_bindgen(extends = Object, typescript_type = "RawColumns")]
    pub type RawColumns;
    /// A list of kinds of errors.
    #[wasm_bindgen(extends = Array, typescript_type = "RawErrorKind[]")]
    pub type RawErrorKinds;
    /// A delivered object.
    #[wasm_bindgen(extends = Object, typescript_type = "RawObject")]
    pub type RawObject;
    /// A list of delivered objects.
    #[wasm_bindgen(extends = Array, typescript_type = "RawObject[]")]
    pub type RawObjects;
}

/// A JavaScript error with a code.
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    set(&error, "code", code);
    error.into()
}

pub(crate) fn throw(failure: impl Into<Failure>) -> JsValue {
    let failure = failure.into();
    error(failure.code, &failure.message)
}

pub(crate) fn columns(columns: &Columns) -> RawColumns {
    let object = Object::new();
    set(&object, "text", Uint8Array::from(columns.text.as_bytes()));
    set(&object, "textEnds", Uint32Array::from(columns.text_ends.as_slice()));
    set(&object, "data", Uint8Array::from(columns.data.as_slice()));
    set(&object, "dataEnds", Uint32Array::from(columns.data_ends.as_slice()));
    set(&object, "numbers", Float64Array::from(columns.numbers.as_slice()));
    object.unchecked_into()
}

pub(crate) fn answer(answer: &Answer) -> RawAnswer {
    let object = Object::new();
    set(&object, "kind", answer.kind);
    set(&object, "id", answer.id);
    set(&object, "status", answer.status);
    set(&object, "headers", answer.headers.as_str());
    set(&object, "body", answer.body.as_deref().map(Uint8Array::from));
    set(&object, "due", answer.due);
    let texts = answer.object.iter().map(|text| JsValue::from_str(text));
    set(&object, "object", texts.collect::<Array>());
    object.unchecked_into()
}

/// Sets a member of an object that has just been made, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &JsValue::from_str(name), &value.into());
}
