"""Ways through a proxy: HTTP with CONNECT, and SOCKS 5 (RFC 1928, 1929)."""

import re
import socket
from base64 import b64encode
from typing import Final, Literal

from kestrel_cli.model.record import record
from kestrel_cli.web.address import Address, Failure

_HEAD: Final = 16_384
_REASONS: Final = {
    1: "general failure",
    2: "the connection is not allowed",
    3: "the network is unreachable",
    4: "the host is unreachable",
    5: "the connection was refused",
    6: "the time ran out",
    7: "the command is not supported",
    8: "the kind of address is not supported",
}


@record
class Proxy:
    """A proxy; no user means that it wants none."""

    kind: Literal["HTTP", "SOCKS"]
    host: str
    port: int
    user: str | None = None
    password: str = ""

    @property
    def authorization(self) -> str | None:
        """The value of `Proxy-Authorization`."""
        if self.user is None:
            return None
        return f"Basic {b64encode(f'{self.user}:{self.password}'.encode()).decode()}"

    def tunnel(self, connected: socket.socket, address: Address) -> None:
        """Have the proxy connect to an address. Raises Failure and OSError."""
        if self.kind == "SOCKS":
            _socks(self, connected, address)
        else:
            _connect(self, connected, address)


def _connect(proxy: Proxy, connected: socket.socket, address: Address) -> None:
    host = f"[{address.host}]" if ":" in address.host else address.host
    lines = [f"CONNECT {host}:{address.port} HTTP/1.1", f"Host: {host}:{address.port}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    connected.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        # Byte by byte: what comes after the head belongs to the host.
        byte = connected.recv(1)
        head += byte
        if not byte or len(head) > _HEAD:
            raise Failure(f"the proxy {proxy.host} gives no valid answer")
    found = re.match(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?", head)
    if found is None or not found[1].startswith(b"2"):
        said = b" ".join(part for part in found.groups() if part) if found else b"no valid answer"
        raise Failure(f"the proxy {proxy.host} refuses: {said.decode('latin-1')}")


def _socks(proxy: Proxy, connected: socket.socket, address: Address) -> None:
    methods = b"\0" if proxy.user is None else b"\0\2"
    connected.sendall(b"\5" + bytes([len(methods)]) + methods)
    version, method = _exactly(proxy, connected, 2)
    if version != 5 or method not in methods:
        raise Failure(f"the proxy {proxy.host} is no SOCKS 5 proxy, or wants a name and password")
    if method == 2:
        _log_in(proxy, connected)
    name = _counted(address.host.encode("ascii"))
    connected.sendall(b"\5\1\0\3" + name + address.port.to_bytes(2))
    _, reply, _, kind = _exactly(proxy, connected, 4)
    if reply:
        reason = _REASONS.get(reply, f"reply {reply}")
        raise Failure(f"the proxy {proxy.host} does not reach {address.host}: {reason}")
    rest = {1: 4, 4: 16}.get(kind) or _exactly(proxy, connected, 1)[0]
    _exactly(proxy, connected, rest + 2)


def _log_in(proxy: Proxy, connected: socket.socket) -> None:
    name, password = (proxy.user or "").encode(), proxy.password.encode()
    connected.sendall(b"\1" + _counted(name) + _counted(password))
    if _exactly(proxy, connected, 2)[1]:
        raise Failure(f"the proxy {proxy.host} refuses the name and password")


def _counted(text: bytes) -> bytes:
    if len(text) > 255:
        raise Failure("a name or password is too long for a SOCKS proxy")
    return bytes([len(text)]) + text


def _exactly(proxy: Proxy, connected: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = connected.recv(size - len(got))
        if not part:
            raise Failure(f"the proxy {proxy.host} closes the connection")
        got += part
    return got
