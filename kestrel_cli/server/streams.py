"""Event streams of a server, each read on a thread of its own and taken up again when it breaks.

What comes is put into one queue, which somebody else empties. A stream that can't be had at all is
given up, and that is told: then one has to ask.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any, Final, Literal

from kestrel_cli.errors import KestrelError, LoginRefused, ServerError
from kestrel_cli.model.record import record
from kestrel_cli.server.asking import Question
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.events import events
from kestrel_cli.web.address import Failure
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.message import Response

SILENCE: Final = 300.0  # seconds; then the connection may be dead, and another one is made
_KIND: Final = "text/event-stream"
_CHUNK: Final = 65_536
_LIVED: Final = 5.0  # seconds that a stream has to last to count as a good one

# open: it is read from now on; data: an event; ended: the server has closed it in order; lost: it
# broke and is taken up again; none: there is no such stream, or the login is refused
What = Literal["open", "data", "ended", "lost", "none"]


@record
class News:
    """Something of a stream. `kind` is the id of an event, `data` its JSON."""

    stream: str
    what: What
    kind: str = ""
    data: Any = None
    error: KestrelError | None = None


class Stream:
    """One stream. `wait` is how many seconds pass before it is taken up for the n-th time."""

    def __init__(
        self,
        server: Connection,
        name: str,
        path: str,
        news: "Queue[News]",
        wait: Callable[[int], float],
    ) -> None:
        self._server = server
        self._name = name
        self._path = path
        self._news = news
        self._wait = wait
        self._dialer = Dialer(server.context.connect)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kestrel-{name}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def leave(self) -> None:
        """End it; nothing more comes."""
        self._left.set()
        self._dialer.cut()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        tried = 0
        while not self._left.is_set():
            began = time.monotonic()
            try:
                for news in self._read():
                    self._news.put(news)
                self._news.put(News(self._name, "ended"))
            except (LoginRefused, ServerError) as error:
                if error.status and error.status < 500 and error.status != 429:
                    self._news.put(News(self._name, "none", error=error))
                    return
                self._news.put(News(self._name, "lost", error=error))
            except (Failure, OSError) as error:
                words = ServerError(str(error))
                self._news.put(News(self._name, "lost", error=words))
            # One that is closed as soon as it is open is not taken up again without end.
            tried = 1 if time.monotonic() - began > _LIVED else tried + 1
            self._left.wait(self._wait(tried))

    def _read(self) -> Iterator[News]:
        self._dialer = Dialer(self._server.context.connect)
        if self._left.is_set():
            return
        # Packed, an event might wait in some buffer for the next one.
        plain = [("Accept-Encoding", "identity")]
        question = Question("GET", self._path, accept=_KIND, headers=plain)
        with self._server.asking.streaming(question, self._dialer, SILENCE) as response:
            if _KIND not in (response.header("content-type") or ""):
                raise ServerError("the server has no event stream there", status=406)
            yield News(self._name, "open")
            for event in events(_chunks(response)):
                try:
                    data = json.loads(event.data)
                except (ValueError, RecursionError):
                    raise Failure("an event of the stream is not JSON") from None
                yield News(self._name, "data", event.id, data)


def _chunks(response: Response) -> Iterator[bytes]:
    while chunk := response.read(_CHUNK):
        yield chunk
