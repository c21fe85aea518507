"""The time of a run: microseconds since 1970 that never go backwards.

A clock tells the time that a run has, and by `running` the time that passes outside; both are the
same but where time stands still. Waits are measured by what passes outside.
"""

import heapq
import time


class Clock:
    """Wall-clock time at the start, carried on by the monotonic clock, which is never set back."""

    def __init__(self) -> None:
        self._offset = time.time_ns() // 1000 - time.perf_counter_ns() // 1000

    def now(self) -> int:
        """Microseconds since 1970."""
        return self._offset + time.perf_counter_ns() // 1000

    def running(self) -> int:
        """The same, of what passes outside."""
        return self._offset + time.perf_counter_ns() // 1000

    def due(self, at: int) -> int:
        """When something outside is due that is to be done `at` a moment of the run."""
        return at

    def came(self) -> None:
        """The first of these moments that was left has come."""

    def not_before(self, at: int) -> None:
        """A run goes on that had come so far."""

    def passes(self, seconds: float) -> bool:
        """Whether so much time passes by itself, without a wait: never, on the wall."""
        return False


class LeapingClock(Clock):
    """Nobody waits: what is waited for is there at once."""

    def passes(self, seconds: float) -> bool:
        """It has passed."""
        self._offset += round(seconds * 1_000_000)
        return True


class FrozenClock(Clock):
    """Time stands still at a moment, but for waits that the flow asks for: they take as long as
    everywhere, and are exactly so long in the time of the run.
    """

    def __init__(self, moment: int) -> None:
        super().__init__()
        self._moment = moment
        self._waits: list[tuple[int, int]] = []  # when they end outside, and in the run

    def now(self) -> int:
        return self._moment

    def due(self, at: int) -> int:
        outside = self.running() + max(at - self._moment, 0)
        heapq.heappush(self._waits, (outside, at))
        return outside

    def not_before(self, at: int) -> None:
        self._moment = max(self._moment, at)

    def came(self) -> None:
        if self._waits:
            self._moment = max(self._moment, heapq.heappop(self._waits)[1])
