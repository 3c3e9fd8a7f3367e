//! What the official models say about requests: operations, shapes of their inputs, constraints.
//!
//! `kinesis.rs` and `firehose.rs` are written by `cargo xtask codegen`.

mod firehose;
mod kinesis;

use core::fmt;

use super::pattern::Pattern;
use crate::error::ErrorKind;

/// One of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the project is about these two")]
pub enum Service {
    /// Amazon Kinesis Data Streams.
    Kinesis,
    /// Amazon Data Firehose.
    Firehose,
}

impl Service {
    /// The tables of the service.
    pub fn model(self) -> &'static Model {
        match self {
            Self::Kinesis => &kinesis::MODEL,
            Self::Firehose => &firehose::MODEL,
        }
    }

    /// The name of the service in a credential scope and in ARNs.
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::Kinesis => "kinesis",
            Self::Firehose => "firehose",
        }
    }
}

/// The index of a shape in the tables of its service.
pub type ShapeId = u16;

/// The tables of one service.
#[derive(Debug)]
#[non_exhaustive]
pub struct Model {
    /// Which service it is.
    pub service: Service,
    /// What comes before the point in `X-Amz-Target`.
    pub target_prefix: &'static str,
    /// The Java package that AWS names when it prints a structure.
    pub namespace: &'static str,
    /// All operations, by name.
    pub operations: &'static [Operation],
    /// All shapes that an input can contain.
    pub shapes: &'static [Shape],
}

impl Model {
    /// The operation called `name`.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        let index = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        self.operations.get(index)
    }

    /// The shape with this index.
    pub(crate) fn shape(&self, id: ShapeId) -> &'static Shape {
        &self.shapes[usize::from(id)]
    }
}

/// One operation of a service.
#[non_exhaustive]
pub struct Operation {
    /// The name that clients send.
    pub name: &'static str,
    /// The service it belongs to.
    pub service: Service,
    /// The structure of its input.
    pub input: ShapeId,
    /// Whether a success has a body.
    pub has_output: bool,
    /// The errors that the model names for it, in alphabetical order.
    pub errors: &'static [ErrorKind],
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}::{}", self.service, self.name)
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.service == other.service && self.name == other.name
    }
}

impl Eq for Operation {}

/// The shape of a value, with its constraints. A missing bound is the end of the type.
#[derive(Debug)]
#[expect(missing_docs, clippy::exhaustive_enums, reason = "the kinds and bounds of the Smithy model")]
pub enum Shape {
    Boolean,
    /// Seconds since the epoch, with a fraction.
    Timestamp,
    Integer {
        min: i32,
        max: i32,
    },
    Double {
        min: i32,
        max: i32,
    },
    /// Lengths are in Unicode code points.
    Text {
        min: u32,
        max: u32,
        pattern: Option<&'static Pattern>,
    },
    /// A string that must be one of these; in the order in which AWS lists them.
    Enumeration(&'static [&'static str]),
    Blob {
        min: u32,
        max: u32,
    },
    List {
        member: ShapeId,
        min: u32,
        max: u32,
    },
    Map {
        key: ShapeId,
        value: ShapeId,
        min: u32,
        max: u32,
    },
    /// Members are in the order in which AWS reports violations.
    Structure {
        name: &'static str,
        members: &'static [Member],
    },
}

/// A member of a structure.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member {
    /// The name on the wire.
    pub name: &'static str,
    /// The shape of the value.
    pub shape: ShapeId,
    /// Whether it must be there.
    pub required: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_code_of_the_models_is_in_the_table() {
        for code in kinesis::ERROR_CODES.iter().chain(firehose::ERROR_CODES) {
            assert!(ErrorKind::from_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn all_operations_are_found_by_name() {
        assert_eq!(Service::Kinesis.model().operations.len(), 57);
        assert_eq!(Service::Firehose.model().operations.len(), 12);
        for service in [Service::Kinesis, Service::Firehose] {
            let model = service.model();
            for operation in model.operations {
                assert_eq!(model.operation(operation.name), Some(operation));
                assert!(matches!(model.shape(operation.input), Shape::Structure { .. }));
            }
            assert_eq!(model.operation("listStreams"), None);
        }
    }

    #[test]
    fn shapes_refer_to_earlier_shapes_only() {
        // So no input can nest without bound.
        for service in [Service::Kinesis, Service::Firehose] {
            for (index, shape) in service.model().shapes.iter().enumerate() {
                let below = |id: ShapeId| assert!(usize::from(id) < index);
                match shape {
                    Shape::List { member, .. } => below(*member),
                    Shape::Map { key, value, .. } => [*key, *value].into_iter().for_each(below),
                    Shape::Structure { members, .. } => {
                        members.iter().map(|member| member.shape).for_each(below)
                    }
                    Shape::Boolean
                    | Shape::Timestamp
                    | Shape::Integer { .. }
                    | Shape::Double { .. }
                    | Shape::Text { .. }
                    | Shape::Enumeration(_)
                    | Shape::Blob { .. } => {}
                }
            }
        }
    }
}
