"""Both clocks."""

import time
from datetime import datetime, timedelta, timezone

import freezegun
import pytest
import time_machine
from conftest import START

from shardbrook import Engine, ManualClock, SystemClock


def arrival(engine):
    kinesis = engine.client("kinesis")
    if "a" not in kinesis.list_streams()["StreamNames"]:
        kinesis.create_stream(StreamName="a", ShardCount=1)
    kinesis.put_record(StreamName="a", PartitionKey="k", Data=b"")
    return list(engine.records("a"))[-1].approximate_arrival_timestamp


def test_a_manual_clock_stands_still(engine):
    assert isinstance(engine.clock, ManualClock) and engine.clock.manual
    assert engine.clock.now() == START
    assert engine.clock.advance(1.5) == START + timedelta(seconds=1.5)
    assert engine.clock.advance(timedelta(minutes=1)) == engine.clock.now() == START + timedelta(seconds=61.5)
    assert arrival(engine) == engine.clock.now()
    assert Engine(clock="manual").clock.now() == datetime(1970, 1, 1, tzinfo=timezone.utc)


def test_spans_are_whole_milliseconds_and_never_too_short(engine):
    engine.clock.advance(1.1)
    assert engine.clock.now() == START + timedelta(milliseconds=1100)
    engine.clock.advance(0.0001)
    assert engine.clock.now() == START + timedelta(milliseconds=1101)
    engine.clock.advance(0)
    assert engine.clock.now() == START + timedelta(milliseconds=1101)


@pytest.mark.parametrize(("span", "error"), [(-1, ValueError), ("1", TypeError), (True, TypeError), (None, TypeError)])
def test_spans_that_make_no_sense(engine, span, error):
    with pytest.raises(error):
        engine.clock.advance(span)
    with pytest.raises((ValueError, OverflowError)):
        engine.clock.advance(float("nan"))
    assert engine.clock.now() == START


def test_a_year_over_an_idle_engine_is_instant(engine, no_sleep):
    started = time.perf_counter()
    engine.clock.advance(timedelta(days=365))
    assert time.perf_counter() - started < 1


def test_the_system_clock_is_pythons():
    engine = Engine()
    assert isinstance(engine.clock, SystemClock) and not engine.clock.manual
    assert abs(engine.clock.now() - datetime.now(timezone.utc)) < timedelta(seconds=5)
    assert abs(arrival(engine) - datetime.now(timezone.utc)) < timedelta(seconds=5)
    with pytest.raises(TypeError, match="clock='manual'"):
        engine.clock.advance(1)


def test_freezegun_moves_it():
    with freezegun.freeze_time("2020-02-29 12:00:00") as frozen:
        engine = Engine(durations={"create_stream": 10})
        kinesis = engine.client("kinesis")
        kinesis.create_stream(StreamName="late", ShardCount=1)
        status = lambda: kinesis.describe_stream(StreamName="late")["StreamDescription"]["StreamStatus"]  # noqa: E731
        assert status() == "CREATING"
        frozen.tick(timedelta(seconds=10))
        assert status() == "ACTIVE"
        kinesis.put_record(StreamName="late", PartitionKey="k", Data=b"")
        (record,) = engine.records("late")
        assert record.approximate_arrival_timestamp == datetime(2020, 2, 29, 12, 0, 10, tzinfo=timezone.utc)


def test_time_machine_moves_it_and_time_backwards_is_clamped():
    engine = Engine()
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=timezone.utc), tick=False):
        assert arrival(engine) == datetime(2030, 1, 1, tzinfo=timezone.utc)
    with time_machine.travel(datetime(2029, 1, 1, tzinfo=timezone.utc), tick=False):
        assert arrival(engine) == datetime(2030, 1, 1, tzinfo=timezone.utc)
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=timezone.utc), tick=False):
        assert arrival(engine) == datetime(2031, 1, 1, tzinfo=timezone.utc)


def test_latency_passes_on_the_manual_clock(engine, kinesis, no_sleep):
    engine.faults.add("ListStreams", latency_ms=2500, times=1)
    kinesis.list_streams()
    assert engine.clock.now() == START + timedelta(milliseconds=2500)
    engine.faults.add("ListStreams", latency_ms=2500, error="LimitExceededException", times=1)
    assert engine.request("Kinesis_20131202.ListStreams").status == 400
    assert engine.clock.now() == START + timedelta(milliseconds=5000)


def test_latency_is_real_under_the_system_clock():
    engine = Engine()
    engine.faults.add("ListStreams", latency_ms=120, times=2)
    started = time.perf_counter()
    engine.client("kinesis").list_streams()
    assert 0.115 < time.perf_counter() - started < 5
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=timezone.utc), tick=False):
        started = time.perf_counter()
        assert engine.request("Kinesis_20131202.ListStreams").status == 200


def test_nobody_waits_for_ever_under_the_system_clock(monkeypatch):
    from botocore.config import Config
    from botocore.exceptions import ReadTimeoutError

    from shardbrook import clock

    monkeypatch.setattr(clock, "LONGEST_WAIT_SECONDS", 0.05)
    engine = Engine()
    engine.faults.add("ListStreams", latency_ms=3_600_000)
    with pytest.raises(TimeoutError):
        engine.request("Kinesis_20131202.ListStreams")
    with pytest.raises(ReadTimeoutError):
        engine.client("kinesis", config=Config(retries={"total_max_attempts": 1})).list_streams()
    assert engine.request("Kinesis_20131202.DescribeLimits").status in (200, 400)
