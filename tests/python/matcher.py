"""The scenarios of `tests/vectors` and their matchers."""

import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).parent.parent / "vectors"
KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "list", dict: "object"}
ABSENT = object()


def load(folder):
    """The files of a folder, by the names of the vectors in them."""
    files = sorted((FOLDER / folder).rglob("*.json"))
    vectors = {}
    for file in files:
        vector = json.loads(file.read_text())
        assert vector["name"] not in vectors, f"{file}: there are two {vector['name']}"
        vectors[vector["name"]] = vector
    return vectors


class Mismatch(AssertionError):
    """An answer is not the expected one."""


class Unsendable(Exception):
    """An SDK cannot be made to send this."""


def matcher(value):
    """The matcher that a value is, and its argument."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name.startswith("$"):
            return name, argument
    return None, None


def expand(value, bound):
    """A value as it is sent."""
    name, argument = matcher(value)
    if name == "$ref":
        return bound[argument]
    if name == "$repeat":
        of = expand(argument["of"], bound)
        return of * argument["times"] if isinstance(of, str) else [of] * argument["times"]
    assert name is None, f"{name} cannot stand in a request"
    if isinstance(value, dict):
        return {member: expand(inner, bound) for member, inner in value.items()}
    return [expand(item, bound) for item in value] if isinstance(value, list) else value


def compare(expected, found, bound, path="answer"):
    """Raises `Mismatch` unless `found` is as expected; binds what is to be bound."""

    def check(holds):
        if not holds:
            raise Mismatch(f"{path}: expected {str(expected)[:400]}\n found {str(found)[:400]}")

    name, argument = matcher(expected)
    if name == "$absent":
        check(found is ABSENT)
        return
    check(found is not ABSENT)
    if name == "$bind":
        bound[argument] = found
    elif name == "$ref":
        check(found == bound[argument])
    elif name == "$any":
        check(KINDS.get(type(found)) == argument)
    elif name == "$regex":
        check(isinstance(found, str) and re.fullmatch(argument, found, re.DOTALL))
    elif name == "$greater":
        check(isinstance(found, str) and found.isdecimal() and int(found) > int(bound[argument["$ref"]]))
    elif name is not None:
        raise AssertionError(f"{path}: there is no matcher {name}")
    elif isinstance(expected, dict):
        check(isinstance(found, dict))
        for member, inner in expected.items():
            compare(inner, found.get(member, ABSENT), bound, f"{path}.{member}")
    elif isinstance(expected, list):
        check(isinstance(found, list) and len(found) == len(expected))
        for place, (inner, item) in enumerate(zip(expected, found)):
            compare(inner, item, bound, f"{path}[{place}]")
    else:
        check(found == expected and isinstance(found, bool) == isinstance(expected, bool))


def take_events(stream, count):
    """So many events of a stream, and `end` after the last one."""
    for _ in range(count):
        yield next(stream, "end")


def check_answer(step, status, found, bound):
    """Raises `Mismatch` unless an answer is the one that a step expects."""
    expected_status = step.get("status", 200 if "out" in step or "out_hex" in step else None)
    if expected_status not in (None, status):
        raise Mismatch(f"status {expected_status} expected, found {status}: {found}")
    if "out" in step:
        compare(step["out"], found, bound)
    elif "error" in step:
        code = found.get("__type", "").rpartition("#")[2] if isinstance(found, dict) else None
        if status < 400 or code != step["error"]["code"]:
            raise Mismatch(f"{step['error']['code']} expected, found {status}: {found}")
        if "message" in step["error"]:
            message = found.get("message", found.get("Message", ABSENT))
            compare(step["error"]["message"], message, bound, "message")
