//! Expectations: plain values, and the matchers that stand where a value stands.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

/// How much of a value a mismatch shows.
const SHOWN_CHARS: usize = 400;

/// Values that earlier answers were bound to.
pub type Bindings = BTreeMap<String, Value>;

/// `value` as it is sent: references and repetitions replaced by what they stand for.
pub fn expand(value: &Value, bindings: &Bindings) -> Result<Value, String> {
    Ok(match value {
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| expand(item, bindings)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => match matcher(members) {
            Some(("$ref", name)) => bound(name, bindings)?.clone(),
            Some(("$repeat", spec)) => repeat(spec, bindings)?,
            Some((other, _)) => return Err(format!("{other} cannot stand in a request")),
            None => {
                let expanded =
                    members.iter().map(|(name, value)| Ok((name.clone(), expand(value, bindings)?)));
                Value::Object(expanded.collect::<Result<_, String>>()?)
            }
        },
        plain => plain.clone(),
    })
}

fn repeat(spec: &Value, bindings: &Bindings) -> Result<Value, String> {
    let (Some(of), Some(times)) = (spec.get("of"), spec.get("times").and_then(Value::as_u64)) else {
        return Err("$repeat needs of and times".into());
    };
    let times = times as usize;
    Ok(match expand(of, bindings)? {
        Value::String(text) => Value::String(text.repeat(times)),
        item => Value::Array(vec![item; times]),
    })
}

/// Compares `actual` with `expected`, binds what is to be bound, and adds what differs to `mismatches`.
pub fn compare(
    expected: &Value,
    actual: Option<&Value>,
    path: &str,
    bindings: &mut Bindings,
    mismatches: &mut Vec<String>,
) {
    if let Err(error) = check(expected, actual, path, bindings, mismatches) {
        let path = if path.is_empty() { "answer" } else { path };
        mismatches.push(format!("{path}: {error}"));
    }
}

fn check(
    expected: &Value,
    actual: Option<&Value>,
    path: &str,
    bindings: &mut Bindings,
    mismatches: &mut Vec<String>,
) -> Result<(), String> {
    if let Value::Object(members) = expected
        && let Some((kind, argument)) = matcher(members)
    {
        return check_matcher(kind, argument, actual, bindings);
    }
    let Some(actual) = actual else { return Err(format!("{} expected, nothing is there", show(expected))) };
    match (expected, actual) {
        (Value::Object(members), Value::Object(found)) => {
            for (name, member) in members {
                compare(member, found.get(name), &format!("{path}.{name}"), bindings, mismatches);
            }
            Ok(())
        }
        (Value::Array(items), Value::Array(found)) if items.len() == found.len() => {
            for (index, (item, found)) in items.iter().zip(found).enumerate() {
                compare(item, Some(found), &format!("{path}[{index}]"), bindings, mismatches);
            }
            Ok(())
        }
        (Value::Array(items), Value::Array(found)) => {
            Err(format!("{} items expected, {} are there: {}", items.len(), found.len(), show(actual)))
        }
        (Value::Number(number), Value::Number(found)) if number.as_f64() == found.as_f64() => Ok(()),
        _ if expected == actual => Ok(()),
        _ => Err(format!("expected {}\n      found    {}", show(expected), show(actual))),
    }
}

fn check_matcher(
    kind: &str,
    argument: &Value,
    actual: Option<&Value>,
    bindings: &mut Bindings,
) -> Result<(), String> {
    if kind == "$absent" {
        return actual.map_or(Ok(()), |actual| Err(format!("nothing expected, found {}", show(actual))));
    }
    let Some(actual) = actual else { return Err(format!("{kind} {argument} expected, nothing is there")) };
    match (kind, argument, actual) {
        ("$bind", Value::String(name), _) => {
            bindings.insert(name.clone(), actual.clone());
            Ok(())
        }
        ("$ref", ..) => {
            let bound = bound(argument, bindings)?;
            if bound == actual { Ok(()) } else { Err(format!("expected {bound}\n      found    {actual}")) }
        }
        ("$any", Value::String(name), _) => {
            if kind_of(actual) == name {
                Ok(())
            } else {
                Err(format!("any {name} expected, found {}", show(actual)))
            }
        }
        ("$regex", Value::String(pattern), Value::String(text)) => {
            let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?;
            if whole.is_match(text) {
                Ok(())
            } else {
                Err(format!("a match of {pattern} expected\n      found    {}", show(actual)))
            }
        }
        ("$greater", Value::Object(reference), Value::String(text)) => {
            let Some(("$ref", name)) = matcher(reference) else { return Err("$greater needs a $ref".into()) };
            let bound = bound(name, bindings)?.as_str().unwrap_or_default();
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if is_number && (text.len(), text.as_str()) > (bound.len(), bound) {
                Ok(())
            } else {
                Err(format!("a number greater than {bound} expected\n      found    {text}"))
            }
        }
        _ => Err(format!("{kind} {argument} expected, found {}", show(actual))),
    }
}

/// The matcher that an object is, if it is one.
fn matcher(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    name.starts_with('$').then_some((name, argument))
}

fn bound<'b>(name: &Value, bindings: &'b Bindings) -> Result<&'b Value, String> {
    let name = name.as_str().ok_or("$ref needs a name")?;
    bindings.get(name).ok_or_else(|| format!("nothing is bound to {name}"))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// A value as text, cut if it is long.
pub fn show(value: &Value) -> String {
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(SHOWN_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mismatches(expected: &Value, actual: &Value) -> Vec<String> {
        let mut bindings = Bindings::from([("n".into(), json!("99")), ("o".into(), json!({"a": 1}))]);
        let mut found = Vec::new();
        compare(expected, Some(actual), "", &mut bindings, &mut found);
        found
    }

    #[test]
    fn members_must_match_and_others_may_be_there() {
        let actual = json!({"a": 1, "b": "x", "c": [1, 2], "d": {"e": null}});
        for expected in [
            json!({}),
            json!({"a": 1.0, "c": [1, 2], "d": {}}),
            json!({"a": {"$any": "number"}, "b": {"$any": "string"}, "c": {"$any": "list"}, "d": {"$any": "object"}}),
            json!({"z": {"$absent": true}, "b": {"$regex": "x|y"}, "d": {"$bind": "d"}}),
        ] {
            assert_eq!(mismatches(&expected, &actual), Vec::<String>::new());
        }
        for expected in [
            json!({"a": 2}),
            json!({"a": "1"}),
            json!({"c": [1]}),
            json!({"c": [2, 1]}),
            json!({"z": 1}),
            json!({"z": {"$bind": "z"}}),
            json!({"a": {"$absent": true}}),
            json!({"b": {"$regex": "y"}}),
            json!({"b": {"$any": "number"}}),
            json!({"d": {"e": {"$absent": true}}}),
            json!({"b": {"$ref": "unknown"}}),
            json!([]),
        ] {
            assert!(!mismatches(&expected, &actual).is_empty(), "{expected}");
        }
        assert!(
            mismatches(&json!({"b": {"$regex": "x"}}), &json!({"b": "axb"})).len() == 1,
            "regexes match whole"
        );
    }

    #[test]
    fn numbers_compare_by_value() {
        let greater = json!({"$greater": {"$ref": "n"}});
        for (text, is_greater) in [("100", true), ("99", false), ("98", false), ("9", false), ("1e9", false)]
        {
            assert_eq!(mismatches(&greater, &json!(text)).is_empty(), is_greater, "{text}");
        }
    }

    #[test]
    fn requests_are_expanded() {
        let bindings = Bindings::from([("n".into(), json!("99"))]);
        let input =
            json!({"a": {"$ref": "n"}, "b": {"$repeat": {"of": "xy", "times": 2}}, "c": [{"$ref": "n"}]});
        assert_eq!(expand(&input, &bindings), Ok(json!({"a": "99", "b": "xyxy", "c": ["99"]})));
        let list = json!({"$repeat": {"of": {"k": {"$repeat": {"of": "x", "times": 3}}}, "times": 2}});
        assert_eq!(expand(&list, &bindings), Ok(json!([{"k": "xxx"}, {"k": "xxx"}])));
        assert!(expand(&json!({"$ref": "unknown"}), &bindings).is_err());
        assert!(expand(&json!({"$any": "string"}), &bindings).is_err());
    }
}
