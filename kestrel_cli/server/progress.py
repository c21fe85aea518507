"""Which of two pictures of an execution is the newer one.

A server may send pictures twice, and old ones after new ones; clocks of its parts differ. Histories
only grow, so they tell, and no date is looked at.
"""

from typing import Any

_Length = tuple[int, int]  # of the history of a task run, and of its attempts together


class Newest:
    """Lets pictures pass that are newer than all before."""

    def __init__(self) -> None:
        self._states = 0
        self._runs: dict[str, _Length] = {}  # every task run that was ever seen

    def passes(self, document: dict[str, Any]) -> bool:
        """Whether this is news, which it is only once."""
        states = _length(document)
        if states < self._states or not states:
            return False
        runs = {str(run.get("id")): _lengths(run) for run in document.get("taskRunList") or ()}
        if states == self._states and not self._is_later(runs):
            return False
        self._states = states
        self._runs |= runs
        return True

    def is_old(self, document: dict[str, Any]) -> bool:
        """Whether it shows less than what is known: the server has not caught up with itself."""
        states = _length(document)
        runs = {str(run.get("id")): _lengths(run) for run in document.get("taskRunList") or ()}
        known = self._runs
        went_back = any(length < known.get(name, length) for name, length in runs.items())
        return states < self._states or (states == self._states and went_back)

    def _is_later(self, runs: dict[str, _Length]) -> bool:
        """In the same state of the execution: a task run is new or has gone on, none went back."""
        known = self._runs
        if any(length < known.get(name, length) for name, length in runs.items()):
            return False
        # One with fewer task runs is an old one; a loop that takes some out has a new one as well.
        return any(name not in known or length > known[name] for name, length in runs.items())


def _length(timed: dict[str, Any]) -> int:
    histories = (timed.get("state") or {}).get("histories")
    return len(histories) if isinstance(histories, list) else 0


def _lengths(run: dict[str, Any]) -> _Length:
    attempts = run.get("attempts") or ()
    return _length(run), sum(map(_length, attempts))
