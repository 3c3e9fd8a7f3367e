"""SubscribeToShard through boto3."""

import threading

import pytest
from botocore.exceptions import EventStreamError
from conftest import START

from shardbrook import Engine

SHARD = "shardId-000000000000"


@pytest.fixture
def consumer(engine, kinesis):
    """The ARN of a consumer of `orders`."""
    return register(kinesis)


def register(kinesis):
    arn = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
    return kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="billing")["Consumer"]["ConsumerARN"]


def subscribe(kinesis, consumer, kind="LATEST", shard=SHARD):
    answer = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition={"Type": kind})
    return answer["EventStream"]


def put(kinesis, data):
    kinesis.put_record(StreamName="orders", PartitionKey="k", ExplicitHashKey="0", Data=data)


def seconds(engine):
    return (engine.clock.now() - START).total_seconds()


def test_records_come_when_they_are_put(engine, kinesis, consumer, no_sleep):
    events = iter(subscribe(kinesis, consumer))
    put(kinesis, b"hello")
    event = next(events)["SubscribeToShardEvent"]
    assert [record["Data"] for record in event["Records"]] == [b"hello"]
    assert event["ContinuationSequenceNumber"] == event["Records"][0]["SequenceNumber"]
    assert seconds(engine) == 0


def test_iterating_advances_a_manual_clock_to_what_is_due_next(engine, kinesis, consumer, no_sleep):
    times = [seconds(engine) for _ in subscribe(kinesis, consumer)]
    assert times == [5.0 * number for number in range(1, 60)]
    assert seconds(engine) == 300


def test_a_shard_ends_with_its_children(kinesis, consumer, no_sleep):
    put(kinesis, b"last")
    kinesis.split_shard(StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey="5")
    (event,) = [event["SubscribeToShardEvent"] for event in subscribe(kinesis, consumer, "TRIM_HORIZON")]
    assert len(event["Records"]) == 1 and len(event["ChildShards"]) == 2
    assert "ContinuationSequenceNumber" not in event


def test_a_later_subscription_takes_over(engine, kinesis, consumer, no_sleep):
    first = subscribe(kinesis, consumer)
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        subscribe(kinesis, consumer)
    engine.clock.advance(5)
    subscribe(kinesis, consumer)
    with pytest.raises(EventStreamError, match="ResourceInUseException"):
        list(first)


def test_a_closed_subscription_is_forgotten(engine, kinesis, consumer, no_sleep):
    events = subscribe(kinesis, consumer)
    assert engine._raw.handle_timeout(engine.clock.millis()) is not None
    events.close()
    # The engine has nothing to do for it any more.
    assert engine._raw.handle_timeout(engine.clock.millis()) is None


def test_a_reset_breaks_the_connection(engine, kinesis, consumer, no_sleep):
    events = subscribe(kinesis, consumer)
    engine.reset()
    with pytest.raises(Exception, match="Connection was closed"):
        list(events)


def test_a_put_of_another_thread_wakes_the_reader():
    with Engine(initialize_streams="orders:1") as engine:
        kinesis = engine.client("kinesis")
        events = iter(subscribe(kinesis, register(kinesis)))
        putting = threading.Timer(0.2, put, (kinesis, b"hello"))
        putting.start()
        assert next(events)["SubscribeToShardEvent"]["Records"][0]["Data"] == b"hello"
        putting.join()
