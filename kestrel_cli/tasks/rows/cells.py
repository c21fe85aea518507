"""Values as libraries and databases give them: as values of rows, and as values of outputs."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kestrel_cli.tasks.base import Duration, Instant, key_text, moment_json, printed, to_plain

_AS_THEY_ARE = frozenset({str, int, float, bool, type(None), Decimal, bytes, date, Instant})


def plain(value: Any) -> Any:
    """A value that a file of rows can hold. Times of day, durations, ids and the like become text.

    A date-time in UTC is an instant.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, datetime):
        return Instant.of(value) if value.tzinfo is UTC else value
    if isinstance(value, time):
        return moment_json(value)
    if isinstance(value, timedelta):
        return str(Duration((value // timedelta(microseconds=1)) * 1000))
    if isinstance(value, dict):
        return {key_text(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    return str(value)


def for_output(value: Any) -> Any:
    """A value of a row as outputs hold it: dates as ISO text, decimals as numbers, bytes as
    base64. Nulls stay.
    """
    if isinstance(value, dict):
        return {key: for_output(item) for key, item in value.items()}
    if isinstance(value, list):
        return [for_output(item) for item in value]
    if isinstance(value, (date, time)):
        return moment_json(value)
    if isinstance(value, (Decimal, bytes)):
        return to_plain(value) if isinstance(value, Decimal) else printed(value)
    return value
