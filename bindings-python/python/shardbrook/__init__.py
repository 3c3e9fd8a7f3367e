"""Amazon Kinesis Data Streams and Amazon Data Firehose in process: no socket, no container, no wall clock.

    from shardbrook import Engine

    engine = Engine(clock="manual")
    kinesis = engine.client("kinesis")        # a boto3 client

See `Engine`, and the functions `hash_key`, `assign_shards`, `aggregate` and `deaggregate`.
"""

from ._native import Object, Record
from .clock import Clock, ManualClock, SystemClock
from .engine import Durations, Engine, Faults, Limit, Limits, Metric, Objects, Records, Response
from .errors import (
    AggregateError,
    BadMemberError,
    ConfigError,
    EngineClosedError,
    PatchEndedError,
    ShardbrookError,
)
from .functions import (
    DEFAULT_MAX_BYTES,
    NO_SHARD,
    Data,
    Entry,
    Range,
    Shards,
    UserRecord,
    aggregate,
    assign_shards,
    deaggregate,
    hash_key,
)
from .server import Server

__all__ = [
    "DEFAULT_MAX_BYTES",
    "NO_SHARD",
    "AggregateError",
    "BadMemberError",
    "Clock",
    "ConfigError",
    "Data",
    "Durations",
    "Engine",
    "EngineClosedError",
    "Entry",
    "Faults",
    "Limit",
    "Limits",
    "ManualClock",
    "Metric",
    "Object",
    "Objects",
    "PatchEndedError",
    "Range",
    "Record",
    "Records",
    "Response",
    "Server",
    "ShardbrookError",
    "Shards",
    "SystemClock",
    "UserRecord",
    "aggregate",
    "assign_shards",
    "deaggregate",
    "hash_key",
]
