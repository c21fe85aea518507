"""Logs and event streams on the server of the tests."""

import json
from collections.abc import Iterator
from typing import Any

from kestrel_cli.model.state import TERMINAL
from tests.support.kestra_asked import Answered, Asked, Refused, as_json
from tests.support.kestra_plays import Document
from tests.support.kestra_server import KestraServer, Live

LEVELS = ("ERROR", "WARN", "INFO", "DEBUG", "TRACE")


class Streams:
    """What is below `/logs`, and all that is followed."""

    server_state: KestraServer

    def on_logs(self, asked: Asked, steps: list[str]) -> Answered | None:
        live = self.server_state.live.get(steps[0])
        if steps[1:] == ["follow"]:
            return self.follow(live, steps[0], "logs")
        if asked.get("minLevel") not in (None, *LEVELS):
            raise Refused(422, "Failed to convert argument [minLevel]")
        return as_json([] if live is None else live.entries)

    def follow(self, live: Live | None, name: str, what: str) -> None:
        faults = self.server_state.streams
        if faults.none:
            raise Refused(404, "Not Found")
        self.begin_stream()
        first = {"attemptNumber": None} if what == "logs" else {"id": name, "labels": []}
        self.event("start", first)
        if live is None or faults.silent:
            self.hold()
            return
        if faults.cut and what == "states":
            faults.cut -= 1
            self.tell(live, what, cut=True)
        else:
            self.tell(live, what)

    def tell(self, live: Live, what: str, *, cut: bool = False) -> None:
        faults = self.server_state.streams
        # A stream of states begins with the one that holds; one of a log with what comes.
        at, told, before = len(live.told), 0, live.document
        if what == "states":
            self.event("progress", self.shape(live.document))
            if live.state in TERMINAL and not faults.unfinished:
                self.end_stream(live)
                return
        for data in self.changes(live, what, at):
            told += 1
            if cut and told == 2:
                self.chunk(b"id: progress\ndata: {" + json.dumps(data).encode()[1:40])
                return
            if faults.leave_out and told % faults.leave_out == 0:
                continue
            shown = self.shape(data) if what == "states" else data
            is_last = what == "states" and data["state"]["current"] in TERMINAL
            if is_last and not faults.unfinished:
                self.end_stream(live)
                return
            for one in (shown, shown, before) if faults.repeat else (shown,):
                self.event("progress", one)
            before = shown

    def changes(self, live: Live, what: str, at: int) -> Iterator[Document]:
        """What is told from there on, as it comes; the end when the server closes."""
        kestra = self.server_state
        while True:
            with kestra.changed:
                kestra.changed.wait_for(lambda at=at: at < len(live.told) or kestra.closing)
                if kestra.closing:
                    return
                kind, data = live.told[at]
            at += 1
            if kind == what:
                yield data

    def end_stream(self, live: Live) -> None:
        self.event("end", self.shape(live.document))
        self.wfile.write(b"0\r\n\r\n")

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, kind: str, data: Any) -> None:
        self.chunk(f"id: {kind}\ndata: {json.dumps(data)}\n\n".encode())

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def hold(self) -> None:
        """Say nothing, and keep the connection."""
        with self.server_state.changed:
            while not self.server_state.closing:
                self.server_state.changed.wait()
