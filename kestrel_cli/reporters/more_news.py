"""What `-v` and `-vv` tell besides: task runs that begin, end well, or are skipped."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Event, Expanded, Skipped
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from kestrel_cli.reporters.news import News, attempt_text
from kestrel_cli.reporters.spans import span_text

_TELLS_ALL: Final = 2


def more_of(event: Event, execution: Execution, verbose: int) -> News | None:
    """News of an event that is usually silent; None when it still is."""
    tell = _TELLERS.get(type(event))
    news = None if tell is None else tell(event, execution)
    return None if news is None or (news.level == "TRACE" and verbose < _TELLS_ALL) else news


def _began(event: AttemptStarted, execution: Execution) -> News:
    run = execution.runs[event.run]
    cause = attempt_text(execution, run) if len(run.attempts) > 1 else run.task.type
    return News("RUN", event.at, event.run, cause, bad=False, level="TRACE")


def _ended(event: AttemptEnded, execution: Execution) -> News | None:
    if event.state not in (State.SUCCESS, State.WARNING):
        return None
    began = execution.runs[event.run].attempts[-1].history[0][1]
    cause = f"{event.state} in {span_text(event.at - began)}"
    return News("DONE", event.at, event.run, cause, bad=False, level="DEBUG")


def _skipped(event: Skipped, execution: Execution) -> News:
    return News("SKIP", event.at, event.run, "it is not to run", bad=False, level="DEBUG")


def _opened(event: Expanded, execution: Execution) -> News | None:
    if not event.lanes or event.lanes[0].value is None:
        return None
    number = len({lane.iteration for lane in event.lanes})
    cause = f"{number:,} iteration{'s' * (number != 1)}"
    if event.limit:
        cause += f", {event.limit:,} at a time" if event.limit > 1 else ", one at a time"
    return News("LOOP", event.at, event.run, cause, bad=False, level="TRACE")


_TELLERS: Final[Mapping[type, Callable[[Any, Execution], News | None]]] = {
    AttemptStarted: _began,
    AttemptEnded: _ended,
    Skipped: _skipped,
    Expanded: _opened,
}
