"""Connections that another thread may cut.

A name is looked up once, and the connection goes to the address that was checked: it cannot mean
something else in between.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from kestrel_cli.web.address import Failure, refused

Resolve = Callable[..., list[Any]]  # as socket.getaddrinfo


class Dialer:
    """Makes the connections of one call. `connect` is the time for each address, in seconds."""

    def __init__(self, connect: float, resolve: Resolve = socket.getaddrinfo) -> None:
        self._connect = connect
        self._resolve = resolve
        self._socket: socket.socket | None = None
        self._found: SimpleQueue[list[Any] | None] | None = None
        self._cut = False

    def cut(self) -> None:
        """End what is under way, and let nothing new begin."""
        self._cut = True
        if self._found is not None:
            self._found.put(None)
        if self._socket is not None:
            with suppress(OSError):
                # Not the method of a TLS socket, which takes apart what the other thread reads by.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise Failure when it was cut: the end of an answer may be that, too."""
        if self._cut:
            raise Failure("the request was given up")

    @contextmanager
    def speaking(self, host: str) -> Iterator[None]:
        """What goes wrong on a connection while the block lasts, as a Failure that names `host`."""
        try:
            yield
        except TimeoutError:
            raise Failure(f"{host} does not answer") from None
        except ssl.SSLCertVerificationError as error:
            raise Failure(
                f"{host}: its certificate is not trusted: {error.verify_message}"
            ) from None
        except OSError as error:
            raise Failure(f"{host}: {error.strerror or error}") from None

    def dial(self, host: str, port: int) -> socket.socket:
        """A connection to a host. Raises Failure and OSError."""
        last: OSError = OSError("the name has no address")
        for family, kind, protocol, _, where in self._looked_up(host, port):
            plain = socket.socket(family, kind, protocol)
            try:
                self.hold(plain)
                plain.settimeout(self._connect)
                plain.connect(where)
            except OSError as error:
                plain.close()
                last = error
            except BaseException:
                plain.close()
                raise
            else:
                return plain
        raise last

    def context(self, *, insecure: bool = False, ca: str | None = None) -> ssl.SSLContext:
        """TLS 1.2 and later on connections that can be cut, also while they greet; the certificates
        that the system trusts, those of a file as well, or any. Raises Failure.
        """
        context = ssl.create_default_context()
        if ca is not None:
            try:
                context.load_verify_locations(ca)
            except OSError as error:
                why = error.strerror if error.filename else "it holds no certificate"
                raise Failure(f"the certificates in {ca} can't be used: {why or error}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        dialer = self

        class Held(ssl.SSLSocket):
            # TLS takes the descriptor away from the socket that is held: this one takes its place.
            def do_handshake(self, block: bool = False) -> None:
                try:
                    dialer.hold(self)
                    super().do_handshake(block)
                except BaseException:
                    self.close()
                    raise

        context.sslsocket_class = Held
        return context

    def secure(self, plain: socket.socket, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
        """TLS over the connection, which is closed when that fails. Raises OSError."""
        try:
            return context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def hold(self, connected: socket.socket) -> None:
        """Make this connection the one that is cut. Raises Failure when it is too late for it."""
        self._socket = connected
        self.check()

    def _looked_up(self, host: str, port: int) -> list[Any]:
        found = self._asked(host, port)
        self.check()
        if found is None:
            raise Failure(f"the name {host} is not known")
        for entry in found:
            if refused(str(entry[4][0])):
                raise Failure(f"{host} is a link-local or metadata address: it is refused")
        return found

    def _asked(self, host: str, port: int) -> list[Any] | None:
        """Looked up in a thread of its own: the system's function cannot be ended."""
        answers: SimpleQueue[list[Any] | None] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError):
                answers.put(None)

        self._found = answers
        Thread(target=ask, name="kestrel-lookup", daemon=True).start()
        try:
            return answers.get(timeout=self._connect)
        except Empty:
            raise Failure(f"the name {host} was not found in time") from None
