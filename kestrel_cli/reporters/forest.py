"""The flat lists of task runs of all executions of a run seen as one forest, and what of it is
shown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import SEVERITY, TERMINAL, State
from kestrel_cli.reporters.family import called_by, family

FOLDS_ABOVE: Final = 200
_TROUBLE: Final = frozenset(State) - TERMINAL | {State.FAILED, State.RETRIED}


class Folded(NamedTuple):
    """Iterations of a loop, or executions, that ended without a failure anywhere in them, as
    counts.
    """

    number: int
    states: dict[State, int]
    name: str = "iteration"

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in self.states.items())
        return f"{self.number:,} {self.name}{'s' * (self.number != 1)}: {counts}"


Node = TaskRun | Execution | Folded


class Forest:
    """All executions of a run. When there is much to show, what ended well is folded."""

    def __init__(self, root: Execution, folds_above: int = FOLDS_ABOVE) -> None:
        executions = family(root)
        self._listed = {one.id: one.listed() for one in executions}
        self.size = sum(map(len, self._listed.values()))
        self.folds = self.size + len(executions) - 1 > folds_above
        self._troubled: dict[str, bytearray] = {}
        self._unsound: set[str] = set()
        if self.folds:
            for execution in reversed(executions):
                self._look_for_trouble(execution)

    def plot(self, execution: Execution) -> "Plot":
        """The part of one execution."""
        return Plot(self, execution, self._listed[execution.id])

    def troubled(self, execution: Execution) -> bytearray:
        """For each task run: whether it, or anything below it, failed or has not ended."""
        return self._troubled[execution.id]

    def is_sound(self, execution: Execution) -> bool:
        """Whether it ended well, and everything in it did."""
        return execution.id not in self._unsound

    def _look_for_trouble(self, execution: Execution) -> None:
        """The executions that it started have been looked at before."""
        troubled = bytearray(len(execution.runs))
        for number, called in execution.called.items():
            troubled[number] = any(one.id in self._unsound for one in called)
        for run in reversed(self._listed[execution.id]):  # children come after their parents
            if run.state in _TROUBLE:
                troubled[run.number] = 1
            if troubled[run.number] and run.parent is not None:
                troubled[run.parent] = 1
        self._troubled[execution.id] = troubled
        if execution.state in _TROUBLE or any(troubled):
            self._unsound.add(execution.id)


class Plot:
    """One execution of the forest: what stands under each of its task runs."""

    def __init__(self, forest: Forest, execution: Execution, runs: list[TaskRun]) -> None:
        self.execution = execution
        self._forest = forest
        self._children: dict[int | None, list[TaskRun]] = {}
        children = self._children
        for run in runs:
            if run.parent in children:
                children[run.parent].append(run)
            else:
                children[run.parent] = [run]

    def below(self, parent: int | None) -> Sequence[Node]:
        """What stands under a task run, or at the top: folded iterations first, then task runs by
        iteration, then by creation; last the executions that the task run started.
        """
        runs = self._runs_below(parent)
        if parent is None or parent not in self.execution.called:
            return runs
        return [*runs, *self._executions(called_by(self.execution, parent))]

    def _runs_below(self, parent: int | None) -> Sequence[TaskRun | Folded]:
        runs = self._children.get(parent, [])
        if len(runs) < 2 or all(run.value is None for run in runs):
            return runs
        if self._forest.folds:
            return self._folded(runs)
        return _by_value(runs)

    def _folded(self, runs: list[TaskRun]) -> Sequence[TaskRun | Folded]:
        troubled = self._forest.troubled(self.execution)
        shown = {run.value for run in runs if troubled[run.number]} | {None}
        worst: dict[str | None, State] = {}
        for run in runs:
            if run.value not in shown:
                known = worst.get(run.value)
                if known is None or SEVERITY[run.state] > SEVERITY[known]:
                    worst[run.value] = run.state
        kept = _by_value([run for run in runs if run.value in shown])
        if not worst:
            return kept
        return [Folded(len(worst), _counts(worst.values())), *kept]

    def _executions(self, called: list[Execution]) -> Sequence[Execution | Folded]:
        if not self._forest.folds or len(called) < 2:
            return called
        sound = [one for one in called if self._forest.is_sound(one)]
        if not sound:
            return called
        name = "execution" if called[0].item is None else "iteration"
        folded = Folded(len(sound), _counts(one.state for one in sound), name)
        return [folded, *(one for one in called if not self._forest.is_sound(one))]


def _counts(states: Iterable[State]) -> dict[State, int]:
    return dict(Counter(states).most_common())


def _by_value(runs: list[TaskRun]) -> list[TaskRun]:
    """The task runs of a loop, iteration by iteration: its values are different, and begin in their
    order.
    """
    first: dict[str | None, int] = {}
    for run in runs:
        first.setdefault(run.value, len(first))
    first[None] = len(first)  # errors and finally come last
    return sorted(runs, key=lambda run: first[run.value])
