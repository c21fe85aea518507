"""SQL in SQLite databases, by the library that is a part of Python: the task types.

- io.kestra.plugin.jdbc.sqlite.Queries
- io.kestra.plugin.jdbc.sqlite.Query
"""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from kestrel_cli.tasks.base import Dynamic, Instant, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.jdbc.aside import Aside, Stopped
from kestrel_cli.tasks.jdbc.local_files import brought, kept
from kestrel_cli.tasks.jdbc.properties import SqlTask
from kestrel_cli.tasks.jdbc.queries import Connect, Made, QueriesTask, QueryTask, queries, query
from kestrel_cli.tasks.jdbc.session import CursorRows, Errors, Rows, all_at_once, simple
from kestrel_cli.tasks.jdbc.statements import SQLITE, first_word, split
from kestrel_cli.tasks.jdbc.urls import rest_of
from kestrel_cli.tasks.properties.words import zone
from kestrel_cli.tasks.rows.cells import plain

_MEMORY: Final = ":memory:"
_READS: Final = frozenset({"SELECT", "WITH", "VALUES", "PRAGMA", "EXPLAIN"})

T = TypeVar("T", bound="SqliteTask")


class SqliteTask(SqlTask):
    """The properties of SQLite's tasks."""

    sqliteFile: Dynamic[str] | None = None
    outputDbFile: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "databaseUri": "with `outputDbFile`: the address of the database file"
    }


class Query(SqliteTask, QueryTask):
    """Run a SQL statement in a SQLite database.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(_with_file(ctx, self, query))


class Queries(SqliteTask, QueriesTask):
    """Run SQL statements in a SQLite database; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(_with_file(ctx, self, queries))


def _with_file(ctx: RunContext, task: T, work: Callable[[RunContext, T, Connect], Made]) -> Made:
    """Do the work with the database file, and keep it when asked to.

    A relative name is looked for in the working directory; without one there it is a file in the
    current directory, unless `sqliteFile` or `outputDbFile` say that it belongs to the task.
    """
    place = _place(ctx, task)
    size = max(ctx.integer(task.fetchSize), 1)
    where = zone(ctx, task.timeZoneId)
    outputs = work(ctx, task, lambda: SqliteSession(place, where, size))
    if ctx.boolean(task.outputDbFile):
        if not isinstance(place, Path):
            raise TaskFailed("`outputDbFile` needs a database file, not one in memory")
        outputs["databaseUri"] = kept(ctx, place)
    return outputs


def _place(ctx: RunContext, task: SqliteTask) -> Path | str:
    rest = rest_of(ctx.text(task.url), "sqlite").removeprefix("file:").partition("?")[0]
    given = ctx.text(task.sqliteFile)
    if rest in ("", _MEMORY) and not given:
        return _MEMORY
    name = rest if rest and rest != _MEMORY else "sqlite.db"
    if given:
        return brought(ctx, given, Path(name).name)
    path = Path(name)
    if path.is_absolute():
        return path
    inside = ctx.files.folder() / path
    if inside.is_file() or (ctx.boolean(task.outputDbFile) and not path.is_file()):
        return inside
    return path.absolute()


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
        return split(sql, SQLITE)

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
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
        self._aside(lambda: self._connection.execute("BEGIN"))

    def commit(self) -> None:
        """End it, and keep what it did."""
        self._aside(lambda: self._connection.execute("COMMIT"))

    def stop(self) -> None:
        self._aside.stop()

    def close(self) -> None:
        if self._aside.close():
            self._connection.close()

    def words(self, error: Exception) -> str:
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
