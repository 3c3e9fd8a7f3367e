"""Unmodified boto3 clients on an engine."""

import itertools
import json
import time
from datetime import timedelta

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError, WaiterError
from conftest import START

from shardbrook import Engine

MODES = ["legacy", "standard", "adaptive"]


def retries(mode, attempts=4):
    return Config(retries={"mode": mode, "total_max_attempts": attempts})


def test_a_record_makes_the_round_trip(engine, kinesis):
    data = bytes(range(256))
    placed = kinesis.put_record(StreamName="orders", PartitionKey="a", Data=data)
    iterator = kinesis.get_shard_iterator(
        StreamName="orders", ShardId=placed["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    answer = kinesis.get_records(ShardIterator=iterator)
    (record,) = answer["Records"]
    assert (record["Data"], record["PartitionKey"]) == (data, "a")
    assert record["SequenceNumber"] == placed["SequenceNumber"]
    assert record["ApproximateArrivalTimestamp"] == START
    assert answer["MillisBehindLatest"] == 0
    assert answer["ResponseMetadata"]["RequestId"] and answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_errors_are_the_clients_own_classes(kinesis):
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException) as raised:
        kinesis.describe_stream(StreamName="nope")
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.create_stream(StreamName="orders", ShardCount=1)
    with pytest.raises(kinesis.exceptions.InvalidArgumentException):
        kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"", ExplicitHashKey=str(2**128))
    with pytest.raises(ParamValidationError):
        kinesis.put_record(StreamName="orders", PartitionKey=5, Data=b"")


def test_paginators(engine):
    kinesis = engine.client("kinesis")
    for number in range(25):
        kinesis.create_stream(StreamName=f"stream-{number:02}", ShardCount=3)
    pages = list(kinesis.get_paginator("list_streams").paginate(Limit=10))
    assert [len(page["StreamNames"]) for page in pages] == [10, 10, 5]
    names = kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 4}).search("StreamNames[]")
    assert list(names) == [f"stream-{number:02}" for number in range(25)]
    # In one page: for a second one boto3 sends name and token together, which the service refuses.
    shards = kinesis.get_paginator("list_shards").paginate(StreamName="stream-00").build_full_result()["Shards"]
    assert [shard["ShardId"][-1] for shard in shards] == ["0", "1", "2"]
    described = kinesis.get_paginator("describe_stream").paginate(
        StreamName="stream-00", PaginationConfig={"PageSize": 1}
    ).build_full_result()["StreamDescription"]
    assert len(described["Shards"]) == 3


def test_waiters_advance_the_manual_clock(no_sleep):
    engine = Engine(clock="manual", now=START, durations={"create_stream": 25, "delete_stream": 15})
    kinesis = engine.client("kinesis")
    kinesis.create_stream(StreamName="a", ShardCount=1)
    waiter = kinesis.get_waiter("stream_exists")
    assert waiter.name == "StreamExists" and waiter.config.delay == 10
    waiter.wait(StreamName="a")
    assert engine.clock.now() == START + timedelta(seconds=30)
    waiter.wait(StreamName="a")
    assert engine.clock.now() == START + timedelta(seconds=30)
    kinesis.delete_stream(StreamName="a")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="a", WaiterConfig={"Delay": 4})
    assert engine.clock.now() == START + timedelta(seconds=46)


def test_waiters_give_up_as_ever(no_sleep):
    engine = Engine(clock="manual", now=START, durations={"create_stream": 1000})
    kinesis = engine.client("kinesis")
    kinesis.create_stream(StreamName="a", ShardCount=1)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        kinesis.get_waiter("stream_exists").wait(StreamName="a", WaiterConfig={"MaxAttempts": 5})
    assert engine.clock.now() == START + timedelta(seconds=40)
    with pytest.raises(WaiterError, match="ResourceNotFoundException"):
        kinesis.get_waiter("stream_exists").wait(StreamName="b")


def test_waiters_sleep_under_the_system_clock():
    engine = Engine(durations={"create_stream": 0.2})
    kinesis = engine.client("kinesis")
    kinesis.create_stream(StreamName="a", ShardCount=1)
    started = time.perf_counter()
    kinesis.get_waiter("stream_exists").wait(StreamName="a", WaiterConfig={"Delay": 0.1})
    assert time.perf_counter() - started > 0.15


@pytest.mark.parametrize("mode", MODES)
def test_retries_advance_the_manual_clock(engine, kinesis, no_sleep, mode):
    client = engine.client("kinesis", config=retries(mode))
    started = time.perf_counter()
    engine.faults.add("PutRecord", error="ProvisionedThroughputExceededException", times=3)
    answer = client.put_record(StreamName="orders", PartitionKey="a", Data=b"")
    assert answer["ResponseMetadata"]["RetryAttempts"] == 3
    assert START < engine.clock.now() < START + timedelta(seconds=60)
    assert len(list(engine.records("orders"))) == 1
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize("mode", MODES)
def test_throttled_puts_succeed_after_the_sdks_own_retries(no_sleep, mode):
    """The quota of the shard comes back while botocore waits on the engine's clock."""
    limits = {"shard_write_records_per_second": 1, "calls_per_second": {"DescribeStream": 1}}
    with Engine(clock="manual", now=START, initialize_streams="orders:1", limits=limits) as engine:
        client = engine.client("kinesis", config=retries(mode, attempts=10))
        attempts = 0
        for _ in range(4):
            answer = client.put_record(StreamName="orders", PartitionKey="a", Data=b"x")
            attempts += answer["ResponseMetadata"]["RetryAttempts"]
        assert attempts >= (1 if mode == "adaptive" else 3)
        assert START + timedelta(seconds=3) <= engine.clock.now() < START + timedelta(minutes=5)
        assert len(list(engine.records("orders"))) == 4
        metrics = {metric.name: metric for metric in engine.metrics("orders")}
        assert (metrics["PutRecord.Success"].sum, metrics["PutRecord.Success"].samples) == (4, 4 + attempts)
        assert metrics["WriteProvisionedThroughputExceeded"].sum == attempts
        assert metrics["IncomingBytes"].maximum == 2 and metrics["IncomingBytes"].unit == "Bytes"
        assert metrics["IncomingBytes"].shard_id is None
        # What PutRecords refuses record by record is the program's to put again.
        records = [{"PartitionKey": "a", "Data": b"x"}] * 2
        engine.clock.advance(1)
        answer = client.put_records(StreamName="orders", Records=records)
        assert [record.get("ErrorCode") for record in answer["Records"]] == [
            None,
            "ProvisionedThroughputExceededException",
        ]
        for _ in range(3):
            client.describe_stream(StreamName="orders")


@pytest.mark.parametrize("mode", MODES)
def test_retries_end(engine, kinesis, no_sleep, mode):
    client = engine.client("kinesis", config=retries(mode, attempts=3))
    engine.faults.add("PutRecord", error="InternalFailure")
    with pytest.raises(ClientError) as raised:
        client.put_record(StreamName="orders", PartitionKey="a", Data=b"")
    assert raised.value.response["ResponseMetadata"]["RetryAttempts"] == 2
    assert raised.value.response["Error"]["Code"] == "InternalFailure"


def test_the_adaptive_limiter_goes_by_the_manual_clock(engine, kinesis, no_sleep):
    client = engine.client("kinesis", config=retries("adaptive", attempts=10))
    started = time.perf_counter()
    engine.faults.add("PutRecord", error="ProvisionedThroughputExceededException", probability=0.5)
    for _ in range(20):
        client.put_record(StreamName="orders", PartitionKey="a", Data=b"")
    # A real limiter takes tens of seconds for this.
    assert time.perf_counter() - started < 3
    assert engine.clock.now() > START + timedelta(seconds=5)


@pytest.mark.parametrize("mode", MODES)
def test_retries_sleep_under_the_system_clock(monkeypatch, mode):
    engine = Engine(initialize_streams="a:1")
    client = engine.client("kinesis", config=retries(mode))
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    engine.faults.add("PutRecord", error="InternalFailure", times=2)
    client.put_record(StreamName="a", PartitionKey="a", Data=b"")
    assert len(slept) == 2


def test_other_clients_sleep_as_before(engine, monkeypatch):
    """Nothing of botocore is replaced."""
    import botocore.endpoint
    import botocore.waiter

    engine.client("kinesis")
    assert botocore.endpoint.time is time and botocore.waiter.time is time
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    sts = boto3.client(
        "kinesis",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}, proxies={}),
        endpoint_url="http://127.0.0.1:9",
    )
    with pytest.raises(Exception, match="Could not connect"):
        sts.list_streams()
    assert len(slept) == 1


def test_latency_and_retries_in_one_virtual_time(engine, kinesis, no_sleep):
    engine.faults.add("PutRecord", error="InternalFailure", latency_ms=700, times=1)
    kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"")
    assert engine.clock.now() >= START + timedelta(milliseconds=700)


def test_firehose(engine):
    firehose = engine.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName="d",
        S3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::000000000000:role/r",
            "BucketARN": "arn:aws:s3:::b",
            "CompressionFormat": "GZIP",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        },
    )
    answer = firehose.put_record_batch(DeliveryStreamName="d", Records=[{"Data": b"a"}, {"Data": b"b"}])
    assert answer["FailedPutCount"] == 0
    described = firehose.describe_delivery_stream(DeliveryStreamName="d")["DeliveryStreamDescription"]
    assert described["DeliveryStreamStatus"] == "ACTIVE" and described["CreateTimestamp"] == START
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        firehose.put_record(DeliveryStreamName="nope", Record={"Data": b""})


def test_client_takes_the_options_of_boto3(engine):
    engine.client("kinesis").create_stream(StreamName="a", ShardCount=1)
    elsewhere = engine.client("kinesis", region_name="eu-west-1", aws_access_key_id="222222222222")
    assert elsewhere.list_streams()["StreamNames"] == []
    elsewhere.create_stream(StreamName="b", ShardCount=1)
    arn = elsewhere.describe_stream_summary(StreamName="b")["StreamDescriptionSummary"]["StreamARN"]
    assert arn == "arn:aws:kinesis:eu-west-1:222222222222:stream/b"
    assert engine.client("kinesis", endpoint_url="http://localhost:4566/").list_streams()["StreamNames"] == ["a"]
    with pytest.raises(ValueError, match="kinesis and firehose, not s3"):
        engine.client("s3")
    with pytest.raises(TypeError):
        engine.client("kinesis", regin_name="x")


def test_client_needs_nothing_of_the_environment(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert engine.client("kinesis").list_streams()["StreamNames"] == []


def test_attach_to_a_client(engine, no_sleep):
    made = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client = boto3.Session().client("kinesis", **made)
    assert engine.attach(client) is client
    assert client.list_streams()["StreamNames"] == []
    engine.faults.add("ListStreams", error="LimitExceededException", times=1)
    assert client.list_streams()["ResponseMetadata"]["RetryAttempts"] == 1
    other = Engine(clock="manual", initialize_streams="b:1")
    other.attach(client)
    assert client.list_streams()["StreamNames"] == ["b"]
    with pytest.raises(ValueError, match="not s3"):
        engine.attach(boto3.Session().client("s3", **made))
    for wrong in (None, 5, boto3, "kinesis"):
        with pytest.raises(TypeError, match="client or session"):
            engine.attach(wrong)


@pytest.mark.parametrize("session", [boto3.Session, botocore.session.get_session])
def test_attach_to_a_session(engine, no_sleep, session):
    session = engine.attach(session())
    create = getattr(session, "create_client", None) or session.client
    client = create("kinesis", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_stream(StreamName="a", ShardCount=1)
    assert engine.client("kinesis").list_streams()["StreamNames"] == ["a"]
    engine.faults.add("ListStreams", error="LimitExceededException", times=1)
    assert client.list_streams()["ResponseMetadata"]["RetryAttempts"] == 1


def test_shards_resharded_are_followed_by_hand(engine, kinesis):
    """What a consumer does: read to the end of a shard, then its children."""
    for number in range(10):
        kinesis.put_record(StreamName="orders", PartitionKey="a", Data=str(number).encode())
    kinesis.split_shard(
        StreamName="orders", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126)
    )
    for number in range(10, 20):
        kinesis.put_record(StreamName="orders", PartitionKey="a", Data=str(number).encode())
    shards, read = ["shardId-000000000000"], []
    while shards:
        iterator = kinesis.get_shard_iterator(
            StreamName="orders", ShardId=shards.pop(0), ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        for _ in itertools.count():
            answer = kinesis.get_records(ShardIterator=iterator, Limit=4)
            read += [int(record["Data"]) for record in answer["Records"]]
            iterator = answer.get("NextShardIterator")
            shards += [child["ShardId"] for child in answer.get("ChildShards", [])]
            if iterator is None or not answer["Records"]:
                break
    assert read == list(range(20))


def test_hooks_of_the_user_are_still_called(engine):
    client = engine.client("kinesis")
    seen = []
    client.meta.events.register(
        "before-send.kinesis.ListStreams", lambda request, **_: seen.append(json.loads(request.body))
    )
    client.list_streams(Limit=5)
    assert seen == [{"Limit": 5}]
