"""The flat list of task runs seen as a tree, and what of it is shown."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import SEVERITY, TERMINAL, State

FOLDS_ABOVE: Final = 200


class Folded(NamedTuple):
    """Iterations of a loop that ended without a failure anywhere in them, as counts."""

    iterations: int
    states: dict[State, int]

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in self.states.items())
        return f"{self.iterations:,} iteration{'s' * (self.iterations != 1)}: {counts}"


class Forest:
    """Children of each task run, in the order shown: by iteration, then by creation."""

    def __init__(self, execution: Execution, folds_above: int = FOLDS_ABOVE) -> None:
        self.children: dict[int | None, list[TaskRun]] = {}
        children = self.children
        for run in execution.runs:
            if run.parent in children:
                children[run.parent].append(run)
            else:
                children[run.parent] = [run]
        self._folds = len(execution.runs) > folds_above
        self._troubled = _troubled(execution.runs) if self._folds else bytearray()

    def below(self, parent: int | None) -> Sequence[TaskRun | Folded]:
        """What stands under a task run: folded iterations first, then task runs."""
        runs = self.children.get(parent, [])
        if len(runs) < 2 or all(run.iteration is None for run in runs):
            return runs
        if self._folds:
            return self._folded(runs)
        return sorted(runs, key=_by_iteration)

    def _folded(self, runs: list[TaskRun]) -> Sequence[TaskRun | Folded]:
        troubled = self._troubled
        shown = {run.iteration for run in runs if troubled[run.number]} | {None}
        worst: dict[int | None, State] = {}
        for run in runs:
            if run.iteration not in shown:
                known = worst.get(run.iteration)
                if known is None or SEVERITY[run.state] > SEVERITY[known]:
                    worst[run.iteration] = run.state
        kept = sorted((run for run in runs if run.iteration in shown), key=_by_iteration)
        if not worst:
            return kept
        return [Folded(len(worst), dict(Counter(worst.values()).most_common())), *kept]


def _by_iteration(run: TaskRun) -> float:
    return float("inf") if run.iteration is None else run.iteration


def _troubled(runs: list[TaskRun]) -> bytearray:
    """For each task run: whether it, or anything below it, failed or has not ended."""
    troubled = bytearray(len(runs))
    for run in reversed(runs):  # children come after their parents
        if run.state is State.FAILED or run.state not in TERMINAL:
            troubled[run.number] = 1
        if troubled[run.number] and run.parent is not None:
            troubled[run.parent] = 1
    return troubled


def leaves(runs: list[TaskRun], state: State) -> list[TaskRun]:
    """The task runs in `state` that did not get it from a child."""
    inherited = {run.parent for run in runs if run.state is state}
    return [run for run in runs if run.state is state and run.number not in inherited]


def causes(execution: Execution) -> list[TaskRun]:
    """The failed leaves that made the execution fail: everything around them failed too."""
    counts = bytearray(len(execution.runs))
    for run in execution.runs:
        if run.state is State.FAILED and (run.parent is None or counts[run.parent]):
            counts[run.number] = 1
    return [run for run in leaves(execution.runs, State.FAILED) if counts[run.number]]
