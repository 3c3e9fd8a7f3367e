"""`patch_boto3`, alone and beside moto."""

import boto3
import moto
import pytest
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from shardbrook import Engine, PatchEndedError

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}


@pytest.fixture(autouse=True)
def no_aws_environment(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_default_clients_are_answered(engine, no_sleep):
    with engine.patch_boto3() as patched:
        assert patched is engine
        kinesis, firehose = boto3.client("kinesis"), boto3.client("firehose")
        kinesis.create_stream(StreamName="a", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="a")
        assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []
        engine.faults.add("ListStreams", error="LimitExceededException", times=2)
        assert kinesis.list_streams()["StreamNames"] == ["a"]
        assert boto3.Session(**{**KEYS}).client("kinesis").list_streams()["StreamNames"] == ["a"]


def test_a_client_from_inside_never_talks_to_aws_afterwards(engine):
    with engine.patch_boto3():
        client = boto3.client("kinesis")
        client.list_streams()
    with pytest.raises(PatchEndedError, match="has ended"):
        client.list_streams()
    with pytest.raises(PatchEndedError):
        client.get_waiter("stream_exists").wait(StreamName="a")
    with Engine(clock="manual", initialize_streams="b:1") as other, other.patch_boto3():
        assert client.list_streams()["StreamNames"] == ["b"]


def test_a_client_from_before_is_answered_inside_and_left_alone_outside(engine):
    refused = "http://127.0.0.1:9"
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, proxies={})
    client = boto3.Session().client("kinesis", **KEYS, endpoint_url=refused, config=config)
    with pytest.raises(Exception, match="Could not connect"):
        client.list_streams()
    with engine.patch_boto3():
        assert client.list_streams()["StreamNames"] == []
    with pytest.raises(Exception, match="Could not connect"):
        client.list_streams()


def test_blocks_nest(engine):
    with engine.patch_boto3(), Engine(clock="manual", initialize_streams="inner:1") as inner:
        client = boto3.client("kinesis")
        with inner.patch_boto3():
            assert client.list_streams()["StreamNames"] == ["inner"]
        assert client.list_streams()["StreamNames"] == []


def test_the_environment_and_the_default_session_come_back(engine):
    import os

    boto3.setup_default_session(**KEYS)
    before = boto3.DEFAULT_SESSION
    with pytest.raises(KeyError), engine.patch_boto3():
        assert os.environ["AWS_DEFAULT_REGION"] == "us-east-1"
        boto3.client("kinesis")
        assert boto3.DEFAULT_SESSION is not before
        raise KeyError
    assert boto3.DEFAULT_SESSION is before
    assert "AWS_ACCESS_KEY_ID" not in os.environ and "AWS_DEFAULT_REGION" not in os.environ
    boto3.DEFAULT_SESSION = None


@pytest.mark.parametrize("moto_first", [True, False])
def test_moto_serves_s3_beside_us(engine, no_sleep, monkeypatch, moto_first):
    seen = []
    process = botocore_stubber.process_request

    def watch(request):
        seen.append(request.url)
        return process(request)

    monkeypatch.setattr(botocore_stubber, "process_request", watch)
    blocks = [moto.mock_aws(), engine.patch_boto3()]
    first, second = blocks if moto_first else reversed(blocks)
    with first, second:
        kinesis, s3 = boto3.client("kinesis", **KEYS), boto3.client("s3", **KEYS)
        kinesis.create_stream(StreamName="a", ShardCount=1)
        engine.faults.add("PutRecord", error="ProvisionedThroughputExceededException", times=1)
        kinesis.put_record(StreamName="a", PartitionKey="k", Data=b"hello")
        s3.create_bucket(Bucket="bucket-b")
        for record in engine.records("a"):
            s3.put_object(Bucket="bucket-b", Key=record.sequence_number, Body=record.data)
        (listed,) = s3.list_objects_v2(Bucket="bucket-b")["Contents"]
        assert s3.get_object(Bucket="bucket-b", Key=listed["Key"])["Body"].read() == b"hello"
        # Adaptive retries listen where moto listens.
        with pytest.raises(ClientError, match="ResourceNotFound"):
            kinesis.put_record(StreamName="nope", PartitionKey="k", Data=b"")
    assert seen and not any("kinesis" in url for url in seen)


def test_moto_serves_kinesis_when_we_do_not(engine):
    with moto.mock_aws():
        kinesis = boto3.client("kinesis", **KEYS)
        kinesis.create_stream(StreamName="motos", ShardCount=1)
        assert engine.client("kinesis").list_streams()["StreamNames"] == []
        assert kinesis.list_streams()["StreamNames"] == ["motos"]
        with engine.patch_boto3():
            assert kinesis.list_streams()["StreamNames"] == []
        assert kinesis.list_streams()["StreamNames"] == ["motos"]
