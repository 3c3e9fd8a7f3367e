"""Snapshots: the same bytes in every language, and an engine that goes on where they were taken."""

import hashlib
import json
import pathlib

import pytest
from conftest import START

from shardbrook import Engine, errors

EXPECTED = json.loads((pathlib.Path(__file__).parent.parent / "vectors" / "snapshot.json").read_text())


def prepared():
    engine = Engine(**{"clock": "manual", "now": START, "seed": 5})
    for step in EXPECTED["requests"]:
        engine.request(step["target"], step["in"]).raise_for_status()
        engine.clock.advance(step["advance_ms"] / 1000)
    return engine


def test_the_same_calls_give_the_same_bytes_as_in_every_language():
    with prepared() as engine:
        assert hashlib.sha256(engine.snapshot()).hexdigest() == EXPECTED["sha256"]


def test_a_restored_engine_goes_on():
    with prepared() as engine:
        taken = engine.snapshot()
        records = [(record.sequence_number, record.data) for record in engine.records("orders")]
        objects = [(found.key, engine.objects.get("lake", found.key).body) for found in engine.objects.list("lake")]
        now = engine.clock.now()
    assert records and objects
    with Engine.restore(taken) as restored:
        assert (restored.clock.manual, restored.clock.now()) == (True, now)
        assert [(record.sequence_number, record.data) for record in restored.records("orders")] == records
        assert [(found.key, restored.objects.get("lake", found.key).body) for found in restored.objects.list("lake")] == objects
        assert restored.snapshot() == taken
        restored.client("kinesis").put_record(StreamName="orders", PartitionKey="k", Data=b"more")
        assert len(list(restored.records("orders"))) == len(records) + 1


def test_the_kind_of_clock_is_kept():
    with Engine() as engine:
        assert not Engine.restore(engine.snapshot()).clock.manual


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda taken: b"", "not a snapshot"),
        (lambda taken: b"PK" + taken, "not a snapshot"),
        (lambda taken: taken[:-1], "damaged"),
        (lambda taken: taken[:100] + bytes([taken[100] ^ 1]) + taken[101:], "damaged"),
        (lambda taken: taken[:19] + b"\x63" + taken[20:], "format 99"),
    ],
)
def test_other_bytes_are_refused(change, what):
    with prepared() as engine:
        taken = engine.snapshot()
    with pytest.raises(errors.SnapshotError, match=what):
        Engine.restore(change(taken))
