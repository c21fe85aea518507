"""How soon something is tried again: a flow may ask for no pause at all between two looks at
something outside, and would keep a processor busy and fill the journal.
"""

import time
from collections.abc import Callable
from typing import Final

SHORTEST: Final = 10_000  # microseconds
_LONGEST: Final = 100_000
_SHARE: Final = 24  # of the time between two tries, one part in so many may be spent on them


class Pace:
    """Keeps tries apart that are to follow each other within 10 ms: by so much, or by more when one
    takes long. `spent` is the processor time of this process in nanoseconds.
    """

    def __init__(self, now: Callable[[], int], spent: Callable[[], int] = time.process_time_ns):
        self._now = now
        self._spent = spent
        self._before: dict[object, int] = {}  # what was spent when it was tried last
        self._told: set[object] = set()

    def moment(self, what: object, at: int) -> int:
        """When something is tried again that is to be tried at a moment; in microseconds."""
        now = self._now()
        if at - now > SHORTEST:
            self._before.pop(what, None)
            return at
        spent = self._spent()
        last = (spent - self._before.get(what, spent)) // 1000
        self._before[what] = spent
        return max(at, now + min(max(SHORTEST, last * _SHARE), _LONGEST))

    def is_news(self, what: object, at: int) -> bool:
        """Whether it is to be told that this moment is put off: once for each, and not of the few
        microseconds that have passed since it was chosen.
        """
        new = what not in self._told and at - self._now() < SHORTEST // 2
        if new:
            self._told.add(what)
        return new
