"""Getting into a PostgreSQL server, with what pg8000 has no public names for.

All private names of the driver are used in this file. A test holds the list of them, and the extra
`postgres` bounds the driver's version.
"""

import socket
import ssl
import struct
from contextlib import suppress
from functools import cache
from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed, library, record

_TLS: Final = 80877103  # the code of a request for it


@record
class Login:
    """How to get in. Without `tls` nothing is encrypted; a server without it is taken unless it is
    `tls_required`.
    """

    hosts: list[tuple[str, int]]
    user: str
    password: str | None
    database: str
    tls: ssl.SSLContext | None
    tls_required: bool
    application: str
    settings: dict[str, str]  # of the server, for this connection
    connect_timeout: float
    read_timeout: float | None


def logged_in(login: Login, line: socket.socket, host: str) -> Any:
    """A connection of the driver. Raises TaskFailed, and what the driver raises."""
    return _connection_class()(
        login.user,
        host=host,
        database=login.database,
        password=login.password,
        ssl_context=False,
        application_name=login.application,
        startup_params=login.settings,
        sock=_encrypted(line, host, login) if login.tls else line,
    )


@cache
def _connection_class() -> Any:
    """The connection of the driver, but closing all of it, and with the key to cancel by."""
    core: Any = library("pg8000.core", "postgres")

    class Connection(core.CoreConnection):  # type: ignore[misc]
        @property
        def cancel_key(self) -> bytes:
            """What the server wants to see before it ends what this connection runs."""
            return self._backend_key_data or b""

        def close(self) -> None:
            # The driver forgets its buffer, which keeps the socket open, and which Python complains
            # about when it can't be written any more.
            buffer = self._sock
            try:
                super().close()
            finally:
                if buffer is not None:
                    with suppress(OSError):
                        buffer.close()

    return Connection


def _encrypted(line: socket.socket, host: str, login: Login) -> socket.socket:
    """Ask the server for TLS. Raises TaskFailed when it has to have it and has not."""
    assert login.tls is not None
    line.sendall(struct.pack("!ii", 8, _TLS))
    if line.recv(1) == b"S":
        return login.tls.wrap_socket(line, server_hostname=host)
    if login.tls_required:
        raise TaskFailed("the PostgreSQL server has no TLS, and `sslMode` wants it")
    return line
