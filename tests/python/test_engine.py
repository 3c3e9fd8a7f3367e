"""The engine without an SDK: options, requests, reading, objects, faults, life."""

import copy
import json
import os
import pickle
import threading
from datetime import datetime, timedelta, timezone

import pytest
from conftest import START

from shardbrook import BadMemberError, ConfigError, Engine, EngineClosedError, ShardbrookError, errors


def call(engine, operation, service="Kinesis_20131202", **members):
    return engine.request(f"{service}.{operation}", members).raise_for_status().json()


def test_answers_a_request_in_bytes(engine):
    created = engine.request("Kinesis_20131202.CreateStream", b'{"StreamName":"a","ShardCount":1}')
    assert (created.status, created.body) == (200, b"")
    assert created.headers["x-amzn-requestid"]
    listed = engine.request("Kinesis_20131202.ListStreams", "{}")
    assert listed.json()["StreamNames"] == ["a"]


def test_an_error_is_an_answer_until_it_is_raised(engine):
    answer = engine.request("Kinesis_20131202.DescribeStream", {"StreamName": "nope"})
    assert answer.status == 400
    with pytest.raises(errors.ResourceNotFoundException, match="nope") as raised:
        answer.raise_for_status()
    assert (raised.value.code, raised.value.status, raised.value.retryable) == (
        "ResourceNotFoundException",
        400,
        False,
    )
    assert isinstance(raised.value, ShardbrookError)


def test_regions_and_accounts_are_apart(engine):
    in_ireland = engine.request(
        "Kinesis_20131202.CreateStream", {"StreamName": "a", "ShardCount": 1}, region="eu-west-1"
    )
    assert in_ireland.status == 200
    assert call(engine, "ListStreams")["StreamNames"] == []
    other = engine.request(
        "Kinesis_20131202.CreateStream", {"StreamName": "b", "ShardCount": 1}, access_key_id="222222222222"
    )
    assert other.status == 200
    assert call(engine, "ListStreams")["StreamNames"] == []
    listed = engine.request("Kinesis_20131202.ListStreams", {}, access_key_id="222222222222").json()
    assert listed["StreamSummaries"][0]["StreamARN"] == "arn:aws:kinesis:us-east-1:222222222222:stream/b"


def test_options_reach_the_engine():
    engine = Engine(
        seed=7,
        clock="manual",
        now=START,
        account="111111111111",
        region="eu-west-1",
        durations={"create_stream": timedelta(seconds=2), "delete_stream": 1.5},
        shard_limit=10,
        initialize_streams="orders:2,clicks::us-east-1",
    )
    summary = call(engine, "DescribeStreamSummary", StreamName="orders")["StreamDescriptionSummary"]
    assert summary["StreamARN"] == "arn:aws:kinesis:eu-west-1:111111111111:stream/orders"
    assert summary["OpenShardCount"] == 2
    call(engine, "CreateStream", StreamName="late", ShardCount=1)
    late = lambda: call(engine, "DescribeStreamSummary", StreamName="late")  # noqa: E731
    assert late()["StreamDescriptionSummary"]["StreamStatus"] == "CREATING"
    engine.clock.advance(2)
    assert late()["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE"
    with pytest.raises(errors.LimitExceededException):
        call(engine, "CreateStream", StreamName="wide", ShardCount=8)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"sead": 1}, TypeError, "did you mean 'seed'"),
        ({"shardLimit": 1}, TypeError, "did you mean 'shard_limit'"),
        ({"clock": "sundial"}, ConfigError, "'system' or 'manual'"),
        ({"now": START}, ConfigError, "clock='manual'"),
        ({"clock": "manual", "now": datetime(2013, 1, 1)}, ValueError, "time zone"),
        ({"durations": {"createStream": 1}}, ConfigError, "did you mean 'create_stream'"),
        ({"durations": {"create_stream": "soon"}}, TypeError, "seconds or a timedelta"),
        ({"account": "1"}, ConfigError, "twelve digits"),
        ({"region": "Mars, Crater 7"}, ConfigError, "region"),
        ({"seed": -1}, ConfigError, "-1"),
        ({"limits": "none"}, ConfigError, "none"),
        ({"limits": {"shardWriteRecordsPerSecond": 1}}, ConfigError, "did you mean 'shard_write_records_per_second'"),
        ({"limits": {"shard_write_records_per_second": 0}}, ConfigError, "must be 1 to"),
        ({"limits": {"calls_per_second": {"PutRecords": 1}}}, ConfigError, "PutRecords"),
        ({"initialize_streams": "a:0"}, ConfigError, "initializeStreams"),
    ],
)
def test_options_that_make_no_sense_are_explained(options, error, words):
    with pytest.raises(error) as raised:
        Engine(**options)
    assert words in str(raised.value)


def test_the_same_calls_give_the_same_bytes():
    def run(seed=0):
        engine = Engine(clock="manual", now=START, seed=seed)
        call(engine, "CreateStream", StreamName="a", ShardCount=3)
        return [
            engine.request("Kinesis_20131202.PutRecord", {"StreamName": "a", "PartitionKey": key, "Data": "aGk="})
            for key in "abc"
        ]

    assert run() == run()
    assert run() != run(seed=1)


def test_reads_in_order_and_goes_on(engine, kinesis):
    reader = engine.records("orders")
    assert list(reader) == []
    for number in range(5):
        kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"%d" % number)
    first = list(reader)
    assert [record.data for record in first] == [b"0", b"1", b"2", b"3", b"4"]
    assert first[0].shard_id == "shardId-000000000000"
    assert first[0].approximate_arrival_timestamp == START
    assert (first[0].partition_key, first[0].explicit_hash_key, first[0].sub_sequence_number) == ("a", None, 0)
    assert list(reader) == []
    kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"5")
    assert [record.data for record in reader] == [b"5"]
    assert "PartitionKey" not in repr(first[0]) and "partition_key" in repr(first[0])


def test_reads_parents_before_children_and_by_arn(engine, kinesis):
    arn = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"0")
    kinesis.merge_shards(
        StreamName="orders", ShardToMerge="shardId-000000000000", AdjacentShardToMerge="shardId-000000000001"
    )
    kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"1")
    read = [(record.shard_id[-1], record.data) for record in engine.records(arn)]
    assert read == [("0", b"0"), ("2", b"1")]


def test_a_bad_member_is_raised_in_its_place_and_the_rest_still_comes(engine, kinesis):
    from test_functions import BAD_INDEX_AGGREGATE

    kinesis.put_record(StreamName="orders", PartitionKey="a", Data=BAD_INDEX_AGGREGATE)
    kinesis.put_record(StreamName="orders", PartitionKey="a", Data=b"after")
    reader = engine.records("orders")
    read, bad = [], []
    while True:
        try:
            read.append(next(reader).data)
        except StopIteration:
            break
        except BadMemberError as error:
            bad.append(str(error))
    assert read == [b"one", b"three", b"after"]
    assert len(bad) == 1 and "partition key index" in bad[0]


def test_reading_what_is_not_there(engine, kinesis):
    with pytest.raises(errors.ResourceNotFoundException):
        engine.records("nope")
    reader = engine.records("orders")
    kinesis.delete_stream(StreamName="orders")
    with pytest.raises(errors.ResourceNotFoundException):
        next(reader)


def test_objects(engine):
    firehose = engine.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName="d",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::000000000000:role/r",
            "BucketARN": "arn:aws:s3:::b",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        },
    )
    firehose.put_record(DeliveryStreamName="d", Record={"Data": b"hello\n"})
    assert engine.objects.list("b") == []
    engine.clock.advance(60)
    (listed,) = engine.objects.list("b")
    assert engine.objects.list("b", prefix="2013/") and engine.objects.list("b", "1999/") == []
    assert engine.objects.buckets() == ["b"]
    assert (listed.size, listed.content_encoding) == (6, None)
    assert listed.last_modified == START + timedelta(seconds=60)
    assert engine.objects.get("b", listed.key).body == b"hello\n"
    with pytest.raises(KeyError, match="b/nope"):
        engine.objects.get("b", "nope")
    engine.objects.clear()
    assert engine.objects.list("b") == []


def test_faults_strike_and_are_cleared(engine, kinesis):
    engine.faults.add("ListStreams", error="LimitExceededException", times=1)
    assert engine.request("Kinesis_20131202.ListStreams").status == 400
    assert engine.request("Kinesis_20131202.ListStreams").status == 200
    engine.faults.add("ListStreams", error="InternalFailure")
    engine.faults.clear()
    assert engine.request("Kinesis_20131202.ListStreams").status == 200


def test_faults_strike_single_records_and_connections(engine, kinesis):
    kinesis.create_stream(StreamName="s", ShardCount=2)
    engine.faults.add("PutRecords", per="record", error="InternalFailure", times=1)
    entries = [{"PartitionKey": key, "Data": b""} for key in "ab"]
    answer = kinesis.put_records(StreamName="s", Records=entries)
    assert answer["FailedRecordCount"] == 1
    assert answer["Records"][0] == {"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."}
    engine.faults.add("CreateStream", drop="after", times=1)
    with pytest.raises(ConnectionResetError):
        engine.request("Kinesis_20131202.CreateStream", {"StreamName": "t", "ShardCount": 1})
    assert "t" in kinesis.list_streams()["StreamNames"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"operation": "PutRecordz", "error": "InternalFailure"}, ConfigError),
        ({"operation": "PutRecord", "error": "Nope"}, ConfigError),
        ({"operation": "PutRecord"}, ConfigError),
        ({"operation": "PutRecord", "latencyMs": 5}, TypeError),
        ({"operation": "PutRecord", "latency_ms": -5}, ConfigError),
        ({"operation": "PutRecord", "drop": "sometimes"}, ConfigError),
        ({"operation": "ListStreams", "error": "InternalFailure", "shard_id": "0"}, ConfigError),
    ],
)
def test_faults_that_make_no_sense_are_refused(engine, fault, error):
    with pytest.raises(error):
        engine.faults.add(**fault)


def test_reset_forgets_everything_but_the_time(engine, kinesis):
    engine.clock.advance(5)
    reader = engine.records("orders")
    engine.reset()
    assert kinesis.list_streams()["StreamNames"] == []
    assert engine.clock.now() == START + timedelta(seconds=5)
    with pytest.raises(errors.ResourceNotFoundException):
        next(reader)


def test_a_closed_engine_says_so():
    engine = Engine(clock="manual", initialize_streams="a:1")
    kinesis = engine.client("kinesis")
    reader = engine.records("a")
    engine.close()
    engine.close()
    assert engine.closed and "closed" in repr(engine)
    for use in (
        lambda: engine.request("Kinesis_20131202.ListStreams"),
        lambda: engine.records("a"),
        lambda: next(reader),
        lambda: engine.objects.list("b"),
        lambda: engine.clock.advance(1),
        lambda: engine.faults.add("PutRecord", error="InternalFailure"),
        engine.reset,
        kinesis.list_streams,
    ):
        with pytest.raises(EngineClosedError):
            use()


def test_an_engine_is_neither_pickled_nor_copied(engine):
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="Engine"):
            attempt(engine)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_is_told_to_make_its_own(engine):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            engine.request("Kinesis_20131202.ListStreams")
            os.write(write, b"answered")
        except EngineClosedError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert b"parent process" in os.read(read, 1000)
    assert engine.request("Kinesis_20131202.ListStreams").status == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"StreamName": 5}', b'{"StreamName": {"a": 1}}', b"{}" * 1000],
)
def test_malformed_bodies_get_an_error_and_the_engine_goes_on(engine, kinesis, body):
    assert engine.request("Kinesis_20131202.DescribeStream", body).status == 400
    assert kinesis.list_streams()["StreamNames"] == ["orders"]


def test_requests_of_wrong_types_are_python_errors(engine):
    for arguments in ((1, b"{}"), ("Kinesis_20131202.ListStreams", 5), ("Kinesis_20131202.ListStreams", ["a"])):
        with pytest.raises((TypeError, AttributeError)):
            engine.request(*arguments)
    unsigned = engine.request("Kinesis_20131202.ListStreams", {}, headers={"Authorization": None})
    with pytest.raises(errors.MissingAuthenticationTokenException):
        unsigned.raise_for_status()


def test_eight_threads_lose_nothing(engine, kinesis):
    def put(thread):
        client = kinesis if thread % 2 else engine.client("kinesis")
        for batch in range(5):
            client.put_records(
                StreamName="orders",
                Records=[
                    {"PartitionKey": f"{thread}", "Data": f"{thread}/{batch}/{number}".encode()}
                    for number in range(50)
                ],
            )

    def read():
        while not done.is_set():
            assert not engine.closed
            list(engine.records("orders"))

    done = threading.Event()
    threads = [threading.Thread(target=put, args=(thread,)) for thread in range(8)]
    reader = threading.Thread(target=read)
    for thread in [*threads, reader]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    by_key = {}
    for record in engine.records("orders"):
        by_key.setdefault(record.partition_key, []).append(record.data.decode())
    for thread in range(8):
        expected = [f"{thread}/{batch}/{number}" for batch in range(5) for number in range(50)]
        assert by_key[str(thread)] == expected


def test_a_reset_breaks_the_connections_of_those_who_wait():
    engine = Engine()
    engine.faults.add("ListStreams", latency_ms=300)
    seen = []

    def wait():
        try:
            engine.request("Kinesis_20131202.ListStreams")
        except Exception as error:
            seen.append(type(error))

    thread = threading.Thread(target=wait)
    thread.start()
    while engine._raw.handle_timeout(0) is None:
        pass
    engine.reset()
    thread.join()
    assert seen == [ConnectionResetError]


def test_json_of_an_error_without_a_code():
    from shardbrook import Response

    with pytest.raises(ShardbrookError, match="gateway") as raised:
        Response(502, {}, b"bad gateway").raise_for_status()
    assert raised.value.code == "HTTP 502"
    with pytest.raises(ShardbrookError, match="why") as raised:
        Response(400, {}, json.dumps({"__type": "x#NewException", "message": "why"}).encode()).raise_for_status()
    assert raised.value.code == "NewException"
    assert START.tzinfo is timezone.utc
