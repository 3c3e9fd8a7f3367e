"""The examples of the README run as they stand."""

import pathlib
import re

import pytest

README = pathlib.Path(__file__).parents[2] / "bindings-python/README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example, no_sleep):
    exec(compile(example, str(README), "exec"), {"__name__": "example"})


def test_there_are_examples():
    assert len(EXAMPLES) == 5
