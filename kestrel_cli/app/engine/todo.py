"""What one execution has to do next: its effects, in the order of one worker.

Depth first and lane by lane: a lane runs to its end before the next one of the same batch. Each frame keeps its waiting runs by lane; a stack holds the frames, the
innermost last. So the cost of an effect does not grow with the number of runs that wait.
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from kestrel_cli.model.effect import Effect, Expand, Launch, RunAttempt
from kestrel_cli.model.execution import Execution

_Waiting = list[tuple[int, int, RunAttempt | Expand]]  # lane, task run, effect: a heap


class Todo:
    """Effects that wait to be performed."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._stack: list[_Waiting | Effect] = []
        self._waiting: dict[int | None, _Waiting] = {}  # by frame; those on the stack

    def __bool__(self) -> bool:
        return bool(self._stack)

    @property
    def launches(self) -> bool:
        """Whether the first effect is a Launch."""
        return bool(self._stack) and isinstance(self._stack[-1], Launch)

    def add(self, effects: Sequence[Effect]) -> None:
        """Put new effects before everything else, but behind earlier lanes of the same frame."""
        for effect in reversed(effects):
            if isinstance(effect, (RunAttempt, Expand)):
                self._add_run(effect)
            else:
                self._stack.append(effect)

    def _add_run(self, effect: RunAttempt | Expand) -> None:
        parent = self._execution.runs[effect.run].parent
        waiting = self._waiting.get(parent)
        if waiting is None:
            waiting = self._waiting[parent] = []
            self._stack.append(waiting)
        heappush(waiting, (self._execution.runs[effect.run].lane, effect.run, effect))

    def next(self) -> Effect:
        """Take the first effect. Raises IndexError when there is none."""
        top = self._stack[-1]
        if not isinstance(top, list):
            self._stack.pop()
            return top
        _, number, effect = heappop(top)
        if not top:
            self._stack.pop()
            del self._waiting[self._execution.runs[number].parent]
        return effect
