"""The vectors of `tests/vectors`, their matchers, and the two ways in which a scenario runs: raw and through boto3."""

import base64
import contextlib
import gzip
import json
import pathlib
import re
from datetime import datetime, timedelta

from botocore import xform_name
from botocore.config import Config
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError, EventStreamError

from shardbrook import Clock, Engine
from shardbrook.clock import EPOCH, to_millis

FOLDER = pathlib.Path(__file__).parent.parent / "vectors"
KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "list", dict: "object"}
ABSENT = object()


def load(folder):
    """The files of a folder, by the names of the vectors in them."""
    files = sorted((FOLDER / folder).rglob("*.json"))
    vectors = {}
    for file in files:
        vector = json.loads(file.read_text())
        assert vector["name"] not in vectors, f"{file}: there are two {vector['name']}"
        vectors[vector["name"]] = vector
    return vectors


class Mismatch(AssertionError):
    """An answer is not the expected one."""


class Unsendable(Exception):
    """An SDK cannot be made to send this."""


def matcher(value):
    """The matcher that a value is, and its argument."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name.startswith("$"):
            return name, argument
    return None, None


def expand(value, bound):
    """A value as it is sent."""
    name, argument = matcher(value)
    if name == "$ref":
        return bound[argument]
    if name == "$repeat":
        of = expand(argument["of"], bound)
        return of * argument["times"] if isinstance(of, str) else [of] * argument["times"]
    assert name is None, f"{name} cannot stand in a request"
    if isinstance(value, dict):
        return {member: expand(inner, bound) for member, inner in value.items()}
    return [expand(item, bound) for item in value] if isinstance(value, list) else value


def compare(expected, found, bound, path="answer"):
    """Raises `Mismatch` unless `found` is as expected; binds what is to be bound."""

    def check(holds):
        if not holds:
            raise Mismatch(f"{path}: expected {str(expected)[:400]}\n found {str(found)[:400]}")

    name, argument = matcher(expected)
    if name == "$absent":
        check(found is ABSENT)
        return
    check(found is not ABSENT)
    if name == "$bind":
        bound[argument] = found
    elif name == "$ref":
        check(found == bound[argument])
    elif name == "$any":
        check(KINDS.get(type(found)) == argument)
    elif name == "$regex":
        check(isinstance(found, str) and re.fullmatch(argument, found, re.DOTALL))
    elif name == "$greater":
        check(isinstance(found, str) and found.isdecimal() and int(found) > int(bound[argument["$ref"]]))
    elif name is not None:
        raise AssertionError(f"{path}: there is no matcher {name}")
    elif isinstance(expected, dict):
        check(isinstance(found, dict))
        for member, inner in expected.items():
            compare(inner, found.get(member, ABSENT), bound, f"{path}.{member}")
    elif isinstance(expected, list):
        check(isinstance(found, list) and len(found) == len(expected))
        for place, (inner, item) in enumerate(zip(expected, found)):
            compare(inner, item, bound, f"{path}[{place}]")
    else:
        check(found == expected and isinstance(found, bool) == isinstance(expected, bool))


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

    def wait_until(self, millis):
        return millis


class Raw:
    """Sends `call` steps as the bytes that they stand for."""

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
        for place, frame in enumerate(frames):
            buffer.add_data(frame)
            message = next(buffer)
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


class Boto3:
    """Sends `call` steps through boto3, which converts blobs and timestamps both ways."""

    def __init__(self, engine):
        self.engine = engine
        self.clients = {}

    def client(self, service, region, access_key_id):
        who = service, region or "us-east-1", access_key_id or "test"
        if who not in self.clients:
            self.clients[who] = self.engine.client(
                service,
                region_name=who[1],
                aws_access_key_id=who[2],
                # Endpoint rules read ARNs, and refuse bad ones before anything is sent.
                endpoint_url="http://localhost/",
                config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
            )
        return self.clients[who]

    def subscribe(self, operation, arguments, step):
        """The events of a streamed answer, as many as are asked for."""
        status, answer = self.call(operation, arguments, step)
        if status != 200:
            raise Mismatch(f"a streamed answer expected, found {answer}")
        return self.events(answer["EventStream"])

    @staticmethod
    def events(stream):
        try:
            for event in stream:
                yield from_boto(event)
        except EventStreamError as error:
            yield {error.response["Error"]["Code"]: {"message": error.response["Error"]["Message"]}}

    def call(self, operation, arguments, step):
        service, _, name = operation.rpartition(".")
        client = self.client(service.lower() or "kinesis", step.get("region"), step.get("access_key_id"))
        shapes = client.meta.service_model.operation_model(name)
        converted = to_boto(arguments, shapes.input_shape)
        try:
            answer = getattr(client, xform_name(name))(**converted)
        except ClientError as error:
            body = {"__type": error.response["Error"]["Code"]}
            # boto3 has an empty message where there is none.
            if error.response["Error"]["Message"]:
                body["message"] = error.response["Error"]["Message"]
            return error.response["ResponseMetadata"]["HTTPStatusCode"], body
        except (TypeError, AttributeError, ValueError) as error:
            raise Unsendable(f"{name}: {error}") from error
        status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        return status, from_boto(answer)


def to_boto(value, shape):
    """A value of the wire as boto3 takes it."""
    kind = shape.type_name if shape else None
    if kind == "structure" and isinstance(value, dict):
        unknown = set(value) - set(shape.members)
        if unknown:
            raise Unsendable(f"the service model has no {', '.join(sorted(unknown))}")
        return {member: to_boto(inner, shape.members[member]) for member, inner in value.items()}
    if kind == "list" and isinstance(value, list):
        return [to_boto(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {member: to_boto(inner, shape.value) for member, inner in value.items()}
    if kind == "blob":
        with contextlib.suppress(TypeError, ValueError):
            data = base64.b64decode(value, validate=True)
            if base64.b64encode(data).decode() == value:
                return data
        raise Unsendable("boto3 writes base64 itself")
    if kind == "timestamp" and type(value) in (int, float):
        with contextlib.suppress(OverflowError):
            return EPOCH + timedelta(milliseconds=round(value * 1000))
    return value


def from_boto(value):
    """A value of boto3 as on the wire."""
    if isinstance(value, dict):
        return {member: from_boto(inner) for member, inner in value.items()}
    if isinstance(value, list):
        return [from_boto(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000) / 1000
    return value


def run(scenario, how):
    """Runs a scenario; `how` is `Raw` or `Boto3`."""
    steps = scenario["steps"]
    start = steps[0].get("at", 0)
    with engine_of(scenario.get("options", {}), start) as engine:
        clock = engine.clock
        sender, bound, streams = how(engine), {}, {}
        for number, step in enumerate(steps, 1):
            clock.now_millis = step.get("at", clock.now_millis) + step.get("advance_ms", 0)
            try:
                run_step(engine, sender, step, bound, streams)
            except Mismatch as mismatch:
                raise Mismatch(f"{scenario['name']}, step {number}: {mismatch}") from None
            clock.now_millis += step.get("waits_ms", 0)


def take_events(stream, count):
    """So many events of a stream, and `end` after the last one."""
    for _ in range(count):
        yield next(stream, "end")


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
    expected_status = step.get("status", 200 if "out" in step or "out_hex" in step else None)
    if expected_status not in (None, status):
        raise Mismatch(f"status {expected_status} expected, found {status}: {found}")
    if "out" in step:
        compare(step["out"], found, bound)
    elif "error" in step:
        code = found.get("__type", "").rpartition("#")[2] if isinstance(found, dict) else None
        if status < 400 or code != step["error"]["code"]:
            raise Mismatch(f"{step['error']['code']} expected, found {status}: {found}")
        if "message" in step["error"]:
            message = found.get("message", found.get("Message", ABSENT))
            compare(step["error"]["message"], message, bound, "message")


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


def engine_of(options, start):
    """An engine with the options of a vector, which are those of the JSON form, on a clock that is set."""
    arguments = snake_case(options)
    if "durations" in arguments:
        durations = snake_case(arguments["durations"])
        arguments["durations"] = {name: millis / 1000 for name, millis in durations.items()}
    if isinstance(arguments.get("limits"), dict):
        arguments["limits"] = snake_case(arguments["limits"])
    engine = Engine(clock="manual", now=EPOCH + timedelta(milliseconds=start), **arguments)
    engine.clock = VectorClock(engine._raw)
    engine.clock.now_millis = start
    return engine



def snake_case(members):
    """The members of a JSON object by the names that Python has for them."""
    return {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): value for name, value in members.items()}
