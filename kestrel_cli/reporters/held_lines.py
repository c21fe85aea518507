"""Log lines that are shown only if their task run fails: held back, the last ones of them."""

from collections import deque
from typing import Final

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.record import entity, fresh

_MOST: Final = 500  # lines of one task run
_MOST_OF_ALL: Final = 20_000  # lines, over all task runs


@entity
class _Held:
    execution: Execution
    run: int
    lines: deque[LogLine] = fresh(factory=lambda: deque(maxlen=_MOST))
    said: int = 0


class HeldLines:
    """The lines of task runs that have not ended."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], _Held] = {}
        self._count = 0

    def put(self, line: LogLine, run: int, execution: Execution) -> None:
        """Keep a line; of too many the oldest task run's are given up."""
        name = (execution.id, run)
        held = self._held.get(name)
        if held is None:
            held = self._held[name] = _Held(execution, run)
        before = len(held.lines)
        held.lines.append(line)
        held.said += 1
        self._count += len(held.lines) - before
        if self._count > _MOST_OF_ALL:
            oldest = next(iter(self._held.values()))
            self._count -= len(oldest.lines)
            oldest.lines.clear()
            if oldest is not held:  # its number stays, to be told
                self._held[oldest.execution.id, oldest.run] = self._held.pop(
                    (oldest.execution.id, oldest.run)
                )

    def take(self, run: int, execution: Execution) -> tuple[list[LogLine], int]:
        """The lines of a task run, which is over, and how many before them were given up."""
        held = self._held.pop((execution.id, run), None)
        if held is None:
            return [], 0
        self._count -= len(held.lines)
        return list(held.lines), held.said - len(held.lines)

    def left(self) -> list[tuple[Execution, int]]:
        """The task runs whose lines are still here."""
        return [(held.execution, held.run) for held in self._held.values()]
