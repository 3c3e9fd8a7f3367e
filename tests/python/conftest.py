"""What the tests share."""

import time
from datetime import datetime, timezone

import pytest

from shardbrook import Engine

START = datetime(2013, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def engine():
    """An engine on a manual clock."""
    with Engine(clock="manual", now=START) as engine:
        yield engine


@pytest.fixture
def kinesis(engine):
    """A boto3 client with a stream `orders` of two shards."""
    kinesis = engine.client("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=2)
    return kinesis


@pytest.fixture
def no_sleep(monkeypatch):
    """Fails a test that really sleeps."""

    def sleep(seconds):
        if seconds > 0:
            raise AssertionError(f"slept for {seconds} s of real time")

    monkeypatch.setattr(time, "sleep", sleep)
