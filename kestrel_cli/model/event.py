"""What happened: events, which the scheduler folds, and notices, which are only shown and
journaled.

Every `at` is in microseconds since 1970 and comes from the driver's clock.
"""

from typing import Any

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.record import record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LogLevel, Metric


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
    cause
    of a failure.
    """

    run: int
    at: int
    state: State
    outputs: dict[str, Any] | None = None
    metrics: list[Metric] | tuple[()] = ()
    error: str | None = None
    draw: float = 0.0


@record
class Expanded:
    """A flowable said what it runs. Rendered once and recorded; never rendered again."""

    run: int
    at: int
    lanes: list[Lane]
    limit: int
    outputs: dict[str, Any]


@record
class Skipped:
    """`runIf` was false."""

    run: int
    at: int


@record
class Refused:
    """A task run could not begin.

    `attempted` is false when its `runIf` failed, true when a flowable's condition, value or values
    did; what such a flowable knew by then is in `outputs`.
    """

    run: int
    at: int
    error: str
    attempted: bool = False
    outputs: dict[str, Any] | None = None


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


Event = (
    AttemptStarted
    | AttemptEnded
    | Expanded
    | Skipped
    | Refused
    | TimerFired
    | KillRequested
    | Begun
    | Concluded
)


@record
class LogLine:
    """One log entry. `run` is None for the execution's own; `attempt` counts finished attempts
    before
    it.
    """

    run: int | None
    at: int
    level: LogLevel
    message: str
    attempt: int = 0


Notice = LogLine
