//! From Rust to JavaScript values.

use napi::bindgen_prelude::{Float64Array, Uint8Array, Uint32Array};
use napi_derive::napi;

use shardbrook::Object;
use shardbrook_js::{Answer, Columns, millis};

/// Many records, by column.
#[napi(object, object_from_js = false)]
pub struct RawColumns {
    /// The texts of all records.
    pub text: Uint8Array,
    /// Where each text ends.
    pub text_ends: Uint32Array,
    /// The data of all records.
    pub data: Uint8Array,
    /// Where the data of each record ends.
    pub data_ends: Uint32Array,
    /// The numbers of all records.
    pub numbers: Float64Array,
}

impl From<Columns> for RawColumns {
    fn from(columns: Columns) -> Self {
        Self {
            text: columns.text.into_bytes().into(),
            text_ends: columns.text_ends.into(),
            data: columns.data.into(),
            data_ends: columns.data_ends.into(),
            numbers: columns.numbers.into(),
        }
    }
}

/// What a call or an output comes to.
#[napi(object, object_from_js = false)]
pub struct RawAnswer {
    /// What it is.
    pub kind: &'static str,
    /// The exchange or the effect.
    pub id: Option<f64>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Header names and values by turns, a line each.
    pub headers: String,
    /// The bytes of the answer, the frame or the object.
    pub body: Option<Uint8Array>,
    /// When the timeout or the effect is due.
    pub due: Option<f64>,
    /// Bucket, key, content type and content encoding of an object that is to be put.
    pub object: Vec<String>,
}

impl From<Answer> for RawAnswer {
    fn from(answer: Answer) -> Self {
        let Answer { kind, id, status, headers, body, due, object } = answer;
        Self { kind, id, status, headers, body: body.map(Uint8Array::from), due, object }
    }
}

/// An object, with or without its body.
#[napi(object, object_from_js = false)]
pub struct RawObject {
    /// Its key.
    pub key: String,
    /// The bytes of its body.
    pub size: f64,
    /// When it was put.
    pub last_modified: f64,
    /// Its Content-Type.
    pub content_type: &'static str,
    /// Its Content-Encoding, if it has one.
    pub content_encoding: Option<&'static str>,
    /// Its storage class.
    pub storage_class: &'static str,
    /// The key that S3 would encrypt it with, if one was named.
    pub kms_key_id: Option<String>,
    /// Its body, if it was asked for.
    pub body: Option<Uint8Array>,
}

impl RawObject {
    pub(crate) fn head(key: &str, object: &Object) -> Self {
        Self {
            key: key.to_owned(),
            size: object.body.len() as f64,
            last_modified: millis(object.last_modified),
            content_type: object.content_type,
            content_encoding: object.content_encoding,
            storage_class: object.handling.storage_class.as_str(),
            kms_key_id: object.handling.kms_key_id.clone(),
            body: None,
        }
    }

    pub(crate) fn whole(key: &str, object: &Object) -> Self {
        Self { body: Some(Uint8Array::with_data_copied(&*object.body)), ..Self::head(key, object) }
    }
}

/// A kind of error.
#[napi(object, object_from_js = false)]
pub struct RawErrorKind {
    /// Its code.
    pub code: &'static str,
    /// Its HTTP status.
    pub status: u16,
    /// Whether a retry may help.
    pub retryable: bool,
}
