//! As much of protobuf's wire format as aggregates need, with the leniency of the Java runtime, which is what
//! consumers built on the Kinesis Client Library accept: over-long varints are cut to their type, a known field
//! of another wire type is an unknown field, and unknown fields, groups included, are skipped.

use alloc::vec::Vec;

pub(super) const VARINT: u32 = 0;
const FIXED_64: u32 = 1;
pub(super) const LENGTH_DELIMITED: u32 = 2;
const START_GROUP: u32 = 3;
const END_GROUP: u32 = 4;
const FIXED_32: u32 = 5;

/// How deep the Java runtime lets messages and groups nest.
const MAX_DEPTH: usize = 100;

/// The input is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads the fields of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// How many groups may open inside this message.
    groups_left: usize,
}

impl<'a> Reader<'a> {
    /// Reads `message`, which lies inside `outer` other messages.
    pub(super) fn new(message: &'a [u8], outer: usize) -> Self {
        Self { rest: message, groups_left: MAX_DEPTH.saturating_sub(outer) }
    }

    /// The tag of the next field; `None` at the end.
    #[inline]
    pub(super) fn tag(&mut self) -> Result<Option<u32>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()? as u32;
        if tag >> 3 == 0 { Err(Malformed) } else { Ok(Some(tag)) }
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, Malformed> {
        // Nearly all are one byte.
        if let [byte @ 0..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u64::from(*byte));
        }
        let mut value = 0;
        for (i, &byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7F) << (7 * i);
            if byte < 0x80 {
                self.rest = &self.rest[i + 1..];
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    /// The bytes of a length-delimited field.
    #[inline]
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        // A length is a signed 32-bit number; a negative one is beyond any input.
        let length = self.varint()? as u32;
        self.take(length as usize)
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Passes over the field that began with `tag`.
    pub(super) fn skip(&mut self, tag: u32) -> Result<(), Malformed> {
        // The numbers of the open groups: each must end with its own.
        let mut open = [0; MAX_DEPTH];
        let mut depth = 0;
        let mut tag = tag;
        loop {
            match tag & 7 {
                VARINT => drop(self.varint()?),
                FIXED_64 => drop(self.take(8)?),
                LENGTH_DELIMITED => drop(self.bytes()?),
                FIXED_32 => drop(self.take(4)?),
                START_GROUP if depth < self.groups_left => {
                    open[depth] = tag >> 3;
                    depth += 1;
                }
                END_GROUP if depth > 0 && open[depth - 1] == tag >> 3 => depth -= 1,
                _ => return Err(Malformed),
            }
            if depth == 0 {
                return Ok(());
            }
            tag = self.tag()?.ok_or(Malformed)?;
        }
    }
}

/// The bytes of `value` as a varint.
pub(super) const fn varint_len(value: u64) -> usize {
    // Seven bits a byte, and one byte for zero.
    ((63 - (value | 1).leading_zeros()) / 7 + 1) as usize
}

/// The bytes of a length-delimited field with a one-byte tag.
pub(super) const fn field_len(length: usize) -> usize {
    1 + varint_len(length as u64) + length
}

/// Appends a varint.
#[inline]
pub(super) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length-delimited field.
#[inline]
pub(super) fn put_bytes(tag: u32, bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(u64::from(tag), out);
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}
