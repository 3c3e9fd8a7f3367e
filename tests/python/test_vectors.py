"""The conformance suite, run from Python."""

import pytest
import vectors
from vectors import Boto3, Mismatch, Raw, Unsendable, Wire, WireBoto3

from shardbrook import BadMemberError, aggregate, assign_shards, deaggregate, hash_key

SCENARIOS = vectors.load("scenario")

SKIPS = {Raw: {}, Boto3: {}, Wire: {}, WireBoto3: {}}
"""Cases that a runner cannot run, each with a sentence."""

for _name in SCENARIOS:
    if _name.endswith("/stream-id"):
        SKIPS[WireBoto3][_name] = "Botocore sends what has a StreamId to a host of AWS, whatever its endpoint_url."


def scenarios(how):
    """The cases for a runner. Those without a `call` step do not concern SDKs."""
    for name, scenario in SCENARIOS.items():
        if issubclass(how, Raw) or any("call" in step for step in scenario["steps"]):
            yield pytest.param(how, name, id=f"{how.__name__.lower()}-{name}")


@pytest.mark.parametrize(("how", "name"), [case for how in SKIPS for case in scenarios(how)])
def test_scenario(how, name, no_sleep):
    if name not in SKIPS[how]:
        vectors.run(SCENARIOS[name], how)
        return
    with pytest.raises((Mismatch, Unsendable)):
        vectors.run(SCENARIOS[name], how)
    pytest.skip(SKIPS[how][name])


def test_skips_are_in_order():
    for how, skips in SKIPS.items():
        for name, reason in skips.items():
            assert name in SCENARIOS, f"{how.__name__}: the skip {name} names no scenario"
            assert reason.count(" ") >= 3 and reason.endswith("."), f"{name}: a skip needs a sentence"


def test_there_are_enough():
    assert len(SCENARIOS) >= 120
    errors = sum(any("error" in step or step.get("status", 200) >= 400 for step in scenario["steps"]) for scenario in SCENARIOS.values())
    assert errors >= 60


def cases(name):
    folder = name.partition("/")[0]
    return vectors.load(folder)[name]["cases"]


def test_hash_keys():
    for case in cases("hash/keys"):
        assert hash_key(case["key"]) == int(case["hash"]), case


def test_hash_ranges():
    for case in cases("hash/ranges"):
        ranges = {int(place): range for place, range in case.get("at", {}).items()} or dict(enumerate(case["ranges"]))
        for place, (start, end) in ranges.items():
            # A key is placed in the range that the vector gives to its shard.
            for edge in (start, end):
                (entry,) = aggregate([("k", b"", edge)], shards=case["count"])
                assert entry["ExplicitHashKey"] == edge
        given = [tuple(map(int, span)) for span in case.get("ranges", [])]
        if given:
            keys = [f"key-{number}" for number in range(200)]
            assert assign_shards(keys, given) == assign_shards(keys, case["count"])


def test_texts_of_hash_keys():
    for case in cases("hash/texts"):
        if case["key"] is None:
            with pytest.raises(ValueError):
                aggregate([("k", b"", case["text"])])
        else:
            assert aggregate([("k", b"", case["text"])])[0]["ExplicitHashKey"] == case["key"]


@pytest.mark.parametrize("case", cases("aggregate/encode"), ids=lambda case: case["name"])
def test_aggregate(case):
    entries = [
        (record["partition_key"], bytes.fromhex(record["data"]), record.get("explicit_hash_key"))
        for record in case["records"]
    ]
    packed = aggregate(entries, case["shards"], case["max_bytes"])
    assert [
        {"partition_key": one["PartitionKey"], "explicit_hash_key": one["ExplicitHashKey"], "data": one["Data"].hex()}
        for one in packed
    ] == [{name: one[name] for name in ("partition_key", "explicit_hash_key", "data")} for one in case["entries"]]


@pytest.mark.parametrize("case", cases("aggregate/deaggregate"), ids=lambda case: case["name"])
def test_deaggregate(case):
    data, shard = bytes.fromhex(case["data"]), case.get("shard")
    bad = []
    try:
        records = deaggregate(data, shard and tuple(map(int, shard)), case.get("mode", "off"))
    except BadMemberError as error:
        records, bad = error.records, error.bad
    if case["result"] == "raw":
        assert [(record.partition_key, record.data) for record in records] == [("", data)]
        return
    found = [
        {
            "partition_key": record.partition_key,
            "data": record.data.hex(),
            "sub_sequence_number": record.sub_sequence_number,
            **({"explicit_hash_key": record.explicit_hash_key} if record.explicit_hash_key is not None else {}),
        }
        for record in records
    ]
    assert found == case["result"]["records"]
    assert [place for place, _ in bad] == [member["index"] for member in case["result"]["bad"]]
