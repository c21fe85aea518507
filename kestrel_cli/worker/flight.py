"""Attempts on threads of their own, so that tasks that wait can wait at the same time.

A flight's thread does nothing but call the task's `run`. Whatever that asks of its context is done
by the main thread, one request after the other: rendering, logging and measuring never overlap, and
nothing of the engine is shared. Only what waits (processes, sockets, files) happens over there.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self

from kestrel_cli.hands import HANDS
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.record import record
from kestrel_cli.model.task import LogLevel, Outcome, RunnableTask
from kestrel_cli.worker.context import AttemptContext
from kestrel_cli.worker.interrupts import LONGEST, AttemptInterrupted, AttemptKilled

if TYPE_CHECKING:
    from kestrel_cli.model.reach import About, Executions, Files, KeyValues, Logs


@record
class Request:
    """Something the main thread is asked to do; it answers with `(value, error)`."""

    work: Callable[[], Any]
    answer: "SimpleQueue[tuple[Any, BaseException | None]]"

    def serve(self) -> None:
        """Do it, on the main thread."""
        try:
            self.answer.put((self.work(), None))
        except AttemptInterrupted:
            raise
        except BaseException as error:  # noqa: BLE001  it belongs to the thread that asked
            self.answer.put((None, error))


@record
class Landed:
    """A flight is over: the task's outcome, or what came out of it."""

    flight: "Flight"
    result: "Outcome | BaseException"


_BEHIND: Final = 8

Inbox = SimpleQueue[Request | Landed | None]  # None: somebody asks for the end


class Flight:
    """One attempt on its thread. `timeout` is in seconds."""

    def __init__(
        self, ctx: AttemptContext, task: RunnableTask, inbox: Inbox, timeout: float | None
    ) -> None:
        self.ctx = ctx
        self.deadline = None if timeout is None else time.perf_counter() + timeout
        self.timeout = timeout
        self.reason: AttemptInterrupted | None = None
        self._ended = threading.Event()
        self._stops: list[Callable[[], None]] = []
        self._task = task
        self._inbox = inbox
        self._behind = 0  # requests that were left behind, and are not answered yet
        self._answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()

    def start(self) -> None:
        """Depart. What it reaches outside is made before: that is not for two threads."""
        self.ctx.prepare()
        HANDS.do(f"attempt-{self.ctx.run.number}", self._fly)

    def end(self, reason: AttemptInterrupted) -> None:
        """End the attempt: what waits is told to stop. Called by the main thread."""
        if self.reason is None:
            self.reason = reason
        self._ended.set()
        for stop in reversed(self._stops):
            with suppress(Exception):
                stop()

    def _fly(self) -> None:
        result: Outcome | BaseException
        try:
            result = self._task.run(FlightContext(self, self.ctx))
        except BaseException as error:  # noqa: BLE001  the main thread judges it
            result = error
        self._inbox.put(Landed(self, result))

    def check(self) -> None:
        """Raise when the attempt is to end."""
        if self.reason is not None:
            raise self.reason

    def asked(self, work: Callable[[], Any]) -> Any:
        """Have the main thread do something; whatever it raises is raised here."""
        self.check()
        return self.told(work)

    def told(self, work: Callable[[], Any]) -> Any:
        """Have the main thread do something even when the attempt is to end: its last words."""
        answer: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._inbox.put(Request(work, answer))
        value, error = answer.get()
        if error is not None:
            raise error
        return value

    def left(self, work: Callable[[], Any]) -> None:
        """Have the main thread do something, in its turn, and go on meanwhile; but wait for the
        first of many. Should it raise, a later call does.
        """
        self._inbox.put(Request(work, self._answers))
        self._behind += 1
        while self._behind > _BEHIND or (self._behind and not self._answers.empty()):
            _, error = self._answers.get()
            self._behind -= 1
            if error is not None:
                raise error

    def sleep(self, seconds: float) -> None:
        """Wait, unless the attempt is to end."""
        self._ended.wait(min(max(seconds, 0), LONGEST))
        self.check()

    @contextmanager
    def ending(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` when the attempt is to end."""
        self._stops.append(stop)
        try:
            if self.reason is not None:  # it was told so before the callback was there
                stop()
            yield
        finally:
            self._stops.remove(stop)


class FlightContext:
    """The RunContext over there. What needs nobody else is done at once."""

    def __init__(self, flight: Flight, ctx: AttemptContext) -> None:
        self._flight = flight
        self._ctx = ctx

    def text(self, value: object) -> str:
        """Rendered by the main thread, like all of these."""
        if type(value) is str and "{" not in value:
            return value
        found: str = self._flight.asked(lambda: self._ctx.text(value))
        return found

    def structure(self, value: object) -> Any:
        return self._flight.asked(lambda: self._ctx.structure(value))

    def typed(self, value: object) -> Any:
        return self._flight.asked(lambda: self._ctx.typed(value))

    def items(self, value: object) -> list[Any]:
        found: list[Any] = self._flight.asked(lambda: self._ctx.items(value))
        return found

    def integer(self, value: object) -> int:
        found: int = self._flight.asked(lambda: self._ctx.integer(value))
        return found

    def boolean(self, value: object) -> bool:
        if type(value) is bool:
            return value
        found: bool = self._flight.asked(lambda: self._ctx.boolean(value))
        return found

    def duration(self, value: object) -> Duration:
        found: Duration = self._flight.asked(lambda: self._ctx.duration(value))
        return found

    def truthy(self, condition: object) -> bool:
        found: bool = self._flight.asked(lambda: self._ctx.truthy(condition))
        return found

    def level(self, value: object) -> LogLevel:
        found: LogLevel = self._flight.asked(lambda: self._ctx.level(value))
        return found

    def log(self, level: LogLevel, message: str) -> None:
        self._flight.left(lambda: self._ctx.log(level, message))

    def unfinished(self, line: str) -> None:
        self._flight.told(lambda: self._ctx.unfinished(line))

    def count(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        self._flight.asked(lambda: self._ctx.count(name, value, tags))

    def time(self, name: str, seconds: float, tags: dict[str, str] | None = None) -> None:
        self._flight.asked(lambda: self._ctx.time(name, seconds, tags))

    def gauge(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        self._flight.asked(lambda: self._ctx.gauge(name, value, tags))

    def hide(self, secret: str) -> None:
        self._flight.asked(lambda: self._ctx.hide(secret))

    def with_variables(self, more: Mapping[str, Any]) -> Self:
        self._flight.check()
        return type(self)(self._flight, self._ctx.with_variables(more))

    def with_own(self, outputs: Mapping[str, Any]) -> Self:
        inner = self._flight.asked(lambda: self._ctx.with_own(outputs))
        return type(self)(self._flight, inner)

    def sleep(self, seconds: float) -> None:
        self._flight.sleep(seconds)

    @contextmanager
    def ending(self, stop: Callable[[], None]) -> Iterator[None]:
        with self._flight.ending(stop):
            yield

    def check(self) -> None:
        self._flight.check()

    def elapsed(self) -> float:
        return self._ctx.elapsed()

    def age(self) -> float:
        return self._ctx.age()

    def own(self) -> dict[str, Any]:
        return self._ctx.own()

    def iteration(self) -> int | None:
        return self._ctx.iteration()

    def labels(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = self._flight.asked(self._ctx.labels)
        return found

    def variables(self) -> dict[str, Any]:
        found: dict[str, Any] = self._flight.asked(self._ctx.variables)
        return found

    def task_of(self, text: str) -> RunnableTask:
        found: RunnableTask = self._flight.asked(lambda: self._ctx.task_of(text))
        return found

    @property
    def about(self) -> "About":
        self._flight.check()
        return self._ctx.about

    @property
    def files(self) -> "Files":
        self._flight.check()
        return self._ctx.files

    @property
    def kv(self) -> "KeyValues":
        found: KeyValues = self._flight.asked(lambda: self._ctx.kv)
        return found

    @property
    def logged(self) -> "Logs":
        found: Logs = self._flight.asked(lambda: self._ctx.logged)
        return found

    @property
    def executions(self) -> "Executions":
        found: Executions = self._flight.asked(lambda: self._ctx.executions)
        return found


def killed() -> AttemptKilled:
    """Why a flight ends when its execution does."""
    return AttemptKilled()
