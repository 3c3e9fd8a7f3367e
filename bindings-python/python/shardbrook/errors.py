"""The exceptions of shardbrook.

For every error of the services there is a class with the service's own name for it, such as
`ResourceNotFoundException`; they are made from the engine's table. boto3 clients do not raise these but their own
modelled classes (`client.exceptions.ResourceNotFoundException`).
"""

from ._native import error_kinds


class ShardbrookError(Exception):
    """What every exception of shardbrook is."""

    code = "ShardbrookError"
    """The error's code, as `__type` in an answer."""
    status = 0
    """The HTTP status of such an answer; 0 for errors outside the API."""
    retryable = False
    """Whether the same request may succeed later without a change."""

    def __init__(self, message=""):
        super().__init__(message)
        self.message = message


class ConfigError(ShardbrookError, ValueError):
    """An option or a fault that makes no sense."""

    code = "ConfigError"


class EngineClosedError(ShardbrookError, RuntimeError):
    """The engine was closed, or belongs to another process."""

    code = "EngineClosedError"


class SnapshotError(ShardbrookError, ValueError):
    """Bytes that are no snapshot of an engine, of another version, cut off or changed."""

    code = "SnapshotError"


class PatchEndedError(ShardbrookError, RuntimeError):
    """A client made inside `patch_boto3()` was used after its end."""

    code = "PatchEndedError"


class AggregateError(ShardbrookError, ValueError):
    """An entry that cannot be aggregated, or a size that no aggregate can have."""

    code = "AggregateError"


class BadMemberError(ShardbrookError):
    """Members of an aggregate that cannot be read; the others are in `records`."""

    code = "BadMemberError"

    def __init__(self, message="", records=(), bad=()):
        super().__init__(message)
        self.records = list(records)
        """The user records that can be read."""
        self.bad = list(bad)
        """Place and trouble of each that cannot."""


ERRORS = {}
"""The class for each code of the services."""

for _name, _code, _status, _retryable in error_kinds():
    ERRORS[_code] = globals()[_code] = type(
        _code,
        (ShardbrookError,),
        {
            "__doc__": f"`{_code}` of the services, HTTP status {_status}.",
            "__module__": __name__,
            "code": _code,
            "status": _status,
            "retryable": _retryable,
        },
    )


def error_for(code, message=""):
    """The exception for a code; a plain `ShardbrookError` that bears it if it is not in the table."""
    if code in ERRORS:
        return ERRORS[code](message)
    error = ShardbrookError(message)
    error.code = code
    return error


__all__ = [
    "ERRORS",
    "AggregateError",
    "BadMemberError",
    "ConfigError",
    "EngineClosedError",
    "PatchEndedError",
    "ShardbrookError",
    "SnapshotError",
    "error_for",
    *ERRORS,
]
