//! CBOR bodies (RFC 8949) as data for serde. Heads are read by [`cbor4ii`]; here is what they mean to the services.
//!
//! Tags say nothing that the tables of the model do not know, so they are passed over: a point in time has tag 1, and a
//! number where the table says timestamp is milliseconds, with the tag or without. Bignums (tags 2 and 3) are numbers
//! like those of JSON with too many digits.

use alloc::borrow::Cow;
use core::fmt;

use cbor4ii::core::dec::{self, Decode, Read};
use cbor4ii::core::utils::SliceReader;
use cbor4ii::core::{major, marker, types};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::decode::Unreadable;

const TAG_BIGNUM: u64 = 2;
const TAG_NEGATIVE_BIGNUM: u64 = 3;

/// Reads a body that is one map or list, and nothing after it.
pub(super) fn read<'a, S: DeserializeSeed<'a>>(body: &'a [u8], seed: S) -> Result<S::Value, Unreadable> {
    let mut reader = Reader(SliceReader::new(body));
    while dec::if_major(reader.peek()?) == major::TAG {
        reader.tag()?;
    }
    if !matches!(dec::if_major(reader.peek()?), major::ARRAY | major::MAP) {
        return Err(Unreadable);
    }
    let value = seed.deserialize(&mut reader)?;
    if reader.peek().is_ok() { Err(Unreadable) } else { Ok(value) }
}

/// Reads values. Its depth is bounded by [`SliceReader`]'s own limit, and nothing is allocated by a length: bytes and
/// texts of one piece are borrowed from the body.
struct Reader<'a>(SliceReader<'a>);

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Result<u8, Unreadable> {
        let Ok(there) = self.0.fill(1);
        there.as_ref().first().copied().ok_or(Unreadable)
    }

    fn tag(&mut self) -> Result<u64, Unreadable> {
        Ok(types::Tag::tag(&mut self.0)?)
    }

    fn bytes(&mut self) -> Result<Cow<'a, [u8]>, Unreadable> {
        let types::Bytes(bytes) = <types::Bytes<Cow<'a, [u8]>>>::decode(&mut self.0)?;
        Ok(bytes)
    }

    /// A bignum is as near as a float comes; none is in the range of any member.
    fn bignum<V: Visitor<'a>>(&mut self, is_negative: bool, visitor: V) -> Result<V::Value, Unreadable> {
        let bytes = self.bytes()?;
        let magnitude = bytes.iter().fold(0.0, |number, &byte| number * 256.0 + f64::from(byte));
        finite(if is_negative { -1.0 - magnitude } else { magnitude }, visitor)
    }

    fn simple<V: Visitor<'a>>(&mut self, byte: u8, visitor: V) -> Result<V::Value, Unreadable> {
        match byte {
            marker::FALSE | marker::TRUE => visitor.visit_bool(bool::decode(&mut self.0)?),
            marker::NULL | marker::UNDEFINED => {
                self.0.advance(1);
                visitor.visit_unit()
            }
            marker::F16 => {
                let types::F16(bits) = types::F16::decode(&mut self.0)?;
                finite(half(bits), visitor)
            }
            marker::F32 => finite(f32::decode(&mut self.0)?.into(), visitor),
            marker::F64 => finite(f64::decode(&mut self.0)?, visitor),
            _ => Err(Unreadable),
        }
    }

    fn container(&mut self, len: Option<usize>) -> Result<Items<'_, 'a>, Unreadable> {
        if self.0.step_in() { Ok(Items { reader: self, left: len }) } else { Err(Unreadable) }
    }
}

/// Infinities and what is no number are refused: JSON cannot say them, and no member means them.
fn finite<'a, V: Visitor<'a>>(number: f64, visitor: V) -> Result<V::Value, Unreadable> {
    if number.is_finite() { visitor.visit_f64(number) } else { Err(Unreadable) }
}

/// The value of a float of 16 bits.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (u64::from(bits >> 10 & 0x1f), u64::from(bits & 0x3ff));
    let magnitude = match exponent {
        // Subnormal: the fraction counts steps of 2⁻²⁴.
        0 => fraction as f64 / f64::from(1 << 24),
        31 => return f64::NAN,
        // The exponents' biases are 15 and 1023.
        _ => f64::from_bits((exponent + 1008) << 52 | fraction << 42),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let mut byte = self.peek()?;
        while dec::if_major(byte) == major::TAG {
            let tag = self.tag()?;
            if matches!(tag, TAG_BIGNUM | TAG_NEGATIVE_BIGNUM) {
                return self.bignum(tag == TAG_NEGATIVE_BIGNUM, visitor);
            }
            byte = self.peek()?;
        }
        match dec::if_major(byte) {
            major::UNSIGNED => visitor.visit_u64(u64::decode(&mut self.0)?),
            major::NEGATIVE => {
                let types::Negative(below) = <types::Negative<u64>>::decode(&mut self.0)?;
                visitor.visit_i64(i64::try_from(below).map_or(i64::MIN, |below| -1 - below))
            }
            major::BYTES => match self.bytes()? {
                Cow::Borrowed(bytes) => visitor.visit_borrowed_bytes(bytes),
                Cow::Owned(bytes) => visitor.visit_bytes(&bytes),
            },
            major::STRING => self.deserialize_str(visitor),
            major::ARRAY => {
                let len = types::Array::len(&mut self.0)?;
                visitor.visit_seq(self.container(len)?)
            }
            major::MAP => {
                let len = types::Map::len(&mut self.0)?;
                visitor.visit_map(self.container(len)?)
            }
            _ => self.simple(byte, visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match <Cow<'de, str>>::decode(&mut self.0)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(&text),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        dec::IgnoredAny::decode(&mut self.0)?;
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier
    }
}

/// What is inside a list or a map.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// How many are still to come; `None` up to a break.
    left: Option<usize>,
}

impl Items<'_, '_> {
    fn is_done(&mut self) -> Result<bool, Unreadable> {
        Ok(match &mut self.left {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => {
                let is_break = dec::is_break(&mut self.reader.0)?;
                if is_break {
                    self.left = Some(0);
                }
                is_break
            }
        })
    }
}

impl Drop for Items<'_, '_> {
    fn drop(&mut self) {
        self.reader.0.step_out();
    }
}

impl<'a> SeqAccess<'a> for Items<'_, 'a> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        if self.is_done()? { Ok(None) } else { seed.deserialize(&mut *self.reader).map(Some) }
    }
}

impl<'a> MapAccess<'a> for Items<'_, 'a> {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        if self.is_done()? {
            return Ok(None);
        }
        if dec::if_major(self.reader.peek()?) != major::STRING {
            return Err(Unreadable);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<E> From<dec::Error<E>> for Unreadable {
    fn from(_: dec::Error<E>) -> Self {
        Self
    }
}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is not of its content type")
    }
}

impl core::error::Error for Unreadable {}
