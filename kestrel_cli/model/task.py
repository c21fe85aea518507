"""What every task has, and what runnable and flowable tasks promise (spec/engine.md 4)."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Protocol, Self, TypeVar

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Bounds, Children, Internal, Matches, Model, Template
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.position import Position
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.retry import Retry
from kestrel_cli.model.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from kestrel_cli.model.reach import About, Files, KeyValues, Logs

T = TypeVar("T")
Dynamic = Annotated[T, Template]
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
    workerGroup: dict[str, Any] | None = None
    logLevel: LogLevel | None = None
    allowFailure: bool = False
    allowWarning: bool = False
    logToFile: bool = False
    runIf: str = "true"
    taskCache: TaskCache | None = None
    assets: dict[str, Any] | None = None

    where: Annotated[Position, Internal]
    flowable: ClassVar[bool] = False


Tasks = Annotated[tuple[Task, ...], Children]


@record
class Metric:
    """A counter, timer or gauge that a task reports. A timer's value is in seconds."""

    kind: Literal["counter", "timer", "gauge"]
    name: str
    value: float
    tags: dict[str, str]


@record
class Outcome:
    """What an attempt that did not fail gives:
    its outputs (None counts as none) and its final state.
    """

    outputs: dict[str, object] | None = None
    state: State = State.SUCCESS


@record
class Expansion:
    """What a flowable runs: lanes, how many at once (0: all),
    and the outputs it has from the start.
    """

    lanes: list[Lane]
    limit: int = 1
    outputs: dict[str, object] = fresh(factory=dict)


class RunContext(Protocol):
    """What a task sees of the run it is part of.

    Every method may raise RenderError for a template that fails.
    """

    def text(self, value: object) -> str:
        """Render to text; a missing value (None) gives the empty text."""

    def structure(self, value: object) -> Any:
        """Render every text inside maps and lists, keys too; a lone expression that gives JSON
        becomes
        data.
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
        """Render a condition: false when the text is empty, `0`,
        `-0` or `false` (spec/engine.md 3.10).
        """

    def level(self, value: object) -> LogLevel:
        """Render, then read as a log level."""

    def log(self, level: LogLevel, message: str) -> None:
        """Write one entry to the task run's log."""

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

    def elapsed(self) -> float:
        """Seconds since the attempt began."""


class RunnableTask(Task):
    """A task that does something: one attempt is one call of `run`."""

    blocking: ClassVar[bool] = False  # waits for something outside: worth a thread of its own
    outward: ClassVar[bool] = False  # changes something outside: the journal has to know first

    def run(self, ctx: RunContext) -> Outcome:
        """Do the work. Raise TaskFailed (or RenderError) to end FAILED."""
        raise TypeError(f"{type(self).__name__} has no run()")


class FlowableTask(Task):
    """A task that runs other tasks.

    The scheduler asks it for lanes once and for its final state once.
    """

    errors: Tasks = ()
    finally_: Tasks = ()

    blocks: Annotated[dict[str, tuple[Task, ...]], Internal]
    flowable: ClassVar[bool] = True

    def expand(self, ctx: RunContext) -> Expansion:
        """Say what runs.

        Rendered once; raise RenderError or TaskFailed to end FAILED without children.
        """
        raise TypeError(f"{type(self).__name__} has no expand()")

    def final_state(self, worst: State) -> State:
        """The flowable's state once its body ended with `worst` (spec/engine.md 2.4)."""
        return tolerated(self, worst)


def tolerated(task: Task, state: State) -> State:
    """`state` after allowFailure and allowWarning (spec/engine.md 2.6)."""
    if state is State.FAILED and task.allowFailure:
        state = State.WARNING
    if state is State.WARNING and task.allowWarning:
        state = State.SUCCESS
    return state


def one_lane(block: str, tasks: tuple[Task, ...]) -> list[Lane]:
    """All tasks of a block, one after the other."""
    return [Lane(block, 0, len(tasks))] if tasks else []


Limit = Annotated[int, Bounds(least=0)]  # how many at once; 0: all
