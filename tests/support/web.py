"""A web server of the tests' own: it says what it got, or misbehaves, by the path."""

import gzip
import json
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partialmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """`/echo` says what it got; each other path is a method `say_...`."""

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        name = self.path.strip("/").partition("?")[0].replace("-", "_")
        getattr(self, f"say_{name.partition('/')[0]}")()

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815  the base class looks for these

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say_echo(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode(errors="replace")
        said = {"method": self.command, "path": self.path, "body": body, **dict(self.headers)}
        self.answer(200, json.dumps(said).encode(), Content_Type="application/json")

    def say_text(self) -> None:
        self.answer(200, "hällo".encode("latin-1"), Content_Type="text/plain; charset=latin-1")

    def say_empty(self) -> None:
        self.answer(204)

    def say_bad_json(self) -> None:
        self.answer(200, b"{", Content_Type="application/problem+json")

    def say_404(self) -> None:
        self.answer(404, b"no")

    def say_loop(self) -> None:
        self.answer(302, Location="/loop")

    def say_to_file(self) -> None:
        self.answer(302, Location="file:///etc/passwd")

    def say_to_nowhere(self) -> None:
        self.answer(302, Location="http://[::1")

    def say_to_metadata(self) -> None:
        self.answer(302, Location="http://169.254.169.254/latest")

    def say_away(self) -> None:
        self.answer(307, Location=f"http://localhost:{self.server.server_port}/echo")

    def say_here(self) -> None:
        self.answer(303, Location="/echo?x=1")

    def say_gzip(self) -> None:
        self.answer(200, gzip.compress(b"packed"), Content_Encoding="gzip")

    def say_bomb(self) -> None:
        self.answer(200, gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")

    def say_many_headers(self) -> None:
        many = {f"X_{number}": "v" * 60_000 for number in range(50)}
        self.answer(200, b"behind all of them", **many)

    def say_no_gzip(self) -> None:
        self.answer(200, b"packed", Content_Encoding="gzip")

    def say_brotli(self) -> None:
        self.answer(200, b"packed", Content_Encoding="br")

    def say_large(self) -> None:
        self.answer(200, Content_Length=str(10**11))
        try:
            for _ in range(1000):
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def say_short(self) -> None:
        self.answer(200, b"half", Content_Length="8")
        self.close_connection = True

    def say_nothing(self) -> None:
        self.server.over.wait(5)

    def say_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.drip(b"x")

    def say_drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self.drip(b"y")

    def drip(self, drop: bytes) -> None:
        try:
            while not self.server.over.wait(0.05):
                self.wfile.write(drop)
        except OSError:
            pass

    def say_garbage(self) -> None:
        self.wfile.write(b"\xff\xfe\r\n\r\n")

    def say_bye(self) -> None:
        self.close_connection = True

    def say_hook(self) -> None:
        """Keeps what it gets in `hooked`."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.hooked.append((dict(self.headers), json.loads(body)))
        self.answer(200, b'{"ok": true}', Content_Type="application/json")

    def see(self, status: int) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(status, Location="/echo")

    say_see_301 = partialmethod(see, 301)
    say_see_302 = partialmethod(see, 302)
    say_see_303 = partialmethod(see, 303)
    say_see_307 = partialmethod(see, 307)
    say_see_308 = partialmethod(see, 308)

    def say_early(self) -> None:
        self.answer(413, b"too much")

    def say_417(self) -> None:
        self.answer(417, b'{"wrong": true}', Content_Type="application/json")

    def say_rows(self) -> None:
        self.answer(200, b"a,b\n1,2\n", X_Row="1", x_row="2")

    def say_named(self) -> None:
        name = "/etc/../sec%20ret/r\xc3\xa9sum\xc3\xa9..txt"
        self.answer(200, b"text", Content_Disposition=f'attachment; filename="{name}"')

    def say_badly_named(self) -> None:
        self.answer(200, b"text", Content_Disposition="attachment; filename=..")

    def say_chunked(self) -> None:
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"c\r\nHello World\n\r\n")
        self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def say_deflate(self) -> None:
        self.answer(200, zlib.compress(b"packed"), Content_Encoding="deflate")

    def say_bare_deflate(self) -> None:
        packer = zlib.compressobj(wbits=-15)
        body = packer.compress(b"packed") + packer.flush()
        self.answer(200, body, Content_Encoding="deflate")

    def say_undefined(self) -> None:
        self.answer(200, "\U000e0fff".encode())

    def say_events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for data in ('{"count": 1}', "plain text", '{"count": 2}'):
            self.wfile.write(f"data: {data}\n\n".encode())

    def say_endless_events(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.over.is_set():
                self.wfile.write(b"data: " + b"x" * 65536)
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def web_server(
    handler: type[Handler] = Handler, tls: ssl.SSLContext | None = None
) -> Iterator[ThreadingHTTPServer]:
    """Serving while the block lasts; `seen` lists method, path and headers of every request,
    `hooked` what was sent to `/hook`.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        if tls is not None:
            made.socket = tls.wrap_socket(made.socket, True, do_handshake_on_connect=False)
            made.handle_error = lambda *_: None
        made.seen, made.hooked, made.over = [], [], threading.Event()
        made.daemon_threads = True
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.over.set()
        made.shutdown()
