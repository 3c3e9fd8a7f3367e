//! One service's model as Rust tables.

use core::fmt::Write;
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use super::{java, pattern};

/// The file of the tables of one service.
pub(super) fn write(service: &str, model: &str, version: &str, value: &Value) -> Result<String> {
    let mut tables = Tables::new(value)?;
    let operations = tables.operations(value, service)?;
    let prefix = text(&value["metadata"], "targetPrefix")?;
    let namespace = prefix.to_lowercase().replace('_', ".v");

    let mut out = String::new();
    writeln!(
        out,
        "// Made by `cargo xtask codegen` from botocore {version}, {model}/service-2.json.gz. Do not edit."
    )?;
    writeln!(out, "\nuse super::{{Member, Model, Operation, Service, Shape}};")?;
    writeln!(out, "use crate::error::ErrorKind;")?;
    writeln!(out, "use crate::wire::pattern::{{Class, Node, Pattern, Rest}};\n")?;
    writeln!(out, "pub(super) static MODEL: Model = Model {{")?;
    writeln!(out, "service: Service::{service}, target_prefix: {prefix:?},")?;
    writeln!(
        out,
        "namespace: \"com.amazonaws.{namespace}\", operations: &OPERATIONS, shapes: &SHAPES }};\n"
    )?;
    writeln!(out, "/// By name.\nstatic OPERATIONS: [Operation; {}] = [", operations.len())?;
    operations.iter().for_each(|operation| out.push_str(operation));
    writeln!(out, "];\n\nstatic SHAPES: [Shape; {}] = [", tables.shapes.len())?;
    for (index, shape) in tables.shapes.iter().enumerate() {
        writeln!(out, "// {index}: {}\n{shape},", tables.names[index].join(", "))?;
    }
    writeln!(out, "];\n")?;
    for (index, (source, nodes)) in tables.patterns.iter().enumerate() {
        writeln!(
            out,
            "static P{index}: Pattern = Pattern {{ source: {}, nodes: {nodes} }};",
            raw_string(source)
        )?;
    }
    writeln!(out, "\n/// The codes of all errors that the model names.")?;
    writeln!(out, "#[cfg(test)]\npub(super) const ERROR_CODES: &[&str] = &{:?};", tables.error_codes)?;
    Ok(out)
}

struct Tables<'a> {
    model: &'a Map<String, Value>,
    /// The text of each shape; equal shapes without a name of their own are one.
    shapes: Vec<String>,
    names: Vec<Vec<String>>,
    indexes: BTreeMap<String, usize>,
    patterns: Vec<(String, String)>,
    error_codes: Vec<String>,
}

impl<'a> Tables<'a> {
    fn new(value: &'a Value) -> Result<Self> {
        let model = value["shapes"].as_object().context("the model has no shapes")?;
        Ok(Self {
            model,
            shapes: Vec::new(),
            names: Vec::new(),
            indexes: BTreeMap::new(),
            patterns: Vec::new(),
            error_codes: Vec::new(),
        })
    }

    fn operations(&mut self, value: &Value, service: &str) -> Result<Vec<String>> {
        let operations = value["operations"].as_object().context("the model has no operations")?;
        let mut sorted: Vec<_> = operations.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        let mut lines = Vec::new();
        for (name, operation) in sorted {
            let input = self.shape(text(&operation["input"], "shape")?)?;
            let mut errors = Vec::new();
            for error in operation["errors"].as_array().map_or(&[][..], Vec::as_slice) {
                let code = text(error, "shape")?;
                self.error_codes.push(code.to_owned());
                errors.push(format!("ErrorKind::{}", error_kind(code)));
            }
            errors.sort();
            lines.push(format!(
                "Operation {{ name: {name:?}, service: Service::{service}, input: {input}, has_output: {}, errors: &[{}] }},\n",
                operation.get("output").is_some(),
                errors.join(", ")
            ));
        }
        self.error_codes.sort();
        self.error_codes.dedup();
        Ok(lines)
    }

    /// The index of the shape `name`, which is written first if need be.
    fn shape(&mut self, name: &str) -> Result<usize> {
        if let Some(&index) = self.indexes.get(name) {
            return Ok(index);
        }
        let shape = &self.model[name];
        let text = match text(shape, "type")? {
            "structure" => self.structure(name, shape)?,
            "list" => {
                let member = self.shape(text(&shape["member"], "shape")?)?;
                let (min, max) = lengths(shape);
                format!("Shape::List {{ member: {member}, min: {min}, max: {max} }}")
            }
            "map" => {
                let key = self.shape(text(&shape["key"], "shape")?)?;
                let value = self.shape(text(&shape["value"], "shape")?)?;
                let (min, max) = lengths(shape);
                format!("Shape::Map {{ key: {key}, value: {value}, min: {min}, max: {max} }}")
            }
            "string" => self.string(name, shape)?,
            "blob" => {
                let (min, max) = lengths(shape);
                format!("Shape::Blob {{ min: {min}, max: {max} }}")
            }
            "integer" => format!("Shape::Integer {}", range(shape)),
            "double" => format!("Shape::Double {}", range(shape)),
            "boolean" => "Shape::Boolean".to_owned(),
            "timestamp" => "Shape::Timestamp".to_owned(),
            other => bail!("{name} has the unknown type {other}"),
        };
        let index = self.shapes.iter().position(|known| *known == text).unwrap_or(self.shapes.len());
        if index == self.shapes.len() {
            self.shapes.push(text);
            self.names.push(Vec::new());
        }
        self.names[index].push(name.to_owned());
        self.indexes.insert(name.to_owned(), index);
        Ok(index)
    }

    fn structure(&mut self, name: &str, shape: &Value) -> Result<String> {
        let empty = Map::new();
        let members = shape["members"].as_object().unwrap_or(&empty);
        let required: Vec<&str> = shape["required"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let members: Vec<_> = members.iter().collect();
        ensure!(members.len() <= 32, "{name} has more members than the decoder's bit set holds");
        let paths: Vec<String> = members.iter().map(|(name, _)| java::lower_first(name)).collect();
        let mut out = format!("Shape::Structure {{ name: {name:?}, members: &[");
        for index in java::hash_map_order(&paths) {
            let (member, target) = members[index];
            let shape = self.shape(text(target, "shape")?)?;
            let is_required = required.contains(&member.as_str());
            write!(out, "Member {{ name: {member:?}, shape: {shape}, required: {is_required} }},")?;
        }
        out.push_str("] }");
        Ok(out)
    }

    fn string(&mut self, name: &str, shape: &Value) -> Result<String> {
        let (min, max) = lengths(shape);
        let pattern = shape["pattern"].as_str();
        if let Some(values) = shape["enum"].as_array() {
            ensure!(pattern.is_none(), "{name} has both an enumeration and a pattern");
            ensure!(
                shape.get("min").is_none() && shape.get("max").is_none(),
                "{name} has both an enumeration and a length"
            );
            let mut values: Vec<String> =
                values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            java::enumeration_order(&mut values);
            return Ok(format!("Shape::Enumeration(&{values:?})"));
        }
        let pattern = match pattern {
            None => "None".to_owned(),
            Some(source) => format!("Some(&P{})", self.pattern(source)?),
        };
        Ok(format!("Shape::Text {{ min: {min}, max: {max}, pattern: {pattern} }}"))
    }

    fn pattern(&mut self, source: &str) -> Result<usize> {
        if let Some(index) = self.patterns.iter().position(|(known, _)| known == source) {
            return Ok(index);
        }
        self.patterns.push((source.to_owned(), pattern::compile(source)?));
        Ok(self.patterns.len() - 1)
    }
}

/// The variant of `ErrorKind` for an error code of a model.
fn error_kind(code: &str) -> String {
    // The table also has an `InternalFailure` that no model names.
    let stem = if code == "InternalFailureException" {
        code
    } else {
        code.strip_suffix("Exception").unwrap_or(code)
    };
    stem.replace("KMS", "Kms")
}

fn lengths(shape: &Value) -> (String, String) {
    let bound = |name: &str, none: &str| shape[name].as_u64().map_or_else(|| none.to_owned(), grouped);
    (bound("min", "0"), bound("max", "u32::MAX"))
}

fn range(shape: &Value) -> String {
    let bound = |name: &str, none: &str| shape[name].as_u64().map_or_else(|| none.to_owned(), grouped);
    format!("{{ min: {}, max: {} }}", bound("min", "i32::MIN"), bound("max", "i32::MAX"))
}

/// A number as the style of the project writes it: `10_485_760`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

fn raw_string(text: &str) -> String {
    if text.contains('"') { format!("r#\"{text}\"#") } else { format!("r\"{text}\"") }
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    value[name].as_str().with_context(|| format!("{name} is not there"))
}
