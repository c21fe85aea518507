"""What MySQL sends, as values of rows."""

from datetime import UTC, date, datetime
from typing import Any, Final

from kestrel_cli.tasks.base import Instant
from kestrel_cli.tasks.jdbc.session import Convert
from kestrel_cli.tasks.rows.cells import plain

_TINY, _TIMESTAMP, _LONGLONG, _DATE, _TIME, _DATETIME, _YEAR, _BIT = 1, 7, 8, 10, 11, 12, 13, 16
_UNSIGNED: Final = 32  # a flag of columns


def converter(column: Any) -> Convert:
    """How the values of a column are read; those of the types of `READ` come as text."""
    kind = column.type_code
    if kind == _TINY and column.length == 1:
        return bool
    if kind == _BIT:
        return (lambda value: value != b"\x00") if column.length == 1 else bytes
    if kind == _LONGLONG and column.flags & _UNSIGNED:
        return str  # as Kestra has it: it may be larger than its whole numbers
    return READ.get(kind, plain)


def _moment(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # 0000-00-00
        return text


def _instant(text: str) -> Any:
    when = _moment(text)
    return Instant.of(when.replace(tzinfo=UTC)) if isinstance(when, datetime) else when


def _day(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


READ: Final[dict[int, Convert]] = {
    _DATE: _day,
    _DATETIME: _moment,
    _TIMESTAMP: _instant,
    _TIME: str,
    _YEAR: lambda text: _day(f"{text}-01-01"),
}
