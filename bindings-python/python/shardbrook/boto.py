"""boto3 clients that an engine answers.

botocore asks the handlers of `before-send` for an answer before it opens a connection; ours gives the engine's.
Retries and waiters happen above that. They sleep, and for a client whose engine has a manual clock they advance that
clock instead: each such client has its own emitter and its own waiters for that, so that nothing of botocore is
replaced for other clients or other threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

try:
    import botocore.session
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient
    from botocore.exceptions import CapacityNotAvailableError, ConnectionClosedError, ReadTimeoutError
    from botocore.handlers import BUILTIN_HANDLERS
    from botocore.hooks import first_non_none_response
    from botocore.retries import adaptive, bucket, standard, throttling
    from botocore.waiter import NormalizedOperationMethod, Waiter
    from botocore import xform_name
except ImportError:
    raise ImportError("clients need boto3: pip install 'shardbrook[boto3]'")

from .clock import Clock
from .errors import PatchEndedError

if TYPE_CHECKING:
    from .engine import Engine, Frames

SERVICES = ("kinesis", "firehose")

Route = Callable[[], "Engine | None"]
"""Which engine answers at this moment; none when the request goes where it would go without us."""


def client(engine: Engine, service: str, **options: Any) -> BaseClient:
    """A client that `engine` answers."""
    _check_service(service)
    options.setdefault("region_name", engine.region)
    options.setdefault("aws_access_key_id", "test")
    options.setdefault("aws_secret_access_key", "test")
    made = _OWN_SESSION.create_client(service, options)
    _adopt(made, lambda: engine)
    return made


def attach(engine: Engine, target: object) -> None:
    """Lets `engine` answer a client, or what a session makes."""
    if isinstance(target, BaseClient):
        _check_service(target.meta.service_model.service_name)
        _adopt(target, lambda: engine)
        return
    events = getattr(target, "events", None)  # boto3.Session
    if isinstance(target, botocore.session.Session):
        events = target.get_component("event_emitter")
    if events is None:
        raise TypeError(f"attach takes a boto3 client or session, not {type(target).__name__}")
    for service in SERVICES:
        # Last, so that what was asked for by name prevails over patch_boto3().
        events.register_last(f"creating-client-class.{service}", _Adopting(lambda: engine))


@contextmanager
def patch(engine: Engine) -> Iterator[Engine]:
    """Lets `engine` answer inside the block."""
    boto3: Any
    try:
        import boto3
    except ImportError:
        boto3 = None
    # The default session may be older than our hook; inside the block there is another one.
    default = boto3.DEFAULT_SESSION if boto3 else None
    environment = {name: os.environ.get(name) for name in _FAKE_ENVIRONMENT}
    if boto3:
        boto3.DEFAULT_SESSION = None
    for name, value in _FAKE_ENVIRONMENT.items():
        os.environ.setdefault(name, value or engine.region)
    _PATCHES.append(engine)
    try:
        yield engine
    finally:
        # Blocks of several threads may end in any order.
        _PATCHES.reverse()
        _PATCHES.remove(engine)
        _PATCHES.reverse()
        for name, was in environment.items():
            if was is None:
                os.environ.pop(name, None)
        if boto3:
            boto3.DEFAULT_SESSION = default


_PATCHES: list[Engine] = []
"""Engines of the open `patch_boto3` blocks; the innermost, which is last, answers."""

_FAKE_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "",
}
"""What a client needs in order to be made, where the environment has none of its own."""


def _patched() -> Engine | None:
    """The engine of the innermost block."""
    return _PATCHES[-1] if _PATCHES else None


def _patched_for_good() -> Engine:
    """The same, for a client that was made inside a block: its requests are not for AWS."""
    if not _PATCHES:
        raise PatchEndedError("this client was made inside patch_boto3(), which has ended; make another one")
    return _PATCHES[-1]


def _check_service(service: str) -> None:
    if service not in SERVICES:
        raise ValueError(f"shardbrook answers {' and '.join(SERVICES)}, not {service}")


class _OwnSession:
    """The session of all engines' own clients, so that service models are read once. No configuration file of the
    machine has a part in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: botocore.session.Session | None = None

    def create_client(self, service: str, options: dict[str, Any]) -> BaseClient:
        """A client that nobody answers yet."""
        # Sessions are not for several threads.
        with self._lock:
            if self._session is None:
                nothing = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
                self._session = botocore.session.Session(
                    session_vars={name: (None, None, value, None) for name, value in nothing.items()}
                )
            made: BaseClient = self._session.create_client(service, **options)
        return made


_OWN_SESSION = _OwnSession()


# Making a client ours.


class _Adopting:
    """Handles `creating-client-class`: the clients of that class are ours."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def __call__(self, base_classes: list[type], **_: Any) -> None:
        base_classes.insert(0, type("Adopted", (_Adopted,), {"_route": staticmethod(self._route)}))


class _Adopted:
    """A base of clients that become ours when they are made."""

    _route: Route

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        made: Any = self
        _adopt(made, self._route)


def _adopt_in_patch(base_classes: list[type], **_: Any) -> None:
    """As `_Adopting`, for every session: a client belongs to the blocks for good if it is made inside one."""
    _Adopting(_patched_for_good if _PATCHES else _patched)(base_classes)


for _service in SERVICES:
    BUILTIN_HANDLERS.append((f"creating-client-class.{_service}", _adopt_in_patch))


def _adopt(made: BaseClient, route: Route) -> None:
    """Lets an engine answer a client, now and as long as it lives."""
    parts: Any = made
    endpoint = parts._endpoint
    if isinstance(endpoint._event_emitter, _Events):
        # The later owner is the one that was asked for by name.
        endpoint._event_emitter.route = route
        return
    events = endpoint._event_emitter = _Events(endpoint._event_emitter, route)
    service = made.meta.service_model.service_id.hyphenize()
    parts.meta.events.register(f"before-send.{service}", events.answer)

    get_waiter = made.get_waiter

    def clock_aware_waiter(waiter_name: str) -> Waiter:
        return _ClockWaiter(get_waiter(waiter_name), made, events)

    parts.get_waiter = clock_aware_waiter


class _Events:
    """The emitter of a client's endpoint, with what is ours put in."""

    def __init__(self, emitter: Any, route: Route) -> None:
        self._emitter = emitter
        self._limiter: _Limiter | None = None
        self.route = route

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emitter, name)

    def emit(self, event_name: str, **arguments: Any) -> Any:
        """Emits an event, as the endpoint asks."""
        if event_name.startswith("before-send."):
            if self._limiter:
                self._limiter.on_sending_request(**arguments)
            if self.route() is not None:
                # The first answer counts, and nobody is asked after it: moto listens to this event for every
                # service, and would act on the request too, or fail on it.
                return [self._emitter.emit_until_response(event_name, **arguments)]
            return self._emitter.emit(event_name, **arguments)
        responses = self._emitter.emit(event_name, **arguments)
        if event_name.startswith("needs-retry."):
            self._adopt_limiter(responses, arguments)
            delay = first_non_none_response(responses)
            clock = self.manual_clock()
            if delay and clock is not None:
                clock.wait(delay)
                # To be retried, and the endpoint need not sleep.
                return [(None, 0)]
        return responses

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Handles `before-send`."""
        engine = self.route()
        if engine is None:
            return None
        url = urlsplit(request.url)
        path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        headers = [(name, _text(value)) for name, value in request.headers.items()]
        body: Any = request.body or b""
        try:
            answer, frames = engine._open(
                request.method, path, headers, body.encode() if isinstance(body, str) else body
            )
        except ConnectionResetError as error:
            raise ConnectionClosedError(endpoint_url=request.url, request=request) from error
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url) from error
        answer_headers: Any = answer.headers
        raw: Any = _Body(answer.body) if frames is None else _StreamedBody(frames, request.url)
        return AWSResponse(request.url, answer.status, answer_headers, raw)

    def manual_clock(self) -> Clock | None:
        """The clock that waits are to advance."""
        engine = self.route()
        return engine.clock if engine is not None and engine.clock.manual else None

    def _adopt_limiter(self, responses: list[tuple[Any, Any]], arguments: dict[str, Any]) -> None:
        """Finds the rate limiter of the adaptive mode, and puts one in its place that goes by the engine's clock.

        botocore's own waits in a condition variable, which only real time ends. It is found at the first answer;
        a limiter limits nothing before that.
        """
        for handler, _ in responses:
            limiter = getattr(handler, "__self__", None)
            if type(limiter) is adaptive.ClientRateLimiter:
                self._emitter.unregister("before-send", limiter.on_sending_request)
                self._emitter.unregister("needs-retry", limiter.on_receiving_response)
                self._limiter = _Limiter(_LimiterClock(self))
                self._emitter.register("needs-retry", self._limiter.on_receiving_response)
                self._limiter.on_receiving_response(**arguments)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


class _Body:
    """The body of an answer, as urllib3 would give it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        """The bytes, in one piece."""
        yield self._body

    def close(self) -> None:
        """There is nothing to close."""


class _StreamedBody:
    """The body of an answer that comes in pieces."""

    def __init__(self, frames: Frames, url: str) -> None:
        self._frames = frames
        self._url = url

    def stream(self, **_: Any) -> Iterator[bytes]:
        """The pieces, each when it is there."""
        try:
            yield from self._frames
        except ConnectionResetError as error:
            raise ConnectionClosedError(endpoint_url=self._url) from error

    def close(self) -> None:
        """Nobody reads on."""
        self._frames.close()


# Waiting.


class _ClockWaiter(Waiter):
    """A waiter that advances a manual clock instead of sleeping."""

    def __init__(self, waiter: Waiter, made: BaseClient, events: _Events) -> None:
        config: Any = waiter.config
        operation = getattr(made, xform_name(config.operation))
        super().__init__(waiter.name, config, NormalizedOperationMethod(operation))
        self._waiter = waiter
        self._call = NormalizedOperationMethod(operation)
        self._events = events

    def wait(self, **arguments: Any) -> None:
        """Waits as botocore does."""
        if self._events.manual_clock() is None:
            self._waiter.wait(**arguments)
            return
        ours: Any = self.config
        config = dict(arguments.pop("WaiterConfig", None) or {})
        delay: float = config.get("Delay", ours.delay)
        calls = 0

        def call(**parameters: Any) -> Any:
            nonlocal calls
            calls += 1
            clock = self._events.manual_clock()
            if calls > 1 and clock is not None:
                clock.wait(delay)
            return self._call(**parameters)

        Waiter(self.name, self.config, call).wait(**arguments, WaiterConfig={**config, "Delay": 0})


class _LimiterClock(bucket.Clock):
    """Time for a rate limiter: the engine's if that is manual."""

    def __init__(self, events: _Events) -> None:
        super().__init__()
        self._events = events

    def sleep(self, amount: float) -> None:
        """Lets time pass."""
        clock = self._events.manual_clock()
        if clock is None:
            super().sleep(amount)
        else:
            clock.wait(amount)

    def current_time(self) -> float:
        """Seconds since the epoch."""
        clock = self._events.manual_clock()
        return super().current_time() if clock is None else clock.millis() / 1000


class _Bucket(bucket.TokenBucket):
    """A token bucket that waits on its clock."""

    _clock: bucket.Clock

    def acquire(self, amount: int = 1, block: bool = True) -> Any:
        """Takes tokens, and waits for them if there are too few."""
        while True:
            try:
                return super().acquire(amount, block=False)
            except CapacityNotAvailableError:
                if not block:
                    raise
                self._clock.sleep((amount - self.available_capacity) / self.max_rate)


class _Limiter(adaptive.ClientRateLimiter):
    """The rate limiter of the adaptive mode on another clock."""

    def __init__(self, clock: _LimiterClock) -> None:
        super().__init__(
            rate_adjustor=throttling.CubicCalculator(starting_max_rate=0, start_time=clock.current_time()),
            rate_clocker=adaptive.RateClocker(clock),
            token_bucket=_Bucket(max_rate=1, clock=clock),
            throttling_detector=standard.ThrottlingErrorDetector(
                retry_event_adapter=standard.RetryEventAdapter()
            ),
            clock=clock,
        )
