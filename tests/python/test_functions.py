"""Hashing, placing, aggregating."""

import base64
import contextlib
import hashlib
import io
import random
from array import array

import numpy
import pytest

from shardbrook import (
    DEFAULT_MAX_BYTES,
    NO_SHARD,
    AggregateError,
    BadMemberError,
    aggregate,
    assign_shards,
    deaggregate,
    hash_key,
)

with contextlib.redirect_stdout(io.StringIO()):
    from aws_kinesis_agg import aggregator as peer_aggregator
    from aws_kinesis_agg import deaggregator as peer_deaggregator

MAGIC = b"\xf3\x89\x9a\xc2"
TOP = 2**128 - 1


def signed(body):
    """An aggregate from its protobuf."""
    return MAGIC + body + hashlib.md5(body).digest()


BAD_INDEX_AGGREGATE = signed(
    b"\n\x01k" + b"\x1a\x07\x08\x00\x1a\x03one" + b"\x1a\x07\x08\x05\x1a\x03two" + b"\x1a\x09\x08\x00\x1a\x05three"
)
"""Three members, of which the second names a key that is not in the table."""


def test_hash_key_is_md5():
    for key in ("", "a", "customer-1", "ключ", "🔑" * 60):
        assert hash_key(key) == int.from_bytes(hashlib.md5(key.encode()).digest())
    with pytest.raises(TypeError):
        hash_key(5)


def test_assign_shards_places_keys():
    keys = [f"key-{number}" for number in range(5000)] + ["N14228"] * 3
    expected = [min(hash_key(key) // (2**128 // 7), 6) for key in keys]
    found = assign_shards(keys, 7)
    assert list(found) == expected
    as_numpy = numpy.asarray(found)
    assert as_numpy.dtype == numpy.uint32 and numpy.shares_memory(as_numpy, numpy.asarray(found))
    assert isinstance(found, array)
    assert list(assign_shards(iter(keys[:3]), 7)) == expected[:3]
    assert list(assign_shards(numpy.array(keys[:3]), 7)) == expected[:3]
    assert list(assign_shards([], 7)) == []


def test_shards_are_given_in_many_ways(engine, kinesis):
    keys = ["a", "b", "c", "d"]
    halves = [0, 0, 1, 1]
    half = 2**127
    keys = sorted((f"{number}" for number in range(4)), key=hash_key)
    halves = [int(hash_key(key) >= half) for key in keys]
    listed = kinesis.list_shards(StreamName="orders")
    for shards in (
        2,
        listed,
        listed["Shards"],
        [(0, half - 1), (half, TOP)],
        [{"StartingHashKey": "0", "EndingHashKey": str(half - 1)}, {"StartingHashKey": str(half), "EndingHashKey": str(TOP)}],
    ):
        assert list(assign_shards(keys, shards)) == halves
    assert list(assign_shards(keys, [(half, TOP)])) == [NO_SHARD if place == 0 else 0 for place in halves]

    kinesis.merge_shards(
        StreamName="orders", ShardToMerge="shardId-000000000000", AdjacentShardToMerge="shardId-000000000001"
    )
    with_closed = kinesis.list_shards(StreamName="orders")["Shards"]
    assert len(with_closed) == 3
    assert list(assign_shards(keys, with_closed)) == [2] * 4


@pytest.mark.parametrize(
    ("shards", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (10**9, ValueError),
        (10**12, ValueError),
        (True, TypeError),
        ("2", TypeError),
        (None, TypeError),
        (2.0, TypeError),
        ([], ValueError),
        ([5], TypeError),
        ([(1, 2, 3)], TypeError),
        ([(5, 2)], ValueError),
        ([(0, 5), (5, 9)], ValueError),
        ([(0, 2**128)], (ValueError, OverflowError)),
        ([(-1, 5)], (ValueError, OverflowError)),
        ({"Streams": []}, ValueError),
        ([{"ShardId": "x"}], ValueError),
    ],
)
def test_shards_that_make_no_sense(shards, error):
    with pytest.raises(error):
        assign_shards(["a"], shards)
    if shards is not None:
        with pytest.raises(error):
            aggregate([("a", b"")], shards)


def test_keys_that_are_none():
    for keys in ("abc", [1], [b"a"], None, 5, ["\ud800"]):
        with pytest.raises((TypeError, UnicodeEncodeError)):
            assign_shards(keys, 2)


def test_aggregates_and_takes_apart():
    entries = [
        {"PartitionKey": "a", "Data": b"one"},
        ("b", b"two"),
        ("c", "drei", "5"),
        ("c", bytearray(b"vier"), 6),
        ("d", memoryview(b"five"), None),
        {"PartitionKey": "e", "Data": b"six", "ExplicitHashKey": "7"},
    ]
    (packed,) = aggregate(entries)
    assert packed["PartitionKey"] == "a" and packed["Data"].startswith(MAGIC)
    assert packed["ExplicitHashKey"] == str(hash_key("a"))
    records = deaggregate(packed["Data"])
    assert [(record.partition_key, record.explicit_hash_key, record.data) for record in records] == [
        ("a", None, b"one"),
        ("b", None, b"two"),
        ("c", "5", b"drei"),
        ("c", "6", b"vier"),
        ("d", None, b"five"),
        ("e", "7", b"six"),
    ]
    assert [record.sub_sequence_number for record in records] == list(range(6))


def test_aggregation_keeps_shards_apart_and_sizes_small(engine, kinesis):
    random.seed(1)
    entries = [(f"key-{random.randrange(50)}", random.randbytes(random.randrange(200))) for _ in range(2000)]
    packed = aggregate(entries, shards=kinesis.list_shards(StreamName="orders"), max_bytes=4096)
    assert all(len(entry["Data"]) <= 4096 for entry in packed)
    answer = kinesis.put_records(StreamName="orders", Records=packed)
    assert answer["FailedRecordCount"] == 0
    for entry, placed in zip(packed, answer["Records"]):
        shard = int(placed["ShardId"][-1])
        bounds = [(0, 2**127 - 1), (2**127, TOP)][shard]
        assert len(deaggregate(entry["Data"], shard=bounds)) == len(deaggregate(entry["Data"]))
    read = [(record.partition_key, record.data) for record in engine.records("orders")]
    assert sorted(read) == sorted(entries)
    for key in {key for key, _ in entries}:
        assert [data for other, data in read if other == key] == [data for other, data in entries if other == key]


def test_one_record_alone_goes_out_as_it_is():
    assert aggregate([]) == []
    assert aggregate([("a", b"one")]) == [
        {"PartitionKey": "a", "Data": b"one", "ExplicitHashKey": str(hash_key("a"))}
    ]


@pytest.mark.parametrize(
    ("entries", "error", "words"),
    [
        ([("a", b""), 5], TypeError, "entry 1: it must be a dict with PartitionKey and Data"),
        ([{"PartitionKey": "a"}], ValueError, "entry 0: it has no Data"),
        ([{"Data": b""}], ValueError, "it has no PartitionKey"),
        ([("a",)], TypeError, "entry 0"),
        ([(5, b"")], TypeError, "PartitionKey must be str, not int"),
        ([("a", 5)], TypeError, "Data must be bytes-like or str, not int"),
        ([("a", [1, 300])], TypeError, "Data must be"),
        ([("a", b"", "x")], ValueError, "ExplicitHashKey must be a decimal number"),
        ([("a", b"", -1)], ValueError, "ExplicitHashKey"),
        ([("a", b"", 2**128)], ValueError, "ExplicitHashKey"),
        ([("a", b"", 1.5)], TypeError, "ExplicitHashKey must be str or int"),
        ([("", b"")], AggregateError, "entry 0"),
        ([("a", b""), ("k" * 257, b"")], AggregateError, "entry 1"),
        ([("a", bytes(11 << 20))], AggregateError, "entry 0"),
        (5, TypeError, "int"),
    ],
)
def test_entries_that_are_none(entries, error, words):
    with pytest.raises(error) as raised:
        aggregate(entries)
    assert words in str(raised.value)


def test_sizes_that_make_no_sense():
    for size in (0, 63, (10 << 20) + 1):
        with pytest.raises(AggregateError):
            aggregate([("a", b"")], max_bytes=size)
    with pytest.raises((OverflowError, TypeError)):
        aggregate([("a", b"")], max_bytes=-1)
    assert DEFAULT_MAX_BYTES == 51_200


def test_deaggregates_records_of_get_records_and_of_lambda(engine, kinesis):
    (packed,) = aggregate([("a", b"one"), ("b", b"two")])
    kinesis.put_records(StreamName="orders", Records=[packed])
    shard = "shardId-000000000000"
    iterator = kinesis.get_shard_iterator(StreamName="orders", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    (record,) = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    in_lambda = {
        "eventSource": "aws:kinesis",
        "kinesis": {
            "data": base64.b64encode(record["Data"]).decode(),
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
        },
    }
    for source in (record, in_lambda):
        records = deaggregate(source)
        assert [(one.partition_key, one.data) for one in records] == [("a", b"one"), ("b", b"two")]
        assert {one.sequence_number for one in records} == {record["SequenceNumber"]}


def test_what_is_no_aggregate_gives_itself():
    (raw,) = deaggregate(b"plain")
    assert (raw.partition_key, raw.sequence_number, raw.sub_sequence_number, raw.data) == ("", None, 0, b"plain")
    (raw,) = deaggregate({"Data": b"plain", "PartitionKey": "k", "SequenceNumber": "49"})
    assert (raw.partition_key, raw.sequence_number, raw.data) == ("k", "49", b"plain")
    damaged = bytearray(aggregate([("a", b"one"), ("b", b"two")])[0]["Data"])
    damaged[-1] ^= 1
    assert deaggregate(damaged)[0].data == damaged


def test_modes():
    (packed,) = aggregate([("a", b"one", 5), ("b", b"two", 2**127)])
    lower = (0, 2**127 - 1)
    assert [record.data for record in deaggregate(packed, lower)] == [b"one"]
    assert deaggregate(packed, lower, mode="kcl") == []
    assert len(deaggregate(packed, lower, mode="off")) == 2
    with pytest.raises(ValueError, match="per_record"):
        deaggregate(packed, mode="some")


def test_a_bad_member_is_told_with_the_good_ones():
    with pytest.raises(BadMemberError, match="partition key index") as raised:
        deaggregate(BAD_INDEX_AGGREGATE)
    assert [record.data for record in raised.value.records] == [b"one", b"three"]
    assert raised.value.bad[0][0] == 1


@pytest.mark.parametrize("source", [None, 5, {}, {"kinesis": {}}, {"kinesis": {"data": "?"}}, {"Data": 5}, [b""]])
def test_sources_that_are_none(source):
    with pytest.raises((TypeError, ValueError, KeyError)):
        deaggregate(source)


def test_the_peers_deaggregator_reads_ours():
    entries = [(f"key-{number % 7}", f"data-{number}".encode(), str(number)) for number in range(300)]
    (packed,) = aggregate(entries)
    record = {
        "kinesis": {
            "data": base64.b64encode(packed["Data"]).decode(),
            "partitionKey": "a",
            "sequenceNumber": "49",
            "kinesisSchemaVersion": "1.0",
            "approximateArrivalTimestamp": 1356998400.0,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000000:49",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::000000000000:role/r",
        "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
    }
    read = peer_deaggregator.deaggregate_records([record])
    assert [
        (one["kinesis"]["partitionKey"], base64.b64decode(one["kinesis"]["data"]), str(one["kinesis"]["explicitHashKey"]))
        for one in read
    ] == entries


def test_we_read_the_peers_aggregates():
    # Bytes as keys and a hash key for all: the peer confuses itself otherwise.
    peer = peer_aggregator.RecordAggregator(1 << 20)
    entries = [(f"key-{number % 7}", f"data-{number}".encode(), str(number)) for number in range(300)]
    for key, data, explicit in entries:
        assert peer.add_user_record(key, data, explicit) is None
    _key, _explicit, data = peer.clear_and_get().get_contents()
    assert [(record.partition_key, record.data, record.explicit_hash_key) for record in deaggregate(data)] == entries
