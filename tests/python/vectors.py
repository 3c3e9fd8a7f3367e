"""How a scenario runs: in process and over a port, by raw requests and through boto3."""

import base64
import contextlib
import functools
import gzip
import http.client
import json
import re
import threading
from datetime import timedelta

import botocore.session
from botocore.eventstream import EventStreamBuffer

import sdk
from matcher import Mismatch, Unsendable, check_answer, compare, expand, load, take_events
from shardbrook import Clock, Engine, Response
from shardbrook.clock import EPOCH, to_millis

__all__ = ["Boto3", "Mismatch", "Raw", "Unsendable", "Wire", "WireBoto3", "load", "run"]


class VectorClock(Clock):
    """A clock that is set, also backwards."""

    manual = True
    now_millis = 0

    def millis(self):
        return self.now_millis

    def advance(self, by):
        self.now_millis += to_millis(by)
        return self.now()

    def wait(self, seconds):
        self.advance(seconds)

    def wait_until(self, millis, exchange):
        return millis


class Served(Engine):
    """An engine whose requests come over a port."""

    def _start(self, raw):
        super()._start(raw)
        self.server = self.serve()

    def tell_time(self):
        self._raw.handle_timeout(self.clock.millis())

    def _open(self, method, path, headers, body):
        self.tell_time()
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
        except (ValueError, UnicodeError) as error:
            raise Unsendable(f"no HTTP: {error}") from error
        answer = connection.getresponse()
        given = {name.lower(): value for name, value in answer.getheaders()}
        if given.get("content-type") == "application/vnd.amazon.eventstream":
            return Response(answer.status, given, b""), iter(functools.partial(answer.read1, 65_536), b"")
        with contextlib.closing(connection):
            return Response(answer.status, given, answer.read()), None


class Raw:
    """Sends `call` steps as the bytes that they stand for."""

    engine_class = Engine

    def __init__(self, engine):
        self.engine = engine

    def subscribe(self, operation, arguments, step):
        """The events of a streamed answer, as many as are asked for."""
        access_key_id, region = step.get("access_key_id", "test"), step.get("region", "us-east-1")
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"Kinesis_20131202.{operation}",
            "x-amz-date": "20130101T000000Z",
            "authorization": f"AWS4-HMAC-SHA256 Credential={access_key_id}/20130101/{region}/kinesis/aws4_request, "
            f"SignedHeaders=host, Signature={'0' * 64}",
        }
        answer, frames = self.engine._open("POST", "/", list(headers.items()), json.dumps(arguments).encode())
        if frames is None:
            raise Mismatch(f"a streamed answer expected, found {answer}")
        return self.events(frames)

    @staticmethod
    def events(frames):
        buffer = EventStreamBuffer()
        messages = (message for piece in frames for message in (buffer.add_data(piece), *buffer)[1:])
        for place, message in enumerate(messages):
            kind = message.headers.get(":event-type") or message.headers[":exception-type"]
            if (place == 0) != (kind == "initial-response"):
                raise Mismatch(f"{kind} is the wrong frame here")
            if place > 0:
                yield {kind: json.loads(message.payload)}

    def call(self, operation, arguments, step):
        service, _, name = operation.rpartition(".")
        target = "Firehose_20150804" if service == "Firehose" else "Kinesis_20131202"
        sent = json.dumps(arguments, ensure_ascii=False)
        response = self.engine.request(
            f"{target}.{name}", sent, region=step.get("region"), access_key_id=step.get("access_key_id")
        )
        return answer_of(response)


def answer_of(response):
    """Status and body: an empty one is an empty object, one that is no JSON is a text."""
    if not response.body:
        return response.status, {}
    try:
        return response.status, json.loads(response.body)
    except ValueError:
        return response.status, response.body.decode(errors="replace")


class Wire(Raw):
    """Sends the same over a port, by HTTP/1.1."""

    engine_class = Served


class Boto3(sdk.Boto3):
    """Sends `call` steps through boto3."""

    engine_class = Engine

    def __init__(self, engine):
        # Endpoint rules read ARNs, and refuse bad ones before anything is sent.
        super().__init__(functools.partial(engine.client, endpoint_url="http://localhost/"))


class WireBoto3(sdk.Boto3):
    """Sends `call` steps through boto3 and its own HTTP client over a port."""

    engine_class = Served
    session = botocore.session.Session()

    def __init__(self, engine):
        self.engine = engine
        options = {"endpoint_url": engine.server.url, "aws_secret_access_key": "test"}
        super().__init__(functools.partial(self.session.create_client, **options))

    def call(self, operation, arguments, step):
        self.engine.tell_time()
        return super().call(operation, arguments, step)


def run(scenario, how):
    """Runs a scenario; `how` is one of the classes above."""
    steps = scenario["steps"]
    start = steps[0].get("at", 0)
    with engine_of(scenario.get("options", {}), start, how.engine_class) as engine:
        clock = engine.clock
        sender, bound, streams = how(engine), {}, {}
        for number, step in enumerate(steps, 1):
            clock.now_millis = step.get("at", clock.now_millis) + step.get("advance_ms", 0)
            try:
                with time_passing(engine, step.get("waits_ms", 0)):
                    run_step(engine, sender, step, bound, streams)
            except Mismatch as mismatch:
                raise Mismatch(f"{scenario['name']}, step {number}: {mismatch}") from None
            clock.now_millis += step.get("waits_ms", 0)


@contextlib.contextmanager
def time_passing(engine, millis):
    """Lets time pass as soon as a request waits for it at the other end of a port; in process requests do so themselves."""
    if not millis or not isinstance(engine, Served):
        yield
        return
    start, over = engine.clock.millis(), threading.Event()

    def pass_time():
        while not over.is_set() and engine._raw.handle_timeout(start) is None:
            over.wait(0.001)
        engine._raw.handle_timeout(start + millis)

    passing = threading.Thread(target=pass_time)
    passing.start()
    try:
        yield
    finally:
        over.set()
        passing.join()


def run_step(engine, sender, step, bound, streams):
    if "fault" in step:
        engine.faults.add(**snake_case(step["fault"]))
        return
    if "events" in step:
        # An iterator waits for what is not there by moving on to the next due time: no more is read than expected.
        engine._raw.handle_timeout(engine.clock.millis())
        compare(step["out"], list(take_events(streams[step["events"]], len(step["out"]))), bound)
        return
    if "as" in step:
        streams[step["as"]] = sender.subscribe(step["call"], expand(step["in"], bound), step)
        return
    if "objects" in step:
        listed = engine.objects.list(step["objects"]["bucket"], step["objects"].get("prefix", ""))
        compare(step["out"], [described(item) for item in listed], bound)
        return
    if "call" in step:
        status, found = sender.call(step["call"], expand(step["in"], bound), step)
    elif "wire" in step:
        response = send_wire(engine, step["wire"])
        if "out_hex" in step:
            compare(step["out_hex"], response.body.hex(), bound)
        status, found = answer_of(response)
    else:
        return
    check_answer(step, status, found, bound)


def send_wire(engine, wire):
    body = bytes.fromhex(wire["body_hex"]) if "body_hex" in wire else wire.get("body", "")
    return engine.request(
        wire.get("target", ""),
        body,
        content_type=wire.get("content_type", "application/x-amz-json-1.1"),
        region=wire.get("region"),
        access_key_id=wire.get("access_key_id"),
        headers=wire.get("headers"),
        method=wire.get("method", "POST"),
        path=wire.get("path", "/"),
    )


def described(item):
    plain = gzip.decompress(item.body) if item.content_encoding == "gzip" else item.body
    fields = {"key": item.key, "size": item.size, "body": base64.b64encode(item.body).decode()}
    if item.content_encoding:
        fields["content_encoding"] = item.content_encoding
    if item.storage_class != "STANDARD":
        fields["storage_class"] = item.storage_class
    if item.kms_key_id:
        fields["kms_key_id"] = item.kms_key_id
    with contextlib.suppress(UnicodeDecodeError):
        fields["text"] = plain.decode()
    return fields


def engine_of(options, start, engine_class):
    """An engine with the options of a vector, which are those of the JSON form, on a clock that is set."""
    arguments = snake_case(options)
    if "durations" in arguments:
        durations = snake_case(arguments["durations"])
        arguments["durations"] = {name: millis / 1000 for name, millis in durations.items()}
    if isinstance(arguments.get("limits"), dict):
        arguments["limits"] = snake_case(arguments["limits"])
    engine = engine_class(clock="manual", now=EPOCH + timedelta(milliseconds=start), **arguments)
    engine.clock = VectorClock(engine._raw)
    engine.clock.now_millis = start
    return engine


def snake_case(members):
    """The members of a JSON object by the names that Python has for them."""
    return {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): value for name, value in members.items()}
