"""One request and its answer, read piece by piece, within bounds."""

import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)
from typing import Final, Protocol

from kestrel_cli.model.record import record
from kestrel_cli.web.address import Address, Failure, has_control
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.proxy import Proxy
from kestrel_cli.web.unzipped import WINDOWS, Unzipped

Headers = list[tuple[str, str]]

_CHUNK: Final = 65_536
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset(("host", "connection", "content-length", "transfer-encoding"))


class Body(Protocol):
    """What a request sends; it may be sent more than once."""

    @property
    def size(self) -> int:
        """In bytes."""

    def parts(self) -> Iterable[bytes]:
        """The bytes, from the beginning."""


@record
class Request:
    """A request. Headers keep their order; a name may stand more than once."""

    method: str
    address: Address
    headers: Headers
    body: Body | None = None


@record
class Line:
    """How requests travel: seconds between two parts of an answer, TLS, a proxy."""

    dialer: Dialer
    read: float | None
    tls: Callable[[], ssl.SSLContext]
    proxy: Proxy | None = None


class Response:
    """An answer whose body is still to be read. Raises Failure whenever it misbehaves."""

    def __init__(
        self, request: Request, answer: HTTPResponse, peer: str, check: Callable[[], None]
    ) -> None:
        self.request = request
        self.status = answer.status
        self.reason = answer.reason
        self.headers: Headers = answer.getheaders()
        self.peer = peer  # the address that answered
        self.received = sum(len(name) + len(value) + 4 for name, value in self.headers)
        self.given = 0  # bytes of the body that were read
        self._answer = answer
        self._check = check
        self._left = answer.length  # bytes to come; None: as many as there are
        self.has_body = self._left != 0
        self._read: Callable[[int], bytes] = self._raw
        encoding = (self.header("content-encoding") or "").strip().lower()
        if encoding in WINDOWS and self.has_body:
            self._read = Unzipped(self._raw, encoding).read
        elif encoding not in ("", "identity") and self.has_body and not _asks(request.headers):
            raise Failure("the answer is encoded in a way that was not asked for")

    def header(self, name: str) -> str | None:
        """The first header of that name, given in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def read(self, size: int = _CHUNK) -> bytes:
        """At most so many bytes of the body, as soon as there are any; nothing at its end."""
        got = self._read(size)
        self.given += len(got)
        return got

    def whole(self, limit: int) -> bytes:
        """The body, not read further than the limit. Raises Failure beyond it."""
        body = bytearray()
        while chunk := self.read():
            body += chunk
            if len(body) > limit:
                raise Failure(f"the answer is larger than the limit of {limit} bytes")
        return bytes(body)

    def _raw(self, size: int) -> bytes:
        # The length is counted here: `read1` of Python 3.11 and 3.12 does not.
        if self._left is not None:
            size = min(size, self._left)
        got = self._answer.read1(size) if size else b""
        self.received += len(got)
        if not got:
            self._check()
        if self._left is not None:
            if size and not got:
                raise Failure("the answer ends before it is whole")
            self._left -= len(got)
        return got


@contextmanager
def exchanged(line: Line, request: Request) -> Iterator[Response]:
    """Send a request; the answer can be read while the block lasts. Raises Failure."""
    host = request.address.host
    with line.dialer.speaking(host):
        try:
            with _connected(line, request.address) as connected:
                connected.settimeout(line.read)
                peer = _shown_peer(connected)
                with closing(_sent(connected, line, request)) as answer:
                    line.dialer.check()
                    yield Response(request, answer, peer, line.dialer.check)
        except IncompleteRead:
            raise Failure("the answer ends before it is whole") from None
        except RemoteDisconnected:
            raise Failure(f"{host} closed the connection without an answer") from None
        except HTTPException as error:
            raise Failure(f"the answer is not valid HTTP ({type(error).__name__})") from None


def checked_headers(headers: Headers) -> Headers:
    """The headers without those that the connection sets itself. Raises Failure for one that would
    break out of its line.
    """
    for name, value in headers:
        latin = all(ord(letter) < 256 for letter in value)
        if not _TOKEN.fullmatch(name) or has_control(value) or not latin:
            raise Failure("a header holds a control character, or one that headers cannot hold")
    return [(name, value) for name, value in headers if name.lower() not in _OURS]


def text_of(body: bytes, content_type: str) -> str:
    """The text of a body, in the character set that its type names, else UTF-8."""
    named = re.search(r"charset=\"?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        return body.decode(named[1] if named else "utf-8", "replace")
    except (LookupError, UnicodeError):  # no such character set, or none of text
        return body.decode("utf-8", "replace")


def _connected(line: Line, address: Address) -> socket.socket:
    """A connection that ends at the address, whatever is in between."""
    proxy = line.proxy
    if proxy is None:
        plain = line.dialer.dial(address.host, address.port)
    else:
        plain = line.dialer.dial(proxy.host, proxy.port)
        if proxy.kind == "SOCKS" or address.scheme == "https":
            try:
                proxy.tunnel(plain, address)
            except BaseException:
                plain.close()
                raise
    if address.scheme == "https":
        return line.dialer.secure(plain, address.host, line.tls())
    return plain


def _shown_peer(connected: socket.socket) -> str:
    with suppress(OSError):
        host, port = connected.getpeername()[:2]
        return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return "?"


def _sent(connected: socket.socket, line: Line, request: Request) -> HTTPResponse:
    if not _TOKEN.fullmatch(request.method):
        raise Failure(f"{request.method[:40]!r} is no HTTP method")
    connection = HTTPConnection(request.address.host, request.address.port)
    connection.sock = connected
    connection.putrequest(
        request.method, _target(line, request.address), skip_host=True, skip_accept_encoding=True
    )
    for name, value in [*_first(line, request), *checked_headers(request.headers)]:
        connection.putheader(name, value.encode("latin-1"))
    try:
        connection.endheaders()
        for part in request.body.parts() if request.body is not None else ():
            connection.send(part)
    except (BrokenPipeError, ConnectionResetError) as error:
        # It may have answered before it had everything, and that is the better explanation.
        with suppress(OSError, HTTPException):
            return connection.getresponse()
        raise error from None
    return connection.getresponse()


def _target(line: Line, address: Address) -> str:
    through = line.proxy is not None and line.proxy.kind == "HTTP" and address.scheme == "http"
    return address.uri if through else address.target


def _first(line: Line, request: Request) -> Headers:
    first = [("Host", request.address.shown_host), ("Connection", "close")]
    if not _asks(request.headers):
        first.append(("Accept-Encoding", "gzip, deflate"))
    if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
        first.append(("Content-Length", str(request.body.size if request.body else 0)))
    proxy = line.proxy
    plainly = request.address.scheme == "http"
    if plainly and proxy is not None and proxy.kind == "HTTP" and proxy.authorization is not None:
        first.append(("Proxy-Authorization", proxy.authorization))
    return first


def _asks(headers: Headers) -> bool:
    """Whether the request says itself which encodings it takes."""
    return any(name.lower() == "accept-encoding" for name, _ in headers)
