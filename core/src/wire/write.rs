//! The one serializer of answers, for both protocols, so that a reply's code is there once.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;

use cbor4ii::core::enc::{self, Encode, Write};
use cbor4ii::core::types;
use serde::ser::{
    Error, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};

use super::Protocol;
use crate::blob;
use crate::serialize::{PLAIN, TIMESTAMP};

/// RFC 8949, 3.4.2; the services write milliseconds where the standard has seconds.
const TAG_TIME: u64 = 1;

/// Writes `value` as the body of an answer, for which there is room from the start if it has not more than so many bytes.
pub(super) fn body(protocol: Protocol, value: &impl Serialize, bytes: usize) -> Vec<u8> {
    let out = Vec::with_capacity(bytes.max(FIRST_BYTES));
    let mut writer = Writer { out, protocol, needs_comma: false, is_time: false, is_plain: false };
    let written = value.serialize(&mut writer);
    debug_assert!(written.is_ok(), "an answer has a part that its protocol cannot say");
    writer.out
}

/// Room that is made at first: a small answer has less.
const FIRST_BYTES: usize = 256;
/// Room that is made for each element of a list: an entry of PutRecords in JSON has somewhat less.
const ELEMENT_BYTES: usize = 128;
/// Digits of the largest number of 64 bits.
const U64_DIGITS: usize = 20;
/// Bytes of a text that are looked at together.
const BLOCK: usize = 16;

struct Writer {
    out: Vec<u8>,
    protocol: Protocol,
    /// JSON: whether a comma stands before the next key or element.
    needs_comma: bool,
    /// Whether the number that comes is a point in time.
    is_time: bool,
    /// Whether the text that comes has nothing that needs escapes.
    is_plain: bool,
}

/// A value has a part that the protocol cannot say. No answer has one.
#[derive(Debug)]
struct Unwritable;

type Written = Result<(), Unwritable>;

impl Writer {
    fn comma(&mut self) {
        if core::mem::replace(&mut self.needs_comma, true) {
            self.out.push(b',');
        }
    }

    fn whole(&mut self, value: u64) -> Written {
        match self.protocol {
            Protocol::Json => {
                self.comma();
                self.digits(value);
                Ok(())
            }
            Protocol::Cbor => self.cbor(value),
        }
    }

    fn digits(&mut self, mut value: u64) {
        let mut digits = [b'0'; U64_DIGITS];
        let mut start = U64_DIGITS;
        loop {
            start -= 1;
            digits[start] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[start..]);
    }

    /// Seconds with milliseconds as a fraction. Up to the year 200000 this is the shortest text of the number as a 64-bit
    /// float, which is what others write.
    fn time(&mut self, millis: u64) {
        self.comma();
        self.digits(millis / 1000);
        let fraction = [100, 10, 1].map(|unit| b'0' + (millis / unit % 10) as u8);
        if let Some(last) = fraction.iter().rposition(|digit| *digit != b'0') {
            self.out.push(b'.');
            self.out.extend_from_slice(&fraction[..=last]);
        }
    }

    fn base64(&mut self, bytes: &[u8]) -> Written {
        self.comma();
        self.out.push(b'"');
        let start = self.out.len();
        self.out.resize(start + blob::text_len(bytes.len()), 0);
        blob::write(bytes, &mut self.out[start..]);
        self.out.push(b'"');
        Ok(())
    }

    fn text(&mut self, text: &str) -> Written {
        let is_plain = core::mem::take(&mut self.is_plain);
        match self.protocol {
            Protocol::Json => {
                self.comma();
                self.out.push(b'"');
                if is_plain {
                    self.out.extend_from_slice(text.as_bytes());
                } else {
                    self.escaped(text.as_bytes());
                }
                self.out.push(b'"');
                Ok(())
            }
            Protocol::Cbor => self.cbor(text),
        }
    }

    fn escaped(&mut self, mut bytes: &[u8]) {
        let is_special = |byte: &u8| (*byte < b' ') | (*byte == b'"') | (*byte == b'\\');
        // Whole blocks, which compilers look at in one go; most texts have nothing special.
        let is_plain = |block: &[u8]| !block.iter().fold(false, |found, byte| found | is_special(byte));
        let blocks = bytes.chunks_exact(BLOCK);
        // What is left of the last block is looked at with what stands before it.
        let is_end_plain = bytes.last_chunk::<BLOCK>().is_some_and(|block| is_plain(block));
        if is_end_plain && blocks.clone().all(is_plain) {
            return self.out.extend_from_slice(bytes);
        }
        while let Some(at) = bytes.iter().position(is_special) {
            let (plain, rest) = bytes.split_at(at);
            self.out.extend_from_slice(plain);
            let short = match rest[0] {
                8 => b'b',
                9 => b't',
                10 => b'n',
                12 => b'f',
                13 => b'r',
                special @ (b'"' | b'\\') => special,
                control => {
                    let digits = [b'0' + (control >> 4), b"0123456789abcdef"[usize::from(control & 15)]];
                    self.out.extend_from_slice(b"\\u00");
                    self.out.extend(digits);
                    bytes = &rest[1..];
                    continue;
                }
            };
            self.out.extend([b'\\', short]);
            bytes = &rest[1..];
        }
        self.out.extend_from_slice(bytes);
    }

    fn word(&mut self, json: &str, cbor: u8) -> Written {
        match self.protocol {
            Protocol::Json => {
                self.comma();
                self.out.extend_from_slice(json.as_bytes());
            }
            Protocol::Cbor => self.out.push(cbor),
        }
        Ok(())
    }

    fn cbor<T: Encode>(&mut self, value: T) -> Written {
        value.encode(&mut Out(&mut self.out)).map_err(|_| Unwritable)
    }

    /// Lists and maps are of indefinite length in CBOR, as recorded.
    fn open(&mut self, json: u8, cbor: u8) -> Result<&mut Self, Unwritable> {
        match self.protocol {
            Protocol::Json => {
                self.comma();
                self.out.push(json);
                self.needs_comma = false;
            }
            Protocol::Cbor => self.out.push(cbor),
        }
        Ok(self)
    }

    fn open_list(&mut self) -> Result<&mut Self, Unwritable> {
        self.open(b'[', 0x9f)
    }

    fn open_map(&mut self) -> Result<&mut Self, Unwritable> {
        self.open(b'{', 0xbf)
    }

    fn close(&mut self, json: u8) -> Written {
        match self.protocol {
            Protocol::Json => {
                self.out.push(json);
                self.needs_comma = true;
            }
            Protocol::Cbor => self.out.push(0xff),
        }
        Ok(())
    }

    /// After a key comes its value.
    fn colon(&mut self) {
        if self.protocol == Protocol::Json {
            self.out.push(b':');
            self.needs_comma = false;
        }
    }

    fn key(&mut self, name: &'static str) -> Written {
        match self.protocol {
            Protocol::Json => {
                // The names of members need no escapes.
                self.comma();
                self.out.push(b'"');
                self.out.extend_from_slice(name.as_bytes());
                self.out.push(b'"');
            }
            Protocol::Cbor => self.cbor(name)?,
        }
        self.colon();
        Ok(())
    }
}

/// Writes a piece of a JSON text.
impl fmt::Write for Writer {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.escaped(piece.as_bytes());
        Ok(())
    }
}

/// Where heads go.
struct Out<'w>(&'w mut Vec<u8>);

impl Write for Out<'_> {
    type Error = Infallible;

    fn push(&mut self, input: &[u8]) -> Result<(), Infallible> {
        self.0.extend_from_slice(input);
        Ok(())
    }
}

impl Serializer for &mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    /// Values are as they are, not as texts: how each protocol says them is known here.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Written {
        if value { self.word("true", 0xf5) } else { self.word("false", 0xf4) }
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(i64::from(value))
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(i64::from(value))
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(i64::from(value))
    }

    fn serialize_i64(self, value: i64) -> Written {
        match self.protocol {
            Protocol::Json => {
                self.comma();
                if value < 0 {
                    self.out.push(b'-');
                }
                self.digits(value.unsigned_abs());
                Ok(())
            }
            Protocol::Cbor => self.cbor(value),
        }
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.whole(u64::from(value))
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.whole(u64::from(value))
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.whole(u64::from(value))
    }

    fn serialize_u64(self, value: u64) -> Written {
        match (core::mem::take(&mut self.is_time), self.protocol) {
            (true, Protocol::Cbor) => self.cbor(types::Tag(TAG_TIME, value)),
            (true, Protocol::Json) => {
                self.time(value);
                Ok(())
            }
            (false, _) => self.whole(value),
        }
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Written {
        match self.protocol {
            Protocol::Json => {
                self.comma();
                self.out.extend(serde_json::to_vec(&value).map_err(|_| Unwritable)?);
                Ok(())
            }
            Protocol::Cbor => self.cbor(value),
        }
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        self.text(value)
    }

    /// In its place, without a text in between.
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Written {
        match self.protocol {
            Protocol::Json => {
                self.comma();
                self.out.push(b'"');
                fmt::Write::write_fmt(&mut *self, format_args!("{value}")).map_err(|_| Unwritable)?;
                self.out.push(b'"');
                Ok(())
            }
            Protocol::Cbor => self.text(&value.to_string()),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        match self.protocol {
            Protocol::Json => self.base64(value),
            Protocol::Cbor => self.cbor(types::Bytes(value)),
        }
    }

    fn serialize_none(self) -> Written {
        self.word("null", 0xf6)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        self.is_time = name == TIMESTAMP;
        self.is_plain = name == PLAIN;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        Err(Unwritable)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Unwritable> {
        self.out.reserve(length.unwrap_or(0) * ELEMENT_BYTES);
        self.open_list()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unwritable> {
        self.open_list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.open_list()
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

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Unwritable> {
        self.open_map()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.open_map()
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

macro_rules! list {
    ($($kind:ident::$each:ident;)+) => {
        $(
            impl $kind for &mut Writer {
                type Ok = ();
                type Error = Unwritable;

                fn $each<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                    value.serialize(&mut **self)
                }

                fn end(self) -> Written {
                    self.close(b']')
                }
            }
        )+
    };
}

list! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
}

impl SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)?;
        self.colon();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        self.close(b'}')
    }
}

impl SerializeStruct for &mut Writer {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        self.key(name)?;
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        self.close(b'}')
    }
}

impl<E> From<enc::Error<E>> for Unwritable {
    fn from(_: enc::Error<E>) -> Self {
        Self
    }
}

impl Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the protocol cannot say this")
    }
}

impl core::error::Error for Unwritable {}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn texts_are_escaped_wherever_they_need_it() {
        for special in ['"', '\\', '\u{1}', '\u{1f}', '\n', 'é', 'a'] {
            for (length, at) in (0..50).flat_map(|length| (0..=length).map(move |at| (length, at))) {
                let mut text: String = "0123456789".chars().cycle().take(length).collect();
                text.insert(at, special);
                assert_eq!(body(Protocol::Json, &text, 0), serde_json::to_vec(&text).unwrap());
            }
        }
    }

    #[test]
    fn texts_may_come_in_pieces() {
        let value = format_args!("{}\"{}", 1, 'é').to_string();
        let mut writer = Writer {
            out: Vec::new(),
            protocol: Protocol::Json,
            needs_comma: false,
            is_time: false,
            is_plain: false,
        };
        (&mut writer).collect_str(&format_args!("{}\"{}", 1, 'é')).unwrap();
        assert_eq!(writer.out, serde_json::to_vec(&value).unwrap());
    }

    #[test]
    fn json_is_what_others_write() {
        #[derive(serde::Serialize)]
        struct Values {
            whole: [u64; 5],
            signed: [i64; 5],
            small: (i8, u8, i16, u16, i32, u32),
            float: [f64; 4],
            bytes: Blob,
        }
        struct Blob(&'static [u8]);
        impl Serialize for Blob {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::serialize::blob(self.0, serializer)
            }
        }
        for bytes in [&b""[..], b"a", b"ab", b"abc", b"\xff\xfe\xfd\xfc", &[7; 3000]] {
            let values = Values {
                whole: [0, 9, 10, 1_234_567_890, u64::MAX],
                signed: [0, -1, 10, i64::MIN, i64::MAX],
                small: (i8::MIN, u8::MAX, i16::MIN, u16::MAX, i32::MIN, u32::MAX),
                float: [0.0, -1.5, 1e300, 0.1],
                bytes: Blob(bytes),
            };
            assert_eq!(body(Protocol::Json, &values, 0), serde_json::to_vec(&values).unwrap());
        }
    }

    #[test]
    fn times_are_what_others_write() {
        let around = [0, 1_700_000_000_000, 253_402_300_799_000].map(|from| from..from + 1100);
        for millis in around.into_iter().flatten() {
            let time = crate::time::Timestamp::from_millis(millis);
            assert_eq!(body(Protocol::Json, &time, 0), serde_json::to_vec(&time).unwrap(), "{millis}");
        }
    }
}
