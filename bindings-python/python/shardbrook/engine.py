"""The engine, as Python sees it."""

from __future__ import annotations

import difflib
import json
import os
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Never, NoReturn, Self, TypeAlias, TypedDict, TypeVar, overload

from ._native import Object, RawEngine, RawExchange, RawReader, RawServer, Record
from .clock import Clock, ManualClock, SystemClock, to_epoch_millis, to_millis
from .errors import ConfigError, EngineClosedError, error_for
from .server import Server

if TYPE_CHECKING:
    # Known to the type checker where boto3-stubs are installed.
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_kinesis import KinesisClient

_T = TypeVar("_T")

JSON = "application/x-amz-json-1.1"


class Durations(TypedDict, total=False):
    """How long transitional states last, in seconds; all are 0 unless given."""

    create_stream: float | timedelta
    delete_stream: float | timedelta
    update_stream: float | timedelta
    create_queue: float | timedelta
    delete_queue: float | timedelta
    update_queue: float | timedelta
    create_consumer: float | timedelta
    delete_consumer: float | timedelta
    create_delivery_stream: float | timedelta
    delete_delivery_stream: float | timedelta
    create_channel: float | timedelta
    update_channel: float | timedelta
    delete_channel: float | timedelta


Limit: TypeAlias = int | Literal["aws", "off"]
"""A quota: how much a second holds, as AWS has it, or nothing that is enforced."""


class Limits(TypedDict, total=False):
    """Single quotas; what is not named is off, or as AWS has it where `preset` is `"aws"`."""

    preset: Literal["aws", "off"]
    shard_write_bytes_per_second: Limit
    shard_write_records_per_second: Limit
    shard_read_bytes_per_second: Limit
    consumer_read_bytes_per_second: Limit
    on_demand_split_bytes_per_second: Limit
    calls_per_second: Literal["aws", "off"] | Mapping[str, Limit]


@dataclass(frozen=True)
class Metric:
    """A statistic of everything since the creation of a stream or shard."""

    name: str
    """The name in CloudWatch, such as `PutRecords.ThrottledRecords`."""
    unit: str
    """`Bytes`, `Count` or `Milliseconds`."""
    sum: int
    """The values of all samples together."""
    samples: int
    """How many values there were: for most metrics one for each call."""
    maximum: int
    """The greatest value; 0 where there is none."""
    shard_id: str | None = None
    """The shard, for a metric of one shard."""


@dataclass(frozen=True)
class Response:
    """An answer, as it came."""

    status: int
    headers: dict[str, str]
    """By name, in lower case."""
    body: bytes

    def json(self) -> Any:
        """The body as JSON; nothing for an empty one."""
        return json.loads(self.body) if self.body else None

    def raise_for_status(self) -> Response:
        """Raises the class of `shardbrook.errors` that an error stands for; gives the answer itself if it is none."""
        if self.status < 400:
            return self
        try:
            answer = json.loads(self.body)
            code, message = answer["__type"].rpartition("#")[2], answer.get("message") or answer.get("Message") or ""
        except (ValueError, KeyError, TypeError, AttributeError):
            code, message = f"HTTP {self.status}", self.body.decode(errors="replace")
        raise error_for(code, message)


class Engine:
    """Kinesis Data Streams and Data Firehose in this process.

        with Engine(clock="manual") as engine:
            kinesis = engine.client("kinesis")
            kinesis.create_stream(StreamName="orders", ShardCount=2)
            kinesis.put_record(StreamName="orders", PartitionKey="customer-1", Data=b"hello")
            for record in engine.records("orders"):
                print(record.partition_key, record.data)

    - `seed`: where all randomness comes from; the same seed and the same calls give the same bytes.
    - `clock`: `"system"` goes by `time.time()`; `"manual"` stands still until `engine.clock.advance()`.
    - `now`: where a manual clock starts; the Unix epoch unless given.
    - `account`, `region`: of callers that name none.
    - `limits`: throughput quotas, `"off"`, `"aws"` or single values such as `{"shard_write_records_per_second": 10}`.
    - `durations`: how long CREATING and the like last, such as `{"create_stream": 10}`, in seconds.
    - `shard_limit`: open shards of an account in a region.
    - `on_demand_stream_limit`: on-demand streams of an account in a region.
    - `initialize_streams`: streams that are there from the start: `"orders:2,clicks::eu-west-1"`.
    - `object_capacity_bytes`: what the store of delivered objects holds at most.
    """

    clock: Clock
    """The engine's time."""
    objects: Objects
    """The delivered objects."""
    faults: Faults
    """What goes wrong on purpose."""
    region: str
    """The region of callers that name none."""

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Literal["system", "manual"] = "system",
        now: datetime | None = None,
        account: str | None = None,
        region: str | None = None,
        limits: Literal["off", "aws"] | Limits = "off",
        durations: Durations | None = None,
        shard_limit: int | None = None,
        on_demand_stream_limit: int | None = None,
        initialize_streams: str | None = None,
        object_capacity_bytes: int | None = None,
        **unknown: Never,
    ) -> None:
        _refuse_unknown("Engine", unknown, Engine.__init__.__kwdefaults__)
        if clock not in ("system", "manual"):
            raise ConfigError(f"clock must be 'system' or 'manual', not {clock!r}")
        if now is not None and clock == "system":
            raise ConfigError("now is for Engine(clock='manual'); the system clock has its own time")
        options = {
            "seed": seed,
            "clock": clock,
            "now": None if now is None else to_epoch_millis(now),
            "account": account,
            "region": region,
            "limits": _limits(limits),
            "durations": None if durations is None else _durations(durations),
            "shardLimit": shard_limit,
            "onDemandStreamLimit": on_demand_stream_limit,
            "initializeStreams": initialize_streams,
            "objectCapacityBytes": object_capacity_bytes,
        }
        given = {name: value for name, value in options.items() if value is not None}
        self._start(RawEngine(json.dumps(given)))

    def _start(self, raw: RawEngine) -> None:
        self._raw = raw
        clock, self.region = raw.settings()
        self.clock = ManualClock(raw) if clock == "manual" else SystemClock(raw)
        self.objects = Objects(self)
        self.faults = Faults(self)
        self._servers: list[Server] = []
        _ENGINES.add(self)

    @classmethod
    def restore(cls, snapshot: bytes) -> Self:
        """The engine of a snapshot, with the settings and the kind of clock that it was taken with. A manual clock goes
        on when the snapshot was taken.

        Bytes that are no snapshot, of another version, cut off or changed raise `shardbrook.errors.SnapshotError`.
        """
        engine = cls.__new__(cls)
        engine._start(RawEngine.restore(snapshot))
        return engine

    # Clients of the AWS SDK.

    @overload
    def client(self, service: Literal["kinesis"], **options: Any) -> KinesisClient: ...
    @overload
    def client(self, service: Literal["firehose"], **options: Any) -> FirehoseClient: ...
    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client that this engine answers; `options` are those of `boto3.client`."""
        from . import boto

        return boto.client(self, service, **options)

    def attach(self, client_or_session: _T) -> _T:
        """Lets this engine answer a client that exists, or all clients that a session makes from now on. Other
        services than Kinesis and Firehose are left alone."""
        from . import boto

        boto.attach(self, client_or_session)
        return client_or_session

    def patch_boto3(self) -> AbstractContextManager[Engine]:
        """Lets this engine answer Kinesis and Firehose for clients that are made inside the block; other services
        are left alone, so that moto can serve them.

        Clients made before the block are answered too if their session is younger than the first use of shardbrook
        with boto3, else they need `attach`. A client made inside the block never talks to AWS, not even after it.
        """
        from . import boto

        return boto.patch(self)

    # Requests without an SDK.

    def request(
        self,
        target: str | None,
        body: bytes | str | Mapping[str, Any] = b"{}",
        *,
        content_type: str | None = JSON,
        region: str | None = None,
        access_key_id: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        method: str = "POST",
        path: str = "/",
    ) -> Response:
        """Sends one request, such as `request("Kinesis_20131202.ListStreams", {})`, with a placeholder signature.

        `headers` are added; a value of `None` takes a header away. The answer comes as it is, also an error:
        `raise_for_status()` makes it an exception.
        """
        credential = f"{access_key_id or 'test'}/20130101/{region or self.region}/kinesis/aws4_request"
        all_headers: dict[str, str | None] = {
            "x-amz-target": target,
            "content-type": content_type,
            "x-amz-date": "20130101T000000Z",
            "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, "
            f"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={'0' * 64}",
        }
        all_headers |= {name.lower(): value for name, value in (headers or {}).items()}
        sent = [(name, value) for name, value in all_headers.items() if value is not None]
        if isinstance(body, Mapping):
            body = json.dumps(body)
        return self._exchange(method, path, sent, body.encode() if isinstance(body, str) else body)

    def _exchange(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Response:
        """Sends a request and waits for its whole answer on the engine's clock."""
        answer, frames = self._open(method, path, headers, body)
        return answer if frames is None else replace(answer, body=b"".join(frames))

    def _open(
        self, method: str, path: str, headers: list[tuple[str, str]], body: bytes
    ) -> tuple[Response, Frames | None]:
        """Sends a request and waits for its answer; one that comes in pieces has them apart."""
        clock = self.clock
        answer, exchange = self._raw.handle_request(clock.millis(), method, path, headers, body)
        if answer is not None:
            return _response(answer), None if exchange is None else Frames(self, exchange)
        assert exchange is not None
        now = clock.millis()
        while True:
            _, answer, _, due = self._raw.poll(now, exchange)
            if answer is not None:
                return _response(answer), None
            if due is None:
                raise EngineClosedError("the engine was reset")
            try:
                now = clock.wait_until(due, exchange)
            except BaseException:
                exchange.close()
                raise

    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Server:
        """Opens a port behind which this engine answers, for programs in other processes and other languages.

            with engine.serve() as server:
                subprocess.run(program, env={**os.environ, "AWS_ENDPOINT_URL_KINESIS": server.url})

        HTTP/1.1, HTTP/2 with prior knowledge, and both over TLS with a certificate made for the occasion. What comes
        over the port and what comes from this process concern the same streams, clock and faults; `advance` of a manual
        clock wakes who waits at the other end. Port 0 stands for one that is free. Signatures are not checked; web pages
        of other sites than this machine's are refused.
        """
        server = Server(self, host, port)
        self._servers.append(server)
        return server

    # Reading.

    def records(self, stream: str) -> Records:
        """Reads a stream, given by name or ARN, in order: all shards, parents before children, aggregates taken
        apart. It ends where the stream ends for now; iterating again goes on from there."""
        return Records(self, self._raw.records(self.clock.millis(), stream))

    def metrics(self, stream: str) -> list[Metric]:
        """What a stream, given by name or ARN, was used for, by the names that its metrics have in CloudWatch, counted
        from its creation on: those of the stream, and those of its shards as far as enhanced monitoring is on."""
        listed = json.loads(self._raw.metrics(self.clock.millis(), stream))
        return [
            Metric(**{"shard_id" if name == "shardId" else name: value for name, value in metric.items()})
            for metric in listed
        ]

    # Life.

    def snapshot(self) -> bytes:
        """The whole state: streams with their records, delivery streams with their buffers, delivered objects, faults
        and settings. The same calls give the same bytes, in every language. `Engine.restore` makes an engine of
        them. Requests whose answers are pending are not part of it."""
        return self._raw.snapshot(self.clock.millis())

    def reset(self) -> None:
        """Starts again as if the engine were new, at the time that it is."""
        self._raw.reset(self.clock.millis())

    def close(self) -> None:
        """Frees everything, and closes its ports; any use afterwards raises `EngineClosedError`."""
        for server in self._servers:
            server.close()
        self._raw.close()

    @property
    def closed(self) -> bool:
        """Whether the engine is closed."""
        return self._raw.closed

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self.closed:
            return "<shardbrook.Engine closed>"
        return f"<shardbrook.Engine at {self.clock.now().isoformat()}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Engine lives in one process and cannot be pickled; make one in each process")

    def __copy__(self) -> NoReturn:
        raise TypeError("an Engine cannot be copied; make another one")

    def __deepcopy__(self, _: object) -> NoReturn:
        self.__copy__()


class Frames(Iterator[bytes]):
    """The body of an answer that comes in pieces: one for each step.

    A step waits for its piece on the engine's clock: a manual one is advanced to the time when something is due next,
    under the system clock the thread sleeps.
    """

    def __init__(self, engine: Engine, exchange: RawExchange) -> None:
        self._engine = engine
        self._exchange = exchange

    def __iter__(self) -> Frames:
        return self

    def __next__(self) -> bytes:
        clock = self._engine.clock
        now = clock.millis()
        while True:
            is_over, _, piece, due = self._engine._raw.poll(now, self._exchange)
            if piece is not None:
                return piece
            if is_over or due is None:
                raise StopIteration
            now = clock.wait_until(due, self._exchange)

    def close(self) -> None:
        """Nobody reads on: the engine forgets the answer."""
        self._exchange.close()


class Records(Iterator[Record]):
    """The user records of a stream, in order.

    A member of an aggregate that cannot be read raises `BadMemberError` in its place; the iterator goes on behind it.
    """

    def __init__(self, engine: Engine, reader: RawReader) -> None:
        self._engine = engine
        self._reader = reader
        self._batch: Iterator[Record | Exception] = iter(())

    def __iter__(self) -> Records:
        return self

    def __next__(self) -> Record:
        for item in self._batch:
            break
        else:
            self._batch = iter(self._reader.next_batch(self._engine.clock.millis()))
            item = next(self._batch)
        if isinstance(item, Record):
            return item
        raise item


class Objects:
    """The objects that delivery streams have put."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def buckets(self) -> list[str]:
        """The names of the buckets that hold something, in order."""
        return self._settled().buckets()

    def list(self, bucket: str, prefix: str = "") -> list[Object]:
        """The objects of a bucket whose keys start with `prefix`, in key order."""
        return self._settled().list_objects(bucket, prefix)

    def get(self, bucket: str, key: str) -> Object:
        """One object; `KeyError` if there is none."""
        found = self._settled().get_object(bucket, key)
        if found is None:
            raise KeyError(f"{bucket}/{key}")
        return found

    def clear(self) -> None:
        """Forgets all objects."""
        self._settled().clear_objects()

    def _settled(self) -> RawEngine:
        raw = self._engine._raw
        raw.handle_timeout(self._engine.clock.millis())
        return raw


class Faults:
    """What goes wrong on purpose."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        operation: str,
        *,
        stream: str | None = None,
        shard_id: str | None = None,
        error: str | None = None,
        per: Literal["request", "record"] | None = None,
        drop: Literal["before", "after"] | None = None,
        probability: float | None = None,
        times: int | None = None,
        latency_ms: int | None = None,
        **unknown: Never,
    ) -> None:
        """Lets requests of an operation, such as `"PutRecords"`, fail with an error's code, be answered late, or
        not at all: `drop` says whether they are carried out before the connection breaks.

        `stream` and `shard_id` choose requests about one stream and shard, `probability` some of them, and after
        `times` it is over. `per="record"` strikes single records of PutRecords, whose entries of the answer have
        the error; so does a `shard_id` there.
        """
        _refuse_unknown("faults.add", unknown, {"operation": None, **(Faults.add.__kwdefaults__ or {})})
        fault = {
            "operation": operation,
            "stream": stream,
            "shardId": shard_id,
            "error": error,
            "per": per,
            "drop": drop,
            "probability": probability,
            "times": times,
            "latencyMs": latency_ms,
        }
        self._engine._raw.add_fault(
            json.dumps({name: value for name, value in fault.items() if value is not None})
        )

    def clear(self) -> None:
        """Takes all faults away."""
        self._engine._raw.clear_faults()


def _response(answer: tuple[int, list[tuple[str, str]], bytes]) -> Response:
    status, headers, body = answer
    return Response(status, {name.lower(): value for name, value in headers}, body)


def _durations(durations: Durations) -> dict[str, int]:
    names = list(Durations.__annotations__)
    for name in durations:
        if name not in names:
            raise ConfigError(f"durations has no {name!r}{_nearest(name, names)}; it has {', '.join(names)}")
    spans: Mapping[str, Any] = durations
    return {_camel(name): to_millis(span) for name, span in spans.items()}


def _limits(limits: str | Limits) -> object:
    if not isinstance(limits, Mapping):
        return limits
    names = list(Limits.__annotations__)
    for name in limits:
        if name not in names:
            raise ConfigError(f"limits has no {name!r}{_nearest(name, names)}; it has {', '.join(names)}")
    given: Mapping[str, Any] = limits
    return {_camel(name): dict(limit) if isinstance(limit, Mapping) else limit for name, limit in given.items()}


def _refuse_unknown(function: str, unknown: Mapping[str, object], known: Mapping[str, object] | None) -> None:
    names = sorted(known or ())
    for name in unknown:
        raise TypeError(f"{function} has no option {name!r}{_nearest(name, names)}; it has {', '.join(names)}")


def _nearest(name: str, names: list[str]) -> str:
    snake = "".join("_" + char.lower() if char.isupper() else char for char in name)
    nearest = difflib.get_close_matches(snake, names, n=1)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


# A forked child has a copy of each engine, whose lock another thread of the parent may have held.

_ENGINES: weakref.WeakSet[Engine] = weakref.WeakSet()


class _Forked:
    """Stands where the engine of a parent process was."""

    closed = True

    def close(self) -> None:
        """There is nothing to close."""

    def __getattr__(self, _: str) -> NoReturn:
        raise EngineClosedError("this engine belongs to the parent process; make one after the fork")


def _leave_engines_to_parent() -> None:
    for engine in list(_ENGINES):
        forked: Any = _Forked()
        _KEPT.append(engine._raw)
        for server in engine._servers:
            # The child does not have its threads.
            _KEPT.append(server._raw)
            server._raw = forked
        engine._raw = engine.clock._raw = forked


_KEPT: list[RawEngine | RawServer] = []

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_engines_to_parent)
