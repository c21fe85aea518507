"""What is to be done at a moment: a heap of timers that may be cancelled."""

import heapq
from collections.abc import Callable

from kestrel_cli.model.record import record


@record
class Timer:
    """Something to do at a moment. `holds`: the run waits for it when nothing else is left."""

    work: Callable[[], None] | None
    holds: bool


class Timers:
    """Moments are microseconds since 1970."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []
        self._count = 0
        self.holding = 0  # timers that the run waits for

    def add(self, at: int, work: Callable[[], None], *, holds: bool = True) -> Timer:
        """Do something at a moment."""
        timer = Timer(work, holds)
        self._count += 1
        self.holding += holds
        heapq.heappush(self._heap, (at, self._count, timer))
        return timer

    def cancel(self, timer: Timer) -> None:
        """It is not to be done any more."""
        if timer.work is not None:
            timer.work = None
            self.holding -= timer.holds

    def next_at(self) -> int | None:
        """The next moment."""
        while self._heap and self._heap[0][2].work is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def fire(self) -> None:
        """Do what is next."""
        _, _, timer = heapq.heappop(self._heap)
        work, timer.work = timer.work, None
        if work is not None:
            self.holding -= timer.holds
            work()
