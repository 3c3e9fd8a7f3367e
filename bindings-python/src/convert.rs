//! Arguments from Python.

use core::fmt::Display;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyInt, PyString, PyTuple};
use shardbrook::{HashKey, HashRange, NewRecord, ShardMap};

/// A `ValueError` that says `what`.
pub(crate) fn value_error(what: impl Display) -> PyErr {
    PyValueError::new_err(what.to_string())
}

/// The shards to place keys in: how many there are, or what each covers.
#[derive(FromPyObject)]
pub(crate) enum Shards {
    #[pyo3(transparent)]
    Count(u32),
    #[pyo3(transparent)]
    Ranges(Vec<(u128, u128)>),
}

impl Shards {
    pub(crate) fn map(self) -> PyResult<ShardMap> {
        let ranges = match self {
            Self::Count(count) => HashRange::uniform(count),
            Self::Ranges(ranges) => ranges.into_iter().map(range).collect::<PyResult<_>>()?,
        };
        ShardMap::new(&ranges).map_err(value_error)
    }
}

/// An inclusive range.
pub(crate) fn range((start, end): (u128, u128)) -> PyResult<HashRange> {
    HashRange::new(HashKey::from_bits(start), HashKey::from_bits(end))
        .ok_or_else(|| value_error(format!("a range from {start} to {end} is empty")))
}

/// An entry to aggregate; the bytes stay in Python's objects.
pub(crate) struct Entry<'py> {
    partition_key: Bound<'py, PyString>,
    explicit_hash_key: Option<HashKey>,
    data: Data<'py>,
}

enum Data<'py> {
    Bytes(Bound<'py, PyBytes>),
    Text(Bound<'py, PyString>),
    Copied(Vec<u8>),
}

impl<'py> Entry<'py> {
    /// Reads `{"PartitionKey": …, "Data": …, "ExplicitHashKey": …}` or a tuple in that order.
    pub(crate) fn read(place: usize, item: &Bound<'py, PyAny>) -> PyResult<Self> {
        let at = |error: PyErr| in_entry(item.py(), place, &error);
        if let Ok(entry) = item.cast::<PyDict>() {
            let member = |name| entry.get_item(name);
            let required = |name| {
                member(name)?
                    .ok_or_else(|| in_entry(item.py(), place, &value_error(format!("it has no {name}"))))
            };
            return Self::of(&required("PartitionKey")?, &required("Data")?, member("ExplicitHashKey")?)
                .map_err(at);
        }
        match item.cast::<PyTuple>() {
            Ok(entry) if matches!(entry.len(), 2 | 3) => {
                let explicit = if entry.len() == 3 { Some(entry.get_item(2)?) } else { None };
                Self::of(&entry.get_item(0)?, &entry.get_item(1)?, explicit).map_err(at)
            }
            _ => Err(at(PyTypeError::new_err(format!(
                "it must be a dict with PartitionKey and Data, or a tuple (key, data) or (key, data, \
                 explicit_hash_key), not {}",
                item.get_type().name()?
            )))),
        }
    }

    fn of(
        key: &Bound<'py, PyAny>,
        data: &Bound<'py, PyAny>,
        explicit: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let partition_key = key.cast::<PyString>().map_err(|_| expected("PartitionKey", "str", key))?.clone();
        let explicit_hash_key = match explicit.filter(|explicit| !explicit.is_none()) {
            None => None,
            Some(explicit) => Some(explicit_hash_key(&explicit)?),
        };
        Ok(Self { partition_key, explicit_hash_key, data: Data::read(data)? })
    }

    pub(crate) fn as_new_record(&self) -> PyResult<NewRecord<'_>> {
        Ok(NewRecord {
            partition_key: self.partition_key.to_str()?,
            explicit_hash_key: self.explicit_hash_key,
            data: match &self.data {
                Data::Bytes(bytes) => bytes.as_bytes(),
                Data::Text(text) => text.to_str()?.as_bytes(),
                Data::Copied(bytes) => bytes,
            },
        })
    }
}

impl<'py> Data<'py> {
    fn read(data: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = data.cast::<PyBytes>() {
            Ok(Self::Bytes(bytes.clone()))
        } else if let Ok(text) = data.cast::<PyString>() {
            Ok(Self::Text(text.clone()))
        } else if let Ok(bytes) = data.cast::<PyByteArray>() {
            Ok(Self::Copied(bytes.to_vec()))
        } else {
            data.extract().map(Self::Copied).map_err(|_| expected("Data", "bytes-like or str", data))
        }
    }
}

/// `entry 3: …`, of the same class.
fn in_entry(py: Python<'_>, place: usize, error: &PyErr) -> PyErr {
    PyErr::from_type(error.get_type(py), format!("entry {place}: {}", error.value(py)))
}

fn explicit_hash_key(value: &Bound<'_, PyAny>) -> PyResult<HashKey> {
    let wrong =
        || value_error(format!("ExplicitHashKey must be a decimal number from 0 to 2**128 - 1, not {value}"));
    if let Ok(text) = value.cast::<PyString>() {
        text.to_str()?.parse().map_err(|_| wrong())
    } else if value.is_instance_of::<PyInt>() {
        value.extract().map(HashKey::from_bits).map_err(|_| wrong())
    } else {
        Err(expected("ExplicitHashKey", "str or int", value))
    }
}

/// A `TypeError` like Python's own.
pub(crate) fn expected(name: &str, what: &str, value: &Bound<'_, PyAny>) -> PyErr {
    match value.get_type().name() {
        Ok(found) => PyTypeError::new_err(format!("{name} must be {what}, not {found}")),
        Err(error) => error,
    }
}
