"""A port behind which an engine answers."""

from __future__ import annotations

import atexit
import weakref
from typing import TYPE_CHECKING, Self

from ._native import RawServer

if TYPE_CHECKING:
    from .engine import Engine


class Server:
    """A port behind which an engine answers; `Engine.serve` opens it. It closes with its engine, or at the end of a
    `with` block."""

    host: str
    """The address that it listens on."""
    port: int
    """The port that it listens on."""

    def __init__(self, engine: Engine, host: str, port: int) -> None:
        self._raw = RawServer(engine._raw, host, port)
        self.host = host
        self.port = self._raw.port or port
        _SERVERS.add(self)

    @property
    def url(self) -> str:
        """For `endpoint_url`, `AWS_ENDPOINT_URL_KINESIS` and the like; with `https` in place of `http` it works, too."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """Gives the port back, and ends all connections; closing twice is no error."""
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<shardbrook.Server at {self.url}>"


_SERVERS: weakref.WeakSet[Server] = weakref.WeakSet()


def _close_all() -> None:
    for server in list(_SERVERS):
        server.close()


# Its threads ask Python for the time, and must not outlive it.
atexit.register(_close_all)
