"""A proxy of the tests' own: HTTP with CONNECT."""

import re
import socket
import socketserver
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class HttpProxy(socketserver.StreamRequestHandler):
    """Passes requests on, whole ones and tunnels; wants `me:pw` when the server has `account`."""

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.readline()
        first = head.split(b"\r\n")[0].decode()
        self.server.seen.append(first)
        if self.server.account:
            found = re.search(rb"Proxy-Authorization: Basic (\S+)", head)
            if not found or b64decode(found[1]).decode() != self.server.account:
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
        method, target, _ = first.split()
        if method == "CONNECT":
            host, port = target.split(":")
            with socket.create_connection((host, int(port))) as other:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                both_ways(self.request, other)
        else:
            host, port = re.match(r"http://([^:/]+):(\d+)", target).groups()
            with socket.create_connection((host, int(port))) as other:
                path = target.split(port, 1)[1]
                other.sendall(head.replace(target.encode(), path.encode(), 1))
                both_ways(self.request, other)


def both_ways(left: socket.socket, right: socket.socket) -> None:
    """Pass bytes on until one side ends."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=pump, args=(right, left), daemon=True)
    back.start()
    pump(left, right)
    back.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def proxy_server(handler: type, account: str = "") -> Iterator[_Server]:
    """Serving while the block lasts; `seen` lists what was asked for."""
    with _Server(("127.0.0.1", 0), handler) as made:
        made.seen, made.account = [], account
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()
