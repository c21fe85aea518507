"""Connections to DuckDB databases."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from kestrel_cli.tasks.base import Instant, TaskFailed, library
from kestrel_cli.tasks.jdbc.aside import Aside, Stopped
from kestrel_cli.tasks.jdbc.session import Convert, CursorRows, Errors, Rows, all_at_once, simple
from kestrel_cli.tasks.jdbc.statements import DUCKDB, has_word, named, split
from kestrel_cli.tasks.rows.cells import plain

_AS_TEXT: Final = frozenset({"HUGEINT", "UHUGEINT", "UBIGINT"})
_LOCAL: Final = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE_INTO"})
_GIVES_ROWS: Final = frozenset(
    {"SELECT", "EXPLAIN", "PRAGMA", "CALL", "EXECUTE", "RELATION", "ANALYZE"}
)


class DuckdbSession:
    """A connection to a database file, to one in memory (`:memory:`), or to MotherDuck (`md:...`).

    Files are read from `folder` when their names are relative.
    """

    dialect = DUCKDB
    many = True

    def __init__(self, place: str, folder: Path, zone: tzinfo, fetch_size: int) -> None:
        self._library = library("duckdb", "duckdb")
        self.errors: Errors = (self._library.Error, Stopped)
        self._folder = f"{folder}/"
        self._zone = zone
        self._fetch_size = fetch_size
        try:
            self._connection = self._library.connect(
                place, config={"temp_directory": str(folder / ".duckdb-temp")}
            )
            self._connection.execute(f"SET file_search_path = '{_quoted(str(folder))}'")
        except self._library.Error as error:
            raise TaskFailed(f"the DuckDB database can't be opened: {error}") from None
        self._aside = Aside(self._connection.interrupt)

    def load(self, extension: str, *, install: bool) -> None:
        """Load a community extension, after getting it. Raises what `errors` names."""
        if install:
            self._execute(f"INSTALL {extension} FROM community")
        self._execute(f"LOAD {extension}")

    def statements(self, sql: str) -> list[str]:
        return split(sql, DUCKDB)

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
        text = named(statement, DUCKDB, parameters, "${}".format)
        found = self._connection.extract_statements(text)
        if not found:
            return None
        values = {name: simple(parameters[name]) for name in found[0].named_parameters}
        self._execute(text, values or None)
        kind = found[0].type.name
        returning = kind in _CHANGES and has_word(statement, DUCKDB, "RETURNING")
        if not returning and kind not in _GIVES_ROWS:
            return None
        described = self._connection.description or []
        more = (
            all_at_once(self._aside(self._connection.fetchall))  # so that it is done as a whole
            if returning
            else lambda: self._aside(lambda: self._connection.fetchmany(self._fetch_size))
        )
        convert = [self._converter(column[0], str(column[1])) for column in described]
        return CursorRows([column[0] for column in described], convert, more, lambda: None)

    def begin(self) -> None:
        self._execute("BEGIN TRANSACTION")

    def commit(self) -> None:
        """End it, and keep what it did."""
        self._execute("COMMIT")

    def stop(self) -> None:
        self._aside.stop()

    def close(self) -> None:
        if self._aside.close():
            self._connection.close()

    def words(self, error: Exception) -> str:
        return f"DuckDB: {error}"

    def _execute(self, sql: str, values: dict[str, Any] | None = None) -> None:
        self._aside(lambda: self._connection.execute(sql, values))

    def _converter(self, name: str, kind: str) -> Convert:
        if kind in _AS_TEXT:
            return str  # as Kestra has it: they may be larger than its whole numbers
        if kind == "FLOAT":
            return _short_float
        if kind == "INTERVAL":
            return _interval
        if kind in _LOCAL:
            return self._local
        if kind == "TIMESTAMP WITH TIME ZONE":
            return _instant
        if name == "filename":
            return lambda value: str(value).removeprefix(self._folder)
        return plain

    def _local(self, value: datetime) -> Any:
        return value.replace(tzinfo=self._zone)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _instant(value: datetime) -> Any:
    try:
        return Instant.of(value)
    except OverflowError:  # infinity
        return value.replace(tzinfo=UTC)


def _short_float(value: float) -> float:
    """The shortest number that is the same in 32 bits."""
    wanted = struct.pack("f", value)
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == wanted:
            return short
    return value


def _interval(value: timedelta) -> str:
    """As DuckDB prints it; its months are days here."""
    days, rest = value.days, timedelta(seconds=value.seconds, microseconds=value.microseconds)
    parts = [f"{days} day{'' if abs(days) == 1 else 's'}"] if days else []
    if rest or not days:
        hours, _, more = str(rest).partition(":")
        parts.append(f"{int(hours):02d}:{more}")
    return " ".join(parts)
