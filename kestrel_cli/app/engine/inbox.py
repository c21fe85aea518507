"""The inbox: everything that ends later comes back here, with the execution that it belongs to.

Executions that were called and whoever wants an end put their work into it; threads put messages;
timers lie in it until their moment. It is also where the loop waits.
"""

from collections import deque
from queue import Empty, SimpleQueue
from typing import Final

from kestrel_cli.app.engine.clock import Clock
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.timers import Timer, Timers
from kestrel_cli.app.engine.work import TimeUp, Work
from kestrel_cli.worker.flight import Flight, Landed, Request
from kestrel_cli.worker.interrupts import LONGEST, Interrupts

_SLICE: Final = 1.0  # seconds a wait for threads lasts at most

Arrived = tuple[Live, Work]


class Inbox:
    """`flying` are the attempts on threads; `crowded` says that one more waits for its place."""

    def __init__(self, clock: Clock, interrupts: Interrupts) -> None:
        self.flying: dict[Flight, Live] = {}
        self.crowded = False
        self._clock = clock
        self._interrupts = interrupts
        self._arrived: deque[Arrived] = deque()
        self._timers = Timers()
        self._limits: dict[Flight, Timer] = {}  # the timeouts of flights
        self._threads: SimpleQueue[Request | Landed | None] | None = None

    @property
    def threads(self) -> "SimpleQueue[Request | Landed | None]":
        """Where threads put what they need; made when there is a first one."""
        if self._threads is None:
            threads = self._threads = SimpleQueue()
            self._interrupts.wake = lambda: threads.put(None)
        return self._threads

    # -- what is put into it

    def put(self, live: Live, work: Work) -> None:
        """Something to be done before anything that waits for its turn."""
        self._arrived.append((live, work))

    def wake(self, at: int, live: Live, work: Work, *, holds: bool = True) -> None:
        """Have something done at a moment (microseconds since 1970). Unless it `holds`, the run
        does not wait for it when nothing else is left to do.
        """
        self._timers.add(self._clock.due(at), live, work, holds=holds)

    def departed(self, live: Live, flight: Flight) -> None:
        """An attempt is on its thread."""
        self.flying[flight] = live
        if flight.timeout is not None:
            at = self._clock.running() + round(flight.timeout * 1_000_000)
            self._limits[flight] = self._timers.add(at, live, TimeUp(flight), holds=False)

    def forget(self, flight: Flight) -> bool:
        """An attempt has left its thread, or is left alone; false when that is known already."""
        limit = self._limits.pop(flight, None)
        if limit is not None:
            self._timers.cancel(limit)
        self.crowded = False
        return self.flying.pop(flight, None) is not None

    # -- what comes out of it

    def next(self) -> Arrived | None:
        """What has arrived, without waiting."""
        while not self._arrived and self.flying and not self.threads.empty():
            self._handle(self.threads.get())
        return self._arrived.popleft() if self._arrived else None

    @property
    def expects(self) -> bool:
        """Whether something will arrive without anybody's doing, or is due."""
        at = self._timers.next_at()
        return bool(self.flying) or (at is not None and at <= self._clock.running())

    @property
    def timed(self) -> bool:
        """Whether there are timers."""
        return self._timers.next_at() is not None

    @property
    def holds(self) -> bool:
        """Whether there are timers that the run waits for."""
        return self._timers.holding > 0

    def wait(self) -> None:
        """For a thread, or the next timer, whose work arrives then."""
        at = self._timers.next_at()
        left = LONGEST if at is None else (at - self._clock.running()) / 1_000_000
        passed = left <= 0 or (not self.flying and self._clock.passes(left))
        if not passed and not self._waited(left):
            return
        due = self._timers.due(self._clock.running())
        if due is not None:
            if not isinstance(due[1], TimeUp):
                self._clock.came()
            self._arrived.append(due)

    def _waited(self, seconds: float) -> bool:
        """False when something else came first."""
        if not self.flying:
            return self._interrupts.sleep(seconds)
        if self._interrupts.pending:
            return False
        try:  # no request raises here: a message that was taken out would be lost
            message = self.threads.get(timeout=min(seconds, _SLICE))
        except Empty:
            return True
        self._handle(message)
        return False

    def _handle(self, message: Request | Landed | None) -> None:
        match message:
            case Request():
                message.serve()
            case Landed():
                live = self.flying.get(message.flight)
                if live is not None and self.forget(message.flight):
                    self._arrived.append((live, message))
            case None:
                pass  # somebody asks for the end; the loop looks for that itself
