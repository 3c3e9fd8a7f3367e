"""CBOR against a codec that is not ours: what cbor2 writes is read, and what the engine writes cbor2 reads."""

from datetime import datetime, timezone

import cbor2
import pytest
from cbor2 import CBORTag
from conftest import START

TYPE = "application/x-amz-cbor-1.1"
FIREHOSE = "Firehose_20150804.ListDeliveryStreams"
MILLIS = round(START.timestamp() * 1000)


def decoded(body):
    """The answer with times as tags: AWS tags milliseconds, which are no times to the standard."""
    return cbor2.loads(body, semantic_decoders={1: lambda value, _immutable: CBORTag(1, value)})


def send(engine, operation, body, **how):
    response = engine.request(f"Kinesis_20131202.{operation}", body, content_type=TYPE, **how)
    assert response.headers["content-type"] == TYPE
    return response.status, decoded(response.body) if response.body else None


def call(engine, operation, **members):
    status, answer = send(engine, operation, cbor2.dumps(members))
    assert status == 200, answer
    return answer


@pytest.fixture
def stream(engine):
    assert call(engine, "CreateStream", StreamName="s", ShardCount=1) is None
    return "s"


def test_records_go_there_and_back(engine, stream):
    data = bytes(range(256)) * 300
    placed = call(engine, "PutRecord", StreamName=stream, PartitionKey="k\N{SNOWMAN}", Data=data)
    batch = [{"Data": bytes([n]), "PartitionKey": str(n), "ExplicitHashKey": "0"} for n in range(3)]
    assert call(engine, "PutRecords", StreamName=stream, Records=batch)["FailedRecordCount"] == 0
    at = CBORTag(1, MILLIS)
    given = {"StreamName": stream, "ShardId": placed["ShardId"], "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": at}
    iterator = call(engine, "GetShardIterator", **given)["ShardIterator"]
    read = call(engine, "GetRecords", ShardIterator=iterator)
    records = read["Records"]
    assert [record["Data"] for record in records] == [data, b"\0", b"\1", b"\2"]
    assert records[0]["PartitionKey"] == "k\N{SNOWMAN}"
    assert records[0]["SequenceNumber"] == placed["SequenceNumber"]
    arrived = records[0]["ApproximateArrivalTimestamp"]
    assert (arrived.tag, type(arrived.value), arrived.value) == (1, int, MILLIS)
    assert read["MillisBehindLatest"] == 0


def test_times_are_whole_milliseconds(engine, stream):
    described = call(engine, "DescribeStream", StreamName=stream)["StreamDescription"]
    created = described["StreamCreationTimestamp"]
    assert (created.tag, created.value) == (1, MILLIS)
    assert datetime.fromtimestamp(created.value / 1000, timezone.utc) == START
    given = {"StreamName": stream, "ShardId": "0", "ShardIteratorType": "AT_TIMESTAMP"}
    late = cbor2.dumps({**given, "Timestamp": CBORTag(1, MILLIS + 1)})
    status, error = send(engine, "GetShardIterator", late)
    assert (status, error["__type"]) == (400, "InvalidArgumentException")
    assert str(MILLIS + 1) in error["message"]


@pytest.mark.parametrize("how", [{}, {"canonical": True}, {"indefinite_containers": True}, {"value_sharing": True}])
def test_every_style_of_writing_is_read(engine, stream, how):
    record = {"Data": b"x" * 100, "PartitionKey": "k" * 30, "ExplicitHashKey": None}
    status, answer = send(engine, "PutRecords", cbor2.dumps({"StreamName": stream, "Records": [record]}, **how))
    assert status == 200, answer
    assert answer["Records"][0]["ShardId"] == "shardId-000000000000"


def test_a_text_for_bytes_is_base64(engine, stream):
    put = {"StreamName": stream, "PartitionKey": "k", "Data": "aGk="}
    call(engine, "PutRecord", **put)
    status, error = send(engine, "PutRecord", cbor2.dumps({**put, "Data": "hi!"}))
    assert (status, error["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**70, -(2**70), 1.5, -1, 0, True, "x", b"x", [], {}])
def test_odd_values_have_typed_answers(engine, value):
    status, answer = send(engine, "ListStreams", cbor2.dumps({"Limit": value}))
    assert status == 200 or answer["__type"] in ("SerializationException", "ValidationException"), answer


@pytest.mark.parametrize("body", [b"", b"{}", b"\xa1", b"\xff", b"\xbb" + b"\xff" * 8, b"\x9f" * 100_000, b"\xa0\0"])
def test_a_body_that_is_no_cbor_is_refused_in_cbor(engine, body):
    assert send(engine, "ListStreams", body) == (400, {"__type": "SerializationException"})


def test_both_protocols_see_the_same_streams(engine, stream):
    assert engine.request("Kinesis_20131202.ListStreams", {}).json()["StreamNames"] == [stream]
    assert call(engine, "ListStreams")["StreamNames"] == [stream]


def test_firehose_speaks_json_alone(engine):
    response = engine.request(FIREHOSE, cbor2.dumps({}), content_type=TYPE)
    assert (response.status, response.body) == (404, b"<UnknownOperationException/>\n")
