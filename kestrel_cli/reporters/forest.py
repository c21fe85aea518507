"""The flat lists of task runs of all executions of a run seen as one forest, and what of it is
shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import SEVERITY, TERMINAL, State
from kestrel_cli.reporters.family import called_by, family
from kestrel_cli.reporters.tails import NO_TAILS, Tails

FOLDS_ABOVE: Final = 200
_ALIKE: Final = 3  # so many equal failures of a loop are shown one by one
_TROUBLE: Final = frozenset(State) - TERMINAL | {State.FAILED, State.RETRIED}


Name = TypeVar("Name")


class Folded(NamedTuple):
    """Iterations of a loop, or executions, that ended without a failure anywhere in them, as
    counts; without counts those that failed like the one before.
    """

    number: int
    states: dict[State, int]
    name: str = "iteration"

    def __str__(self) -> str:
        if not self.states:
            return f"and {self.number:,} more like this"
        counts = ", ".join(f"{count:,} {state}" for state, count in self.states.items())
        return f"{self.number:,} {self.name}{'s' * (self.number != 1)}: {counts}"


Node = TaskRun | Execution | Folded


class Forest:
    """All executions of a run. When there is much to show, what ended well is folded."""

    def __init__(
        self, root: Execution, folds_above: int = FOLDS_ABOVE, tails: Tails = NO_TAILS
    ) -> None:
        self._tails = tails
        self._likeness: dict[str, dict[int | None, int]] = {}  # what failures look like, as numbers
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

    def likeness(self, execution: Execution, number: int | None = None) -> int:
        """Equal for troubled task runs, or executions, that would look the same."""
        return self._likeness[execution.id].get(number, 0)

    def _look_for_trouble(self, execution: Execution) -> None:
        """The executions that it started have been looked at before."""
        troubled = bytearray(len(execution.runs))
        likeness: dict[int | None, int] = {}
        for number, called in execution.called.items():
            troubled[number] = any(one.id in self._unsound for one in called)
        for run in reversed(self._listed[execution.id]):  # children come after their parents
            if run.state in _TROUBLE:
                troubled[run.number] = 1
            if not troubled[run.number]:
                continue
            if run.parent is not None:
                troubled[run.parent] = 1
            inside = likeness.get(run.number, 0)
            for one in execution.called.get(run.number, ()):
                inside += self.likeness(one)
            own = hash((run.task.id, run.state, run.error, *self._tails.of(execution, run), inside))
            likeness[run.number] = own
            likeness[run.parent] = likeness.get(run.parent, 0) + own
        likeness[None] = hash((execution.state, execution.error, likeness.get(None, 0)))
        self._likeness[execution.id] = likeness
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
        kept = self._without_repeats([run for run in runs if run.value in shown])
        if not worst:
            return kept
        return [Folded(len(worst), _counts(worst.values())), *kept]

    def _without_repeats(self, runs: list[TaskRun]) -> list[TaskRun | Folded]:
        """Iteration by iteration; of those that failed in the same way the first one only."""
        forest, execution = self._forest, self.execution
        likeness: dict[str | None, int] = {}
        for run in runs:
            if run.value is not None:
                known = likeness.get(run.value, 0)
                likeness[run.value] = hash((known, forest.likeness(execution, run.number)))
        firsts, more = _firsts(likeness)
        kept: list[TaskRun | Folded] = []
        shown = [run for run in _by_value(runs) if run.value is None or run.value in firsts]
        for at, run in enumerate(shown):
            kept.append(run)
            count = 0 if run.value is None else more[likeness[run.value]]
            if count and (at + 1 == len(shown) or shown[at + 1].value != run.value):
                kept.append(Folded(count, {}))
        return kept

    def _executions(self, called: list[Execution]) -> Sequence[Execution | Folded]:
        if not self._forest.folds or len(called) < 2:
            return called
        sound = [one for one in called if self._forest.is_sound(one)]
        if not sound:
            return self._different(called)
        name = "execution" if called[0].item is None else "iteration"
        folded = Folded(len(sound), _counts(one.state for one in sound), name)
        return [folded, *self._different(called)]

    def _different(self, called: list[Execution]) -> list[Execution | Folded]:
        """Those that did not end well; of equal ones the first."""
        bad = {one.id: one for one in called if not self._forest.is_sound(one)}
        likeness = {name: self._forest.likeness(one) for name, one in bad.items()}
        firsts, more = _firsts(likeness)
        kept: list[Execution | Folded] = []
        for name in firsts:
            kept.append(bad[name])
            if count := more[likeness[name]]:
                kept.append(Folded(count, {}))
        return kept


def _firsts(likeness: Mapping[Name, int]) -> tuple[dict[Name, None], Counter[int]]:
    """Those to show, in their order: of many that are alike the first; and how many more there are
    of each likeness.
    """
    many = Counter(likeness.values())
    shown: dict[Name, None] = {}
    more: Counter[int] = Counter()
    met: set[int] = set()
    for name, own in likeness.items():
        if own in met and many[own] > _ALIKE:
            more[own] += 1
        else:
            shown[name] = None
            met.add(own)
    return shown, more


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
