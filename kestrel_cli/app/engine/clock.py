"""The time of a run: microseconds since 1970 that never go backwards."""

import time


class Clock:
    """Wall-clock time at the start, carried on by the monotonic clock, which is never set back."""

    def __init__(self) -> None:
        self._offset = time.time_ns() // 1000 - time.perf_counter_ns() // 1000

    def now(self) -> int:
        """Microseconds since 1970."""
        return self._offset + time.perf_counter_ns() // 1000

    def passes(self, seconds: float) -> bool:
        """Whether so much time passes by itself, without a wait: never, on the wall."""
        return False


class LeapingClock(Clock):
    """Nobody waits: what is waited for is there at once."""

    def passes(self, seconds: float) -> bool:
        """It has passed."""
        self._offset += round(seconds * 1_000_000)
        return True
