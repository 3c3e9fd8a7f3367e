"""The types are what they say."""

import pathlib
import subprocess
import sys

import shardbrook


def mypy(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, cwd=pathlib.Path(__file__).parent
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_usage_is_typed():
    mypy("mypy", "--strict", "typed_usage.py")


def test_the_package_is_typed():
    package = pathlib.Path(shardbrook.__file__).parent
    assert (package / "py.typed").exists()
    mypy("mypy", "--strict", str(package))


def test_stubs_say_what_the_module_has():
    mypy("mypy.stubtest", "shardbrook")
