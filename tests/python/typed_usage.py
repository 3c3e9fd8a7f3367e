"""What users write, for the type checker: `test_types.py` runs mypy over it."""

from array import array
from datetime import datetime, timedelta, timezone
from typing import assert_type

from shardbrook import (
    Engine,
    Metric,
    Object,
    Record,
    Response,
    UserRecord,
    aggregate,
    assign_shards,
    deaggregate,
    hash_key,
)
from shardbrook.errors import ResourceNotFoundException, ShardbrookError


def uses() -> None:
    """Everything in the package's contract."""
    now = datetime(2013, 1, 1, tzinfo=timezone.utc)
    with Engine(clock="manual", now=now, seed=1, durations={"create_stream": 5}) as engine, engine.patch_boto3():
        kinesis = engine.client("kinesis", region_name="eu-west-1")
        kinesis.create_stream(StreamName="a", ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName="a")
        engine.client("firehose").list_delivery_streams()
        assert_type(engine.clock.now(), datetime)
        engine.clock.advance(1.5)
        engine.clock.advance(timedelta(seconds=5))
        for record in engine.records("a"):
            assert_type(record, Record)
            assert_type(record.data, bytes)
            assert_type(record.approximate_arrival_timestamp, datetime)
        assert_type(engine.objects.list("b", prefix="x"), list[Object])
        assert_type(engine.objects.get("b", "k").body, bytes)
        engine.faults.add("PutRecord", error="InternalFailure", times=1, latency_ms=5)
        assert_type(engine.metrics("a"), list[Metric])
        engine.faults.add("PutRecords", shard_id="0", per="record", error="InternalFailure")
        engine.faults.add("PutRecord", drop="after")
        assert_type(engine.request("Kinesis_20131202.ListStreams", {}), Response)
        engine.attach(kinesis).list_streams()
        engine.reset()

    Engine(limits={"preset": "aws", "shard_read_bytes_per_second": 5, "calls_per_second": {"ListStreams": "off"}})
    shards = kinesis.list_shards(StreamName="a")
    assert_type(hash_key("a"), int)
    assert_type(assign_shards(["a"], 4), array[int])
    assert_type(assign_shards(["a"], [(0, 5), (6, 9)]), array[int])
    entries = aggregate([("a", b"1"), {"PartitionKey": "b", "Data": b"2"}], shards=shards["Shards"])
    kinesis.put_records(StreamName="a", Records=entries)
    assert_type(deaggregate(entries[0]), list[UserRecord])
    try:
        engine.records("nope")
    except ResourceNotFoundException as error:
        assert_type(error.retryable, bool)
    except ShardbrookError as error:
        assert_type(error.code, str)


def misuses() -> None:
    """Each line is an error, or mypy complains of an unused ignore."""
    Engine(sead=1)  # type: ignore[arg-type]
    Engine(clock="sundial")  # type: ignore[arg-type]
    Engine(durations={"createStream": 5})  # type: ignore[arg-type]
    Engine(limits="gcp")  # type: ignore[arg-type]
    Engine().client("s3")  # type: ignore[call-overload]
    aggregate(["a"])  # type: ignore[list-item]
    deaggregate(b"", mode="some")  # type: ignore[arg-type]
    hash_key(b"a")  # type: ignore[arg-type]
