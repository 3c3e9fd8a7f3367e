//! Ports for an engine, and the program `shardbrook`.

use std::process::ExitCode;
use std::sync::Mutex;

use pyo3::prelude::*;
use shardbrook_server::{Background, ServerConfig, cli};

use crate::engine::{RawEngine, locked};

/// A port behind which an engine answers; nothing once it is closed.
#[pyclass(frozen, module = "shardbrook._native")]
pub(crate) struct RawServer(Mutex<Option<Background>>);

#[pymethods]
impl RawServer {
    #[new]
    fn new(py: Python<'_>, engine: &RawEngine, host: String, port: u16) -> PyResult<Self> {
        let open = engine.open(py)?;
        let mut config = ServerConfig::default();
        (config.host, config.ports) = (host, vec![port]);
        let background = py.detach(move || Background::start(open.host().clone(), config))?;
        Ok(Self(Mutex::new(Some(background))))
    }

    /// The port, unless it was given back.
    #[getter]
    fn port(&self) -> Option<u16> {
        Some(locked(&self.0).as_ref()?.addresses().first()?.port())
    }

    /// Gives the port back, and ends all connections.
    fn close(&self, py: Python<'_>) {
        let background = locked(&self.0).take();
        py.detach(|| drop(background));
    }
}

/// Runs the program; gives whether it succeeded.
#[pyfunction]
pub(crate) fn run_program(py: Python<'_>, arguments: Vec<String>) -> bool {
    py.detach(|| cli::run(arguments) == ExitCode::SUCCESS)
}
