//! Templates for the keys of objects.
//!
//! Source: <https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-key-template.html>

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use crate::quoted::Quoted;
use crate::time::Timestamp;

/// The template of a channel that names none.
pub(crate) const DEFAULT_TEMPLATE: &str = "kinesis-channel/!{channel-name}/!{channel-id}/!{yyyy}/!{MM}/!{dd}/!{HH}/!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}";

/// What follows the prefix in the keys of dead letters.
pub(crate) const DEAD_LETTER_TEMPLATE: &str = "!{yyyy}/!{MM}/!{dd}/!{HH}/!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension:.json}";

/// Characters of a key before the suffix that makes it unique.
const MAX_EXPANDED: usize = 986;
const LITERALS: &[u8] = b"!-_'.*()/=";
const VARIABLES: &str = "!{channel-name}, !{channel-id}, !{stream-name}, !{yyyy}, !{yy}, !{MM}, !{dd}, !{HH}, !{mm}, \
     !{extension} and !{extension:.literal}";

/// What the variables of a channel stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variables<'a> {
    pub(crate) channel_name: &'a str,
    pub(crate) channel_id: &'a str,
    pub(crate) stream_name: &'a str,
    /// The extension of the compression, or nothing.
    pub(crate) extension: &'a str,
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'t> {
    Literal(&'t str),
    /// What stands between `!{` and `}`.
    Variable(&'t str),
    /// A `!{` without its end.
    Open,
}

fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(inside) = rest.strip_prefix("!{") else {
            let (literal, after) = rest.split_at(rest.find("!{").unwrap_or(rest.len()));
            rest = after;
            return Some(Piece::Literal(literal));
        };
        Some(if let Some((name, after)) = inside.split_once('}') {
            rest = after;
            Piece::Variable(name)
        } else {
            rest = "";
            Piece::Open
        })
    })
}

impl<'a> Variables<'a> {
    /// What is wrong with a template, if something is. Compressed objects need an extension.
    pub(crate) fn check(&self, template: &str, is_compressed: bool) -> Result<(), String> {
        if template.starts_with('/') || template.contains("//") {
            return Err("it must not start with a slash or contain two in a row".into());
        }
        if template.contains("..") || template.split('/').any(|segment| segment == ".") {
            return Err("it must not contain \"..\" or a segment \".\"".into());
        }
        let mut has_extension = false;
        for piece in pieces(template) {
            if has_extension {
                return Err("an extension must appear once, at the end".into());
            }
            match piece {
                Piece::Literal(text) => {
                    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || LITERALS.contains(&byte);
                    if !text.bytes().all(is_allowed) {
                        return Err(format!(
                            "{} has characters other than letters, digits and ! - _ ' . * ( ) / =",
                            Quoted(text)
                        ));
                    }
                }
                Piece::Open => return Err("a \"!{\" has no matching \"}\"".into()),
                Piece::Variable(name) => match (self.extension(name), self.value(name, Timestamp::EPOCH)) {
                    (Some(_), _) => has_extension = true,
                    (None, Some(_)) => {}
                    (None, None) => {
                        return Err(format!(
                            "!{{{name}}} is not a supported variable. Supported: {VARIABLES}"
                        ));
                    }
                },
            }
        }
        if is_compressed && !has_extension {
            return Err("compressed objects need !{extension} or !{extension:.literal} at its end".into());
        }
        let expanded = self.expand(template, Timestamp::EPOCH, "").len();
        if expanded > MAX_EXPANDED {
            return Err(format!("it expands to {expanded} characters, at most {MAX_EXPANDED} are allowed"));
        }
        Ok(())
    }

    /// The key of an object whose oldest record arrived at `oldest`. `suffix` makes it unique; it comes before the
    /// extension.
    pub(crate) fn expand(&self, template: &str, oldest: Timestamp, suffix: &str) -> String {
        let mut key = String::with_capacity(template.len() + suffix.len() + 64);
        let mut extension = "";
        for piece in pieces(template) {
            match piece {
                Piece::Literal(text) => key.push_str(text),
                Piece::Variable(name) => match self.extension(name) {
                    Some(text) => extension = text,
                    None => key.push_str(&self.value(name, oldest).unwrap_or_default()),
                },
                Piece::Open => {}
            }
        }
        key.push_str(suffix);
        key.push_str(extension);
        key
    }

    fn extension<'t>(&self, name: &'t str) -> Option<&'t str>
    where
        'a: 't,
    {
        if name == "extension" {
            return Some(self.extension);
        }
        let literal = name.strip_prefix("extension:")?;
        let is_literal =
            literal.starts_with('.') && literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.');
        is_literal.then_some(literal)
    }

    fn value(&self, name: &str, at: Timestamp) -> Option<String> {
        let t = at.to_civil();
        let mut value = String::new();
        let two = match name {
            "channel-name" => return Some(self.channel_name.into()),
            "channel-id" => return Some(self.channel_id.into()),
            "stream-name" => return Some(self.stream_name.into()),
            "yyyy" => {
                let _ = write!(value, "{:04}", t.year);
                return Some(value);
            }
            "yy" => (t.year % 100) as u8,
            "MM" => t.month,
            "dd" => t.day,
            "HH" => t.hour,
            "mm" => t.minute,
            _ => return None,
        };
        let _ = write!(value, "{two:02}");
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Variables<'_> =
        Variables { channel_name: "orders", channel_id: "id-1", stream_name: "s", extension: ".gz" };

    fn key(template: &str) -> String {
        VALUES.expand(template, Timestamp::from_millis(1_784_557_845_000), "-u")
    }

    #[test]
    fn variables_stand_for_names_and_times() {
        assert_eq!(
            key(DEFAULT_TEMPLATE),
            "kinesis-channel/orders/id-1/2026/07/20/14/orders-id-1-2026-07-20-14-30-u.gz"
        );
        assert_eq!(
            key("data/stream=!{stream-name}/!{yyyy}-!{MM}-!{dd}/!{HH}!{mm}!{extension:.json}"),
            "data/stream=s/2026-07-20/1430-u.json"
        );
        assert_eq!(key("!!{yy}!"), "!26!-u");
    }

    #[test]
    fn the_documented_rules_hold() {
        for template in [
            DEFAULT_TEMPLATE,
            DEAD_LETTER_TEMPLATE,
            "!{channel-name}/!{yyyy}/!{MM}/!{dd}/!{HH}/records!{extension}",
            "a'(b)*_-!=.c!{extension:.tar.gz}",
        ] {
            assert_eq!(VALUES.check(template, true), Ok(()), "{template}");
        }
        assert_eq!(VALUES.check("!{channel-name}/!{channel-id}", false), Ok(()));
        for (template, word) in [
            ("/data/!{channel-name}!{extension}", "start with a slash"),
            ("data/../!{channel-name}!{extension}", "\"..\""),
            ("data/./x!{extension}", "segment \".\""),
            ("data//!{channel-name}!{extension}", "two in a row"),
            ("!{channel-name}!{extension}/!{yyyy}", "once, at the end"),
            ("x!{extension}!{extension:.a}", "once, at the end"),
            ("data/!{partition-id}!{extension}", "!{partition-id} is not"),
            ("data/!{extension:json}", "!{extension:json} is not"),
            ("data/!{extension:.Json}", "!{extension:.Json} is not"),
            ("data/!{channel-name}", "compressed objects need"),
            ("data/!{channel-name}/!{yyyy", "no matching"),
            ("data/{x}!{extension}", "characters other than"),
        ] {
            let problem = VALUES.check(template, true).unwrap_err();
            assert!(problem.contains(word), "{template}: {problem}");
        }
        let long = "x".repeat(MAX_EXPANDED - 3) + "!{extension}";
        assert_eq!(VALUES.check(&long, true), Ok(()));
        assert!(VALUES.check(&format!("x{long}"), true).unwrap_err().contains("987 characters"));
    }
}
