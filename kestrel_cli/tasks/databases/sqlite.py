"""SQLite databases, by the library that is a part of Python."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.expressions.moments import Instant
from kestrel_cli.tasks.cells import plain
from kestrel_cli.tasks.databases.aside import Aside, Stopped
from kestrel_cli.tasks.databases.properties import simple
from kestrel_cli.tasks.databases.results import CursorRows, all_at_once
from kestrel_cli.tasks.databases.session import Errors, Rows
from kestrel_cli.tasks.databases.statements import SQLITE, first_word, split

_READS: Final = frozenset({"SELECT", "WITH", "VALUES", "PRAGMA", "EXPLAIN"})


class SqliteSession:
    """A connection to a database file, or to one in memory (`:memory:`)."""

    dialect = SQLITE
    errors: Errors = (sqlite3.Error, sqlite3.Warning, Stopped)
    many = False

    def __init__(self, place: Path | str, zone: tzinfo, fetch_size: int) -> None:
        _register()
        self._zone = zone
        self._fetch_size = fetch_size
        try:
            self._connection = sqlite3.connect(
                place,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise TaskFailed(f"the SQLite database can't be opened: {error}") from None
        self._aside = Aside(self._connection.interrupt)

    def statements(self, sql: str) -> list[str]:
        """The statements of a text."""
        return split(sql, SQLITE)

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
        """Run one statement."""
        values = {name: simple(value) for name, value in parameters.items()}
        cursor = self._aside(lambda: self._connection.execute(statement, _storable(values)))
        if cursor.description is None:
            cursor.close()
            return None
        # What changes tables is done as a whole, however many of its rows are wanted.
        reads = first_word(statement, SQLITE) in _READS
        more = (
            (lambda: self._aside(lambda: cursor.fetchmany(self._fetch_size)))
            if reads
            else all_at_once(self._aside(cursor.fetchall))
        )
        names = [column[0] for column in cursor.description]
        return CursorRows(names, [self._value] * len(names), more, cursor.close)

    def begin(self) -> None:
        """Start a transaction."""
        self._aside(lambda: self._connection.execute("BEGIN"))

    def commit(self) -> None:
        """End it, and keep what it did."""
        self._aside(lambda: self._connection.execute("COMMIT"))

    def stop(self) -> None:
        """End what is running."""
        self._aside.stop()

    def close(self) -> None:
        """Drop the connection."""
        if self._aside.close():
            self._connection.close()

    def words(self, error: Exception) -> str:
        """What an error says."""
        return f"SQLite: {error}"

    def _value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return Instant.of(value if value.tzinfo else value.replace(tzinfo=self._zone))
        return plain(value)


def _storable(values: dict[str, Any]) -> dict[str, Any]:
    """SQLite has no decimals, and no whole numbers of more than 64 bits."""
    fits = {int: lambda value: value if -(2**63) <= value < 2**63 else str(value)}
    return {
        name: value
        if isinstance(value, (str, float, bytes, bool, type(None)))
        else fits.get(type(value), str)(value)
        for name, value in values.items()
    }


@cache
def _register() -> None:
    """How columns that are declared as dates are read. Only connections that ask for it do so."""
    sqlite3.register_converter("DATE", lambda data: _read(data, date.fromisoformat))
    sqlite3.register_converter("TIME", lambda data: _read(data, time.fromisoformat))
    for name in ("DATETIME", "TIMESTAMP"):
        sqlite3.register_converter(name, lambda data: _read(data, _moment))


def _read(data: bytes, convert: Any) -> Any:
    """What a text spells, or the text; SQLite keeps whatever it is given."""
    text = data.decode("utf-8", "replace")
    try:
        return convert(text)
    except (ValueError, OverflowError):
        return text


def _moment(text: str) -> datetime:
    if text.lstrip("-").isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return datetime.fromisoformat(text)
