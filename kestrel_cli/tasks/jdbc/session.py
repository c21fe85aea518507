"""What a connection to a database is to the tasks, and what the connections have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol

from kestrel_cli.tasks.base import moment_json
from kestrel_cli.tasks.jdbc.statements import Dialect

Errors = tuple[type[Exception], ...]
Convert = Callable[[Any], Any]


class Rows(Protocol):
    """The result of a statement: rows that come from the database while they are asked for."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""

    def __iter__(self) -> Iterator[list[Any]]:
        """The values of each row, as values of rows of internal storage."""

    def close(self) -> None:
        """No further row is wanted."""


class Session(Protocol):
    """An open connection. Everything but `stop` is called by one thread."""

    dialect: Dialect
    errors: Errors  # what its methods raise when the database refuses
    many: bool  # whether Query takes several statements, too

    def statements(self, sql: str) -> list[str]:
        """The statements of a text."""

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
        """Run one statement, values in place of its `:name`s; None when it is none that gives rows.
        Rows that are not `wanted` may be missing.
        """

    def begin(self) -> None:
        """Start a transaction."""

    def commit(self) -> None:
        """End it, and keep what it did."""

    def stop(self) -> None:
        """End what is running, from any thread."""

    def close(self) -> None:
        """Drop the connection; a transaction that is open did nothing."""

    def words(self, error: Exception) -> str:
        """What an error says."""


class Batches(Session, Protocol):
    """A connection that runs one statement for many rows."""

    def prepare(self, sql: str) -> "Batch":
        """A statement with `?` for its values."""


class Batch(Protocol):
    """A prepared statement; `count` values belong to it."""

    count: int

    def run(self, rows: list[list[Any]]) -> int:
        """Run it for each row; returns how many rows of tables were changed."""


class CursorRows:
    """Rows that a function gives in batches, an empty one at the end. Each value but null is
    converted by the function of its column.
    """

    def __init__(
        self,
        columns: list[str],
        convert: list[Convert],
        more: Callable[[], Sequence[Sequence[Any]]],
        close: Callable[[], object],
    ) -> None:
        self.columns = columns
        self._convert = convert
        self._more = more
        self._close = close

    def __iter__(self) -> Iterator[list[Any]]:
        convert = self._convert
        while batch := self._more():
            for values in batch:
                yield [
                    None if value is None else made(value)
                    for made, value in zip(convert, values, strict=True)
                ]

    def close(self) -> None:
        """No further row is wanted."""
        self._close()


def all_at_once(rows: list[Any]) -> Callable[[], list[Any]]:
    """What gives these rows as one batch."""
    waiting = [rows]
    return lambda: waiting.pop() if waiting else []


def simple(value: Any) -> Any:
    """A value that any driver takes: dates, lists and maps as text."""
    if value is None or isinstance(value, (str, int, float, bytes, Decimal)):
        return value
    if isinstance(value, (date, datetime, time)):
        return moment_json(value)
    from kestrel_cli.tasks.base import json_text

    return json_text(value)
