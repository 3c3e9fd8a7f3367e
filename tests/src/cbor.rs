//! Requests and answers of the JSON protocol as ones of the CBOR protocol, and back.

use std::collections::TryReserveError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbor4ii::core::dec::{Decode, Read};
use cbor4ii::core::enc::{self, Encode};
use cbor4ii::core::utils::{BufWriter, SliceReader};
use cbor4ii::core::{Value as Cbor, types};
use serde_json::{Number, Value};
use shardbrook::wire::Operation;
use shardbrook::wire::model::{Model, Shape, ShapeId};

/// The content type of the protocol.
pub const CONTENT_TYPE: &str = "application/x-amz-cbor-1.1";

const TAG_TIME: u64 = 1;

/// An input of the JSON protocol as a CBOR body, as the AWS SDKs for Java write it: in maps and lists of indefinite
/// length, with byte strings for base64 and tagged milliseconds for seconds where the model says so.
pub fn to_cbor(operation: &Operation, input: &Value) -> Vec<u8> {
    let mut writer = Writer { model: operation.service.model(), out: BufWriter::new(Vec::new()) };
    writer.value(Some(operation.input), input).expect("memory takes what it is given");
    writer.out.into_inner()
}

struct Writer {
    model: &'static Model,
    out: BufWriter,
}

type Written = Result<(), enc::Error<TryReserveError>>;

impl Writer {
    fn value(&mut self, id: Option<ShapeId>, value: &Value) -> Written {
        let shape = id.and_then(|id| self.model.shapes.get(usize::from(id)));
        let out = &mut self.out;
        match value {
            Value::Null => types::Null.encode(out),
            Value::Bool(value) => value.encode(out),
            Value::Number(number) if matches!(shape, Some(Shape::Timestamp)) => time(number, out),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => number.encode(out),
                (None, Some(number)) => number.encode(out),
                (None, None) => number.as_f64().unwrap_or_default().encode(out),
            },
            // A text that is no base64 stays one, and is refused as such.
            Value::String(text) => match STANDARD.decode(text) {
                Ok(bytes) if matches!(shape, Some(Shape::Blob { .. })) => types::Bytes(&*bytes).encode(out),
                _ => text.as_str().encode(out),
            },
            Value::Array(items) => {
                let member = match shape {
                    Some(Shape::List { member, .. }) => Some(*member),
                    _ => None,
                };
                types::Array::unbounded(out)?;
                items.iter().try_for_each(|item| self.value(member, item))?;
                types::Array::end(&mut self.out)
            }
            Value::Object(members) => {
                types::Map::unbounded(out)?;
                for (name, value) in members {
                    name.as_str().encode(&mut self.out)?;
                    self.value(member(shape, name), value)?;
                }
                types::Map::end(&mut self.out)
            }
        }
    }
}

fn member(shape: Option<&Shape>, name: &str) -> Option<ShapeId> {
    match shape? {
        Shape::Structure { members, .. } => {
            members.iter().find(|member| member.name == name).map(|member| member.shape)
        }
        Shape::Map { value, .. } => Some(*value),
        _ => None,
    }
}

fn time(seconds: &Number, out: &mut BufWriter) -> Written {
    if let Some(seconds) = seconds.as_i64() {
        return types::Tag(TAG_TIME, seconds.saturating_mul(1000)).encode(out);
    }
    // A float has the same unit. JSON cannot say what is beyond the greatest.
    let millis = seconds.as_f64().unwrap_or_default() * 1000.0;
    types::Tag(TAG_TIME, millis.clamp(f64::MIN, f64::MAX)).encode(out)
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
    use shardbrook::wire::Service;

    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let operation = Service::Kinesis.model().operation("PutRecord").unwrap();
        let input = json!({"Data": "aGk=", "Foo": ["aGk=", 1, -1, 1.5, null, true, {}]});
        let body = to_cbor(operation, &input);
        assert!(body.starts_with(b"\xbf\x64Data\x42hi"), "{body:x?}");
        assert_eq!(from_cbor(&body), Ok(input));
        let operation = Service::Kinesis.model().operation("GetShardIterator").unwrap();
        let input = json!({"StreamName": "aGk=", "Timestamp": 1_356_998_400});
        let body = to_cbor(operation, &input);
        assert!(body.ends_with(b"\xc1\x1b\x00\x00\x01\x3b\xf3\x68\x58\x00\xff"), "{body:x?}");
        assert_eq!(from_cbor(&body), Ok(input));
        assert!(from_cbor(&[0xa0, 0xa0]).is_err());
        assert!(from_cbor(&[0xa1]).is_err());
    }
}
