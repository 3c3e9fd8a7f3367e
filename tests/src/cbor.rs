//! Requests and answers of the JSON protocol as ones of the CBOR protocol, and back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbor4ii::core::dec::{Decode, Read};
use cbor4ii::core::enc::Encode;
use cbor4ii::core::utils::{BufWriter, SliceReader};
use cbor4ii::core::{Value as Cbor, types};
use serde_json::{Number, Value};

/// The content type of the protocol.
pub const CONTENT_TYPE: &str = "application/x-amz-cbor-1.1";

const TAG_TIME: u64 = 1;

/// An input of the JSON protocol as a CBOR body, as the AWS SDKs for Java write it: in maps and lists of indefinite
/// length, with byte strings for base64 and tagged milliseconds for seconds.
pub fn to_cbor(input: &Value) -> Vec<u8> {
    let mut writer = BufWriter::new(Vec::new());
    write("", input, &mut writer);
    writer.into_inner()
}

fn write(name: &str, value: &Value, out: &mut BufWriter) {
    let written = match value {
        Value::Null => types::Null.encode(out),
        Value::Bool(value) => value.encode(out),
        Value::Number(number) => {
            if name.ends_with("Timestamp") {
                write_time(number, out);
                return;
            }
            match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => number.encode(out),
                (None, Some(number)) => number.encode(out),
                (None, None) => number.as_f64().unwrap_or_default().encode(out),
            }
        }
        // A text that is no base64 stays one, and is refused as such.
        Value::String(text) => match STANDARD.decode(text) {
            Ok(bytes) if name == "Data" => types::Bytes(&*bytes).encode(out),
            _ => text.as_str().encode(out),
        },
        Value::Array(items) => types::Array::unbounded(out).and_then(|()| {
            items.iter().for_each(|item| write("", item, out));
            types::Array::end(out)
        }),
        Value::Object(members) => types::Map::unbounded(out).and_then(|()| {
            for (name, member) in members {
                name.as_str().encode(out)?;
                write(name, member, out);
            }
            types::Map::end(out)
        }),
    };
    written.expect("memory takes what it is given");
}

fn write_time(seconds: &Number, out: &mut BufWriter) {
    let millis = (seconds.as_f64().unwrap_or_default() * 1000.0).round();
    let written = if millis >= 0.0 && millis < u64::MAX as f64 {
        types::Tag(TAG_TIME, millis as u64).encode(out)
    } else {
        types::Tag(TAG_TIME, millis).encode(out)
    };
    written.expect("memory takes what it is given");
}

/// A CBOR body as the JSON that says the same.
///
/// # Errors
/// When the body is not one item that JSON can say.
pub fn from_cbor(body: &[u8]) -> Result<Value, String> {
    let mut reader = SliceReader::new(body);
    let value = Cbor::decode(&mut reader).map_err(|error| error.to_string())?;
    let Ok(rest) = reader.fill(1);
    if rest.as_ref().is_empty() { plain(value) } else { Err("something follows the item".into()) }
}

fn plain(value: Cbor) -> Result<Value, String> {
    Ok(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(value) => value.into(),
        Cbor::Integer(value) => Value::Number(Number::from_i128(value).ok_or("an integer out of range")?),
        Cbor::Float(value) => Value::Number(Number::from_f64(value).ok_or("a float that is no number")?),
        Cbor::Bytes(bytes) => STANDARD.encode(bytes).into(),
        Cbor::Text(text) => text.into(),
        Cbor::Array(items) => items.into_iter().map(plain).collect::<Result<_, _>>()?,
        Cbor::Map(entries) => {
            let entry = |(key, value)| match key {
                Cbor::Text(name) => Ok((name, plain(value)?)),
                other => Err(format!("{other:?} as a key")),
            };
            Value::Object(entries.into_iter().map(entry).collect::<Result<_, String>>()?)
        }
        Cbor::Tag(TAG_TIME, inner) => match *inner {
            Cbor::Integer(millis) if millis % 1000 == 0 => Value::from((millis / 1000) as i64),
            Cbor::Integer(millis) => Value::from(millis as f64 / 1000.0),
            other => return Err(format!("{other:?} as a time")),
        },
        other => return Err(format!("{other:?} in an answer")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let input = json!({
            "Data": "aGk=", "Timestamp": 1_356_998_400.123, "List": [1, -1, 1.5, null, true, {"Text": "aGk="}],
        });
        let body = to_cbor(&input);
        assert!(body.starts_with(b"\xbf\x64Data\x42hi"), "{body:x?}");
        assert_eq!(from_cbor(&body), Ok(input));
        assert!(from_cbor(&[0xa0, 0xa0]).is_err());
        assert!(from_cbor(&[0xa1]).is_err());
    }
}
