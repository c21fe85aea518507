"""One run of a flow: what it was born with, how far it has come, what belongs to it.

    birth       facts, never changed
    progress    the scheduler's alone: nobody else assigns to anything in it
    called, earlier, owner    links to other executions of the run, set when those are made

What others may look at is here under its own name, and read-only.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import CallFrame, Frame, Phase
from kestrel_cli.model.ids import derived_id, number_of
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.merging import without_nulls
from kestrel_cli.model.record import entity, fresh, record
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import Metric, Task

History = list[tuple[State, int]]  # (state, microseconds since 1970), oldest first


@record
class Attempt:
    """One try of a task run."""

    history: History
    metrics: list[Metric] | tuple[()] = ()
    log_file: str | None = None
    lost: bool = False  # its process ended meanwhile: nobody knows how far it had come

    @property
    def state(self) -> State:
        """Where the attempt stands."""
        return self.history[-1][0]


@entity
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
    stood_in: bool = False  # a fixture of a test gave its end: it never began

    @property
    def ended(self) -> bool:
        """Whether the run has reached a terminal state."""
        return self.state in TERMINAL


@entity
class Progress:
    """How far an execution has come. Only `scheduler/` sets what is in here."""

    state: State
    history: History
    labels: list[tuple[str, str]]
    variables: dict[str, Any]
    values: dict[str, Any]  # what `outputs` shows, kept up as runs end
    attempt_number: int
    since: int  # creation of the first in a row of executions that retry it
    runs: list[TaskRun] = fresh(factory=list)
    outputs: dict[str, Any] | None = None
    error: str | None = None
    ending: State | None = None  # it is to end in this state: nothing new may start
    exits: frozenset[int] = frozenset()  # task runs that end in that state, too
    retry_at: int | None = None  # when a RETRIED execution is to be followed by a new one
    frames: dict[int | None, Frame] = fresh(factory=dict)
    calls: dict[int, CallFrame] = fresh(factory=dict)  # by the run of the task that calls
    active: dict[int, bool] = fresh(factory=dict)  # task runs that have not ended; False: open
    runs_of: dict[str, list[int]] = fresh(factory=dict)  # task id -> numbers of its runs
    working: int = 0  # active task runs that do not only wait for their children
    paused: dict[int, None] = fresh(factory=dict)  # task runs that are PAUSED
    stopped: set[int] = fresh(factory=set)  # flowables that FAILED by what failed beside them
    interim: dict[int, Frame] = fresh(factory=dict)  # errors that run while a child is RETRYING
    due: dict[int, list[int]] = fresh(factory=dict)  # retries that wait for these errors to end
    recorded: list[int] = fresh(factory=list)  # task runs, in the order in which outputs came
    seen: dict[int, int] = fresh(
        factory=dict
    )  # active run -> how many of these it was created with
    removals: int = 0  # how many task runs were taken out again
    shapes: dict[int, tuple[int, list[list[int]] | None]] = fresh(factory=dict)
    attempting: int = 0  # attempts under way
    concurrent: bool = False  # task runs were made meanwhile, so they may be out of order


class Execution:
    """One run of a flow from its creation on."""

    __slots__ = (
        "_number",
        "active",
        "birth",
        "called",
        "calls",
        "earlier",
        "flow",
        "frames",
        "given",
        "id",
        "masker",
        "owner",
        "progress",
        "recorded",
        "runs",
        "seen",
        "unfinished",
        "values",
    )
    elsewhere: str = ""  # where it does not run here: the options with which commands reach it

    def __init__(
        self,
        birth: Birth,
        flow: Flow,
        *,
        masker: Masker | None = None,
        owner: "Execution | None" = None,
        earlier: "Sequence[Execution]" = (),
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """`owner` is the execution whose Loop this is an iteration of, `earlier` those that it is a
        retry of, `values` what `outputs` shows from the beginning. Executions of one run share
        their masker.
        """
        if owner is not None:
            variables = owner.variables
        else:  # that there are none is told by its being the flow's own map
            variables = without_nulls(flow.variables) if flow.variables else flow.variables
        if values is None and owner is not None:
            values = owner.values
        self.birth: Final = birth
        self.id: Final = birth.id
        self.flow: Final = flow
        self.masker: Final = masker or Masker()  # what must not be shown of all this
        # Lines that children of task runs have begun and stay silent after, by number of the run:
        # for who looks on, and nowhere taken down.
        self.unfinished: Final[dict[int, str]] = {}
        self.owner: Final = owner
        self.earlier: Final = tuple(earlier)
        self.called: Final[dict[int, list[Execution]]] = {}  # task run -> what it started
        shown = dict(values or {})
        taken = birth.taken.get("outputs")
        if taken:
            from kestrel_cli.model.outputs import shelves

            values = {**shown, **taken}
            shown |= shelves(taken)  # what comes is put beside it
        progress = self.progress = Progress(
            State.CREATED,
            [(State.CREATED, birth.at)],
            birth.labels,
            variables,
            shown,
            birth.attempt_number,
            birth.original_at or birth.at,
        )
        self.given: Final = dict(values) if values else None  # what `outputs` had at the beginning
        self.runs: Final[Sequence[TaskRun]] = progress.runs
        self.values: Final[Mapping[str, Any]] = progress.values
        self.active: Final[Mapping[int, bool]] = progress.active
        self.frames: Final[Mapping[int | None, Frame]] = progress.frames
        self.calls: Final[Mapping[int, CallFrame]] = progress.calls
        self.recorded: Final[Sequence[int]] = progress.recorded
        self.seen: Final[Mapping[int, int]] = progress.seen
        self._number = -1

    def __repr__(self) -> str:
        return f"Execution({self.id!r}, {self.flow.id!r}, {self.state})"

    # -- facts

    @property
    def ids(self) -> frozenset[str]:
        """Its own, and those of the RETRIED executions that it follows: a caller that waits knows
        it by any of them.
        """
        return frozenset((self.id, *(one.id for one in self.earlier)))

    @property
    def inputs(self) -> dict[str, Any]:
        """The values of its inputs; an iteration of Loop has those of its execution."""
        return self.birth.inputs if self.owner is None else self.owner.inputs

    @property
    def trigger(self) -> dict[str, Any] | None:
        """What started it, as `trigger` shows it."""
        return self.birth.trigger if self.owner is None else self.owner.trigger

    @property
    def kind(self) -> str | None:
        """LOOP for an iteration of Loop."""
        return self.birth.kind

    @property
    def item(self) -> dict[str, Any] | None:
        """Of an iteration of Loop: its value, index, key, and those around it."""
        return self.birth.item

    @property
    def parent_id(self) -> str | None:
        """The execution that this one replays."""
        return self.birth.parent_id

    @property
    def original_id(self) -> str | None:
        """The first one of a row of replays."""
        return self.birth.original_id

    @property
    def original_at(self) -> int | None:
        """When that one was created."""
        return self.birth.original_at

    @property
    def created_at(self) -> int:
        """Microseconds since 1970 at which the execution was created."""
        return self.birth.at

    # -- progress

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.progress.state

    @property
    def history(self) -> History:
        """Its states with their moments, oldest first."""
        return self.progress.history

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Its labels, in their order."""
        return self.progress.labels

    @property
    def variables(self) -> dict[str, Any]:
        """Its variables, not rendered."""
        return self.progress.variables

    @property
    def outputs(self) -> dict[str, Any] | None:
        """The flow's outputs, once they were rendered."""
        return self.progress.outputs

    @property
    def error(self) -> str | None:
        """Why its outputs could not be rendered."""
        return self.progress.error

    @property
    def attempt_number(self) -> int:
        """Which try of the flow this is, from 1: restarts and executions that follow count."""
        return self.progress.attempt_number

    @property
    def retry_at(self) -> int | None:
        """When a RETRIED execution is to be followed by a new one."""
        return self.progress.retry_at

    @property
    def removals(self) -> int:
        """How many task runs were taken out again."""
        return self.progress.removals

    @property
    def killing(self) -> bool:
        """Whether it ends before its time: nothing new may start."""
        return self.progress.ending is not None

    @property
    def runs_of(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the runs of each task, by task id."""
        return self.progress.runs_of

    def run_id(self, number: int) -> str:
        """The public id of a task run."""
        if self._number < 0:
            self._number = number_of(self.id)
        return derived_id(self._number, number)

    @property
    def paused_below(self) -> bool:
        """Whether an execution that a task run of it waits for is PAUSED."""
        waiting = _waited_for(self)
        while waiting:
            one = waiting.pop()
            if one.state is State.PAUSED:
                return True
            waiting += _waited_for(one)
        return False

    def listed(self) -> list[TaskRun]:
        """The task runs as they are shown: without those that are gone, in the order in which one
        worker would have made them.
        """
        if self.progress.concurrent:
            from kestrel_cli.model.order import in_order

            return in_order(self.runs, self.progress.shapes)
        return [run for run in self.runs if not run.gone]

    # -- what stands around a task run

    def values_above(self, run: TaskRun) -> tuple[str, ...]:
        """Like `path_of`, for flowables that have closed, too."""
        values = [one.value for one in self.upward(run) if one.value is not None]
        return tuple(reversed(values))

    def upward(self, run: TaskRun) -> Iterator[TaskRun]:
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


def _waited_for(execution: Execution) -> list[Execution]:
    """What the task runs of an execution have started and may wait for."""
    return [
        one
        for number, called in execution.called.items()
        if number in execution.active
        for one in called
    ]


def item_text(value: object) -> str:
    """The value of an iteration of Loop as text; what is no text as JSON."""
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
