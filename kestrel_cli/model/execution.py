"""One run of a flow: its task runs, their attempts, and the frames the scheduler works on."""

from collections.abc import Iterator
from typing import Any

from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Phase
from kestrel_cli.model.ids import derived_id, number_of
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import Metric, Task

History = list[tuple[State, int]]  # (state, microseconds since 1970), oldest first


@record
class Attempt:
    """One try of a task run."""

    history: History
    metrics: list[Metric] | tuple[()] = ()
    log_file: str | None = None

    @property
    def state(self) -> State:
        """Where the attempt stands."""
        return self.history[-1][0]


@record
class TaskRun:
    """One run of one task. `number` is its place in the list of task runs, `parent` that of the
    flowable's run.

    `outputs` is None until the run ended (and for ever when it was skipped or killed).
    """

    number: int
    task: Task
    parent: int | None
    value: str | None
    iteration: int | None
    state: State
    history: History
    lane: int = 0
    phase: Phase = Phase.BODY  # of the flowable (or flow) around it
    attempts: list[Attempt] = fresh(factory=list)
    outputs: dict[str, Any] | None = None
    error: str | None = None
    gone: bool = False  # taken out of the list: an earlier pass of a loop, or before a restart

    def enter(self, state: State, at: int) -> None:
        """Go to another state; a step to the same state is no step.

        Legality is the scheduler's concern.
        """
        if state is not self.state:
            self.state = state
            self.history.append((state, at))

    @property
    def ended(self) -> bool:
        """Whether the run has reached a terminal state."""
        return self.state in TERMINAL


@record
class Execution:
    """One run of a flow from its creation on. The scheduler is the only one who changes it."""

    id: str
    flow: Flow
    history: History
    state: State = State.CREATED
    ending: State | None = None  # it is to end in this state: nothing new may start
    exits: frozenset[int] = frozenset()  # task runs that end in that state, too
    retry_at: int | None = None  # when a RETRIED execution is to be followed by a new one
    inputs: dict[str, Any] = fresh(factory=dict)
    variables: dict[str, Any] = fresh(factory=dict)
    labels: list[tuple[str, str]] = fresh(factory=list)
    trigger: dict[str, Any] | None = None
    parent_id: str | None = None  # the execution that this one replays
    original_id: str | None = None  # the first one of a row of replays
    original_at: int | None = None
    attempt_number: int = 1
    kind: str | None = None
    item: dict[str, Any] | None = None  # of an iteration of Loop
    owner: "Execution | None" = None  # whose Loop this is an iteration of
    called: dict[int, "list[Execution]"] = fresh(factory=dict)  # task run -> what it started
    earlier: "list[Execution]" = fresh(factory=list)  # executions that this one is a retry of
    masker: Masker = fresh(factory=Masker)  # what must not be shown of all this
    outputs: dict[str, Any] | None = None
    error: str | None = None
    runs: list[TaskRun] = fresh(factory=list)
    frames: dict[int | None, Frame] = fresh(factory=dict)
    active: dict[int, bool] = fresh(factory=dict)  # task runs that have not ended; False: open
    runs_of: dict[str, list[int]] = fresh(factory=dict)  # task id -> numbers of its runs
    working: int = 0  # active task runs that are no open flowables
    paused: dict[int, None] = fresh(factory=dict)  # task runs that are PAUSED
    interim: dict[int, Frame] = fresh(factory=dict)  # errors that run while a child is RETRYING
    due: dict[int, list[int]] = fresh(factory=dict)  # retries that wait for these errors to end
    shapes: dict[int, "tuple[int, list[list[int]] | None]"] = fresh(factory=dict)
    attempting: int = 0  # attempts under way
    concurrent: bool = False  # task runs were made meanwhile, so they may be out of order
    values: dict[str, Any] = fresh(factory=dict)  # what `outputs` shows, kept up as runs end
    _id_number: int = -1

    @property
    def created_at(self) -> int:
        """Microseconds since 1970 at which the execution was created."""
        return self.history[0][1]

    def enter(self, state: State, at: int) -> None:
        """Go to another state; a step to the same state is no step."""
        if state is not self.state:
            self.state = state
            self.history.append((state, at))

    def run_id(self, number: int) -> str:
        """The public id of a task run."""
        if self._id_number < 0:
            self._id_number = number_of(self.id)
        return derived_id(self._id_number, number)

    @property
    def paused_below(self) -> bool:
        """Whether an execution that a task run of it waits for is PAUSED."""
        waiting = [
            one for number in self.called if number in self.active for one in self.called[number]
        ]
        while waiting:
            one = waiting.pop()
            if one.state is State.PAUSED:
                return True
            waiting += [
                b for number in one.called if number in one.active for b in one.called[number]
            ]
        return False

    @property
    def killing(self) -> bool:
        """Whether it ends before its time: nothing new may start."""
        return self.ending is not None

    def listed(self) -> "list[TaskRun]":
        """The task runs as they are shown: without those that are gone, in the order in which one
        worker would have made them.
        """
        if self.concurrent:
            from kestrel_cli.model.order import in_order

            return in_order(self)
        return [run for run in self.runs if not run.gone]

    def remove_below(self, owner: int, first: int) -> None:
        """Take out every task run below a flowable's; none of them is older than `first`."""
        below = {owner}
        for run in self.runs[first:]:
            if run.parent in below and not run.gone:
                below.add(run.number)
        for number in sorted(below - {owner}, reverse=True):
            self.remove(self.runs[number])

    def remove_tree(self, run: TaskRun) -> None:
        """Take out a task run and all below it."""
        self.remove_below(run.number, run.number + 1)
        self.remove(run)

    def remove(self, run: TaskRun) -> None:
        """Take a task run out of the list, and its outputs out of `values`."""
        run.gone = True
        numbers = self.runs_of.get(run.task.id, [])
        if numbers and numbers[-1] == run.number:  # the usual case: the newest goes first
            numbers.pop()
        elif run.number in numbers:
            numbers.remove(run.number)
        if self.active.pop(run.number, False):
            self.working -= 1
        self.paused.pop(run.number, None)
        self.frames.pop(run.number, None)
        self.called.pop(run.number, None)
        run.attempts.clear()
        run.outputs = None
        self._take_out((run.task.id, *self.values_above(run)))

    def _take_out(self, path: tuple[str, ...]) -> None:
        """Take outputs out of `values`, and the maps around them that hold nothing else."""
        shelves: list[Any] = [self.values]
        for part in path[:-1]:
            shelf = shelves[-1].get(part)
            if not isinstance(shelf, dict):
                return
            shelves.append(shelf)
        for shelf, part in zip(reversed(shelves), reversed(path), strict=True):
            shelf.pop(part, None)
            if shelf:
                return

    def values_above(self, run: TaskRun) -> tuple[str, ...]:
        """Like `path_of`, for flowables that have closed, too."""
        values = [one.value for one in self.upward(run) if one.value is not None]
        return tuple(reversed(values))

    def upward(self, run: "TaskRun") -> Iterator["TaskRun"]:
        """A task run, then the flowables around it, the outermost last."""
        yield run
        while run.parent is not None:
            run = self.runs[run.parent]
            yield run

    def values_around(self, run: TaskRun) -> list[str]:
        """Loop values of a task run and around it, its own first; of iterations of Loop as text."""
        found = list(reversed(self.values_above(run)))
        at: Execution | None = self
        while at is not None and at.item is not None:
            found.append(item_text(at.item.get("value")))
            at = at.owner
        return found

    def path_of(self, run: TaskRun) -> tuple[str, ...]:
        """Loop values around a task run, outermost first, its own last."""
        above = self.frames[run.parent].path
        return above if run.value is None else (*above, run.value)

    def record(self, run: TaskRun) -> None:
        """Show a run's outputs in `values`: under its task id,
        then under each loop value around it.
        """
        if run.outputs is None:
            return
        path = self.path_of(run)
        if not path:
            known = self.values.get(run.task.id)
            self.values[run.task.id] = {**known, **run.outputs} if known else run.outputs
            return
        shelf = self.values.setdefault(run.task.id, {})
        for value in path[:-1]:
            shelf = shelf.setdefault(value, {})
        known = shelf.get(path[-1])
        shelf[path[-1]] = _merged(known, run.outputs) if known else run.outputs


def item_text(value: object) -> str:
    """The value of an iteration of Loop as text; what is no text as JSON."""
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _merged(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Both maps, maps inside merged too, the newer value first in rank."""
    both = dict(known)
    for key, value in new.items():
        older = both.get(key)
        both[key] = (
            _merged(older, value) if isinstance(older, dict) and isinstance(value, dict) else value
        )
    return both
