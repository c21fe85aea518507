"""A Kestra of the tests' own: what the recordings show of one, on threads of this process.

It keeps flows, executions, logs, files and key-values, refuses what the real one refuses, and has
faults that a test may switch on. Executions show the pictures of a `Play`, one every `step`
seconds; `answers` holds recorded exchanges that stand before all of this, by name.

    with kestra_server() as kestra:
        kestra.plays["company.team.demo"] = Script().run("one").end("one").state("SUCCESS")
"""

import re
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from http.server import ThreadingHTTPServer
from typing import Any

from kestrel_cli.model.state import TERMINAL
from kestrel_cli.server.contexts import Context, context_of
from tests.support.kestra_asked import Asked
from tests.support.kestra_faults import Fault, StreamFaults
from tests.support.kestra_plays import Document, Play, Script, enter

USER, PASSWORD = "ann@example.com", "s3cret-Passw0rd"
ENTERED = "2026-11-29T00:00:59Z"  # of states that somebody else gives


class Live:
    """An execution under way, or over."""

    def __init__(self, play: Play, owner: "KestraServer") -> None:
        self.play = play
        self.owner = owner
        self.document = deepcopy(play.steps[0][0])
        self.entries: list[Document] = []
        self.told: list[tuple[str, Document]] = []  # all pictures and entries, in their order
        self.at = 0
        self.held = False
        self.killed = False

    @property
    def state(self) -> str:
        """Where it stands."""
        return str(self.document["state"]["current"])

    def until(self, *states: str) -> "Live":
        """Wait until it is in one of these states."""
        with self.owner.changed:
            assert self.owner.changed.wait_for(lambda: self.state in states, timeout=10)
        return self

    def show(self, document: Document, entries: Sequence[Document] = ()) -> None:
        """A new picture, after these entries."""
        with self.owner.changed:
            for entry in entries:
                self.entries.append(entry)
                self.told.append(("logs", entry))
            self.document = deepcopy(document)
            self.told.append(("states", deepcopy(document)))
            self.held = self.state in ("PAUSED", "BREAKPOINT")
            self.owner.changed.notify_all()

    def perform(self) -> None:
        """Show what is to be shown, as time goes by."""
        for document, entries in self.play.steps:
            with self.owner.changed:
                while self.held and not self.killed:
                    self.owner.changed.wait()
            if self.killed:
                return
            if document["id"] != self.play.id:  # of an execution that it has started
                other = self.owner.live.get(document["id"])
                if other is None:
                    other = self.owner.live[document["id"]] = Live(self.play, self.owner)
                other.show(document, entries)
                continue
            self.show(document, entries)
            time.sleep(self.owner.step)

    def kill(self) -> None:
        """End it now, and tell so in two pictures."""
        self.killed = True
        document = deepcopy(self.document)
        enter(document, "KILLING", ENTERED)
        self.show(document)
        for run in document.get("taskRunList", ()):
            if run["state"]["current"] not in TERMINAL:
                for attempt in run.get("attempts", ())[-1:]:
                    enter(attempt, "KILLED", ENTERED)
                enter(run, "KILLED", ENTERED)
        enter(document, "KILLED", ENTERED)
        self.show(document)


class KestraServer:
    """The state of the server, and what is wrong with it."""

    def __init__(self, version: str = "1.3.25", step: float = 0.002) -> None:
        self.version = version
        self.step = step
        self.asked: list[Asked] = []
        self.plays: dict[str, Play] = {}  # by `namespace.flow`
        self.faults: list[Fault] = []
        self.streams = StreamFaults()
        self.skew = 0.0
        self.login: tuple[str, str] | None = (USER, PASSWORD)
        self.token: str | None = None
        self.answers: list[str] = []
        self.flows: dict[tuple[str, str], list[str]] = {}
        self.disabled: set[tuple[str, str]] = set()
        self.live: dict[str, Live] = {}
        self.starts: list[Asked] = []
        self.files: dict[str, bytes] = {}  # of executions, by URI
        self.namespace_files: dict[str, dict[str, bytes]] = {}
        self.kv: dict[str, dict[str, Any]] = {}
        self.changed = threading.Condition()
        self.closing = False
        self.url = ""

    @property
    def is_new(self) -> bool:
        """Whether this is a 2.0."""
        return self.version.startswith("2")

    @property
    def has_tenants(self) -> bool:
        """Whether its paths have one."""
        return not self.version.startswith("0.2") or self.version >= "0.23"

    def context(self, **fields: Any) -> Context:
        """Who may ask it."""
        user, password = self.login or ("", "")
        environ = {"KESTRA_HOSTNAME": self.url, "KESTRA_USER": user, "KESTRA_PASSWORD": password}
        made = context_of(None, None, environ, {})
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    def requests(self, where: str) -> list[Asked]:
        """Those whose `METHOD /path` matches."""
        return [one for one in self.asked if re.search(where, f"{one.method} {one.path}")]

    def begin(self, flow: str, labels: list[Document] | None = None) -> Live:
        """Start an execution without a request."""
        play = self.plays.get(flow) or Script(flow).run("only").end("only").state("SUCCESS")
        live = Live(play.as_new(labels or [], self.skew), self)
        self.live[live.play.id] = live
        threading.Thread(target=live.perform, daemon=True).start()
        return live


@contextmanager
def kestra_server(
    version: str = "1.3.25", *, step: float = 0.002, tls: ssl.SSLContext | None = None
) -> Iterator[KestraServer]:
    """Run one on a port of its own."""
    kestra = KestraServer(version, step)

    # Here and not above: it is about the state that is kept here.
    from tests.support.kestra_http import Handler

    class Bound(Handler):
        server_state = kestra

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        server.daemon_threads = True
        kestra.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield kestra
        finally:
            with kestra.changed:
                kestra.closing = True
                kestra.changed.notify_all()
            server.shutdown()
            thread.join()
