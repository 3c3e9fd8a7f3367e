//! The one validator: it walks an input over the tables and words what it finds as the services do.
//!
//! It runs only when decoding met a violation, so it need not be fast.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a node or a shape is asked for one kind; all others are alike"
)]

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use super::decode::is_length;
use super::model::{Member, Model, Service, Shape, ShapeId};
use super::pattern::Pattern;
use super::value::{Input, Node};
use crate::decimal;

/// AWS reports at most this many violations (kinesalite's suite, `putRecords`: "10 validation errors").
const MAX_VIOLATIONS: usize = 10;

/// A longer echo of a value is cut. AWS echoes any length; a message here stays below 1 MB whatever the request.
const MAX_ECHO_BYTES: usize = 65_536;

/// Whether messages repeat the value that violates a constraint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EchoValues {
    /// As last recorded: Kinesis repeats it (kinesalite, 2020), Firehose does not (floci's probes, 2026).
    #[default]
    AsRecorded,
    /// `Value 'x' at 'streamName' failed to satisfy constraint: …`
    Always,
    /// `Value at 'streamName' failed to satisfy constraint: …`
    Never,
}

/// The message for an input that violates its model; none if it does not.
pub(crate) fn validate(input: &Input<'_>, echo: EchoValues) -> Option<String> {
    let echo = match echo {
        EchoValues::AsRecorded => input.service == Service::Kinesis,
        EchoValues::Always => true,
        EchoValues::Never => false,
    };
    let mut walk = Walk { input, model: input.model(), echo, path: String::new(), found: Vec::new() };
    if let Node::Structure { shape, start, .. } = input.node(0) {
        walk.structure(shape, start as usize);
    }
    let count = walk.found.len();
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| format!("{count} validation error{plural} detected: {}", walk.found.join("; ")))
}

struct Walk<'i> {
    input: &'i Input<'i>,
    model: &'static Model,
    echo: bool,
    path: String,
    found: Vec<String>,
}

impl Walk<'_> {
    fn report(&mut self, node: Node<'_>, constraint: &str) {
        if self.found.len() < MAX_VIOLATIONS {
            let mut value = String::new();
            if self.echo {
                value = match node {
                    Node::Absent => " null".into(),
                    node => format!(" '{}'", echo(self.input, node)),
                };
            }
            let path = &self.path;
            self.found.push(format!("Value{value} at '{path}' failed to satisfy constraint: {constraint}"));
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() == MAX_VIOLATIONS
    }

    fn structure(&mut self, shape: ShapeId, first: usize) {
        for (index, member) in members(self.model, shape).iter().enumerate() {
            let length = self.path.len();
            if length > 0 {
                self.path.push('.');
            }
            push_lower_first(&mut self.path, member.name);
            let node = self.input.node(first + index);
            match node {
                Node::Absent if member.required => self.report(node, "Member must not be null"),
                Node::Absent => {}
                node => self.value(member.shape, node),
            }
            self.path.truncate(length);
            if self.is_full() {
                return;
            }
        }
    }

    fn value(&mut self, shape: ShapeId, node: Node<'_>) {
        match self.model.shape(shape) {
            Shape::Structure { .. } => {
                if let Node::Structure { start, .. } = node {
                    self.structure(shape, start as usize);
                }
            }
            Shape::List { member, min, max } => {
                if let Node::List { len, start, .. } = node {
                    self.length(node, len, *min, *max);
                    self.elements(node, *member, len, start as usize);
                }
            }
            Shape::Map { key, value, min, max } => {
                if let Node::Map { len, start } = node {
                    self.length(node, len, *min, *max);
                    self.entries(node, "Map keys", *key, start as usize, len);
                    self.entries(node, "Map value", *value, start as usize + 1, len);
                }
            }
            _ => {
                for violation in violations(self.model.shape(shape), node, self.input) {
                    self.report(node, &violation);
                }
            }
        }
    }

    fn length(&mut self, node: Node<'_>, len: u32, min: u32, max: u32) {
        if len > max {
            self.report(node, &at_most("length", max));
        } else if len < min {
            self.report(node, &at_least("length", min));
        }
    }

    fn elements(&mut self, list: Node<'_>, member: ShapeId, len: u32, first: usize) {
        let shape = self.model.shape(member);
        let is_container = is_container(shape);
        let mut at = first;
        for number in 1..=len {
            let node = self.input.node(at);
            if matches!(node, Node::Absent) || is_container {
                let length = self.path.len();
                let _ = write!(self.path, ".{number}.member");
                match node {
                    Node::Absent => self.report(node, "Member must not be null"),
                    node => self.value(member, node),
                }
                self.path.truncate(length);
            } else if !violations(shape, node, self.input).is_empty() {
                // However many elements are wrong, there is one violation, of the list.
                self.report(list, &format!("Member must satisfy constraint: [{}]", all_constraints(shape)));
                return;
            }
            if self.is_full() {
                return;
            }
            at = self.input.after(at);
        }
    }

    fn entries(&mut self, map: Node<'_>, what: &str, shape: ShapeId, first: usize, len: u32) {
        let shape = self.model.shape(shape);
        let wrong = (0..len as usize).any(|index| match self.input.node(first + 2 * index) {
            Node::Absent => true,
            node => !violations(shape, node, self.input).is_empty(),
        });
        if wrong {
            self.report(map, &format!("{what} must satisfy constraint: [{}]", all_constraints(shape)));
        }
    }
}

fn members(model: &Model, shape: ShapeId) -> &'static [Member] {
    match model.shape(shape) {
        Shape::Structure { members, .. } => members,
        _ => &[],
    }
}

fn is_container(shape: &Shape) -> bool {
    matches!(shape, Shape::Structure { .. } | Shape::List { .. } | Shape::Map { .. })
}

fn push_lower_first(path: &mut String, name: &str) {
    let mut chars = name.chars();
    path.extend(chars.next().map(|first| first.to_ascii_lowercase()));
    path.push_str(chars.as_str());
}

fn at_most(what: &str, max: impl core::fmt::Display) -> String {
    format!("Member must have {what} less than or equal to {max}")
}

fn at_least(what: &str, min: impl core::fmt::Display) -> String {
    format!("Member must have {what} greater than or equal to {min}")
}

fn must_match(pattern: &Pattern) -> String {
    format!("Member must satisfy regular expression pattern: {}", pattern.source)
}

fn must_be_one_of(values: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

/// The constraints of a shape without parts that `node` violates: length or range, then pattern.
fn violations(shape: &Shape, node: Node<'_>, input: &Input<'_>) -> Vec<String> {
    let mut found = Vec::new();
    match (shape, node) {
        (Shape::Text { min, max, pattern }, node) => {
            let text = text(input, node);
            if !is_length(text, 0, *max) {
                found.push(at_most("length", max));
            } else if !is_length(text, *min, u32::MAX) {
                found.push(at_least("length", min));
            }
            found.extend(pattern.filter(|pattern| !pattern.matches(text)).map(must_match));
        }
        (Shape::Enumeration(values), node) => {
            found.extend((!values.contains(&text(input, node))).then(|| must_be_one_of(values)));
        }
        (Shape::Blob { min, max }, Node::Bytes(_) | Node::Blob { .. }) => {
            let len = input.blob_at(node).unwrap_or_default().len() as u32;
            if len > *max {
                found.push(at_most("length", max));
            } else if len < *min {
                found.push(at_least("length", min));
            }
        }
        (Shape::Integer { min, max }, Node::Integer(value)) => {
            if value > *max {
                found.push(at_most("value", max));
            } else if value < *min {
                found.push(at_least("value", min));
            }
        }
        (Shape::Double { min, max }, Node::Double(value)) => {
            if value > f64::from(*max) {
                found.push(at_most("value", max));
            } else if value < f64::from(*min) {
                found.push(at_least("value", min));
            }
        }
        _ => {}
    }
    found
}

/// Every constraint of a shape, as AWS lists them for the elements of a list and the sides of a map.
fn all_constraints(shape: &Shape) -> String {
    let mut all = Vec::new();
    match shape {
        Shape::Text { min, max, pattern } => {
            if *max != u32::MAX {
                all.push(at_most("length", max));
                all.push(at_least("length", min));
            } else if *min > 0 {
                all.push(at_least("length", min));
            }
            all.extend(pattern.map(must_match));
        }
        Shape::Enumeration(values) => all.push(must_be_one_of(values)),
        Shape::Integer { min, max } => {
            all.push(at_most("value", max));
            all.push(at_least("value", min));
        }
        _ => {}
    }
    all.join(", ")
}

fn text<'i>(input: &'i Input<'_>, node: Node<'i>) -> &'i str {
    match node {
        Node::Borrowed(text) => text,
        node => input.str_at(node).unwrap_or_default(),
    }
}

/// A value as Java prints it.
fn echo<'i>(input: &'i Input<'_>, node: Node<'i>) -> Cow<'i, str> {
    let mut out: Cow<'_, str> = match node {
        Node::Borrowed(_) | Node::Owned { .. } => text(input, node).into(),
        Node::Absent | Node::At(_) => "null".into(),
        Node::Bool(value) => value.to_string().into(),
        Node::Integer(value) => value.to_string().into(),
        Node::Double(value) => double(value).into(),
        Node::Timestamp(millis) => millis.to_string().into(),
        Node::Bytes(_) | Node::Blob { .. } => {
            let len = input.blob_at(node).unwrap_or_default().len();
            format!("java.nio.HeapByteBuffer[pos=0 lim={len} cap={len}]").into()
        }
        Node::Structure { shape, .. } => {
            let model = input.model();
            let name = structure_name(model, shape);
            format!("{}.{name}@{:x}", model.namespace, super::java_hash::of(input, node)).into()
        }
        Node::List { .. } | Node::Map { .. } => container(input, node).into(),
    };
    if out.len() > MAX_ECHO_BYTES {
        let cut = (0..=MAX_ECHO_BYTES).rev().find(|&at| out.is_char_boundary(at)).unwrap_or(0);
        let mut short: String = out[..cut].into();
        short.push_str("...");
        out = short.into();
    }
    out
}

fn structure_name(model: &Model, shape: ShapeId) -> &'static str {
    match model.shape(shape) {
        Shape::Structure { name, .. } => name,
        _ => "",
    }
}

fn double(value: f64) -> String {
    let text = decimal::of_f64(value);
    if text.contains(['.', 'e']) { text } else { text + ".0" }
}

fn container(input: &Input<'_>, node: Node<'_>) -> String {
    let mut out = String::new();
    match node {
        Node::List { len, start, .. } => {
            out.push('[');
            let mut at = start as usize;
            for index in 0..len {
                if out.len() > MAX_ECHO_BYTES {
                    break;
                }
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&echo(input, input.node(at)));
                at = input.after(at);
            }
            out.push(']');
        }
        Node::Map { len, start } => {
            out.push('{');
            for index in 0..len as usize {
                if out.len() > MAX_ECHO_BYTES {
                    break;
                }
                if index > 0 {
                    out.push_str(", ");
                }
                let at = start as usize + 2 * index;
                let _ = write!(out, "{}={}", echo(input, input.node(at)), echo(input, input.node(at + 1)));
            }
            out.push('}');
        }
        _ => {}
    }
    out
}
