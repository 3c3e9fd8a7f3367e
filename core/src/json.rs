//! JSON that people write: settings, faults, policies. A document is read as a whole first, so that one reader serves
//! all of them, and errors name the member.

#![expect(clippy::wildcard_enum_match_arm, reason = "a value is asked for one kind; all others are alike")]

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::decimal;
use crate::quoted::{Quoted, QuotedList};

/// A value of a document.
#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Whole(u64),
    /// Any other number.
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The values of a list; a value that is none stands for a list of itself.
    pub(crate) fn into_list(self) -> Vec<Self> {
        if let Self::List(values) = self { values } else { alloc::vec![self] }
    }

    /// The place of a text among these, for an enum.
    pub(crate) fn choice(&self, choices: &[&str]) -> Result<usize, String> {
        let place = match self {
            Self::Text(text) => choices.iter().position(|choice| choice == text),
            _ => None,
        };
        place.ok_or_else(|| format!("it must be one of {}, not {self}", QuotedList(choices)))
    }
}

/// As an error names the value.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) => f.write_str(&decimal::of_f64(*number)),
            Self::Text(text) => write!(f, "{}", Quoted(text)),
            Self::List(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

/// The members of an object, which are taken out one by one. The first error is kept until all are.
#[derive(Debug)]
pub(crate) struct Members {
    left: Vec<(String, Json)>,
    error: Option<String>,
    /// The names that were asked for.
    known: Vec<&'static str>,
}

impl Members {
    /// The members of `json`, which must be an object.
    pub(crate) fn of(json: Json) -> Self {
        let (left, error) = match json {
            Json::Object(members) => (members, None),
            other => (Vec::new(), Some(format!("it must be an object, not {other}"))),
        };
        Self { left, error, known: Vec::new() }
    }

    /// Reads a member, if it is there.
    pub(crate) fn read<T: FromJson>(&mut self, name: &'static str, into: &mut T) {
        let Some(value) = self.take(name) else { return };
        match T::from_json(value) {
            Ok(value) => *into = value,
            Err(error) => self.fail(format!("{name}: {error}")),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let place = self.left.iter().position(|(other, _)| other == name)?;
        Some(self.left.remove(place).1)
    }

    fn fail(&mut self, error: String) {
        self.error.get_or_insert(error);
    }

    /// The first error; a member that is left is one.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        if let Some((name, _)) = self.left.first() {
            let (name, known) = (name.clone(), self.known.join(", "));
            self.fail(format!("{} is unknown or there twice; the members are {known}", Quoted(&name)));
        }
        self.error.map_or(Ok(()), Err)
    }
}

/// What a member can be read as. An error says what the value must be.
pub(crate) trait FromJson: Sized {
    /// Reads the value.
    fn from_json(json: Json) -> Result<Self, String>;
}

impl FromJson for Json {
    fn from_json(json: Json) -> Result<Self, String> {
        Ok(json)
    }
}

impl FromJson for u64 {
    fn from_json(json: Json) -> Result<Self, String> {
        match json {
            Json::Whole(number) => Ok(number),
            other => Err(format!("it must be a whole number from 0 on, not {other}")),
        }
    }
}

impl FromJson for u32 {
    fn from_json(json: Json) -> Result<Self, String> {
        let number = u64::from_json(json)?;
        Self::try_from(number).map_err(|_| format!("it must be at most {}, not {number}", Self::MAX))
    }
}

impl FromJson for f64 {
    fn from_json(json: Json) -> Result<Self, String> {
        match json {
            Json::Whole(number) => Ok(number as Self),
            Json::Number(number) => Ok(number),
            other => Err(format!("it must be a number, not {other}")),
        }
    }
}

impl FromJson for String {
    fn from_json(json: Json) -> Result<Self, String> {
        match json {
            Json::Text(text) => Ok(text),
            other => Err(format!("it must be a text, not {other}")),
        }
    }
}

/// A member that may be null.
impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: Json) -> Result<Self, String> {
        if matches!(json, Json::Null) { Ok(None) } else { T::from_json(json).map(Some) }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        // Not every language tells 1.0 from 1. Up to 2^53 a float stands for one whole number.
        let whole = number as u64;
        let is_whole = whole <= 1 << 53 && whole as f64 == number;
        Ok(if is_whole { Json::Whole(whole) } else { Json::Number(number) })
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(u32, Option<String>, f64), String> {
        let mut members = Members::of(Json::parse(text)?);
        let mut read = (7, None, 0.5);
        members.read("number", &mut read.0);
        members.read("text", &mut read.1);
        members.read("fraction", &mut read.2);
        members.finish().map(|()| read)
    }

    #[test]
    fn members_that_are_left_out_stay_as_they_are() {
        assert_eq!(read("{}"), Ok((7, None, 0.5)));
        assert_eq!(read(r#"{"text":"x","fraction":1,"number":0}"#), Ok((0, Some("x".into()), 1.0)));
        assert_eq!(read(r#"{"number":4294967295.0,"fraction":-0.0}"#), Ok((u32::MAX, None, 0.0)));
        assert_eq!(read(r#"{"text":null}"#), Ok((7, None, 0.5)));
    }

    #[test]
    fn errors_name_the_member_and_what_it_must_be() {
        for (text, error) in [
            ("[1]", "it must be an object, not a list"),
            (r#"{"number":-1}"#, "number: it must be a whole number from 0 on, not -1"),
            (r#"{"number":4294967296}"#, "number: it must be at most 4294967295, not 4294967296"),
            (r#"{"number":null}"#, "number: it must be a whole number from 0 on, not null"),
            (r#"{"text":true,"number":1.5}"#, "number: it must be a whole number from 0 on, not 1.5"),
            (r#"{"number":1e17}"#, "number: it must be a whole number from 0 on, not 1e+17"),
            (r#"{"fraction":"1"}"#, r#"fraction: it must be a number, not "1""#),
            (r#"{"nr":1}"#, r#""nr" is unknown or there twice; the members are number, text, fraction"#),
            (
                r#"{"number":1,"number":1}"#,
                r#""number" is unknown or there twice; the members are number, text, fraction"#,
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), error);
        }
        assert!(read("{").unwrap_err().contains("EOF"));
    }
}
