//! Many records as a handful of arrays.

use core::fmt::Write as _;

use crate::Failure;

/// Records for JavaScript, by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The texts of all records, in an order that each function fixes.
    pub text: String,
    /// Where each text ends, in bytes of UTF-8.
    pub text_ends: Vec<u32>,
    /// The data of all records.
    pub data: Vec<u8>,
    /// Where the data of each record ends.
    pub data_ends: Vec<u32>,
    /// The numbers of all records.
    pub numbers: Vec<f64>,
}

impl Columns {
    /// Adds a text as it is displayed.
    pub(crate) fn push_text(&mut self, text: impl core::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{text}");
        self.text_ends.push(self.text.len() as u32);
    }

    pub(crate) fn push_optional(&mut self, text: Option<impl core::fmt::Display>) {
        match text {
            Some(text) => self.push_text(text),
            None => self.push_str(""),
        }
    }

    pub(crate) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
        self.text_ends.push(self.text.len() as u32);
    }

    pub(crate) fn push_data(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
        self.data_ends.push(self.data.len() as u32);
    }
}

/// A list that came from JavaScript: bytes, and where each piece ends.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// All pieces, one after the other.
    pub bytes: &'a [u8],
    /// Where each piece ends.
    pub ends: &'a [u32],
}

impl<'a> Packed<'a> {
    /// The pieces.
    pub(crate) fn pieces(self) -> impl Iterator<Item = Result<&'a [u8], Failure>> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let piece = self.bytes.get(start..end as usize);
            start = end as usize;
            piece.ok_or_else(|| Failure::invalid("the packed list is damaged"))
        })
    }

    /// The pieces as texts.
    pub(crate) fn texts(self) -> impl Iterator<Item = Result<&'a str, Failure>> {
        self.pieces().map(|piece| {
            core::str::from_utf8(piece?).map_err(|_| Failure::invalid("the packed text is not UTF-8"))
        })
    }
}
