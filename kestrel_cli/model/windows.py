"""Spans of time in which executions of other flows count together."""

from typing import Annotated, Literal

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Matches, Since

LocalTime = Annotated[
    str,
    Matches(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?", "a time such as `09:00:00`"),
]


class TimeWindow(Model):
    """The span in which all conditions have to be met; what it needs depends on its `type`."""

    type: Literal[
        "DURATION_WINDOW", "SLIDING_WINDOW", "DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"
    ] = "DURATION_WINDOW"
    deadline: LocalTime | None = None
    window: Duration | None = None
    windowAdvance: Duration | None = None
    startTime: LocalTime | None = None
    endTime: LocalTime | None = None
    timezone: Annotated[str | None, Since("2.0")] = None


class Window(Model):
    """Kestra 2's span for `dependsOn`; its kind follows from what is said."""

    deadline: LocalTime | None = None
    from_: LocalTime | None = None
    to: LocalTime | None = None
    every: Duration | None = None
    offset: Duration | None = None
    lookback: Duration | None = None
    timezone: str | None = None
    fireOnce: bool = False


# What belongs to each kind of TimeWindow: what it must have, and what it may have besides.
KINDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "DURATION_WINDOW": (frozenset(), frozenset({"window", "windowAdvance"})),
    "SLIDING_WINDOW": (frozenset(), frozenset({"window"})),
    "DAILY_TIME_DEADLINE": (frozenset({"deadline"}), frozenset()),
    "DAILY_TIME_WINDOW": (frozenset({"startTime", "endTime"}), frozenset()),
}
