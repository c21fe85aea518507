"""Which execution has its turn, and with what.

One execution goes on as long as it can; those that it launches go before it, the earliest first,
once it has launched as many as it may. So without threads the order is that of a single worker.
"""

from collections import deque
from collections.abc import Sequence

from kestrel_cli.app.engine.live import Live
from kestrel_cli.model.effect import Ask, Effect, RunAttempt


class Agenda:
    """The effects of all executions. Questions for the user wait until nothing else can be done."""

    def __init__(self) -> None:
        self._ready: list[Live] = []
        self._newborn: deque[Live] = deque()
        self._begun: list[Live] = []  # those that were just born, and have begun
        self._asked: deque[tuple[Live, Ask]] = deque()

    def add(self, live: Live, effects: Sequence[Effect]) -> None:
        """What the execution has to do now, before everything that others have."""
        live.todo.add(effects)
        if not self._ready or self._ready[-1] is not live:
            self._ready.append(live)

    def put_back(self, live: Live, attempt: RunAttempt) -> None:
        """An attempt that had no place yet is the first again."""
        live.todo.put_back(attempt)
        self.add(live, ())

    def launched(self, live: Live, first: Effect) -> None:
        """An execution was started by another one; it begins when that one has started all that it
        may.
        """
        live.todo.add([first])
        self._newborn.append(live)

    def ask(self, live: Live, question: Ask) -> None:
        """Put a question behind all that are there already."""
        self._asked.append((live, question))

    def next(self) -> tuple[Live, Effect] | None:
        """Take what is next; None when nothing is left but questions."""
        while (live := self._turn()) is not None:
            effect = live.todo.next()
            if not isinstance(effect, Ask):
                return live, effect
            self.ask(live, effect)
        return None

    def question(self) -> tuple[Live, Ask] | None:
        """Take the oldest question."""
        return self._asked.popleft() if self._asked else None

    @property
    def busy(self) -> bool:
        """Whether something is to be done."""
        return bool(self._newborn or self._begun) or self._turn() is not None

    def _turn(self) -> Live | None:
        while True:
            while self._ready and (self._ready[-1].ended or not self._ready[-1].todo):
                self._ready.pop()
            launching = self._ready and self._ready[-1].todo.launches
            if self._newborn and not launching:
                # Each begins before the first of them goes on.
                self._begun.append(self._newborn.popleft())
                return self._begun[-1]
            if self._begun and not launching:
                self._ready += reversed(self._begun)
                self._begun.clear()
                continue
            return self._ready[-1] if self._ready else None
