"""The time of a run: microseconds since 1970 that never go backwards."""

import time


class Clock:
    """Wall-clock time at the start, carried on by the monotonic clock, which is never set back."""

    def __init__(self) -> None:
        self._offset = time.time_ns() // 1000 - time.perf_counter_ns() // 1000

    def now(self) -> int:
        """Microseconds since 1970."""
        return self._offset + time.perf_counter_ns() // 1000
