"""An execution followed to its end: by event streams, and by asking where they say nothing.

    with Following(server, mirror) as following:
        while not following.is_over:
            for told in following.news(within=0.5): ...

Streams may break, repeat themselves, go back, leave something out, or be swallowed on the way. So
they only say that there is news: what counts is the newest picture (`progress`), whoever brought
it, and at the end the server is asked for the whole execution and its whole log. It ends when its
state says so and nothing of it runs; what an event is called does not matter.
"""

import time
from collections.abc import Callable
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Final, Self

from kestrel_cli.errors import LoginRefused, NotThere, ServerError, Unreachable
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.record import record
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.documents import Document
from kestrel_cli.server.executions import get
from kestrel_cli.server.logs import Heard, entries
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.server.progress import Newest
from kestrel_cli.server.streams import News, Stream

STATES: Final = "states"
LOGS: Final = "logs"
_BROKEN: Final = "broken"
_AWAY: Final = "away"

Told = Event | LogLine


@record
class Pace:
    """How long to wait for what, in seconds."""

    quiet: float = 15.0  # without a word from a stream, before the server is asked
    poll: float = 2.0  # between two questions where there is no stream
    rest: float = 0.3  # after the end of the stream, for the rest of the log
    settle: float = 2.0  # after the end without one: for afterExecution, causes, the rest of it
    linger: float = 30.0  # for task runs that run on although the execution has ended
    cause: float = 0.3  # for the log entry that says why an attempt failed
    patience: float = 300.0  # without any answer, before it is given up
    fresh: float = 0.2  # until a picture is shown although newer ones are coming
    late: float = 1.0  # after the end, for the log of task runs that have said nothing yet
    appear: float = 10.0  # for one that was just started to be shown at all

    def again(self, tried: int) -> float:
        """Before a stream is taken up for the n-th time."""
        return float(min(self.poll, 0.1 * 2 ** min(tried, 10)))


class Following:
    """Follows one execution, which `mirror` shows. One thread uses it; it may be interrupted, and
    go on.
    """

    def __init__(
        self,
        server: Connection,
        mirror: Mirror,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mirror = mirror
        self.is_over = False
        self.troubles: list[str] = []  # what a person may be told, newest last
        # Asked once each time: a signal is not heeded while somebody waits for another try.
        self._server = server = server.once()
        self._id = mirror.execution.id
        self._pace = pace or Pace()
        self._clock = clock
        # No SimpleQueue: a signal at the end of its time limit lets it wait for ever.
        self._queue: Queue[News] = Queue()
        self._newest = Newest()
        self._newest.passes(mirror.picture)
        self._log = Heard()
        self._looked_for: set[tuple[str, int]] = set()
        self._missing: set[str] = set()  # streams that can't be had
        self._asked = self._answered = clock()
        self._spoken = dict.fromkeys((STATES, LOGS), clock())
        self._began = clock()
        self._ended_at: float | None = None
        self._told: set[str] = set()  # kinds of trouble that a person was told of
        self._picture: tuple[Document, float] | None = None  # news, not shown yet, and since when
        self._closed = False  # the stream has ended in order
        self._note_end()
        self._streams = [
            Stream(server, STATES, self._path("executions"), self._queue, self._pace.again),
            Stream(server, LOGS, self._path("logs"), self._queue, self._pace.again),
        ]

    def _path(self, kind: str) -> str:
        return self._server.path(kind, self._id, "follow")

    def __enter__(self) -> Self:
        for stream in self._streams:
            stream.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for stream in self._streams:
            stream.leave()

    def news(self, within: float) -> list[Told]:
        """What has happened, as soon as something has; nothing when the time is over. Raises
        LoginRefused when the login is not good any more, NotThere when the execution is gone, and
        Unreachable when nobody has answered for a long time.
        """
        until = self._clock() + within
        while not self.is_over:
            found = self._next(until)
            if found or self._clock() >= until:
                return found
        return []

    def _next(self, until: float) -> list[Told]:
        """What the next thing brings that happens until then."""
        now = self._clock()
        if self._picture is not None and self._has_to_be_shown(now):
            return self._shown()
        if (found := self._due(now)) is not None:
            return found
        try:
            return self._taken(self._queue.get(timeout=max(0.0, self._wake(until) - now)))
        except Empty:
            return []

    def _wake(self, until: float) -> float:
        return min(until, self._next_due())

    # -- what streams bring

    def _taken(self, news: News) -> list[Told]:
        if news.what in ("open", "data"):
            self._spoken[news.stream] = self._clock()
            self._note_answer()
        if news.what == "none":
            if isinstance(news.error, LoginRefused):
                raise news.error
            self._missing.add(news.stream)
            words = f"there is no event stream for its {news.stream}: the server is asked"
            self._trouble(news.stream, words)
        elif news.what == "lost":
            words = f"the stream of its {news.stream} broke, and is taken up again: {news.error}"
            self._trouble(_BROKEN, words)
            self._asked = 0.0  # at once: something may have been lost with it
        elif news.stream == LOGS:
            return self._log_news(news)
        elif news.what == "ended" or news.kind == "end":
            self._closed = True
        if news.stream == STATES and news.what == "data" and _is_whole(news.data, self._id):
            return self._seen(news.data)
        return []

    def _log_news(self, news: News) -> list[Told]:
        if news.what == "open":  # what was said before is not told again by the stream
            return self._some_log()
        return list(self.mirror.hear(self._log.of_stream(news.data)))

    def _seen(self, document: Document) -> list[Told]:
        """A picture of the execution: kept to be shown if it is news. Of many that come at once the
        last one says it all.
        """
        if self._newest.passes(document):
            since = self._clock() if self._picture is None else self._picture[1]
            self._picture = document, since
        return []

    def _has_to_be_shown(self, now: float) -> bool:
        return self._picture is not None and (
            self._queue.empty() or now - self._picture[1] > self._pace.fresh
        )

    def _shown(self) -> list[Told]:
        if self._picture is None:
            return []
        document, self._picture = self._picture[0], None
        found: list[Told] = self._causes(document)
        found += self.mirror.take(document)
        found += self.mirror.freed()
        self._note_end()
        return in_order(found)

    def _note_end(self) -> None:
        ended = self.mirror.has_terminal_state
        if not ended:
            self._ended_at, self._closed = None, False
        elif self._ended_at is None:
            self._ended_at = self._clock()

    def _causes(self, document: Document) -> list[Told]:
        """The log, when it has to say why an attempt failed and has not been heard yet."""
        lacking = self.mirror.lacking(document) - self._looked_for
        if not lacking:
            return []
        self._looked_for |= lacking
        found = self._some_log()
        if self.mirror.lacking(document) & lacking:
            self._server.asking.pause(self._pace.cause)
            found += self._some_log()
        return found

    def _some_log(self) -> list[Told]:
        """Entries that were not heard yet, as far as the server tells now: the end asks again."""
        try:
            return self._whole_log()
        except Unreachable:
            return []

    def _whole_log(self) -> list[Told]:
        """Entries that were not heard yet. Raises Unreachable."""
        listed = entries(self._server, self._id)
        self._note_answer()
        return list(self.mirror.hear(self._log.of_all(listed)))

    # -- what is asked for

    def _next_due(self) -> float:
        """When to ask the next time."""
        if self._ended_at is not None:
            return self._ended_at + (self._pace.rest if self._closed else self._pace.settle)
        if STATES in self._missing or _AWAY in self._told:
            return self._asked + self._pace.poll
        return max(self._asked, self._spoken[STATES]) + self._pace.quiet

    def _due(self, now: float) -> list[Told] | None:
        """What the server says now that it is to be asked; None when it is not."""
        if self._asked and now < self._next_due():
            return None
        if not self._queue.empty() and not self._closed:
            return None  # what is there already may be all that there is to know
        self._asked = now
        try:
            document = get(self._server, self._id)
            self._note_answer()
            if self._ended_at is not None:
                return self._final(document)
            self._seen(document)
            found: list[Told] = self._whole_log() if LOGS in self._missing else []
            return found + self._shown()
        except Unreachable as error:
            return self._no_answer(error)
        except NotThere:
            if not self._may_appear():
                raise
            self._server.asking.pause(self._pace.cause)
            return []

    def _may_appear(self) -> bool:
        """Whether the server may not show it yet: it says that something has begun before it has
        stored it.
        """
        execution = self.mirror.execution
        is_new = len(execution.history) == 1 and not execution.runs
        return is_new and self._clock() - self._began < self._pace.appear

    def _no_answer(self, error: ServerError) -> list[Told]:
        waited = self._clock() - self._answered
        if waited > self._pace.patience:
            raise error
        self.note_away(error)
        self._server.asking.pause(self._pace.poll)
        return []

    def _final(self, document: Document) -> list[Told]:
        """The last picture, when it is that, and all that the log has."""
        if self._newest.is_old(document):
            return self._not_yet([])
        found: list[Told] = self._whole_log()
        self._newest.passes(document)
        found += self.mirror.take(document)
        self._note_end()
        if self._ended_at is None:
            return in_order(found)
        found += self._late_log(self._ended_at)
        waited = self._clock() - self._ended_at
        runs_on = not self.mirror.has_ended and waited < self._pace.linger
        if runs_on or (self.mirror.lacking(document) and waited < self._pace.settle):
            return self._not_yet(found)
        self.is_over = True
        found += self.mirror.freed(last=True)
        return in_order(found)

    def _not_yet(self, found: list[Told]) -> list[Told]:
        self._closed = False
        self._server.asking.pause(min(self._pace.settle, self._pace.poll))
        return in_order(found)

    def _late_log(self, ended_at: float) -> list[Told]:
        """Entries that are stored after the end, as far as some are lacking: a server that had
        nothing to do for a while stores them half a second behind. Raises Unreachable.
        """
        found: list[Told] = []
        while self.mirror.lacks_log and self._clock() - ended_at < self._pace.late:
            self._server.asking.pause(self._pace.cause)
            found += self._whole_log()
        return found

    def note_away(self, error: ServerError) -> None:
        """Nobody has answered."""
        self._trouble(_AWAY, str(error))

    def _note_answer(self) -> None:
        self._answered = self._clock()
        if _AWAY in self._told:
            self._told.discard(_AWAY)
            self.troubles.append(f"{self._server.host} answers again")

    def _trouble(self, kind: str, words: str) -> None:
        """Tell of it, once: of a server that is away, once each time that it goes."""
        if kind not in self._told:
            self._told.add(kind)
            self.troubles.append(words)


def _is_whole(document: Any, execution: str) -> bool:
    """Whether this is a picture: the first event of a stream holds an id and nothing else."""
    return (
        isinstance(document, dict)
        and document.get("id") == execution
        and isinstance(document.get("state"), dict)
    )


def in_order(found: list[Told]) -> list[Told]:
    """By their moments: what led to a failure stands before it."""
    return sorted(found, key=lambda one: one.at)
