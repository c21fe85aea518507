"""What one execution has to do next: its effects, in the order of Kestra's executor.

One pass of that creates every task run that may start; results are taken in afterwards. So a
flowable opens before any task begins, and both go in the order in which they were created, whatever
they belong to; so do executions that are launched, before them. Everything else is done at once: it
comes of what has just happened.
"""

from collections import deque
from collections.abc import Sequence

from kestrel_cli.model.effect import Effect, Expand, Launch, RunAttempt, as_put


class Todo:
    """Effects that wait to be performed."""

    def __init__(self) -> None:
        self._at_once: list[Effect] = []  # the first is the last
        self._launches: deque[Launch] = deque()
        self._opening: deque[Expand] = deque()
        self._attempts: deque[RunAttempt] = deque()

    def __bool__(self) -> bool:
        return bool(self._at_once or self._launches or self._opening or self._attempts)

    @property
    def launches(self) -> bool:
        """Whether the first effect is a Launch."""
        return bool(self._launches) and not self._at_once

    def add(self, effects: Sequence[Effect]) -> None:
        """Take in what came of a step."""
        for effect in as_put(effects):
            if isinstance(effect, RunAttempt):
                self._attempts.append(effect)
            elif isinstance(effect, Expand):
                self._opening.append(effect)
            elif isinstance(effect, Launch):
                self._launches.append(effect)
            else:
                self._at_once.append(effect)

    def put_back(self, effect: RunAttempt) -> None:
        """Let an attempt that had no place yet be the first again."""
        self._attempts.appendleft(effect)

    def openings(self) -> list[Expand]:
        """Take all flowables that open in this pass: those that were created up to now."""
        found = [*self._opening]
        self._opening.clear()
        return found

    def next(self) -> Effect:
        """Take the first effect. Raises IndexError when there is none."""
        if self._at_once:
            return self._at_once.pop()
        if self._launches:
            return self._launches.popleft()
        return self._opening.popleft() if self._opening else self._attempts.popleft()
