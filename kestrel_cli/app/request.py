"""What decides a run, what comes out of it, and the exit code."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.flowfile.library import Library
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.record import fresh, frozen, record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.worker.interrupts import Interrupts
from kestrel_cli.worker.services import Given, Sources

TIMED_OUT: Final = 124
NO_SIGNAL: Final = 0  # what asked for the end was the run's own time limit
JOBS: Final = 32  # attempts that may overlap
USUAL_DEPTH: Final = 50  # how deep the YAML of a flow file may nest

PauseInputs = Mapping[str, object]
Render = Callable[[object, Mapping[str, object]], object]  # a value, given the inputs known so far
# Asks somebody: the flow, the task, the inputs that are known; None: no answer came.
Asker = Callable[[Flow, Task, PauseInputs, Render], PauseInputs | Literal["no"] | None]


@frozen
class Mocks:
    """What stands in for tasks, the first that fits; `unsupported`: for every type that does not
    run here, too.
    """

    listed: Sequence[Mock] = ()
    unsupported: bool = False


@frozen
class Part:
    """The part of a flow that is to run: a task id and, in brackets, loop values around it."""

    only: str | None = None
    start: str | None = None  # this one and what comes after it
    until: str | None = None  # what comes before it, and this one


@frozen
class Demands:
    """What has to be there before a run begins.

    `everything`: all that shows before, over all flows that can be reached; else what the flow
    itself does not run with. `known_inputs`: no input that the flow does not declare. `warn` is
    told of what only may stand in the way.
    """

    everything: bool = False
    known_inputs: bool = False
    warn: Callable[[str], None] = lambda _: None


@frozen
class PausePolicy:
    """How paused task runs go on.

    `once` are inputs of single task runs, by id of the execution and number of the run; `given` are
    those of all runs of `TASK`, or of its iteration `TASK[value]`. Where neither has any, `ask` is
    called, and then the `policy` counts. With `strict`, inputs that are wrong are raised; else the
    execution is left PAUSED.
    """

    given: Mapping[str, PauseInputs] = fresh(factory=dict)
    policy: Literal["skip", "fail", "wait"] = "fail"
    ask: Asker | None = None
    once: Mapping[tuple[str, int], PauseInputs] = fresh(factory=dict)
    strict: bool = False


@frozen
class Earlier:
    """An execution whose outputs a part run takes over: what `held` says, as in
    `app/earlier.py`.
    """

    name: str
    state: str
    held: Mapping[str, Any]
    masker: Masker


class Rehearsing(Protocol):
    """What a rehearsal takes part in."""

    def clock(self) -> Any:
        """A clock of the engine that leaps."""

    def mocks(self, given: Mocks) -> Any:
        """A MockFinder: what stands in for tasks."""

    def sources(self, own: Sources) -> Sources:
        """What expressions ask for, made up where `own` has nothing."""

    def failed(self, execution: Execution, run: TaskRun | None, error: Exception) -> None:
        """Something could not be rendered, or a task has failed."""


@frozen
class RunRequest:
    """Everything that decides a run.

    `state_dir` is where the journal goes (None: the usual place), `flows_dir` the folder of the
    library. `said` names what the user asked for with this very command, as in `options.KEPT`: what
    a journal has kept does not take its place.
    """

    flow: Flow
    inputs: Mapping[str, object] = fresh(factory=dict)
    again: Mapping[str, str] = fresh(factory=dict)  # secret inputs, given again to go on
    text: str = ""  # the flow file's, to point into
    labels: Sequence[tuple[str, str]] = ()
    reporters: Sequence[Reporter] = ()
    environ: Mapping[str, str] = fresh(factory=lambda: os.environ)
    envs: Mapping[str, str] | None = None
    globals: Mapping[str, Any] = fresh(factory=dict)
    kestra: Mapping[str, str] = fresh(factory=dict)  # what is said of the server
    namespace_variables: Callable[[str], Mapping[str, Any]] = lambda _: {}
    given: Given = fresh(factory=Given)
    demands: Demands = fresh(factory=Demands)
    trigger: dict[str, Any] | None = None
    state_dir: str | None = None
    journaled: bool = True
    durable: bool = False
    timeout: float | None = None
    seed: int | None = None
    frozen_at: int | None = None  # the moment at which time stands still
    compat: int = 1
    fail_on_warning: bool = False
    warn: Callable[[str], None] = lambda _: None
    interrupts: Interrupts = fresh(factory=Interrupts)
    gate: Gate = fresh(factory=Gate)
    library: Library | None = None  # where other flows are found
    plugin_defaults: Sequence[Mapping[str, Any]] = ()  # of the settings, which the flow has taken
    sequential: bool = False
    mocks: Mocks = fresh(factory=Mocks)
    part: Part = fresh(factory=Part)
    earlier: Earlier | None = None  # whose outputs stand in for what the part leaves out
    pauses: PausePolicy = fresh(factory=PausePolicy)
    kind: str | None = None
    max_depth: int = USUAL_DEPTH
    flows_dir: str | None = None
    executions_keep: int | None = None  # how many executions are left after the run; None: all
    said: frozenset[str] = frozenset()
    rehearsal: Rehearsing | None = None
    alone: Callable[[Callable[[], Any]], Any] = lambda ask: ask()  # with no status in the way

    @property
    def in_containers(self) -> bool:
        """Whether every script runs in a container, with what it needs."""
        return self.given.settings.get("containers") == "always"


class Files(Protocol):
    """Where the files of an execution are."""

    def name(self, uri: str) -> str | None:
        """The name of a file; None when it was removed."""

    def copy(self, uri: str, target: Path) -> bool:
        """Copy it; False when it was removed. Raises OSError, KestrelError."""


@record
class RunResult:
    """An execution that has ended or stands still, and what the command ends with; `around` is what
    its expressions see.
    """

    execution: Execution
    exit_code: int
    around: Surroundings | None = None
    files: Files | None = None  # where its files are; None: in the storage of this machine


def exit_code(execution: Execution, request: RunRequest, *, refused: bool = False) -> int:
    """The command's exit code: a function of how the execution ended. One that is left PAUSED was
    asked to be, or its answers were wrong: `refused`.
    """
    asked = request.interrupts.signal
    if execution.state is State.KILLED and asked is not None:
        return TIMED_OUT if asked == NO_SIGNAL else 128 + asked
    match execution.state:
        case State.SUCCESS:
            return 0
        case State.WARNING:
            return 1 if request.fail_on_warning else 0
        case State.PAUSED | State.RUNNING if _stands_still(execution):
            return int(refused)
        case _:
            return 1


def _stands_still(execution: Execution) -> bool:
    return execution.state is State.PAUSED or bool(execution.paused_below)
