"""A mail server of the tests' own."""

import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy


class _Session(socketserver.StreamRequestHandler):
    """One connection. Recipients at `nowhere` are refused, `slow` subjects never answered."""

    def handle(self) -> None:
        self.secure = self.server.mode == "tls"
        self.recipients: list[str] = []
        self.say("220 tests")
        while line := self.rfile.readline():
            words = line.decode("utf-8", "replace").strip()
            verb = words.split(" ")[0].upper()
            self.server.said.append(words)
            getattr(self, f"do_{verb}", self.do_other)(words)
            if verb == "QUIT":
                return

    def do_other(self, _: str) -> None:
        self.say("250 ok")

    def do_EHLO(self, _: str) -> None:  # noqa: N802
        offers = ["SMTPUTF8", "8BITMIME"]
        if self.server.mode == "starttls" and not self.secure:
            offers.append("STARTTLS")
        if self.server.account:
            offers.append(self.server.auth)
        for offer in offers:
            self.say(f"250-{offer}")
        self.say("250 tests")

    def do_STARTTLS(self, _: str) -> None:  # noqa: N802
        self.say("220 go on")
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)
        self.secure = True

    def do_RCPT(self, words: str) -> None:  # noqa: N802
        refused = "nowhere" in words
        self.say("550 no such user" if refused else "250 ok")
        if not refused:
            self.recipients.append(words.split(":", 1)[1].split(" ", maxsplit=1)[0].strip("<>"))

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        self.request.close()

    def do_DATA(self, _: str) -> None:  # noqa: N802
        self.say("354 go on")
        data = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            data += line.removeprefix(b".") if line.startswith(b"..") else line
        data = data.replace(b"\r\n", b"\n")
        message = message_from_bytes(data, policy=policy.default)
        if "slow" in str(message["Subject"]):
            self.server.over.wait(5)
        if "rejected" in str(message["Subject"]):
            self.say("554 spam")
            return
        self.server.messages.append(message)
        self.server.recipients.append(self.recipients)
        self.say("250 taken")

    def do_AUTH(self, words: str) -> None:  # noqa: N802
        kind, _, said = words.removeprefix("AUTH ").partition(" ")
        if kind == "LOGIN":
            self.say("334 ")
            user = b64decode(said).decode() if said else b64decode(self.rfile.readline()).decode()
            said = f"{user}:{b64decode(self.rfile.readline()).decode()}"
        else:
            said = b64decode(said).decode()
            said = said.strip("\0").replace("\0", ":")
        good = said == self.server.account
        self.say("235 welcome" if good else "535 wrong name or password")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False  # so that closing waits for the connections
    allow_reuse_address = True

    def get_request(self):
        connected, where = super().get_request()
        if self.mode == "tls":
            connected = self.tls.wrap_socket(connected, True, do_handshake_on_connect=False)
        return connected, where

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def smtp_server(
    mode: str = "plain",
    tls: ssl.SSLContext | None = None,
    account: str = "",
    auth: str = "AUTH PLAIN",
) -> Iterator[_Server]:
    """Serving while the block lasts, `mode` being plain, starttls or tls; `messages` and
    `recipients` list what it took, `said` every line.
    """
    with _Server(("127.0.0.1", 0), _Session) as made:
        made.mode, made.tls, made.account, made.auth = mode, tls, account, auth
        made.messages, made.recipients, made.said = [], [], []
        made.over = threading.Event()
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.over.set()
        made.shutdown()
