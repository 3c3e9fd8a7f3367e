//! Texts of callers in messages.

use core::fmt::{self, Write as _};

/// A text in double quotes, with a backslash before those that are in it. Rust's own form would bring tables of all
/// characters into the wasm module.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            if character.is_ascii_control() {
                write!(f, "\\u{{{:x}}}", u32::from(character))?;
                continue;
            }
            if matches!(character, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        f.write_char('"')
    }
}

/// Texts in quotes, with commas between them.
pub(crate) struct QuotedList<'a>(pub(crate) &'a [&'a str]);

impl fmt::Display for QuotedList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, text) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}", Quoted(text))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_text_cannot_end_its_quotes() {
        assert_eq!(Quoted("é \"x\" \\ \n").to_string(), r#""é \"x\" \\ \u{a}""#);
        assert_eq!(QuotedList(&["a", "b"]).to_string(), r#""a", "b""#);
    }
}
