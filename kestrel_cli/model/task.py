"""What every task has, and what runnable and flowable tasks promise."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Protocol, Self, TypeVar

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.call import CallResult, Calls
from kestrel_cli.model.common import Assets, WorkerGroup
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.marks import Bounds, Children, Internal, Matches, Since, Template
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.retry import Retry
from kestrel_cli.model.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from kestrel_cli.model.reach import About, Executions, Files, KeyValues, Logs

T = TypeVar("T")
Dynamic = Annotated[T, Template]
Render = Callable[[object], Any]
LogLevel = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]
LEVELS: Final[dict[LogLevel, int]] = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "ERROR": 4}
Id = Annotated[
    str,
    Matches(
        r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,255}",
        "letters, digits, `_` and `-`, starting with a letter or digit, at most 256 characters",
    ),
]


class TaskCache(Model):
    """Reuse the outputs of an earlier run of the same task."""

    enabled: bool
    ttl: Dynamic[Duration] | None = None


class Task(Model):
    """The properties that every task may have. `where` is the task's place in the file."""

    id: Id
    type: str
    version: str | None = None
    pluginDefaultsRef: str | None = None
    description: str | None = None
    retry: Retry | None = None
    timeout: Dynamic[Duration] | None = None
    disabled: bool = False
    workerGroup: WorkerGroup | None = None
    workerSelector: Annotated[Any, Since("2.0")] = None
    logLevel: LogLevel | None = None
    allowFailure: bool = False
    allowWarning: bool = False
    logToFile: bool = False
    runIf: str = "true"
    taskCache: TaskCache | None = None
    assets: Assets | None = None

    where: Annotated[Position, Internal]
    # Outputs and metrics, each with what it is, for `kestrel tasks`; those of the bases count too.
    gives: ClassVar[dict[str, str]] = {}
    measures: ClassVar[dict[str, str]] = {}
    since: ClassVar[str] = "1"  # the Kestra that has it first
    flowable: ClassVar[bool] = False
    executable: ClassVar[bool] = False  # it is an Executable
    by_engine: ClassVar[bool] = False  # it changes its execution: no worker has it
    told_late: ClassVar[bool] = False  # its attempt is CREATED until it ends


Tasks = Annotated[tuple[Task, ...], Children]


@record
class Metric:
    """A counter, timer or gauge that a task reports. A timer's value is in seconds."""

    kind: Literal["counter", "timer", "gauge"]
    name: str
    value: float
    tags: dict[str, str]


@record
class Change:
    """What a task does to its execution: new labels (all of them), new variables, the end."""

    labels: list[tuple[str, str]] | None = None
    variables: dict[str, Any] | None = None
    exit: State | None = None


@record
class Outcome:
    """What an attempt that did not fail gives: outputs (None counts as none) and the final state.

    A task that changes its execution has no outputs at all.
    """

    outputs: dict[str, object] | None = None
    state: State = State.SUCCESS
    change: Change | None = None


@record
class Expansion:
    """What a flowable runs: lanes, how many at once (0: all), and its outputs from the start.

    `needs` names for each lane the lanes that have to end before it. `pause` holds the body back
    for that many seconds, below zero until somebody resumes it.
    """

    lanes: list[Lane]
    limit: int = 1
    outputs: dict[str, object] = fresh(factory=dict)
    needs: list[list[int]] | None = None
    pause: float | None = None


@record
class Verdict:
    """What a flowable makes of its body: its outputs, and the seconds until its next pass."""

    outputs: dict[str, object]
    again: float | None = None


class RunContext(Protocol):
    """What a task sees of the run it is part of.

    Every method may raise RenderError for a template that fails.
    """

    def text(self, value: object) -> str:
        """Render to text; a missing value (None) gives the empty text."""

    def structure(self, value: object) -> Any:
        """Render every text inside maps and lists, keys too; a lone expression that gives JSON
        becomes data.
        """

    def typed(self, value: object) -> Any:
        """Render; text that is one lone expression keeps the native type of its value."""

    def items(self, value: object) -> list[Any]:
        """A list as it stands, its texts not rendered; or the list that an expression gives."""

    def integer(self, value: object) -> int:
        """Render, then read as a whole number."""

    def boolean(self, value: object) -> bool:
        """Render, then read as true or false."""

    def duration(self, value: object) -> Duration:
        """Render, then read as a duration."""

    def truthy(self, condition: object) -> bool:
        """Render a condition: false when its text is empty, `0`, `-0` or `false`."""

    def level(self, value: object) -> LogLevel:
        """Render, then read as a log level."""

    def log(self, level: LogLevel, message: str) -> None:
        """Write one entry to the task run's log."""

    def unfinished(self, line: str) -> None:
        """Let who looks on see a line that has been begun, and no more comes for now; the empty
        line takes it back. It is no entry of the log.
        """

    def count(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        """Add to a counter of this attempt."""

    def time(self, name: str, seconds: float, tags: dict[str, str] | None = None) -> None:
        """Add to a timer of this attempt."""

    def gauge(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        """Set a gauge of this attempt; the last value stays."""

    def hide(self, secret: str) -> None:
        """Show `******` in place of this text from now on, everywhere."""

    def with_variables(self, more: "Mapping[str, Any]") -> Self:
        """The same attempt, whose templates see further variables; they come first."""

    def with_own(self, outputs: "Mapping[str, Any]") -> Self:
        """The same attempt, whose templates see these outputs of the task run itself."""

    # -- the end of the attempt: what blocks has to hear of it

    def sleep(self, seconds: float) -> None:
        """Wait; ends early, by an exception, at the attempt's timeout or when the run is killed."""

    def ending(self, stop: "Callable[[], None]") -> "AbstractContextManager[None]":
        """While the block lasts, `stop` is called, maybe by another thread, when the attempt is to
        end now: it has to end the wait (kill the process, close the socket). On the main thread an
        exception may come out of any line of the block instead or besides: clean up in `finally`.
        """

    def check(self) -> None:
        """Raise when the attempt is to end; to be called after a wait that `stop` cut short."""

    # -- the world

    def task_of(self, text: str) -> "RunnableTask":
        """The runnable task that a YAML text describes. Raises TaskFailed when it is none."""

    @property
    def about(self) -> "About":
        """Which attempt this is."""

    @property
    def files(self) -> "Files":
        """Internal storage, namespace files, the working directory."""

    @property
    def kv(self) -> "KeyValues":
        """The key-value store."""

    @property
    def logged(self) -> "Logs":
        """What was logged so far."""

    @property
    def executions(self) -> "Executions":
        """The executions in the state directory."""

    def elapsed(self) -> float:
        """Seconds since the attempt began."""

    def age(self) -> float:
        """Seconds since the task run was created."""

    def own(self) -> dict[str, Any]:
        """The outputs that this task run has so far."""

    def iteration(self) -> int | None:
        """The number of this task run in the loop around it, or of its own pass."""

    def labels(self) -> list[tuple[str, str]]:
        """The labels of the execution, for a `Change`."""

    def variables(self) -> dict[str, Any]:
        """The variables of the execution, not rendered, for a `Change`."""


class RunnableTask(Task):
    """A task that does something: one attempt is one call of `run`."""

    blocking: ClassVar[bool] = False  # waits for something outside: worth a thread of its own
    outward: ClassVar[bool] = False  # changes something outside: the journal has to know first

    def run(self, ctx: RunContext) -> Outcome:
        """Do the work. Raise TaskFailed (or RenderError) to end FAILED."""
        raise TypeError(f"{type(self).__name__} has no run()")


class Executable(Protocol):
    """A task that starts executions: Subflow, the batches of ForEachItem, Loop. Every method may
    raise RenderError or TaskFailed, which ends the attempt FAILED.
    """

    def calls(self, ctx: RunContext) -> Calls:
        """What to start. Asked once for each attempt."""

    def taken(self, result: CallResult, render: Render) -> dict[str, Any] | None:
        """The outputs that it takes over from an execution that has ended; `render` renders in the
        context of that one.
        """

    def stops(self, ctx: RunContext, result: CallResult) -> bool:
        """Whether no further execution is to be started after this one."""

    def outcome(self, ctx: RunContext, results: list[CallResult]) -> Outcome:
        """What the executions make of the task run; they are in the order of `calls`. Those that
        were never started are not among them.
        """


class FlowableTask(Task):
    """A task that runs other tasks.

    The scheduler asks it for lanes once and for its final state once.
    """

    errors: Tasks = ()
    finally_: Tasks = ()

    blocks: Annotated[dict[str, tuple[Task, ...]], Internal]
    flowable: ClassVar[bool] = True
    judges: ClassVar[bool] = False  # looks at its body once that has ended
    one_worker: ClassVar[bool] = False  # its body is a part of its own work: WorkingDirectory

    def hidden(self) -> tuple[Task, ...]:
        """The tasks it runs without their being in the file; asked for once, by the loader."""
        return ()

    def elapsed(self, _ctx: RunContext) -> State:
        """What it resumes with when the time of its pause is over."""
        return State.SUCCESS

    def expand(self, ctx: RunContext) -> Expansion:
        """Say what runs.

        Rendered once; raise RenderError or TaskFailed to end FAILED without children.
        """
        raise TypeError(f"{type(self).__name__} has no expand()")

    def judge(self, ctx: RunContext, worst: State) -> Verdict:
        """Look at what the body left; its worst state is `worst`. Raise TaskFailed to end FAILED.

        Called when `judges` is true.
        """
        raise TypeError(f"{type(self).__name__} has no judge()")

    def final_state(self, worst: State) -> State:
        """The flowable's state, once the worst state in its body is `worst`."""
        return tolerated(self, worst)


def tolerated(task: Task, state: State) -> State:
    """`state`, when allowFailure makes WARNING of FAILED and then allowWarning SUCCESS of
    WARNING.
    """
    if state is State.FAILED and task.allowFailure:
        state = State.WARNING
    if state is State.WARNING and task.allowWarning:
        state = State.SUCCESS
    return state


def one_lane(block: str, tasks: tuple[Task, ...]) -> list[Lane]:
    """All tasks of a block, one after the other."""
    return [Lane(block, 0, len(tasks))] if tasks else []


Limit = Annotated[int, Bounds(least=0)]  # how many at once; 0: all
