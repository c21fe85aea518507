"""Connections to MySQL and MariaDB servers."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed, library
from kestrel_cli.tasks.jdbc.mysql_login import Login, columns, connection
from kestrel_cli.tasks.jdbc.mysql_values import converter
from kestrel_cli.tasks.jdbc.servers import line_to
from kestrel_cli.tasks.jdbc.session import CursorRows, Errors, Rows, simple
from kestrel_cli.tasks.jdbc.statements import MYSQL, marks, split, tokens

_PATIENCE: Final = 2  # seconds to reach the server once more, to end what runs


class MysqlSession:
    """A connection to a server; the first of the hosts that answers."""

    dialect = MYSQL

    def __init__(self, login: Login, fetch_size: int) -> None:
        self._driver = library("pymysql", "mysql")
        # The driver lets some errors of sockets, and of missing libraries, out as they are.
        self.errors: Errors = (self._driver.err.MySQLError, OSError, RuntimeError)
        self.many = login.many
        self._login = login
        self._fetch_size = fetch_size
        self._cursor: Any = None  # of the statement whose rows are read
        self._line, self._host = line_to(login.hosts, login.connect_timeout, "MySQL")
        self._connection = connection(login, self._host, login.connect_timeout, login.read_timeout)
        try:
            self._connection.connect(self._line.dup())
        except BaseException as error:
            self._line.close()
            if isinstance(error, self.errors):
                raise TaskFailed(f"no connection to MySQL: {self._said(error)}") from None
            raise

    def statements(self, sql: str) -> list[str]:
        return split(sql, MYSQL)

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
        text, values = _formatted(statement, parameters)
        cursor = self._cursor = self._connection.cursor(self._driver.cursors.SSCursor)
        cursor.execute(text, values or None)
        if not cursor.description:
            self._finish()
            return None
        found = columns(cursor)
        names = [column.name for column in found]
        convert = [converter(column) for column in found]
        return CursorRows(names, convert, lambda: cursor.fetchmany(self._fetch_size), self._finish)

    def begin(self) -> None:
        self._connection.begin()

    def commit(self) -> None:
        """End it, and keep what it did."""
        self._connection.commit()

    def stop(self) -> None:
        """Hang up, and have the server end what is running."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        with suppress(*self.errors):
            other = connection(self._login, self._host, _PATIENCE, _PATIENCE)
            other.connect(socket.create_connection(self._host, _PATIENCE))
            other.kill(self._connection.thread_id())
            other.close()

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.connection = None  # it would read its rows to the end
        with suppress(*self.errors):
            self._connection.close()
        self._line.close()

    def words(self, error: Exception) -> str:
        return f"MySQL: {self._said(error)}"

    def prepare(self, sql: str) -> "MysqlBatch":
        """A statement with `?` for its values."""
        text, count = marks(_percents(sql), MYSQL, lambda _: "%s")
        return MysqlBatch(self._connection, text, count)

    def _finish(self) -> None:
        """Pass over what is left of a result, and over the other results of a procedure."""
        cursor = self._cursor
        while cursor.description and cursor.fetchmany(self._fetch_size):
            pass
        while cursor.nextset():
            while cursor.description and cursor.fetchmany(self._fetch_size):
                pass
        cursor.close()
        self._cursor = None

    def _said(self, error: Exception) -> str:
        if "cryptography" in str(error):
            return f"{error}: pip install cryptography"
        match error.args:
            case (int(code), str(message)):
                return f"{message} (error {code})"
            case _:
                return str(error)


class MysqlBatch:
    """A statement of a server that is run for many rows; `count` values belong to it."""

    def __init__(self, connection: Any, text: str, count: int) -> None:
        self.count = count
        self._connection = connection
        self._text = text

    def run(self, rows: list[list[Any]]) -> int:
        """Run it for each row; inserts go as one."""
        with self._connection.cursor() as cursor:
            values = [tuple(simple(value) for value in row) for row in rows]
            return int(cursor.executemany(self._text, values) or 0)


def _formatted(sql: str, parameters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The text with `%s` for the parameters, and their values in that order."""
    if not parameters:
        return sql, []
    values = []
    out = []
    for kind, text in tokens(_percents(sql), MYSQL):
        if kind == "name" and text[1:] in parameters:
            values.append(simple(parameters[text[1:]]))
            text = "%s"  # noqa: PLW2901
        out.append(text)
    # Without values the driver leaves percent signs as they are.
    return ("".join(out), values) if values else (sql, [])


def _percents(sql: str) -> str:
    return sql.replace("%", "%%")
