//! What becomes of a JSON value whose type is not the member's: the services convert some, and refuse the others with
//! messages that name Java classes (recorded in kinesalite's suite, which was run against AWS).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use super::model::Shape;

/// What stands in the body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'s> {
    Bool,
    Number,
    Str(&'s str),
    Bytes,
    List,
    Map,
}

/// The message for a value that cannot become one of `shape`.
pub(crate) fn mismatch(shape: &Shape, found: Found<'_>) -> Cow<'static, str> {
    let target = match (shape, found) {
        (_, Found::List) => return "Start of list found where not expected".into(),
        (_, Found::Map) => return "Start of structure or map found where not expected.".into(),
        (Shape::List { .. }, _) => return "Expected list or null".into(),
        (Shape::Map { .. }, _) => return "Expected map or null".into(),
        (Shape::Structure { .. }, _) => return "Expected null".into(),
        (Shape::Boolean, Found::Str(text)) => {
            return format!("'{}' can not be converted to an Boolean", text.to_ascii_uppercase()).into();
        }
        (Shape::Boolean, _) => "an Boolean",
        (Shape::Integer { .. }, _) => "an Integer",
        (Shape::Double { .. }, _) => "an Double",
        (Shape::Text { .. } | Shape::Enumeration(_), _) => "an String",
        (Shape::Blob { .. }, _) => "a Blob",
        (Shape::Timestamp, _) => "milliseconds since epoch",
    };
    let class = match found {
        Found::Bool => "java.lang.Boolean",
        Found::Number => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        Found::Bytes => "java.nio.HeapByteBuffer",
        Found::Str(_) | Found::List | Found::Map => "java.lang.String",
    };
    format!("class {class} can not be converted to {target}").into()
}

/// The boolean that a text stands for.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes") => Some(true),
        _ if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no") => Some(false),
        _ => None,
    }
}

/// A number as an integer: the floor of a fraction, and the nearest integer of 32 bits for what is outside.
pub(crate) fn integer(number: f64) -> i32 {
    let truncated = number as i32;
    if f64::from(truncated) > number { truncated.saturating_sub(1) } else { truncated }
}

/// The nearest whole number: 1356998400.123 seconds are not exact in binary.
pub(crate) fn nearest(number: f64) -> i64 {
    (if number < 0.0 { number - 0.5 } else { number + 0.5 }) as i64
}

/// Why `text` is not base64 of the standard alphabet with padding.
pub(crate) fn base64_error(text: &str) -> String {
    let length = text.encode_utf16().count();
    let reason = if !length.is_multiple_of(4) {
        format!("Base64 encoded length is expected a multiple of 4 bytes but found: {length}")
    } else if let Some(bad) = bad_base64_char(text) {
        format!("Invalid Base64 character: '{bad}'")
    } else {
        // The spelling is AWS's.
        "Invalid last non-pad Base64 character dectected".into()
    };
    format!("'{text}' can not be converted to a Blob: {reason}")
}

/// The first character outside the alphabet; a pad that is followed by something else is one too.
fn bad_base64_char(text: &str) -> Option<char> {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let bad = match c {
            '=' => chars.peek().is_some_and(|&next| next != '='),
            _ => !(c.is_ascii_alphanumeric() || c == '+' || c == '/'),
        };
        if bad {
            return Some(c);
        }
    }
    None
}
