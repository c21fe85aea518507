"""One run of a flow: its task runs, their attempts, and the frames the scheduler works on."""

from typing import Any

from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame
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
    attempts: list[Attempt] = fresh(factory=list)
    outputs: dict[str, Any] | None = None
    error: str | None = None

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
    killing: bool = False  # a kill was asked for: nothing new may start
    inputs: dict[str, Any] = fresh(factory=dict)
    variables: dict[str, Any] = fresh(factory=dict)
    labels: list[tuple[str, str]] = fresh(factory=list)
    trigger: dict[str, Any] | None = None
    masker: Masker = fresh(factory=Masker)  # what must not be shown of all this
    outputs: dict[str, Any] | None = None
    error: str | None = None
    runs: list[TaskRun] = fresh(factory=list)
    frames: dict[int | None, Frame] = fresh(factory=dict)
    active: dict[int, None] = fresh(factory=dict)  # task runs that have not ended, oldest first
    runs_of: dict[str, list[int]] = fresh(factory=dict)  # task id -> numbers of its runs
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


def _merged(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Both maps, maps inside merged too, the newer value first in rank."""
    both = dict(known)
    for key, value in new.items():
        older = both.get(key)
        both[key] = (
            _merged(older, value) if isinstance(older, dict) and isinstance(value, dict) else value
        )
    return both
