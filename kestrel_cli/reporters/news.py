"""What of an event a person wants to hear while a run goes on, in words; most events are silent."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    Concluded,
    Event,
    Expanded,
    Judged,
    Lost,
    Queued,
    Refused,
    Resumed,
    StoodIn,
    Violated,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.record import record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LogLevel
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.scheduler.retry import next_attempt_at


@record
class News:
    """One line: its name, the task run it is about, the cause, and what that means.

    Bad news is told in quiet modes, too; the other is as mild as `level`. `repeats`: tell it even
    if the log has just named the cause.
    """

    name: str
    at: int
    run: int | None
    cause: str
    note: str = ""
    bad: bool = True
    repeats: bool = False
    level: LogLevel = "INFO"


def news_of(event: Event, execution: Execution) -> News | None:
    """The news of an event that has been folded; None when it is silent."""
    tell = _TELLERS.get(type(event))
    return None if tell is None else tell(event, execution)


def follows(execution: Execution) -> News:
    """An execution begins in place of one that was RETRIED."""
    cause = f"execution {execution.id} follows, attempt {execution.attempt_number}"
    return News("AGAIN", execution.created_at, None, cause, bad=False)


def attempt_text(execution: Execution, run: TaskRun) -> str:
    """`attempt 2 of 3`; `attempt 2` when nothing limits their number, or a restart went beyond."""
    policy = execution.flow.policies.get(run.task.id)
    made = sum(not one.lost for one in run.attempts)
    if policy is not None and policy.behavior == "CREATE_NEW_EXECUTION":
        made = execution.attempt_number
    most = policy.maxAttempts if policy else None
    return f"attempt {made} of {most}" if most and made <= most else f"attempt {made}"


def _attempt_ended(event: AttemptEnded, execution: Execution) -> News | None:
    if event.state is State.FAILED:
        note = _note(execution, execution.runs[event.run], event.at, event.draw)
        cause = event.error or "failed"
        return News("FAIL", event.at, event.run, cause, note, repeats=bool(note))
    if event.state is State.KILLED:
        return News("KILL", event.at, event.run, event.error or "killed")
    return None


def _lost(event: Lost, execution: Execution) -> News:
    run = execution.runs[event.run]
    note = " (tried again)" if run.state is State.RESTARTED else _note(execution, run, event.at, 0)
    cause = "lost: the process ended while it was under way"
    return News("FAIL", event.at, event.run, cause, note)


def _note(execution: Execution, run: TaskRun, at: int, draw: float) -> str:
    """What a failed attempt means for the run: which attempt it was, when the next one comes."""
    policy = execution.flow.policies.get(run.task.id)
    parts = []
    if policy is not None:
        parts.append(attempt_text(execution, run))
        if run.state is State.RETRYING:
            again = next_attempt_at(policy, run.attempts, draw)
            parts.append(f"next in {span_text((again or at) - at)}")
        elif run.state is State.RETRIED and execution.retry_at is not None:
            parts.append(f"a new execution in {span_text(execution.retry_at - at)}")
    if run.state is State.WARNING or run.state is State.SUCCESS:
        parts.append("failure allowed")
    return f" ({', '.join(parts)})" if parts else ""


def _refused(event: Refused, _: Execution) -> News:
    return News("FAIL", event.at, event.run, event.error, " (not started)")


def _stood_in(event: StoodIn, execution: Execution) -> News | None:
    if event.state is not State.FAILED:
        return None
    note = " (failure allowed)" if execution.runs[event.run].state is not State.FAILED else ""
    return News("FAIL", event.at, event.run, event.error or "its fixture says FAILED", note)


def _concluded(event: Concluded, _: Execution) -> News | None:
    if event.error is None:
        return None
    return News("FAIL", event.at, None, event.error, repeats=True)


def _judged(event: Judged, _: Execution) -> News | None:
    if event.error is not None:
        return News("FAIL", event.at, event.run, event.error)
    if event.again is None:
        return None
    cause = f"once more in {span_text(event.again - event.at)}"
    return News("WAIT", event.at, event.run, cause, bad=False, level="DEBUG")


def _expanded(event: Expanded, _: Execution) -> News | None:
    if event.pause is None:
        return None
    cause = "paused until somebody resumes it"
    if event.pause != FOREVER:
        cause = f"paused for {span_text(event.pause - event.at)}"
    return News("WAIT", event.at, event.run, cause, bad=False)


def _resumed(event: Resumed, execution: Execution) -> News | None:
    if event.state is State.CANCELLED:
        return News("STOP", event.at, event.run, "the pause ends as CANCELLED")
    if event.state is not State.FAILED:
        return None
    note = _note(execution, execution.runs[event.run], event.at, 0)
    return News("FAIL", event.at, event.run, event.error or "the pause ends as FAILED", note)


def _queued(event: Queued, _: Execution) -> News | None:
    if event.refused is State.FAILED:  # then the log of the execution says why
        return None
    cause = "the flow already runs as often as it may at once"
    if event.refused is None:
        return News("WAIT", event.at, None, cause, bad=False)
    return News("STOP", event.at, None, f"{cause}: {event.refused}")


def _violated(event: Violated, _: Execution) -> News | None:
    if event.behavior != "NONE":  # then the log of the execution says it
        return None
    cause = f"SLA `{event.id}` does not hold: {event.reason}"
    return News("WARN", event.at, None, cause, bad=False, level="WARN")


_TELLERS: Final[Mapping[type, Callable[[Any, Execution], News | None]]] = {
    AttemptEnded: _attempt_ended,
    Lost: _lost,
    Refused: _refused,
    StoodIn: _stood_in,
    Concluded: _concluded,
    Judged: _judged,
    Expanded: _expanded,
    Resumed: _resumed,
    Queued: _queued,
    Violated: _violated,
}
