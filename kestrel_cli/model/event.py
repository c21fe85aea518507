"""What happened: events, which the scheduler folds, and notices, which are only shown and
journaled.

Every `at` is in microseconds since 1970 and comes from the driver's clock.
"""

from typing import Any, Final, Literal

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.call import Call, CallResult
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Change, LogLevel, Metric

FOREVER: Final = -1


@record
class Begun:
    """The execution starts."""

    at: int


@record
class AttemptStarted:
    """A worker took a runnable task run."""

    run: int
    at: int


@record
class AttemptEnded:
    """An attempt is over. `draw` in [0, 1) is the luck of a random retry delay; `error` is the
    cause of a failure.
    """

    run: int
    at: int
    state: State
    outputs: dict[str, Any] | None = None
    metrics: list[Metric] | tuple[()] = ()
    error: str | None = None
    draw: float = 0.0
    change: Change | None = None
    log_file: str | None = None


@record
class Expanded:
    """A flowable said what it runs. Rendered once and recorded; never rendered again."""

    run: int
    at: int
    lanes: list[Lane]
    limit: int
    outputs: dict[str, Any]
    needs: list[list[int]] | None = None  # for each lane the lanes that have to end before it
    pause: int | None = None  # hold the body until this moment; FOREVER: until somebody resumes


@record
class Called:
    """A task that starts executions said which, `limit` of them at once (0: all), and whether it
    waits for them. Rendered once and recorded; never rendered again.
    """

    run: int
    at: int
    calls: list[Call]
    limit: int = 1
    wait: bool = True


@record
class Launched:
    """The `nth` execution of a call was started. `birth` is what it was born with; None for one of
    another run, whose caller was taken over from there.
    """

    run: int
    at: int
    nth: int
    execution: str
    birth: Birth | None = None


@record
class CalledEnded:
    """The `nth` execution of a call has ended, or could not be started (`error` says why).

    `execution` is the id of the one that ended: the last one, when some were RETRIED. `outputs` is
    what the caller gets of it; `stop`: no further one is to be started.
    """

    run: int
    at: int
    nth: int
    state: State
    execution: str | None = None
    outputs: dict[str, Any] | None = None
    error: str | None = None
    stop: bool = False


@record
class Followed:
    """A RETRIED execution is followed by a new one, born with `birth`."""

    at: int
    birth: Birth


@record
class Resumed:
    """A paused task run goes on (SUCCESS, WARNING), or ends (FAILED, CANCELLED)."""

    run: int
    at: int
    state: State
    outputs: dict[str, Any]
    error: str | None = None  # why it ends FAILED


@record
class Judged:
    """A flowable looked at what its body left. `again` is the moment of its next pass; `error` says
    why it fails.
    """

    run: int
    at: int
    outputs: dict[str, Any]
    again: int | None = None
    error: str | None = None


@record
class Lost:
    """The process ended while this attempt was under way; found out by the one that goes on."""

    run: int
    at: int


@record
class Violated:
    """A service level agreement of the flow does not hold any more."""

    at: int
    id: str
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    labels: list[tuple[str, str]]
    reason: str


@record
class Queued:
    """The flow already runs as often as it may at once. `refused` is the state that ends this
    execution, None when it waits.
    """

    at: int
    refused: State | None = None


@record
class Reopened:
    """An execution that had ended, or stood still, goes on from some of its task runs.

    `restarted` runs are tried again, `kept` get a state by hand, `removed` go. `lanes` has the
    lanes of each flowable that is open again, with how many are open and what was needed (None is
    the flow). `calls` says what tasks that start executions take up, where that is not what their
    last attempt has left.
    """

    at: int
    restarted: list[int]
    kept: dict[int, State]
    removed: list[int]
    frames: "list[OpenFrame]"
    labels: list[tuple[str, str]]
    calls: "list[OpenCall]" = fresh(factory=list)


@record
class OpenCall:
    """What a task run that starts executions has of them when it is tried again: the `results` of
    those that stay, and of those that go on, whose numbers are `again`.
    """

    run: int
    results: dict[int, CallResult]
    again: list[int]


@record
class OpenFrame:
    """A frame as it has to stand for a run in it to be tried again."""

    run: int | None
    lanes: list[Lane]
    limit: int
    opened: int
    worst: State
    needs: list[list[int]] | None


@record
class Skipped:
    """`runIf` was false."""

    run: int
    at: int


@record
class Refused:
    """A task run could not begin.

    `attempted` is false when its `runIf` failed, true when a flowable's condition, value or values
    did; what such a flowable knew by then is in `outputs`. `at_once`: it failed before it was
    RUNNING, and its attempt is nothing but that. `soft`: allowFailure and allowWarning count.
    """

    run: int
    at: int
    error: str
    attempted: bool = False
    outputs: dict[str, Any] | None = None
    soft: bool = False
    at_once: bool = False


@record
class StoodIn:
    """Somebody's result takes the place of a task run's own: no attempt was made, nothing of the
    task was looked at, `runIf` neither. `state` is one that a task run ends in.
    """

    run: int
    at: int
    state: State
    outputs: dict[str, Any] | None = None
    error: str | None = None


@record
class TimerFired:
    """The moment that a WaitUntil asked for has come."""

    run: int
    at: int


@record
class KillRequested:
    """Somebody wants the execution to end now."""

    at: int


@record
class Concluded:
    """The flow's outputs were rendered, or `error` says why not."""

    at: int
    outputs: dict[str, Any] | None = None
    error: str | None = None


@record
class Heard:
    """The conditions of the listeners were looked at: these, by their places, are to run."""

    at: int
    listeners: list[int]


Event = (
    AttemptStarted
    | AttemptEnded
    | Expanded
    | Skipped
    | Refused
    | StoodIn
    | TimerFired
    | KillRequested
    | Begun
    | Concluded
    | Heard
    | Called
    | Launched
    | CalledEnded
    | Followed
    | Resumed
    | Judged
    | Lost
    | Violated
    | Queued
    | Reopened
)


@record
class LogLine:
    """One log entry. `run` is None for the execution's own; `attempt` counts finished attempts
    before it. `ends`: the end of its attempt follows at once, and gives it as the cause; no journal
    keeps that.
    """

    run: int | None
    at: int
    level: LogLevel
    message: str
    attempt: int = 0
    ends: bool = False


Notice = LogLine
