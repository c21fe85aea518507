"""MySQL and MariaDB servers."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.record import record
from kestrel_cli.tasks.databases.mysql_values import READ, converter
from kestrel_cli.tasks.databases.properties import simple
from kestrel_cli.tasks.databases.results import CursorRows
from kestrel_cli.tasks.databases.servers import line_to
from kestrel_cli.tasks.databases.session import Errors, Rows
from kestrel_cli.tasks.databases.statements import MYSQL, marks, split, tokens
from kestrel_cli.tasks.extras import library

_PATIENCE: Final = 2  # seconds to reach the server once more, to end what runs


@record
class Login:
    """How to get in. Without `tls` nothing is encrypted; a server without it is taken unless it is
    `tls_required`. `local_file` is the one file of this machine that the server may ask for.
    """

    hosts: list[tuple[str, int]]
    user: str
    password: str | None
    database: str
    tls: ssl.SSLContext | None
    tls_required: bool
    connect_timeout: float
    read_timeout: float | None
    local_file: str = ""
    many: bool = False


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
        self._connection = self._made(login.connect_timeout, login.read_timeout)
        try:
            self._connection.connect(self._line.dup())
        except BaseException as error:
            self._line.close()
            if isinstance(error, self.errors):
                raise TaskFailed(f"no connection to MySQL: {self._said(error)}") from None
            raise

    def statements(self, sql: str) -> list[str]:
        """The statements of a text."""
        return split(sql, MYSQL)

    def run(self, statement: str, parameters: Mapping[str, Any], *, wanted: bool) -> Rows | None:
        """Run one statement."""
        text, values = _formatted(statement, parameters)
        cursor = self._cursor = self._connection.cursor(self._driver.cursors.SSCursor)
        cursor.execute(text, values or None)
        if not cursor.description:
            self._finish()
            return None
        fields = cursor._result.fields  # the description has no flags
        names = [field.name for field in fields]
        convert = [converter(field) for field in fields]
        return CursorRows(names, convert, lambda: cursor.fetchmany(self._fetch_size), self._finish)

    def begin(self) -> None:
        """Start a transaction."""
        self._connection.begin()

    def commit(self) -> None:
        """End it, and keep what it did."""
        self._connection.commit()

    def stop(self) -> None:
        """Hang up, and have the server end what is running."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        with suppress(*self.errors):
            other = self._made(_PATIENCE, _PATIENCE)
            other.connect(socket.create_connection(self._host, _PATIENCE))
            other.kill(self._connection.thread_id())
            other.close()

    def close(self) -> None:
        """Drop the connection."""
        if self._cursor is not None:
            # Else the driver would read what is left of a result, from a connection that is gone.
            self._cursor.connection = None
        if (result := getattr(self._connection, "_result", None)) is not None:
            result.unbuffered_active = False
        with suppress(*self.errors):
            self._connection.close()
        self._line.close()

    def words(self, error: Exception) -> str:
        """What an error says."""
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

    def _made(self, connect_timeout: float, read_timeout: float | None) -> Any:
        login = self._login
        return _guarded(self._driver)(
            login,
            host=self._host[0],
            port=self._host[1],
            user=login.user,
            password=login.password or "",
            database=login.database or None,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=max(round(connect_timeout), 1),
            read_timeout=read_timeout,
            local_infile=bool(login.local_file),
            conv=_conversions(),
            defer_connect=True,
            ssl=login.tls if login.tls_required else None,
            ssl_disabled=not login.tls_required,
        )

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


@cache
def _conversions() -> dict[Any, Any]:
    made = dict(library("pymysql.converters", "mysql").conversions)
    for kind in READ:
        made.pop(kind)
    return made


@cache
def _guarded(driver: Any) -> Any:
    class Connection(driver.connections.Connection):  # type: ignore[misc]  # it is an Any
        """A server may ask for files of this machine by any name; it gets the one allowed."""

        def __init__(self, login: Login, **options: Any) -> None:
            self._local_file = login.local_file
            self._answer_is_due = False
            super().__init__(**options)
            if login.tls is not None and not login.tls_required:
                self.ssl, self.ctx = True, login.tls  # used if the server has it

        def _execute_command(self, command: int, sql: Any) -> None:
            super()._execute_command(command, sql)
            self._answer_is_due = True

        def _read_packet(self, *args: Any) -> Any:
            packet = super()._read_packet(*args)
            if self._answer_is_due:
                self._answer_is_due = False
                asked = packet.get_all_data()[1:] if packet.is_load_local_packet() else b""
                if asked and asked.decode("utf-8", "replace") != self._local_file:
                    self._force_close()
                    raise driver.err.OperationalError(
                        2068, "the server asks for a file that is not `inputFile`"
                    )
            return packet

    return Connection


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
