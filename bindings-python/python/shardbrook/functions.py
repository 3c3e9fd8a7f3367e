"""Hashing, placing, aggregating: what needs no engine."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from . import _native
from ._native import DEFAULT_MAX_BYTES, NO_SHARD, UserRecord, hash_key
from .errors import BadMemberError

if TYPE_CHECKING:
    # Known to the type checker where boto3-stubs are installed.
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

__all__ = [
    "DEFAULT_MAX_BYTES",
    "NO_SHARD",
    "Data",
    "Entry",
    "Range",
    "Shards",
    "UserRecord",
    "aggregate",
    "assign_shards",
    "deaggregate",
    "hash_key",
]

Data: TypeAlias = bytes | bytearray | memoryview | str
"""A payload, as boto3 takes it."""

Entry: TypeAlias = Mapping[str, Any] | tuple[str, Data] | tuple[str, Data, str | int | None]
"""`{"PartitionKey": …, "Data": …, "ExplicitHashKey": …}`, or a tuple in that order; the last may be left out."""

Range: TypeAlias = tuple[int, int] | Mapping[str, Any]
"""An inclusive range of hash keys: `(start, end)`, a shard as ListShards gives it, or its `HashKeyRange`."""

Shards: TypeAlias = int | Iterable[Range] | Mapping[str, Any]
"""How many shards there are, the answer of ListShards, or a list of ranges."""


_MAX_SHARDS = 1_000_000
"""More than any account may have: a guard against a mistyped count."""


def assign_shards(keys: Iterable[str], shards: Shards) -> array[int]:
    """For each partition key the place of its shard in `shards`, or `NO_SHARD`; an array of 32-bit numbers that
    NumPy takes as it is. Closed shards in an answer of ListShards are passed over."""
    ranges, places = _ranges(shards)
    found = array("I")
    found.frombytes(_native.assign_shards(keys, ranges))
    if places is not None:
        found = array("I", (NO_SHARD if place == NO_SHARD else places[place] for place in found))
    return found


def aggregate(
    entries: Iterable[Entry], shards: Shards | None = None, max_bytes: int = DEFAULT_MAX_BYTES
) -> list[PutRecordsRequestEntryTypeDef]:
    """Packs user records into aggregates of at most `max_bytes`, ready for PutRecords.

    With `shards`, records of different shards are kept apart, so that no reader drops one.
    """
    return _native.aggregate(entries, None if shards is None else _ranges(shards)[0], max_bytes)


def deaggregate(
    data_or_record: Data | Mapping[str, Any],
    shard: Range | None = None,
    mode: Literal["per_record", "kcl", "off"] = "per_record",
) -> list[UserRecord]:
    """The user records in a stream record: bytes, a record of GetRecords, or a record of a Lambda event.

    Data that is no aggregate gives itself, with the outer key and number. With `shard`, members that belong to
    other shards are dropped: each by itself, or as the KCL does it all of them.

    Raises `BadMemberError`, with the readable members, when the aggregate has members that cannot be read.
    """
    data, key, explicit, number = _outer(data_or_record)
    bounds = None if shard is None else _range(shard)
    records, bad = _native.deaggregate(data, bounds, mode, key, explicit, number)
    if bad:
        raise BadMemberError("; ".join(trouble for _, trouble in bad), records, bad)
    return records


def _outer(source: Data | Mapping[str, Any]) -> tuple[bytes, str, str | None, str | None]:
    """Data, partition key, explicit hash key and sequence number of a stream record."""
    if isinstance(source, Mapping):
        if "kinesis" in source:
            record = source["kinesis"]
            data = base64.b64decode(record["data"], validate=True)
            return data, record.get("partitionKey", ""), None, record.get("sequenceNumber")
        if "Data" in source:
            return (
                _bytes(source["Data"]),
                source.get("PartitionKey", ""),
                source.get("ExplicitHashKey"),
                source.get("SequenceNumber"),
            )
        raise ValueError(
            "a record has Data, as GetRecords gives it, or kinesis, as Lambda gives it; this one has "
            + (", ".join(map(str, source)) or "nothing")
        )
    return _bytes(source), "", None, None


def _bytes(data: Data) -> bytes:
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError(f"data must be bytes-like, str or a record, not {type(data).__name__}")


def _ranges(shards: Shards) -> tuple[int | list[tuple[int, int]], Sequence[int] | None]:
    """What the native functions take, and the place of each range in `shards` where closed shards were left out."""
    if isinstance(shards, bool) or isinstance(shards, str):
        raise TypeError(f"shards must be a count, an answer of ListShards or a list of ranges, not {shards!r}")
    if isinstance(shards, int):
        if not 1 <= shards <= _MAX_SHARDS:
            raise ValueError(f"shards must be 1 to {_MAX_SHARDS}, not {shards}")
        return shards, None
    if isinstance(shards, Mapping):
        if "Shards" not in shards:
            raise ValueError("a mapping of shards must be an answer of ListShards, with Shards in it")
        given: list[Range] = list(shards["Shards"])
    else:
        given = list(shards)
    is_open = [
        not (isinstance(shard, Mapping) and shard.get("SequenceNumberRange", {}).get("EndingSequenceNumber"))
        for shard in given
    ]
    ranges = [_range(shard) for shard, is_open in zip(given, is_open) if is_open]
    if all(is_open):
        return ranges, None
    return ranges, [place for place, is_open in enumerate(is_open) if is_open]


def _range(shard: Range) -> tuple[int, int]:
    if isinstance(shard, Mapping):
        keys = shard.get("HashKeyRange", shard)
        try:
            start, end = keys["StartingHashKey"], keys["EndingHashKey"]
        except KeyError as missing:
            raise ValueError(f"a shard needs a HashKeyRange with {missing.args[0]}: {shard!r}") from None
    else:
        try:
            start, end = shard
        except (TypeError, ValueError):
            raise TypeError(f"a range is (start, end) or a shard as ListShards gives it, not {shard!r}") from None
    bounds = int(start), int(end)
    if not 0 <= bounds[0] <= bounds[1] < 1 << 128:
        raise ValueError(f"a range is within 0 and 2**128 - 1, its start first, not {bounds}")
    return bounds
