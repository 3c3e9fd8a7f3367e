//! Errors of core as the exceptions of `shardbrook.errors`.

use core::fmt::Display;

use pyo3::prelude::*;
use shardbrook::{Error, ErrorKind};

/// Every error of the services: its name, its code, its HTTP status, and whether a retry may help.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(String, &'static str, u16, bool)> {
    let row = |kind: &ErrorKind| (format!("{kind:?}"), kind.code(), kind.status(), kind.is_retryable());
    ErrorKind::ALL.iter().map(row).collect()
}

/// The exception for an error of the services.
pub(crate) fn service_error(py: Python<'_>, error: &Error) -> PyErr {
    raised(py, error.kind.code(), &*error.message)
}

/// An exception of `shardbrook.errors`; its class is called `class`.
pub(crate) fn raised(py: Python<'_>, class: &str, message: impl Display) -> PyErr {
    let instance = py
        .import("shardbrook.errors")
        .and_then(|errors| errors.getattr(class))
        .and_then(|class| class.call1((message.to_string(),)));
    instance.map_or_else(|error| error, PyErr::from_value)
}
