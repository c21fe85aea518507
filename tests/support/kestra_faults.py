"""What may go wrong between a client and the server of the tests: each fault is asked for by name,
for some requests or for some times.
"""

import re
from dataclasses import dataclass, field


@dataclass
class Fault:
    """One fault: for requests whose `METHOD /path` matches, so many times.

    `status` with `headers` and `body` is answered instead; `lost`: what was asked for is done, and
    the connection closed without an answer; `slow`: seconds before anything happens.
    """

    where: str
    times: int = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: bool = False
    slow: float = 0.0
    met: int = 0

    def meets(self, method: str, path: str) -> bool:
        """Whether this request has it; then it has been had once more."""
        if self.met >= self.times or not re.search(self.where, f"{method} {path}"):
            return False
        self.met += 1
        return True


@dataclass
class StreamFaults:
    """What event streams do wrong. `cut`: so many streams end in the middle of their third event;
    `repeat`: each event comes twice, and then the one before it; `leave_out`: each so-manieth event
    is missing; `silent`: they say nothing after their first event; `none`: there are no streams;
    `unfinished`: no event `end`, and the connection stays open.
    """

    cut: int = 0
    repeat: bool = False
    leave_out: int = 0
    silent: bool = False
    none: bool = False
    unfinished: bool = False


HTML = Fault(
    "", 1_000, 200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><title>Welcome</title>"
)


def html(where: str = "", status: int = 200) -> Fault:
    """A page for people instead of JSON."""
    return Fault(where, 1_000, status, dict(HTML.headers), HTML.body)


def refused(where: str, status: int, times: int = 1_000, **headers: str) -> Fault:
    """A refusal in the words of a Kestra."""
    words = f'{{"message":"Refused: with {status}","_embedded":{{}}}}'.encode()
    kind = {"Content-Type": "application/json"} if status != 401 else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(where, times, status, kind | named, words if status != 401 else b"")
