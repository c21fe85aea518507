"""Servers of databases: who may be connected to, as whom, and how it is encrypted."""

import socket
import ssl

from kestrel_cli.tasks.base import RunContext, TaskFailed
from kestrel_cli.tasks.jdbc.properties import ConnectedTask
from kestrel_cli.tasks.jdbc.urls import Address, is_loopback


def line_to(
    hosts: list[tuple[str, int]], timeout: float, what: str
) -> tuple[socket.socket, tuple[str, int]]:
    """A connection to the first host that answers, and which one it is. Raises TaskFailed."""
    problem: OSError | None = None
    for host in hosts:
        try:
            line = socket.create_connection(host, timeout)
        except OSError as error:
            problem = error
            continue
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return line, host
    places = ", ".join(f"{host}:{port}" for host, port in hosts)
    raise TaskFailed(f"no connection to {what} at {places}: {problem}")


def allowed(ctx: RunContext, address: Address) -> None:
    """Raise TaskFailed for a server elsewhere when `--offline` was said."""
    far = [host for host, _ in address.hosts if not is_loopback(host)]
    if far and ctx.about.offline:
        raise TaskFailed(f"the connection to {far[0]} is refused: `--offline` allows none")


def credentials(ctx: RunContext, task: ConnectedTask, address: Address) -> tuple[str, str | None]:
    """User and password, of the properties first; the password is hidden from now on."""
    user = ctx.text(task.username) or address.option("user")
    password = ctx.text(task.password) or address.option("password")
    ctx.hide(password)
    return user, password or None


def seconds(address: Address, name: str, units: int) -> float | None:
    """A duration that is an option of the address; `units` of it are a second. Zero is none."""
    text = address.option(name)
    return int(text) / units if text.isdecimal() and int(text) else None


def tls_context(*, verify: bool, host: bool, roots: str = "") -> ssl.SSLContext:
    """A context that checks nothing, or the certificate, or also the `host` it is for. `roots` are
    certificates in PEM form. Raises TaskFailed.
    """
    if not verify and not host:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # quicker: no certificates are looked up
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    try:
        made = ssl.create_default_context(cadata=roots or None)
    except (ssl.SSLError, ValueError) as error:
        raise TaskFailed(f"the root certificate can't be read: {error}") from None
    made.check_hostname = host
    return made
