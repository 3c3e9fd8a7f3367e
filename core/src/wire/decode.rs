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
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
    read(protocol, body, Slot::new(&mut builder, operation.input))?;
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
    fn mismatch(&mut self, shape: &Shape, found: Found<'_>) -> Node<'a> {
        if self.mismatch.is_none() {
            self.mismatch = Some(coerce::mismatch(shape, found));
        }
        Node::Absent
    }

    fn place(&self) -> u32 {
        self.tape.len() as u32
    }

    fn str(&mut self, shape: &Shape, text: &str, borrowed: Option<&'a str>) -> Node<'a> {
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
            Shape::Blob { min, max } => return self.blob(text, *min, *max),
            Shape::Boolean => {
                return match coerce::boolean(text) {
                    Some(value) => Node::Bool(value),
                    None => self.mismatch(shape, Found::Str(text)),
                };
            }
            Shape::Integer { .. }
            | Shape::Double { .. }
            | Shape::Timestamp
            | Shape::List { .. }
            | Shape::Map { .. }
            | Shape::Structure { .. } => return self.mismatch(shape, Found::Str(text)),
        }
        match borrowed {
            Some(text) => Node::Borrowed(text),
            None => {
                let start = self.text.len() as u32;
                self.text.push_str(text);
                Node::Owned { start, len: text.len() as u32 }
            }
        }
    }

    fn bytes(&mut self, shape: &Shape, bytes: &[u8], borrowed: Option<&'a [u8]>) -> Node<'a> {
        let Shape::Blob { min, max } = shape else { return self.mismatch(shape, Found::Bytes) };
        let len = bytes.len() as u32;
        self.suspect |= len < *min || len > *max;
        if let Some(bytes) = borrowed {
            return Node::Bytes(bytes);
        }
        let start = self.filled as u32;
        self.blobs()[..bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
        Node::Blob { start, len }
    }

    /// The free part of the buffer for blobs.
    fn blobs(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes.resize(self.room, 0);
        }
        &mut self.bytes[self.filled..]
    }

    fn blob(&mut self, text: &str, min: u32, max: u32) -> Node<'a> {
        let start = self.filled;
        let Ok(len) = STANDARD.decode_slice(text, self.blobs()) else {
            if self.mismatch.is_none() {
                self.mismatch = Some(coerce::base64_error(text).into());
            }
            return Node::Absent;
        };
        self.filled += len;
        let (start, len) = (start as u32, len as u32);
        self.suspect |= len < min || len > max;
        Node::Blob { start, len }
    }

    fn integer(&mut self, shape: &Shape, number: i64) -> Node<'a> {
        match shape {
            Shape::Integer { min, max } => {
                let value = number.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
                self.suspect |= value < *min || value > *max;
                Node::Integer(value)
            }
            Shape::Timestamp => Node::Timestamp(number.saturating_mul(self.millis_in_unit)),
            Shape::Double { .. } => self.double(shape, number as f64),
            _ => self.mismatch(shape, Found::Number),
        }
    }

    fn double(&mut self, shape: &Shape, number: f64) -> Node<'a> {
        match shape {
            Shape::Integer { .. } => self.integer(shape, coerce::integer(number).into()),
            Shape::Timestamp => Node::Timestamp(coerce::nearest(number * self.millis_in_unit as f64)),
            Shape::Double { min, max } => {
                self.suspect |= number < f64::from(*min) || number > f64::from(*max);
                Node::Double(number)
            }
            // Recorded: a number with a fraction can become a boolean, an integer cannot.
            Shape::Boolean => Node::Bool(number != 0.0),
            _ => self.mismatch(shape, Found::Number),
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

/// Reads one value of a shape.
struct Slot<'b, 'a> {
    builder: &'b mut Builder<'a>,
    id: ShapeId,
    shape: &'static Shape,
}

impl<'b, 'a> Slot<'b, 'a> {
    fn new(builder: &'b mut Builder<'a>, id: ShapeId) -> Self {
        Self { shape: builder.model.shape(id), builder, id }
    }
}

impl<'a> DeserializeSeed<'a> for Slot<'_, 'a> {
    type Value = Node<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Node<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Slot<'_, 'a> {
    type Value = Node<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node<'a>, E> {
        Ok(Node::Absent)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'a>, E> {
        Ok(match self.shape {
            Shape::Boolean => Node::Bool(value),
            shape => self.builder.mismatch(shape, Found::Bool),
        })
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'a>, E> {
        Ok(self.builder.integer(self.shape, value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'a>, E> {
        Ok(self.builder.integer(self.shape, value.try_into().unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'a>, E> {
        Ok(self.builder.double(self.shape, value))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Node<'a>, E> {
        Ok(self.builder.str(self.shape, text, Some(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'a>, E> {
        Ok(self.builder.str(self.shape, text, None))
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'a [u8]) -> Result<Node<'a>, E> {
        Ok(self.builder.bytes(self.shape, bytes, Some(bytes)))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Node<'a>, E> {
        Ok(self.builder.bytes(self.shape, bytes, None))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<Node<'a>, A::Error> {
        let Self { builder, shape, .. } = self;
        let Shape::List { member, min, max } = shape else {
            while elements.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(builder.mismatch(shape, Found::List));
        };
        let place = builder.place();
        builder.tape.push(Node::Absent);
        let mut len = 0;
        let kept = max.saturating_add(KEPT_BEYOND_MAX);
        while len < kept
            && let Some(node) = elements.next_element_seed(Slot::new(builder, *member))?
        {
            len += 1;
            match node {
                // A container has put itself on the tape.
                Node::At(_) => {}
                Node::Absent => {
                    builder.suspect = true;
                    builder.tape.push(node);
                }
                _ => builder.tape.push(node),
            }
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        builder.suspect |= len < *min || len > *max;
        let end = builder.place();
        builder.tape[place as usize] = Node::List { len, start: place + 1, end };
        Ok(Node::At(place))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<Node<'a>, A::Error> {
        let Self { builder, id, shape } = self;
        match shape {
            Shape::Structure { members, .. } => builder.structure(id, members, entries),
            Shape::Map { key, value, min, max } => builder.map((*key, *value), (*min, *max), entries),
            _ => {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(builder.mismatch(shape, Found::Map))
            }
        }
    }
}

impl<'a> Builder<'a> {
    fn structure<A: MapAccess<'a>>(
        &mut self,
        shape: ShapeId,
        members: &'static [Member],
        mut entries: A,
    ) -> Result<Node<'a>, A::Error> {
        let place = self.tape.len();
        self.tape.resize(place + 1 + members.len(), Node::Absent);
        while let Some(index) = entries.next_key_seed(Key(members))? {
            match index {
                None => {
                    entries.next_value::<IgnoredAny>()?;
                }
                Some(index) => {
                    let node = entries.next_value_seed(Slot::new(self, members[index].shape))?;
                    // Of members with one name, the last one wins.
                    self.tape[place + 1 + index] = node;
                }
            }
        }
        let slots = &self.tape[place + 1..];
        self.suspect |=
            members.iter().zip(slots).any(|(member, node)| member.required && matches!(node, Node::Absent));
        let (start, end) = (place as u32 + 1, self.place());
        self.tape[place] = Node::Structure { shape, start, end };
        Ok(Node::At(place as u32))
    }

    fn map<A: MapAccess<'a>>(
        &mut self,
        (key, value): (ShapeId, ShapeId),
        (min, max): (u32, u32),
        mut entries: A,
    ) -> Result<Node<'a>, A::Error> {
        let place = self.tape.len();
        self.tape.push(Node::Absent);
        let mut pairs = Vec::new();
        while let Some(name) = entries.next_key_seed(Slot::new(self, key))? {
            let node = entries.next_value_seed(Slot::new(self, value))?;
            self.suspect |= matches!(node, Node::Absent);
            pairs.push((name, node));
        }
        self.keep_last(&mut pairs);
        let len = pairs.len() as u32;
        self.suspect |= len < min || len > max;
        let start = self.place();
        self.tape.extend(pairs.into_iter().flat_map(|(name, node)| [name, node]));
        self.tape[place] = Node::Map { len, start };
        Ok(Node::At(place as u32))
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
