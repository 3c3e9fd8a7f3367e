//! The input of a request, decoded: one flat list of nodes, and views that read it by name.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a node or a shape is asked for one kind; all others are alike"
)]

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::model::{Member, Model, Service, Shape, ShapeId};
use crate::time::Timestamp;

/// One place of the tape. The members of a structure follow its node, one place each, in the order of the tables;
/// the elements of a list follow its node with all that is inside them. A container inside a structure or a map
/// stands further on, and its place holds [`Node::At`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'a> {
    Absent,
    Bool(bool),
    Integer(i32),
    Double(f64),
    /// Milliseconds since the epoch.
    Timestamp(i64),
    /// Text as it stands in the body.
    Borrowed(&'a str),
    /// Text that had escapes, in [`Input::text`].
    Owned {
        start: u32,
        len: u32,
    },
    /// Bytes as they stand in the body.
    Bytes(&'a [u8]),
    /// In [`Input::bytes`].
    Blob {
        start: u32,
        len: u32,
    },
    /// The members lie from `start` to `end`, with all that is inside them.
    Structure {
        shape: ShapeId,
        start: u32,
        end: u32,
    },
    /// The elements lie from `start` to `end`, with all that is inside them.
    List {
        len: u32,
        start: u32,
        end: u32,
    },
    /// Keys and values in turn, from `start` on.
    Map {
        len: u32,
        start: u32,
    },
    At(u32),
}

/// The decoded input of one request. It borrows text from the body; blobs lie in one buffer.
#[derive(Debug)]
pub struct Input<'a> {
    pub(crate) service: Service,
    pub(crate) tape: Vec<Node<'a>>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
}

impl Input<'_> {
    /// The members of the input.
    pub fn members(&self) -> Members<'_> {
        match self.node(0) {
            Node::Structure { shape, start, .. } => Members::new(self, shape, start),
            _ => Members { input: self, table: &[], at: 1 },
        }
    }

    pub(crate) fn model(&self) -> &'static Model {
        self.service.model()
    }

    pub(crate) fn node(&self, at: usize) -> Node<'_> {
        match self.tape.get(at) {
            Some(&Node::At(there)) => self.tape.get(there as usize).copied().unwrap_or(Node::Absent),
            Some(&node) => node,
            None => Node::Absent,
        }
    }

    /// The place after the element of a list at `at`.
    pub(crate) fn after(&self, at: usize) -> usize {
        match self.tape.get(at) {
            Some(Node::Structure { end, .. } | Node::List { end, .. }) => *end as usize,
            Some(Node::Map { start, len }) => *start as usize + 2 * *len as usize,
            _ => at + 1,
        }
    }

    /// The text of a node that had escapes.
    pub(crate) fn str_at(&self, node: Node<'_>) -> Option<&str> {
        match node {
            Node::Owned { start, len } => self.text.get(start as usize..start as usize + len as usize),
            _ => None,
        }
    }

    /// The bytes of a node that is a blob.
    pub(crate) fn blob_at<'i>(&'i self, node: Node<'i>) -> Option<&'i [u8]> {
        match node {
            Node::Bytes(bytes) => Some(bytes),
            Node::Blob { start, len } => Some(self.blob_of(start, len)),
            _ => None,
        }
    }

    fn blob_of(&self, start: u32, len: u32) -> &[u8] {
        self.bytes.get(start as usize..start as usize + len as usize).unwrap_or(&[])
    }

    fn value(&self, at: usize) -> Option<Value<'_>> {
        let node = self.node(at);
        Some(match node {
            Node::Absent | Node::At(_) => return None,
            Node::Bool(value) => Value::Bool(value),
            Node::Integer(value) => Value::Integer(value.into()),
            Node::Double(value) => Value::Double(value),
            Node::Timestamp(millis) => Value::Timestamp(timestamp(millis)),
            Node::Borrowed(text) => Value::Str(text),
            Node::Owned { .. } => Value::Str(self.str_at(node).unwrap_or_default()),
            Node::Bytes(_) | Node::Blob { .. } => Value::Blob(self.blob_at(node)?),
            Node::Structure { shape, start, .. } => Value::Structure(Members::new(self, shape, start)),
            Node::List { len, start, .. } => Value::List(List { input: self, at: start as usize, left: len }),
            Node::Map { len, start } => Value::Map(Entries { input: self, at: start as usize, left: len }),
        })
    }
}

/// Times before the epoch are not told apart.
fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis.max(0).cast_unsigned())
}

/// A value of the input.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the kinds of the Smithy model")]
pub enum Value<'i> {
    /// A boolean.
    Bool(bool),
    /// An integer, inside the range of 32 bits.
    Integer(i64),
    /// A number with a fraction.
    Double(f64),
    /// A point in time.
    Timestamp(Timestamp),
    /// Text.
    Str(&'i str),
    /// Bytes, decoded.
    Blob(&'i [u8]),
    /// A list.
    List(List<'i>),
    /// A map with text keys.
    Map(Entries<'i>),
    /// A structure.
    Structure(Members<'i>),
}

/// The members of a structure, by the names of the model. A member that is absent or null is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Members<'i> {
    input: &'i Input<'i>,
    table: &'static [Member],
    /// The place of the first member.
    at: usize,
}

impl<'i> Members<'i> {
    pub(crate) fn new(input: &'i Input<'_>, shape: ShapeId, start: u32) -> Self {
        let table = match input.model().shape(shape) {
            Shape::Structure { members, .. } => *members,
            _ => &[],
        };
        Self { input, table, at: start as usize }
    }

    /// The value of the member called `name`.
    pub fn get(&self, name: &str) -> Option<Value<'i>> {
        self.input.value(self.find(name)?)
    }

    /// Whether the member is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every member that is there.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Value<'i>)> + use<'i> {
        let Self { input, table, at } = *self;
        table
            .iter()
            .enumerate()
            .filter_map(move |(index, member)| Some((member.name, input.value(at + index)?)))
    }

    /// The text of a member.
    pub fn str(&self, name: &str) -> Option<&'i str> {
        let node = *self.input.tape.get(self.find(name)?)?;
        match node {
            Node::Borrowed(text) => Some(text),
            node => self.input.str_at(node),
        }
    }

    /// The text of a member, as a string of its own.
    pub fn string(&self, name: &str) -> Option<String> {
        self.str(name).map(ToOwned::to_owned)
    }

    /// The bytes of a member.
    pub fn blob(&self, name: &str) -> Option<&'i [u8]> {
        self.input.blob_at(*self.input.tape.get(self.find(name)?)?)
    }

    /// The integer of a member.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The number of a member.
    pub fn double(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Double(value) => Some(value),
            _ => None,
        }
    }

    /// The boolean of a member.
    pub fn bool(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The time of a member.
    pub fn timestamp(&self, name: &str) -> Option<Timestamp> {
        match self.get(name)? {
            Value::Timestamp(value) => Some(value),
            _ => None,
        }
    }

    /// The elements of a member.
    pub fn list(&self, name: &str) -> Option<List<'i>> {
        match self.get(name)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The entries of a member.
    pub fn map(&self, name: &str) -> Option<Entries<'i>> {
        match self.get(name)? {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The members of a member.
    pub fn structure(&self, name: &str) -> Option<Self> {
        match self.get(name)? {
            Value::Structure(members) => Some(members),
            _ => None,
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        // Equal literals mostly are one, which is quicker to see than that their characters are the same.
        let is_one = |other: &str| core::ptr::eq(other, name);
        let index = self.table.iter().position(|member| is_one(member.name) || member.name == name);
        debug_assert!(index.is_some(), "the model has no member {name} here");
        Some(self.at + index?)
    }
}

/// The elements of a list, in order. It is its own iterator.
#[derive(Clone, Debug)]
pub struct List<'i> {
    input: &'i Input<'i>,
    at: usize,
    left: u32,
}

impl<'i> List<'i> {
    /// The elements that are text.
    pub fn strs(self) -> impl Iterator<Item = &'i str> {
        self.filter_map(|value| if let Value::Str(text) = value { Some(text) } else { None })
    }

    /// The elements that are structures.
    pub fn structures(mut self) -> impl Iterator<Item = Members<'i>> {
        // Not by way of values, which are large to hand on: there may be many.
        core::iter::from_fn(move || {
            while let Some(at) = self.advance() {
                if let Node::Structure { shape, start, .. } = self.input.node(at) {
                    return Some(Members::new(self.input, shape, start));
                }
            }
            None
        })
    }

    /// The place of the next element.
    fn advance(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let at = self.at;
        self.at = self.input.after(at);
        Some(at)
    }
}

impl<'i> Iterator for List<'i> {
    type Item = Value<'i>;

    fn next(&mut self) -> Option<Value<'i>> {
        while let Some(at) = self.advance() {
            if let Some(value) = self.input.value(at) {
                return Some(value);
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A validated list has no null in it.
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for List<'_> {}

/// The entries of a map, in the order of the body. It is its own iterator.
#[derive(Clone, Debug)]
pub struct Entries<'i> {
    input: &'i Input<'i>,
    at: usize,
    left: u32,
}

impl<'i> Iterator for Entries<'i> {
    type Item = (&'i str, Value<'i>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.left > 0 {
            let at = self.at;
            self.at += 2;
            self.left -= 1;
            if let (Some(Value::Str(key)), Some(value)) = (self.input.value(at), self.input.value(at + 1)) {
                return Some((key, value));
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Entries<'_> {}
