"""One request to one address: looked up, checked, connected, sent, read, within bounds.

A name is looked up once, and the connection goes to the address that was checked: it cannot mean
something else in between. Addresses of the link itself, where clouds keep their metadata, are
refused (spec/reliability.md T9).
"""

import ipaddress
import socket
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Event, Thread
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")
Resolve = Callable[..., list[Any]]  # as socket.getaddrinfo

MAX_BODY: Final = 10_000_000
_CHUNK: Final = 65_536
_METADATA: Final = frozenset(
    ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)  # besides the link-local ones: AWS over IPv6, Alibaba, Azure, Oracle


class Failure(Exception):
    """The request cannot be made, or has no answer; the text says why."""


class Address(NamedTuple):
    """Where a request goes. `target` is the path with the query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a name and password are meant for."""
        return self.scheme, self.host.lower(), self.port

    @property
    def shown_host(self) -> str:
        """The value of the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"
        )


class Answer(NamedTuple):
    """A whole answer; header names are in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes


class Link:
    """The connections of one call, which another thread may cut."""

    def __init__(self, connect: float, read: float, resolve: Resolve = socket.getaddrinfo) -> None:
        self._connect = connect
        self._read = read
        self._resolve = resolve
        self._socket: socket.socket | None = None
        self._cut = False

    def bounded(self, work: Callable[[], T], seconds: float) -> T:
        """The result of `work`, done in a thread of its own.

        Raises Failure after `seconds`, and cuts what is still going on then.
        """
        done = Event()
        results: list[T] = []
        errors: list[BaseException] = []

        def body() -> None:
            try:
                results.append(work())
            except BaseException as error:  # noqa: BLE001  raised in the thread that asked
                errors.append(error)
            finally:
                done.set()

        Thread(target=body, name="kestrel-http", daemon=True).start()
        try:
            if not done.wait(seconds):
                raise Failure(f"there is no whole answer after {seconds:g} s")
        finally:
            self.cut()
        if errors:
            raise errors[0]
        return results[0]

    def cut(self) -> None:
        """End what is under way."""
        self._cut = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def send(
        self, method: str, address: Address, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """Send one request. Raises Failure."""
        try:
            with self._connected(address) as connected:
                self._socket = connected
                if self._cut:
                    raise Failure("the request was given up")
                return self._exchange(connected, method, address, headers, body)
        except TimeoutError:
            raise Failure(f"{address.host} does not answer") from None
        except HTTPException as error:
            raise Failure(f"the answer is not valid HTTP ({type(error).__name__})") from None
        except OSError as error:
            raise Failure(f"{address.host}: {error.strerror or error}") from None
        except ValueError as error:
            raise Failure(f"the request is not valid: {error}") from None

    def _connected(self, address: Address) -> socket.socket:
        last: OSError = OSError("the name has no address")
        for family, kind, protocol, _, where in self._looked_up(address):
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(self._connect)
                plain.connect(where)
                return self._secured(plain, address) if address.scheme == "https" else plain
            except OSError as error:
                plain.close()
                last = error
        raise last

    def _looked_up(self, address: Address) -> list[Any]:
        try:
            found = self._resolve(address.host, address.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Failure(f"the name {address.host} is not known") from None
        for entry in found:
            if refused(str(entry[4][0])):
                raise Failure(f"{address.host} is a link-local or metadata address: it is refused")
        return found

    def _secured(self, plain: socket.socket, address: Address) -> socket.socket:
        import ssl

        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._socket = secured = context.wrap_socket(
            plain, server_hostname=address.host, do_handshake_on_connect=False
        )
        try:
            secured.do_handshake()
        except BaseException:
            secured.close()
            raise
        return secured

    def _exchange(
        self,
        connected: socket.socket,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Answer:
        connected.settimeout(self._read)
        connection = HTTPConnection(address.host, address.port)
        connection.sock = connected
        fixed = {"Host": address.shown_host, "Accept-Encoding": "gzip", "Connection": "close"}
        connection.request(method, address.target, body, {**headers, **fixed})
        with closing(connection.getresponse()) as answer:
            return Answer(
                answer.status,
                answer.reason,
                {name.lower(): value for name, value in answer.getheaders()},
                _decoded(_whole(answer), answer.getheader("Content-Encoding", "")),
            )


def refused(text: str) -> bool:
    """Whether an IP address is link-local or a cloud's metadata, also inside an IPv6 address."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ipaddress.IPv6Network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return refused(str(inner))
    return address.is_link_local or str(address).partition("%")[0] in _METADATA


def _whole(answer: HTTPResponse) -> bytes:
    body = bytearray()
    while chunk := answer.read(_CHUNK):
        body += chunk
        if len(body) > MAX_BODY:
            raise Failure(f"the answer is larger than the limit of {MAX_BODY} bytes")
    if answer.length:
        raise Failure("the answer ends before it is whole")
    return bytes(body)


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding.strip().lower() in ("", "identity") or not body:
        return body
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise Failure("the answer is encoded in a way that was not asked for")
    unzip = zlib.decompressobj(31)
    try:
        plain = unzip.decompress(body, MAX_BODY + 1)
    except zlib.error:
        raise Failure("the answer is not valid gzip") from None
    if len(plain) > MAX_BODY:
        raise Failure(f"the answer is larger than the limit of {MAX_BODY} bytes")
    if not unzip.eof:
        raise Failure("the answer ends before it is whole")
    return plain
