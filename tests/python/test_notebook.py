"""The notebook, executed on the first 20,000 flights."""

import os
import pathlib

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = pathlib.Path(__file__).parents[2] / "examples/python/flights.ipynb"


@pytest.mark.skipif("SHARDBROOK_FLIGHTS" not in os.environ, reason="SHARDBROOK_FLIGHTS names no file of flights")
def test_flights(monkeypatch):
    monkeypatch.setenv("SHARDBROOK_FLIGHTS_LIMIT", "20000")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    text = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    assert "20,000 flights of 3,004 aircraft" in text
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
    (digest,) = (line.split()[1] for line in text.splitlines() if line.startswith("digest "))
    # `cargo xtask test` gives the digest of the Rust host for the same flights.
    expected = os.environ.get("SHARDBROOK_FLIGHTS_DIGEST")
    assert len(digest) == 64 and expected in (None, digest)


def test_the_notebook_is_shown_as_it_ran():
    """What is committed has outputs, and nothing of the machine it ran on."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    text = NOTEBOOK.read_text()
    assert "336,776 flights put" in text and '"image/png"' in text and "digest " in text
    for trace in ("/tmp/", "/home/", "/root/", "Traceback"):
        assert trace not in text
