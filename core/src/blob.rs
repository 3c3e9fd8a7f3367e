//! How binary members travel: as base64 in text formats, as they are in binary ones.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serializer;

/// For `#[serde(serialize_with)]` on members that the service model calls blobs.
pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
        STANDARD.encode_string(bytes, &mut text);
        serializer.serialize_str(&text)
    } else {
        serializer.serialize_bytes(bytes)
    }
}
