//! `hashCode()` of the services' generated Java classes, which messages show where they print a structure.
//!
//! Found by recomputing a recorded one: a `PutRecordsRequestEntry` with an empty key and no data prints as
//! `…PutRecordsRequestEntry@c965e310` (kinesalite's suite). A structure's hash is `Arrays.hashCode` of its class's hash and
//! its members in alphabetical order, and the class's hash is `Arrays.hashCode` of its name.

use alloc::vec::Vec;

use super::model::Shape;
use super::value::{Input, Node};

/// The hash of a value.
pub(crate) fn of(input: &Input<'_>, node: Node<'_>) -> u32 {
    match node {
        Node::Absent | Node::At(_) => 0,
        Node::Bool(value) => {
            if value {
                1231
            } else {
                1237
            }
        }
        Node::Integer(value) => value.cast_unsigned(),
        Node::Double(value) => fold(value.to_bits()),
        Node::Timestamp(millis) => fold(millis.cast_unsigned()),
        Node::Borrowed(text) => string([text]),
        Node::Owned { .. } => string(input.str_at(node)),
        Node::Bytes(_) | Node::Blob { .. } => {
            // `ByteBuffer.hashCode`: from the last byte to the first, as signed numbers.
            let bytes = input.blob_at(node).unwrap_or_default().iter().rev();
            array(bytes.map(|&byte| i32::from(byte.cast_signed()).cast_unsigned()))
        }
        Node::List { len, start, .. } => {
            let elements = core::iter::successors(Some(start as usize), |&at| Some(input.after(at)));
            array(elements.take(len as usize).map(|at| of(input, input.node(at))))
        }
        Node::Map { len, start } => {
            (0..len as usize).map(|index| start as usize + 2 * index).fold(0, |sum, at| {
                let entry: u32 = of(input, input.node(at)) ^ of(input, input.node(at + 1));
                sum.wrapping_add(entry)
            })
        }
        Node::Structure { shape, start, .. } => {
            let model = input.model();
            let Shape::Structure { name, members } = model.shape(shape) else { return 0 };
            let mut order: Vec<usize> = (0..members.len()).collect();
            order.sort_by_key(|&index| members[index].name);
            let class = array([string([model.namespace, ".", name])]);
            let values = order.iter().map(|&index| of(input, input.node(start as usize + index)));
            array([class].into_iter().chain(values))
        }
    }
}

/// `String.hashCode` of the pieces together.
fn string<'s>(pieces: impl IntoIterator<Item = &'s str>) -> u32 {
    let units = pieces.into_iter().flat_map(str::encode_utf16);
    units.fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// `Arrays.hashCode`, and `List.hashCode`.
fn array(hashes: impl IntoIterator<Item = u32>) -> u32 {
    hashes.into_iter().fold(1, |sum: u32, hash| sum.wrapping_mul(31).wrapping_add(hash))
}

fn fold(bits: u64) -> u32 {
    (bits ^ (bits >> 32)) as u32
}
