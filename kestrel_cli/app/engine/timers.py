"""What is to be done at a moment: a heap of timers that may be cancelled."""

import heapq

from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.work import Work
from kestrel_cli.model.record import entity


@entity
class Timer:
    """Something to do for an execution at a moment; None: it was cancelled, or done. `holds`: the
    run waits for it when nothing else is left.
    """

    live: Live
    work: Work | None
    holds: bool


class Timers:
    """Moments are microseconds since 1970."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []
        self._count = 0
        self.holding = 0  # timers that the run waits for

    def add(self, at: int, live: Live, work: Work, *, holds: bool = True) -> Timer:
        """Have something done at a moment."""
        timer = Timer(live, work, holds)
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
        while self._heap and self._heap[0][2].work is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: int) -> tuple[Live, Work] | None:
        """Take what is next, when its moment has come."""
        at = self.next_at()
        if at is None or at > now:
            return None
        timer = heapq.heappop(self._heap)[2]
        work, timer.work = timer.work, None
        assert work is not None  # next_at has dropped those that were cancelled
        self.holding -= timer.holds
        return timer.live, work
