"""engine.serve: clients of other processes, and what they share with this one."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import botocore.session
import freezegun
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectionClosedError

from shardbrook import Engine, EngineClosedError

SHARD = "shardId-000000000000"
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/orders"
SESSION = botocore.session.Session()


def client(server, *, url=None, attempts=1, **options):
    """A client of botocore that knows nothing of the engine."""
    config = Config(retries={"total_max_attempts": attempts}, read_timeout=20)
    names = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return SESSION.create_client("kinesis", endpoint_url=url or server.url, config=config, **names, **options)


@pytest.fixture
def engine():
    start = datetime(2013, 1, 1, tzinfo=timezone.utc)
    with Engine(clock="manual", now=start, initialize_streams="orders:1") as engine:
        yield engine


@pytest.fixture
def server(engine):
    with engine.serve() as server:
        yield server


@pytest.fixture
def kinesis(server):
    return client(server)


def put(kinesis, data=b"hello"):
    return kinesis.put_record(StreamName="orders", PartitionKey="k", Data=data)


def subscribe(kinesis):
    consumer = kinesis.register_stream_consumer(StreamARN=STREAM, ConsumerName="billing")["Consumer"]["ConsumerARN"]
    position = {"Type": "TRIM_HORIZON"}
    return kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition=position)["EventStream"]


def in_background(work):
    """Starts `work` in a thread; gives a function that waits for what it gives."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()

    def result():
        thread.join(20)
        assert found, "it did not end"
        return found[0]

    return result


def wait_until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_both_sides_meet_the_same_streams(engine, kinesis):
    put(kinesis, b"from outside")
    put(engine.client("kinesis"), b"from inside")
    assert [record.data for record in engine.records("orders")] == [b"from outside", b"from inside"]
    iterator = kinesis.get_shard_iterator(StreamName="orders", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [record["Data"] for record in records] == [b"from outside", b"from inside"]
    assert records[0]["ApproximateArrivalTimestamp"].timestamp() == engine.clock.now().timestamp()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_tls_is_on_the_same_port(engine, server):
    put(client(server, url=server.url.replace("http", "https"), verify=False))
    assert len(list(engine.records("orders"))) == 1


def test_advancing_wakes_who_waits_at_the_other_end(engine, kinesis):
    engine.faults.add("ListStreams", latency_ms=60_000, times=1)
    listed = in_background(kinesis.list_streams)
    wait_until(lambda: engine._raw.handle_timeout(engine.clock.millis()) is not None)
    engine.clock.advance(60)
    assert listed()["StreamNames"] == ["orders"]


def test_a_subscription_over_the_port(engine, kinesis):
    events = iter(subscribe(kinesis))
    put(engine.client("kinesis"), b"hello")
    (record,) = next(events)["SubscribeToShardEvent"]["Records"]
    assert record["Data"] == b"hello"
    heartbeat = in_background(lambda: next(events))
    engine.clock.advance(5)
    assert heartbeat()["SubscribeToShardEvent"]["Records"] == []
    ended = in_background(lambda: list(events))
    engine.clock.advance(timedelta(minutes=5))
    assert len(ended()) <= 60


def test_a_client_that_leaves_is_forgotten(engine, kinesis):
    stream = subscribe(kinesis)
    assert engine._raw.handle_timeout(engine.clock.millis()) is not None
    stream.close()
    wait_until(lambda: engine._raw.handle_timeout(engine.clock.millis()) is None)


def test_a_put_over_the_port_wakes_a_reader_in_this_process():
    with Engine(initialize_streams="orders:1") as engine, engine.serve() as server:
        events = iter(subscribe(engine.client("kinesis")))
        putting = threading.Timer(0.2, put, (client(server), b"hello"))
        started = time.perf_counter()
        putting.start()
        assert next(events)["SubscribeToShardEvent"]["Records"][0]["Data"] == b"hello"
        # The next heartbeat would be after 5 s.
        assert time.perf_counter() - started < 4
        putting.join()


def test_the_system_clock_is_pythons():
    with freezegun.freeze_time("2020-02-29 12:00:00", ignore=["botocore", "urllib3"]) as frozen:
        with Engine(initialize_streams="orders:1") as engine, engine.serve() as server:
            kinesis = client(server)
            put(kinesis)
            frozen.tick(timedelta(hours=1))
            put(kinesis)
            arrivals = [record.approximate_arrival_timestamp.hour for record in engine.records("orders")]
            assert arrivals == [12, 13]


def test_the_system_clock_runs_by_itself():
    with Engine() as engine, engine.serve() as server:
        engine.faults.add("ListStreams", latency_ms=150)
        started = time.perf_counter()
        client(server).list_streams()
        assert 0.14 < time.perf_counter() - started < 10


def test_dropped_connections(engine, server):
    engine.faults.add("PutRecord", drop="after", times=1)
    with pytest.raises(ConnectionClosedError):
        put(client(server))
    engine.faults.add("PutRecord", drop="before", times=1)
    assert put(client(server, attempts=3))["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(list(engine.records("orders"))) == 2


def test_many_threads_on_both_sides(engine, server):
    def work(number):
        kinesis = client(server) if number % 2 else engine.client("kinesis")
        for place in range(25):
            put(kinesis, f"{number}/{place}".encode())
            if place % 5 == 0:
                len(list(engine.records("orders")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    data = [record.data.decode() for record in engine.records("orders")]
    assert sorted(data) == sorted(f"{number}/{place}" for number in range(6) for place in range(25))


def test_engines_beside_each_other():
    engines = [Engine(clock="manual", initialize_streams="orders:1") for _ in range(4)]
    servers = [engine.serve() for engine in engines]
    assert len({server.port for server in servers}) == 4
    for place, server in enumerate(servers):
        put(client(server), str(place).encode())
    for place, engine in enumerate(engines):
        assert [record.data for record in engine.records("orders")] == [str(place).encode()]
        engine.close()


def test_closing(engine):
    server = engine.serve()
    kinesis = client(server)
    events = subscribe(kinesis)
    reading = in_background(lambda: list(events))
    server.close()
    server.close()
    reading()
    with pytest.raises(BotoCoreError):
        put(kinesis)
    with engine.serve(server.port) as again:
        assert again.port == server.port
        put(client(again))
        with pytest.raises(OSError):
            engine.serve(server.port)
    last = engine.serve()
    engine.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(last.url, timeout=10)
    with pytest.raises(EngineClosedError):
        engine.serve()


def test_a_child_leaves_the_port_to_its_parent(engine, server, kinesis):
    child = os.fork()
    if child == 0:
        server.close()
        os._exit(0)
    deadline = time.monotonic() + 20
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    put(kinesis)


def test_pages_of_other_sites_are_refused(server):
    request = urllib.request.Request(server.url, method="OPTIONS", headers={"Origin": "https://evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert b"AccessDenied" in refused.value.read()


def test_an_engine_that_is_never_closed_lets_python_end():
    program = "from shardbrook import Engine; server = Engine().serve(); print(server.url)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("http://127.0.0.1:") and done.stderr == ""


def test_the_program():
    command = [sys.executable, "-m", "shardbrook", "serve", "--port", "0", "--initialize-streams", "orders:1"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://[0-9.:]+", program.stdout.readline())[0]
        put(client(None, url=url))
        with urllib.request.urlopen(f"{url}/_shardbrook/health", timeout=10) as answer:
            assert json.load(answer) == {"status": "ready"}
    finally:
        program.send_signal(signal.SIGINT)
        assert program.wait(30) == 0
    refused = subprocess.run([*command, "--no-such-option"], capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and "--no-such-option" in refused.stderr
