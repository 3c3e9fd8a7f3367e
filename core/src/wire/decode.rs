//! From a body to an [`Input`]: seeds for serde that follow the tables of the model.
//!
//! Every value is coerced and checked against its constraints as it is read, so that a valid request needs no second
//! walk: [`Decoding::suspect`] says whether the validator has anything to find.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a node or a shape is asked for one kind; all others are alike"
)]

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Protocol;
use super::cbor;
use super::coerce::{self, Found};
use super::model::{Member, Model, Operation, Shape, ShapeId};
use super::value::{Input, Node};
use crate::blob;

/// A body that could be read.
#[derive(Debug)]
pub(crate) struct Decoding<'a> {
    pub(crate) input: Input<'a>,
    /// The message for the first value of a wrong type.
    pub(crate) mismatch: Option<Cow<'static, str>>,
    /// Whether some value violates a constraint.
    pub(crate) suspect: bool,
}

/// The body is not of its content type.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Longer bodies are refused, so that places fit 32 bits. The services' own limits lie far below.
const MAX_BODY_BYTES: usize = 64 << 20;
/// Elements of a list that is too long are read up to here, which is more than its message repeats; the rest of a
/// hostile body is passed over.
const KEPT_BEYOND_MAX: u32 = 10_000;

/// Reads a body as the input of `operation`.
pub(crate) fn body<'a>(
    protocol: Protocol,
    operation: &Operation,
    body: &'a [u8],
) -> Result<Decoding<'a>, Unreadable> {
    let (room, millis_in_unit) = match protocol {
        Protocol::Json => (body.len() / 4 * 3, 1000),
        // Beside base64, byte strings in pieces; those of one piece are borrowed.
        Protocol::Cbor => (body.len(), 1),
    };
    let mut builder = Builder {
        model: operation.service.model(),
        tape: Vec::with_capacity(body.len() / 48 + 32),
        bytes: Vec::new(),
        filled: 0,
        text: String::new(),
        room,
        millis_in_unit,
        mismatch: None,
        suspect: false,
    };
    let place = builder.push();
    read(protocol, body, Slot::in_place(&mut builder, operation.input, place))?;
    let Builder { tape, mut bytes, filled, text, mismatch, suspect, .. } = builder;
    bytes.truncate(filled);
    Ok(Decoding { input: Input { service: operation.service, tape, bytes, text }, mismatch, suspect })
}

/// Whether a body is an object or a list, when there is no operation to read it for.
pub(crate) fn is_readable(protocol: Protocol, body: &[u8]) -> bool {
    read(protocol, body, PhantomData::<IgnoredAny>).is_ok()
}

fn read<'a, S: DeserializeSeed<'a>>(protocol: Protocol, body: &'a [u8], seed: S) -> Result<(), Unreadable> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Unreadable);
    }
    match protocol {
        Protocol::Json => json(body, seed),
        Protocol::Cbor => cbor::read(body, seed).map(drop),
    }
}

fn json<'a, S: DeserializeSeed<'a>>(body: &'a [u8], seed: S) -> Result<(), Unreadable> {
    let opens = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(opens, Some(b'{' | b'[')) {
        return Err(Unreadable);
    }
    let text = core::str::from_utf8(body).map_err(|_| Unreadable)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    seed.deserialize(&mut deserializer).map_err(|_| Unreadable)?;
    deserializer.end().map_err(|_| Unreadable)
}

struct Builder<'a> {
    model: &'static Model,
    tape: Vec<Node<'a>>,
    /// All blobs; made in one piece when the first one comes.
    bytes: Vec<u8>,
    filled: usize,
    /// What all blobs of the body can take together.
    room: usize,
    /// How many milliseconds a number stands for where the table says timestamp.
    millis_in_unit: i64,
    text: String,
    mismatch: Option<Cow<'static, str>>,
    suspect: bool,
}

impl<'a> Builder<'a> {
    /// Makes a place, for a value that comes.
    fn push(&mut self) -> usize {
        self.tape.push(Node::Absent);
        self.tape.len() - 1
    }

    /// Puts a value in its place. Nodes are not handed on until they are there: that would copy each several times.
    fn put(&mut self, at: usize, node: Node<'a>) {
        self.tape[at] = node;
    }

    fn mismatch(&mut self, at: usize, shape: &Shape, found: Found<'_>) {
        if self.mismatch.is_none() {
            self.mismatch = Some(coerce::mismatch(shape, found));
        }
        self.put(at, Node::Absent);
    }

    fn str(&mut self, at: usize, shape: &Shape, text: &str, borrowed: Option<&'a str>) {
        match shape {
            Shape::Text { min, max, pattern } => {
                if !is_length(text, *min, *max) || pattern.is_some_and(|pattern| !pattern.matches(text)) {
                    self.suspect = true;
                }
            }
            Shape::Enumeration(values) => {
                if !values.contains(&text) {
                    self.suspect = true;
                }
            }
            Shape::Blob { min, max } => return self.blob(at, text, *min, *max),
            Shape::Boolean => {
                return match coerce::boolean(text) {
                    Some(value) => self.put(at, Node::Bool(value)),
                    None => self.mismatch(at, shape, Found::Str(text)),
                };
            }
            Shape::Integer { .. }
            | Shape::Double { .. }
            | Shape::Timestamp
            | Shape::List { .. }
            | Shape::Map { .. }
            | Shape::Structure { .. } => return self.mismatch(at, shape, Found::Str(text)),
        }
        match borrowed {
            Some(text) => self.put(at, Node::Borrowed(text)),
            None => {
                let start = self.text.len() as u32;
                self.text.push_str(text);
                self.put(at, Node::Owned { start, len: text.len() as u32 });
            }
        }
    }

    fn bytes(&mut self, at: usize, shape: &Shape, bytes: &[u8], borrowed: Option<&'a [u8]>) {
        let Shape::Blob { min, max } = shape else { return self.mismatch(at, shape, Found::Bytes) };
        let len = bytes.len() as u32;
        self.suspect |= len < *min || len > *max;
        if let Some(bytes) = borrowed {
            return self.put(at, Node::Bytes(bytes));
        }
        let start = self.filled as u32;
        self.blobs()[..bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
        self.put(at, Node::Blob { start, len });
    }

    /// The free part of the buffer for blobs.
    fn blobs(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes.resize(self.room, 0);
        }
        &mut self.bytes[self.filled..]
    }

    fn blob(&mut self, at: usize, text: &str, min: u32, max: u32) {
        let start = self.filled;
        let Some(len) = blob::read(text, self.blobs()) else {
            if self.mismatch.is_none() {
                self.mismatch = Some(coerce::base64_error(text).into());
            }
            return self.put(at, Node::Absent);
        };
        self.filled += len;
        let (start, len) = (start as u32, len as u32);
        self.suspect |= len < min || len > max;
        self.put(at, Node::Blob { start, len });
    }

    fn integer(&mut self, at: usize, shape: &Shape, number: i64) {
        match shape {
            Shape::Integer { min, max } => {
                let value = number.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
                self.suspect |= value < *min || value > *max;
                self.put(at, Node::Integer(value));
            }
            Shape::Timestamp => {
                self.put(at, Node::Timestamp(number.saturating_mul(self.millis_in_unit)));
            }
            Shape::Double { .. } => self.double(at, shape, number as f64),
            _ => self.mismatch(at, shape, Found::Number),
        }
    }

    fn double(&mut self, at: usize, shape: &Shape, number: f64) {
        match shape {
            Shape::Integer { .. } => self.integer(at, shape, coerce::integer(number).into()),
            Shape::Timestamp => {
                self.put(at, Node::Timestamp(coerce::nearest(number * self.millis_in_unit as f64)));
            }
            Shape::Double { min, max } => {
                self.suspect |= number < f64::from(*min) || number > f64::from(*max);
                self.put(at, Node::Double(number));
            }
            // Recorded: a number with a fraction can become a boolean, an integer cannot.
            Shape::Boolean => self.put(at, Node::Bool(number != 0.0)),
            _ => self.mismatch(at, shape, Found::Number),
        }
    }
}

/// Whether `text` has from `min` to `max` characters, which are Unicode code points.
pub(crate) fn is_length(text: &str, min: u32, max: u32) -> bool {
    let (bytes, min, max) = (text.len(), min as usize, max as usize);
    if bytes <= max && bytes / 4 >= min {
        return true;
    }
    let chars = text.chars().count();
    chars >= min && chars <= max
}

/// Reads one value of a shape into its place.
struct Slot<'b, 'a> {
    builder: &'b mut Builder<'a>,
    id: ShapeId,
    shape: &'static Shape,
    at: usize,
    /// Whether a container stands in the place itself, before what is inside it; else the place says where it stands.
    is_followed: bool,
}

impl<'b, 'a> Slot<'b, 'a> {
    /// For a value that only a place was kept for.
    fn new(builder: &'b mut Builder<'a>, id: ShapeId, at: usize) -> Self {
        Self { shape: builder.model.shape(id), builder, id, at, is_followed: false }
    }

    /// For a value at the end of the tape.
    fn in_place(builder: &'b mut Builder<'a>, id: ShapeId, at: usize) -> Self {
        Self { is_followed: true, ..Self::new(builder, id, at) }
    }

    /// Where the container is to stand that is read.
    fn container(&mut self) -> usize {
        if self.is_followed {
            return self.at;
        }
        let place = self.builder.push();
        self.builder.put(self.at, Node::At(place as u32));
        place
    }
}

impl<'a> DeserializeSeed<'a> for Slot<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Slot<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.builder.put(self.at, Node::Absent);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        match self.shape {
            Shape::Boolean => self.builder.put(self.at, Node::Bool(value)),
            shape => self.builder.mismatch(self.at, shape, Found::Bool),
        }
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.builder.integer(self.at, self.shape, value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.builder.integer(self.at, self.shape, value.try_into().unwrap_or(i64::MAX));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.builder.double(self.at, self.shape, value);
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.builder.str(self.at, self.shape, text, Some(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.builder.str(self.at, self.shape, text, None);
        Ok(())
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'a [u8]) -> Result<(), E> {
        self.builder.bytes(self.at, self.shape, bytes, Some(bytes));
        Ok(())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<(), E> {
        self.builder.bytes(self.at, self.shape, bytes, None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let Shape::List { member, min, max } = self.shape else {
            while elements.next_element::<IgnoredAny>()?.is_some() {}
            self.builder.mismatch(self.at, self.shape, Found::List);
            return Ok(());
        };
        let place = self.container();
        let builder = self.builder;
        let mut len = 0;
        let kept = max.saturating_add(KEPT_BEYOND_MAX);
        while len < kept {
            let at = builder.push();
            if elements.next_element_seed(Slot::in_place(builder, *member, at))?.is_none() {
                builder.tape.truncate(at);
                break;
            }
            len += 1;
            builder.suspect |= matches!(builder.tape[at], Node::Absent);
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        builder.suspect |= len < *min || len > *max;
        let (start, end) = (place as u32 + 1, builder.tape.len() as u32);
        builder.put(place, Node::List { len, start, end });
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut entries: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Structure { members, .. } => {
                let place = self.container();
                self.builder.structure(place, self.id, members, entries)
            }
            Shape::Map { key, value, min, max } => {
                let place = self.container();
                self.builder.map(place, (*key, *value), (*min, *max), entries)
            }
            _ => {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                self.builder.mismatch(self.at, self.shape, Found::Map);
                Ok(())
            }
        }
    }
}

impl<'a> Builder<'a> {
    fn structure<A: MapAccess<'a>>(
        &mut self,
        place: usize,
        shape: ShapeId,
        members: &'static [Member],
        mut entries: A,
    ) -> Result<(), A::Error> {
        let first = self.tape.len();
        self.tape.resize(first + members.len(), Node::Absent);
        while let Some(index) = entries.next_key_seed(Key(members))? {
            match index {
                None => {
                    entries.next_value::<IgnoredAny>()?;
                }
                // Of members with one name, the last one wins.
                Some(index) => {
                    entries.next_value_seed(Slot::new(self, members[index].shape, first + index))?
                }
            }
        }
        let slots = &self.tape[first..];
        self.suspect |=
            members.iter().zip(slots).any(|(member, node)| member.required && matches!(node, Node::Absent));
        let (start, end) = (first as u32, self.tape.len() as u32);
        self.put(place, Node::Structure { shape, start, end });
        Ok(())
    }

    fn map<A: MapAccess<'a>>(
        &mut self,
        place: usize,
        (key, value): (ShapeId, ShapeId),
        (min, max): (u32, u32),
        mut entries: A,
    ) -> Result<(), A::Error> {
        let mut pairs = Vec::new();
        // The map's own place serves its keys and values until it is complete.
        while entries.next_key_seed(Slot::new(self, key, place))?.is_some() {
            let name = self.tape[place];
            entries.next_value_seed(Slot::new(self, value, place))?;
            let node = self.tape[place];
            self.suspect |= matches!(node, Node::Absent);
            pairs.push((name, node));
        }
        self.keep_last(&mut pairs);
        let len = pairs.len() as u32;
        self.suspect |= len < min || len > max;
        let start = self.tape.len() as u32;
        self.tape.extend(pairs.into_iter().flat_map(|(name, node)| [name, node]));
        self.put(place, Node::Map { len, start });
        Ok(())
    }

    /// Leaves one pair of each name, the last, at the place of the first.
    fn keep_last(&self, pairs: &mut Vec<(Node<'a>, Node<'a>)>) {
        let names: Vec<&str> = pairs.iter().map(|&(name, _)| self.name(name)).collect();
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&index| (names[index], index));
        let mut doubled = Vec::new();
        for same in order.chunk_by(|&a, &b| names[a] == names[b]) {
            if let [first, .., last] = same {
                pairs[*first].1 = pairs[*last].1;
                doubled.extend_from_slice(&same[1..]);
            }
        }
        if !doubled.is_empty() {
            doubled.iter().for_each(|&index| pairs[index].0 = Node::Absent);
            pairs.retain(|(name, _)| !matches!(name, Node::Absent));
        }
    }

    fn name<'s>(&'s self, node: Node<'s>) -> &'s str {
        match node {
            Node::Borrowed(text) => text,
            Node::Owned { start, len } => &self.text[start as usize..(start + len) as usize],
            _ => "",
        }
    }
}

/// Finds which member a key names.
struct Key(&'static [Member]);

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|member| member.name == name))
    }
}
