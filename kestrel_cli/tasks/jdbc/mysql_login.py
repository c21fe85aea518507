"""Getting into a MySQL or MariaDB server, with what PyMySQL has no public names for.

All private names of the driver are used in this file. A test holds the list of them, and the extra
`mysql` bounds the driver's version.
"""

import ssl
from functools import cache
from typing import Any

from kestrel_cli.tasks.base import library, record
from kestrel_cli.tasks.jdbc.mysql_values import READ


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


def connection(
    login: Login, host: tuple[str, int], connect_timeout: float, read_timeout: float | None
) -> Any:
    """A connection of the driver that still has to `connect`."""
    return _connection_class()(
        login,
        host=host[0],
        port=host[1],
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


def columns(cursor: Any) -> list[Any]:
    """The columns of a result with their flags, which the cursor's description leaves out."""
    found: list[Any] = cursor._result.fields
    return found


@cache
def _conversions() -> dict[Any, Any]:
    made = dict(library("pymysql.converters", "mysql").conversions)
    for kind in READ:
        made.pop(kind)
    return made


@cache
def _connection_class() -> Any:
    driver: Any = library("pymysql", "mysql")

    class Connection(driver.connections.Connection):  # type: ignore[misc]  # it is an Any
        """A server may ask for files of this machine by any name; it gets the one allowed."""

        def __init__(self, login: Login, **options: Any) -> None:
            self._local_file = login.local_file
            self._answer_is_due = False
            super().__init__(**options)
            if login.tls is not None and not login.tls_required:
                self.ssl, self.ctx = True, login.tls  # used if the server has it

        def close(self) -> None:
            # Else the driver would read what is left of a result, from a connection that is gone.
            if self._result is not None:
                self._result.unbuffered_active = False
            super().close()

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
