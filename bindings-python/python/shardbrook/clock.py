"""The engine's time."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from datetime import datetime, timedelta, timezone
from typing import Final

from ._native import RawEngine, RawExchange

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)

LONGEST_WAIT_SECONDS: Final = 60.0
"""For how long a thread really waits for one answer under the system clock: botocore's read timeout."""


def system_millis() -> int:
    """`time.time()` in milliseconds; the engine asks here, too, for requests that come over a port."""
    return int(time.time() * 1000)


class Clock(ABC):
    """The time that an engine goes by; `engine.clock`."""

    manual: bool
    """Whether time moves by `advance` alone."""

    def __init__(self, raw: RawEngine) -> None:
        self._raw = raw

    def now(self) -> datetime:
        """The time, in UTC."""
        return EPOCH + timedelta(milliseconds=self.millis())

    @abstractmethod
    def millis(self) -> int:
        """The time in milliseconds since the Unix epoch."""

    @abstractmethod
    def advance(self, by: float | timedelta) -> datetime:
        """Moves a manual clock by so many seconds; everything that falls due on the way happens, each at its time."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Lets time pass: a manual clock is advanced, under the system clock the thread sleeps."""

    @abstractmethod
    def wait_until(self, millis: int, exchange: RawExchange) -> int:
        """Lets time pass until then, or until there is something to look at; gives the time that the engine is to be
        told."""


class SystemClock(Clock):
    """The time of `time.time()`, asked at each call, so that freezegun and time-machine move it."""

    manual = False

    def millis(self) -> int:
        return system_millis()

    def advance(self, by: float | timedelta) -> datetime:
        raise TypeError("this engine goes by the system clock, which cannot be advanced; use Engine(clock='manual')")

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait_until(self, millis: int, exchange: RawExchange) -> int:
        # Counted, because a frozen clock does not show how long it took.
        left = needed = max(millis - self.millis(), 0) / 1000
        if needed > LONGEST_WAIT_SECONDS:
            left = LONGEST_WAIT_SECONDS
        while left > 0:
            # In short steps, so that Ctrl-C is heard.
            step = min(left, 0.1)
            if exchange.block(step):
                return self.millis()
            left -= step
        if needed > LONGEST_WAIT_SECONDS:
            raise TimeoutError(f"no answer within {LONGEST_WAIT_SECONDS:.0f} s")
        # The engine is told that the wait happened.
        return max(millis, self.millis())


class ManualClock(Clock):
    """A time that stands still until it is advanced."""

    manual = True

    def __init__(self, raw: RawEngine) -> None:
        super().__init__(raw)
        self._lock = threading.Lock()
        self._millis = raw.now()

    def millis(self) -> int:
        return self._millis

    def advance(self, by: float | timedelta) -> datetime:
        step = to_millis(by)
        if step < 0:
            raise ValueError(f"time does not run backwards: {by!r}")
        with self._lock:
            self._millis += step
            millis = self._millis
        self._raw.handle_timeout(millis)
        return EPOCH + timedelta(milliseconds=millis)

    def wait(self, seconds: float) -> None:
        self.advance(max(seconds, 0))

    def wait_until(self, millis: int, exchange: RawExchange) -> int:
        with self._lock:
            self._millis = max(self._millis, millis)
            return self._millis


def to_millis(span: float | timedelta) -> int:
    """A span in whole milliseconds; parts of one count as one, so that a wait is never too short."""
    if not isinstance(span, timedelta):
        if isinstance(span, bool) or not isinstance(span, (int, float)):
            raise TypeError(f"a span is seconds or a timedelta, not {type(span).__name__}")
        # Through microseconds, because 1.1 s are 1100.0000000000002 ms.
        span = timedelta(microseconds=round(span * 1_000_000))
    return -(-span // timedelta(milliseconds=1))


def to_epoch_millis(moment: datetime) -> int:
    """Milliseconds from the Unix epoch to `moment`, which must have a time zone."""
    if moment.tzinfo is None:
        raise ValueError(
            "now needs a time zone, for instance datetime(2013, 1, 1, tzinfo=timezone.utc)"
        )
    return (moment - EPOCH) // timedelta(milliseconds=1)
