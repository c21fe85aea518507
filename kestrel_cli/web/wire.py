"""One request and its answer: urllib3 on connections that the dialer makes.

urllib3 speaks HTTP, with TLS, through proxies, and unpacks answers never further than they are
asked for. What is ours is where its connections come from (`_Dialled`), what it may be asked to
send, and the words for what goes wrong.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import Final

from urllib3 import HTTPHeaderDict, HTTPResponse, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError

from kestrel_cli.model.record import record
from kestrel_cli.web.address import Address, Failure
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.message import TOKEN, Request, Response, checked_headers
from kestrel_cli.web.proxy import Proxy

_REFUSED: Final = "Tunnel connection failed: "  # how http.client begins to say so


@record
class Line:
    """How requests travel: seconds between two parts of an answer, whom to trust, a proxy.

    `ca` is a file of certificates that are trusted besides those of the system.
    """

    dialer: Dialer
    read: float | None
    insecure: bool = False
    proxy: Proxy | None = None
    ca: str | None = None


@contextmanager
def exchanged(line: Line, request: Request) -> Iterator[Response]:
    """Send a request; the answer can be read while the block lasts. Raises Failure."""
    if not TOKEN.fullmatch(request.method):
        raise Failure(f"{request.method[:40]!r} is no HTTP method")
    headers = _headers(line, request)
    with closing(_connection(line, request.address)) as connection:
        with _explained(line.dialer, request.address.host):
            _connect(line, connection)
            peer = _shown_peer(connection)
            connection.timeout = line.read  # until here it was the time to connect
            answer = _sent(connection, line, request, headers)
        with closing(answer):
            line.dialer.check()
            yield _response(line.dialer, request, answer, peer)


class _Dialled(HTTPConnection):
    """A connection of urllib3's over a socket of ours.

    There is no public name for where its sockets come from: `_new_conn` has been it since 2012, and
    a test holds on to it.
    """

    dial: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        dialled = self.dial()
        for option in self.socket_options or ():
            dialled.setsockopt(*option)
        return dialled


class _Secure(_Dialled, HTTPSConnection):
    """A connection of urllib3's with TLS, over a socket of ours."""


def _connection(line: Line, address: Address) -> _Dialled:
    """A connection that is not made yet: to the address, or to the proxy."""
    proxy = line.proxy
    host, port = (address.host, address.port) if proxy is None else (proxy.host, proxy.port)
    if address.scheme == "http":
        connection = _Dialled(host, port)
    else:
        trust = line.dialer.context(insecure=line.insecure, ca=line.ca)
        connection = _Secure(host, port, ssl_context=trust)
        if proxy is not None:
            own = {"Host": address.authority}
            if proxy.authorization is not None:
                own["Proxy-Authorization"] = proxy.authorization
            connection.set_tunnel(address.host, address.port, own)
    connection.dial = lambda: _dialled(line, host, port)
    return connection


def _dialled(line: Line, host: str, port: int) -> socket.socket:
    if line.proxy is None:
        return line.dialer.dial(host, port)
    with line.dialer.speaking(f"the proxy {host}"):
        return line.dialer.dial(host, port)


def _connect(line: Line, connection: _Dialled) -> None:
    """Connect, tunnel and TLS included: what HTTP goes wrong here is the proxy's."""
    proxy = line.proxy
    if proxy is None:
        connection.connect()
        return
    try:
        connection.connect()
    except HTTPException:
        raise Failure(f"the proxy {proxy.host} gives no valid answer") from None
    except OSError as error:
        if not str(error).startswith(_REFUSED):
            raise
        said = str(error).removeprefix(_REFUSED)
        raise Failure(f"the proxy {proxy.host} refuses: {said}") from None


def _shown_peer(connection: HTTPConnection) -> str:
    with suppress(OSError):
        host, port = connection.sock.getpeername()[:2]
        return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return "?"


def _headers(line: Line, request: Request) -> HTTPHeaderDict:
    headers = HTTPHeaderDict({"Host": request.address.shown_host, "Connection": "close"})
    if not request.asks_encodings():
        headers["Accept-Encoding"] = make_headers(accept_encoding=True)["accept-encoding"]
    if request.body is not None:
        headers["Content-Length"] = str(request.body.size)
    for name, value in checked_headers(request.headers):
        headers.add(name, value)
    proxy = line.proxy
    if proxy is not None and proxy.authorization is not None and request.address.scheme == "http":
        headers["Proxy-Authorization"] = proxy.authorization
    return headers


def _sent(
    connection: _Dialled, line: Line, request: Request, headers: HTTPHeaderDict
) -> HTTPResponse:
    address = request.address
    target = address.uri if line.proxy is not None and address.scheme == "http" else address.target
    parts = None if request.body is None else request.body.parts()
    try:
        connection.request(request.method, target, parts, headers, preload_content=False)
    except (BrokenPipeError, ConnectionResetError) as error:
        # It may have answered before it had everything, and that is the better explanation.
        with suppress(OSError, HTTPException):
            return connection.getresponse()
        raise error from None
    return connection.getresponse()


def _response(dialer: Dialer, request: Request, answer: HTTPResponse, peer: str) -> Response:
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    source = None
    if answer.length_remaining != 0:  # None: as long as it is
        if not request.asks_encodings() and not _is_known(encoding):
            raise Failure("the answer is encoded in a way that was not asked for")
        source = _Source(dialer, request.address.host, answer, encoding)
    status = answer.status, answer.reason or ""
    return Response(request, status, list(answer.headers.items()), peer, source)


def _is_known(encoding: str) -> bool:
    known = ("", "identity", *HTTPResponse.CONTENT_DECODERS)
    return all(one.strip() in known for one in encoding.split(","))


class _Source:
    """The body of an answer, unpacked by urllib3."""

    def __init__(self, dialer: Dialer, host: str, answer: HTTPResponse, encoding: str) -> None:
        self._dialer = dialer
        self._host = host
        self._answer = answer
        self._encoding = encoding

    @property
    def received(self) -> int:
        return self._answer.tell()

    def read(self, size: int) -> bytes:
        with _explained(self._dialer, self._host):
            try:
                got = self._answer.read1(size)
            except DecodeError:
                raise Failure(f"the answer is not valid {self._encoding}") from None
        if not got:
            self._dialer.check()
        return got


@contextmanager
def _explained(dialer: Dialer, host: str) -> Iterator[None]:
    """What goes wrong in urllib3 and below while the block lasts, as a Failure."""
    with dialer.speaking(host):
        try:
            yield
        except RemoteDisconnected:
            raise Failure(f"{host} closed the connection without an answer") from None
        except (HTTPException, HTTPError) as error:
            # urllib3 wraps what it catches.
            cause = error.__cause__ if isinstance(error, HTTPError) else error
            if isinstance(cause, IncompleteRead):
                raise Failure("the answer ends before it is whole") from None
            if isinstance(cause, OSError):
                raise cause from None
            raise Failure(f"the answer is not valid HTTP ({type(error).__name__})") from None
