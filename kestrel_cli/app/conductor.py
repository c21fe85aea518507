"""When what is done: one loop over all executions of a run, their timers, and attempts on threads.

One execution goes on as long as it can; one that it starts goes before it. So without threads the
order is that of a single worker. An attempt gets a thread only when it waits for something outside
and there is something else to do meanwhile.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kestrel_cli.app.clock import Clock
from kestrel_cli.app.driver import Driver
from kestrel_cli.app.timers import Timer, Timers
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.worker.interrupts import (
    LONGEST,
    AttemptInterrupted,
    AttemptKilled,
    AttemptTimedOut,
    Interrupts,
)

if TYPE_CHECKING:
    from kestrel_cli.worker.flight import Flight, Inbox, Landed, Request

GRACE: Final = 10.0  # seconds after which an attempt that does not hear is left alone
JOBS: Final = 32
_SLICE: Final = 1.0  # seconds a wait for threads lasts at most


class Conductor:
    """Runs executions until none is left. `jobs` is how many attempts may overlap (1: none do)."""

    def __init__(self, clock: Clock, interrupts: Interrupts, jobs: int = JOBS) -> None:
        self._clock = clock
        self._interrupts = interrupts
        self._jobs = jobs
        self._drivers: dict[int, Driver] = {}  # by identity, oldest first
        self._ready: list[Driver] = []
        self._asking: list[Driver] = []
        self._timers = Timers()
        self.before_wait: Callable[[], None] = lambda: None  # what must be on disk meanwhile
        self._flying: dict[int, tuple[Driver, Flight]] = {}
        self._limits: dict[int, Timer] = {}  # the timeouts of flights
        self._inbox: Inbox | None = None

    @property
    def inbox(self) -> "Inbox":
        """Where threads put what they need."""
        if self._inbox is None:
            from queue import SimpleQueue

            inbox: Inbox = SimpleQueue()
            self._inbox = inbox
            self._interrupts.wake = lambda: inbox.put(None)
        return self._inbox

    def add(self, driver: Driver) -> None:
        """A further execution; its effects go first."""
        self._drivers[id(driver)] = driver

    def ready(self, driver: Driver) -> None:
        """The driver has something to do."""
        if not self._ready or self._ready[-1] is not driver:
            self._ready.append(driver)

    def ask(self, driver: Driver) -> None:
        """The driver has a question for the user; it waits until nothing else can be done."""
        self._asking.append(driver)

    def wake(self, at: int, work: Callable[[], None], *, holds: bool = True) -> None:
        """Do something at a moment (microseconds since 1970). Unless it `holds`, the run does not
        wait for it when nothing else is left to do.
        """
        self._timers.add(at, work, holds=holds)

    def run(self, begin: Callable[[], None]) -> None:
        """Begin, then go on until every execution has ended or stands still."""
        todo: Callable[[], None] | None = begin
        while True:
            try:
                if todo is not None:
                    first, todo = todo, None
                    first()
                if self._interrupts.pending:
                    self.heed()
                if self._interrupts.times > 1:
                    self._cut_short()
                if self._flying:
                    self._serve_all()
                if not self._advance():
                    return
            except AttemptKilled:  # before an attempt began: the effect is void, its run is killed
                self._interrupts.end()

    def _advance(self) -> bool:
        """One thing; false when there is nothing left to do or to wait for."""
        driver = self._next()
        if driver is not None:
            driver.perform()
            if driver.ended:
                self._drivers.pop(id(driver), None)
            return True
        due = self._timers.next_at()
        if self._flying or (due is not None and due <= self._clock.now()):
            self._wait()
            return True
        if self._asking:
            self.before_wait()
            asking = self._asking.pop(0)
            asking.answer_one()
            return True
        if self._timers.holding and any(not one.ended for one in self._drivers.values()):
            self._wait()
            return True
        return False

    def _next(self) -> Driver | None:
        while self._ready:
            driver = self._ready[-1]
            if driver.todo and not driver.ended:
                return driver
            self._ready.pop()
        return None

    def heed(self) -> None:
        """Somebody asked for the end: tell every execution, the innermost first."""
        self._interrupts.heeded()
        for driver in reversed(list(self._drivers.values())):
            driver.kill(self._interrupts.reason)
        if self._interrupts.times > 1:  # asked again: do not wait for those that do not hear
            for driver, flight in list(self._flying.values()):
                self._abandon(driver, flight)

    def leave(self) -> None:
        """The process ends: what has not ended is resumed some day."""
        for driver in self._drivers.values():
            if not driver.ended:
                driver.leave()

    def _cut_short(self) -> None:
        """Somebody asked more than once: what runs after the end of an execution ends, too."""
        for driver in list(self._drivers.values()):
            execution = driver.execution
            if execution.state in TERMINAL and execution.active and not execution.killing:
                driver.kill(self._interrupts.reason)

    # -- attempts on threads

    def may_fly(self, driver: Driver) -> bool:
        """Whether an attempt that waits is to get a thread: when something else can go on."""
        if self._jobs == 1:
            return False
        timed = self._timers.next_at() is not None
        busy = self._flying or timed or driver.todo or self._next() is not None
        while len(self._flying) >= self._jobs and not self._interrupts.pending:
            self._wait()
        return bool(busy)

    def flying(self, driver: Driver, flight: "Flight") -> None:
        """An attempt has departed."""
        self._flying[id(flight)] = (driver, flight)
        if flight.timeout is not None:
            at = self._clock.now() + round(flight.timeout * 1_000_000)
            self._limits[id(flight)] = self._timers.add(
                at, lambda: self.ground(driver, flight, AttemptTimedOut()), holds=False
            )

    def ground(self, driver: Driver, flight: "Flight", reason: AttemptInterrupted) -> None:
        """End an attempt; one that does not hear in time is left alone."""
        if id(flight) in self._flying:
            flight.end(reason)
            at = self._clock.now() + round(GRACE * 1_000_000)
            self.wake(at, lambda: self._abandon(driver, flight), holds=False)

    def _abandon(self, driver: Driver, flight: "Flight") -> None:
        if self._flying.pop(id(flight), None) is not None:
            from kestrel_cli.worker.flight import Landed

            driver.landed(Landed(flight, AttemptKilled()))

    def _handle(self, message: "Request | Landed | None") -> None:
        from kestrel_cli.worker.flight import Landed

        if message is None:
            return
        if not isinstance(message, Landed):
            message.serve()
            return
        found = self._flying.pop(id(message.flight), None)
        limit = self._limits.pop(id(message.flight), None)
        if limit is not None:
            self._timers.cancel(limit)
        if found is not None:
            found[0].landed(message)

    def _serve_all(self) -> None:
        while not self.inbox.empty():
            self._handle(self.inbox.get())

    def _wait(self) -> None:
        """For a thread, or the next timer."""
        self.before_wait()
        at = self._timers.next_at()
        left = LONGEST if at is None else (at - self._clock.now()) / 1_000_000
        if left > 0 and not self._waited(left):
            return
        at = self._timers.next_at()
        if at is not None and at <= self._clock.now():
            self._timers.fire()

    def _waited(self, seconds: float) -> bool:
        """False when something else came first."""
        if not self._flying:
            return self._interrupts.sleep(seconds)
        from queue import Empty

        if self._interrupts.pending:
            return False
        try:  # no request raises here: a message that was taken out would be lost
            message = self.inbox.get(timeout=min(seconds, _SLICE))
        except Empty:
            return True
        self._handle(message)
        return False
