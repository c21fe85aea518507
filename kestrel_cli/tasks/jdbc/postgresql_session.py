"""Connections to PostgreSQL servers."""

import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import tzinfo
from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed, library
from kestrel_cli.tasks.jdbc.postgresql_login import Login, logged_in
from kestrel_cli.tasks.jdbc.postgresql_values import readers
from kestrel_cli.tasks.jdbc.servers import line_to
from kestrel_cli.tasks.jdbc.session import CursorRows, Errors, Rows, all_at_once, simple
from kestrel_cli.tasks.jdbc.statements import POSTGRES, first_word, marks, split, tokens
from kestrel_cli.tasks.rows.cells import plain

_CANCEL: Final = 80877102  # the code of a request to end what runs
_PATIENCE: Final = 2.0  # seconds for such a request
_CURSOR: Final = "kestrel_rows"
_READS: Final = frozenset({"SELECT", "VALUES", "TABLE", "WITH"})


class PostgresSession:
    """A connection to a server; the first of the hosts that answers."""

    dialect = POSTGRES
    many = False

    def __init__(self, login: Login, zone: tzinfo, fetch_size: int) -> None:
        faults = library("pg8000.exceptions", "postgres")
        # The driver lets some errors of sockets and broken messages out as they are.
        self.errors: Errors = (faults.Error, OSError, struct.error)
        self._database_error = faults.DatabaseError
        self._fetch_size = fetch_size
        self._together = False
        self._key = b""
        line, self._host = line_to(login.hosts, login.connect_timeout, "PostgreSQL")
        self._line = line.dup()  # the other one may be wrapped for TLS
        try:
            self._connection = logged_in(login, line, self._host[0])
            self._key = self._connection.cancel_key
        except BaseException as error:
            line.close()
            self._line.close()
            if isinstance(error, (*self.errors, ValueError, AttributeError)):
                raise TaskFailed(f"no connection to PostgreSQL: {self._said(error)}") from None
            raise
        self._line.settimeout(login.read_timeout)
        for number, read in readers(zone).items():
            self._connection.register_in_adapter(number, read)

    def statements(self, sql: str) -> list[str]:
        return split(sql, POSTGRES)

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
        text, values = _numbered(statement, parameters)
        if first_word(statement, POSTGRES) in _READS and self._declared(text, values):
            return self._cursor_rows(wanted=wanted)
        found = self._executed(text, values)
        if found.columns is None:
            return None
        return self._rows(found.columns, all_at_once(found.rows or []), lambda: None)

    def begin(self) -> None:
        self._executed("BEGIN")
        self._together = True

    def commit(self) -> None:
        """End it, and keep what it did."""
        self._executed("COMMIT")
        self._together = False

    def stop(self) -> None:
        """Ask the server to end what is running, and hang up."""
        if self._key:
            with suppress(OSError), socket.create_connection(self._host, _PATIENCE) as line:
                line.sendall(struct.pack("!ii", 8 + len(self._key), _CANCEL) + self._key)
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(*self.errors):
            self._connection.close()
        self._line.close()

    def words(self, error: Exception) -> str:
        return f"PostgreSQL: {self._said(error)}"

    def prepare(self, sql: str) -> "PostgresBatch":
        """A statement with `?` for its values."""
        text, count = marks(sql, POSTGRES, "${}".format)
        name = self._connection.prepare_statement(text, ())[0]
        return PostgresBatch(self._connection, name, text, count)

    def _executed(self, sql: str, values: list[Any] | None = None) -> Any:
        if values:
            return self._connection.execute_unnamed(sql, values)
        return self._connection.execute_simple(sql)

    def _declared(self, sql: str, values: list[Any]) -> bool:
        """Open a cursor, so that rows come in batches; false for what can't have one."""
        if not self._together:
            self._executed("BEGIN")
        self._executed(f"SAVEPOINT {_CURSOR}")
        try:
            self._executed(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {sql}", values)
        except self._database_error:
            # A statement that is wrong is run all the same, to have its own error.
            self._executed(f"ROLLBACK TO SAVEPOINT {_CURSOR}")
            if not self._together:
                self._executed("COMMIT")
            return False
        return True

    def _cursor_rows(self, *, wanted: bool) -> Rows:
        if not wanted:
            self._executed(f"MOVE FORWARD ALL FROM {_CURSOR}")
        first = self._executed(f"FETCH FORWARD {self._fetch_size if wanted else 0} FROM {_CURSOR}")
        waiting = [first.rows or []]

        def more() -> list[Any]:
            if waiting:
                return waiting.pop()
            found = self._executed(f"FETCH FORWARD {self._fetch_size} FROM {_CURSOR}").rows
            return found or []

        return self._rows(first.columns or [], more, self._closed)

    def _closed(self) -> None:
        self._executed(f"CLOSE {_CURSOR}")
        self._executed(f"RELEASE SAVEPOINT {_CURSOR}")
        if not self._together:
            self._executed("COMMIT")

    def _rows(
        self,
        columns: list[dict[str, Any]],
        more: Callable[[], list[Any]],
        close: Callable[[], object],
    ) -> Rows:
        names = [column["name"] for column in columns]
        return CursorRows(names, [plain] * len(names), more, close)

    def _said(self, error: Exception) -> str:
        told = error.args[0] if error.args else ""
        if not isinstance(told, dict):
            cause = f": {error.__cause__}" if error.__cause__ else ""
            return f"{error}{cause}"
        lines = [f"{told.get('M')} ({told.get('C')})"]
        lines += [
            f"{name}: {told[key]}" for name, key in (("detail", "D"), ("hint", "H")) if key in told
        ]
        return "\n".join(lines)


class PostgresBatch:
    """A prepared statement of a server; `count` values belong to it."""

    def __init__(self, connection: Any, name: bytes, text: str, count: int) -> None:
        self.count = count
        self._connection = connection
        self._name = name
        self._text = text
        self._params = library("pg8000.converters", "postgres").make_params

    def run(self, rows: list[list[Any]]) -> int:
        """Run it for each row."""
        changed = 0
        for row in rows:
            values = self._params(self._connection.py_types, [_sent(value) for value in row])
            found = self._connection.execute_named(self._name, values, None, None, self._text)
            changed += max(found.row_count, 0)
        return changed


def _numbered(sql: str, parameters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The text with `$1` and so on for the parameters, and their values in that order."""
    numbers: dict[str, int] = {}
    out = []
    for kind, text in tokens(sql, POSTGRES):
        if kind == "name" and text[1:] in parameters:
            number = numbers.setdefault(text[1:], len(numbers) + 1)
            text = f"${number}"  # noqa: PLW2901
        out.append(text)
    return "".join(out), [_sent(parameters[name]) for name in numbers]


def _sent(value: Any) -> Any:
    """Lists of plain values are arrays, maps and lists of them are JSON."""
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        return [simple(item) for item in value]
    return simple(value)
