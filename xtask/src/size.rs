//! The size of the wasm module, as it is downloaded and as it is unpacked.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::wasm;
use crate::workspace::Workspace;

/// The most that a page should have to compile.
const RAW_LIMIT: usize = 600_000;
/// The most that a page should have to download, packed with gzip.
const GZIP_LIMIT: usize = 220_000;

/// Bytes of one file.
struct Size {
    raw: usize,
    gzip: usize,
}

/// Prints the size of the module that was built last.
pub(crate) fn report(ws: &Workspace) -> Result<()> {
    measure(ws).map(|_| ())
}

/// Fails if the module is larger than we promise.
pub(crate) fn check(ws: &Workspace) -> Result<()> {
    let size = measure(ws)?;
    ensure!(size.raw <= RAW_LIMIT && size.gzip <= GZIP_LIMIT, "the wasm module is over its size limit");
    Ok(())
}

fn measure(ws: &Workspace) -> Result<Size> {
    let module = wasm::module(ws);
    let bytes = std::fs::read(&module).context("no wasm module; run `cargo xtask build wasm`")?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    let size = Size { raw: bytes.len(), gzip: encoder.finish()?.len() };
    println!(
        "wasm module: {} bytes of {RAW_LIMIT}; {} bytes of {GZIP_LIMIT} with gzip -9",
        size.raw, size.gzip
    );
    Ok(size)
}
