//! A serializer for JSON answers. It differs from `serde_json` in three things: bytes are base64, written in place; times
//! are exact decimals; and a field that is `None` is left out, as the services leave it out.

use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{
    self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

use super::TIME;

/// `value` as JSON.
pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    // The only values that cannot be written are kinds that no answer has (enumerations with data, tuple structs).
    let written = value.serialize(Writer::new(&mut out));
    debug_assert!(written.is_ok(), "an answer has a part that JSON 1.1 cannot say");
    out
}

/// A kind of value that no answer has.
#[derive(Debug)]
pub(super) struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a kind that answers do not have")
    }
}

impl core::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Writes one value, and says whether there was one: `None` writes nothing.
struct Writer<'w> {
    out: &'w mut Vec<u8>,
    /// Whether the value is the milliseconds of a [`super::Time`].
    is_time: bool,
}

impl<'w> Writer<'w> {
    fn new(out: &'w mut Vec<u8>) -> Self {
        Self { out, is_time: false }
    }

    fn display(self, value: impl fmt::Display) {
        let mut text = Text(self.out);
        let _ = fmt::Write::write_fmt(&mut text, format_args!("{value}"));
    }

    fn open(self, bracket: u8, close: u8) -> Parts<'w> {
        self.out.push(bracket);
        Parts { out: self.out, first: true, close }
    }
}

/// Writes text that needs no escapes.
struct Text<'w>(&'w mut Vec<u8>);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn write_integer(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Milliseconds as seconds, with as many decimals as it takes.
fn write_seconds(out: &mut Vec<u8>, millis: u64) {
    write_integer(out, millis / 1000);
    let rest = millis % 1000;
    if rest > 0 {
        let digits = [b'0' + (rest / 100) as u8, b'0' + (rest / 10 % 10) as u8, b'0' + (rest % 10) as u8];
        let length = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
        out.push(b'.');
        out.extend_from_slice(&digits[..length]);
    }
}

fn write_str(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        write_escape(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0A => b'n',
        0x0C => b'f',
        0x0D => b'r',
        _ => {
            let hex = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 0xF)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]);
    debug_assert!(written.is_ok(), "the space was measured");
    out.push(b'"');
}

impl<'w> Serializer for Writer<'w> {
    type Ok = bool;
    type Error = Unwritable;
    type SerializeSeq = Parts<'w>;
    type SerializeTuple = Parts<'w>;
    type SerializeTupleStruct = Impossible<bool, Unwritable>;
    type SerializeTupleVariant = Impossible<bool, Unwritable>;
    type SerializeMap = Parts<'w>;
    type SerializeStruct = Parts<'w>;
    type SerializeStructVariant = Impossible<bool, Unwritable>;

    fn serialize_bool(self, value: bool) -> Result<bool, Unwritable> {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(true)
    }

    fn serialize_i8(self, value: i8) -> Result<bool, Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<bool, Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<bool, Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<bool, Unwritable> {
        if value < 0 {
            self.out.push(b'-');
        }
        write_integer(self.out, value.unsigned_abs());
        Ok(true)
    }

    fn serialize_u8(self, value: u8) -> Result<bool, Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<bool, Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<bool, Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<bool, Unwritable> {
        if self.is_time {
            write_seconds(self.out, value)
        } else {
            write_integer(self.out, value)
        }
        Ok(true)
    }

    fn serialize_f32(self, value: f32) -> Result<bool, Unwritable> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<bool, Unwritable> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        // The shortest text that reads back as the same number; with a point, as Java prints it.
        if value as i64 as f64 == value {
            self.display(format_args!("{value:.1}"))
        } else {
            self.display(value)
        }
        Ok(true)
    }

    fn serialize_char(self, value: char) -> Result<bool, Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<bool, Unwritable> {
        write_str(self.out, value);
        Ok(true)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<bool, Unwritable> {
        write_base64(self.out, value);
        Ok(true)
    }

    fn serialize_none(self) -> Result<bool, Unwritable> {
        Ok(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<bool, Unwritable> {
        self.out.extend_from_slice(b"null");
        Ok(true)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<bool, Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<bool, Unwritable> {
        value.serialize(Self { is_time: name == TIME, ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'w>, Unwritable> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'w>, Unwritable> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'w>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'w>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(Unwritable)
    }
}

/// The parts of a list or an object that is being written.
pub(super) struct Parts<'w> {
    out: &'w mut Vec<u8>,
    first: bool,
    close: u8,
}

impl Parts<'_> {
    fn comma(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.comma();
        if !value.serialize(Writer::new(self.out))? {
            self.out.extend_from_slice(b"null");
        }
        Ok(())
    }

    fn close(self) -> Result<bool, Unwritable> {
        self.out.push(self.close);
        Ok(true)
    }
}

impl SerializeSeq for Parts<'_> {
    type Ok = bool;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.element(value)
    }

    fn end(self) -> Result<bool, Unwritable> {
        self.close()
    }
}

impl SerializeTuple for Parts<'_> {
    type Ok = bool;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.element(value)
    }

    fn end(self) -> Result<bool, Unwritable> {
        self.close()
    }
}

impl SerializeMap for Parts<'_> {
    type Ok = bool;
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.element(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.out.push(b':');
        if !value.serialize(Writer::new(self.out))? {
            self.out.extend_from_slice(b"null");
        }
        Ok(())
    }

    fn end(self) -> Result<bool, Unwritable> {
        self.close()
    }
}

impl SerializeStruct for Parts<'_> {
    type Ok = bool;
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let (start, first) = (self.out.len(), self.first);
        self.comma();
        // Names of fields need no escapes.
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        if !value.serialize(Writer::new(self.out))? {
            self.out.truncate(start);
            self.first = first;
        }
        Ok(())
    }

    fn end(self) -> Result<bool, Unwritable> {
        self.close()
    }
}
