"""The last lines that a task run has logged: beside a failure they say what led to it."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from kestrel_cli.model.event import AttemptEnded, Event, LogLine
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LEVELS

MOST_ROWS: Final = 10  # rows beside a failure
_LONGEST: Final = 1000  # characters of a row
_LEAST: Final = LEVELS["INFO"]
_EMPTY: Final = "Task failure"  # what Fail says when the flow gives it no message
# Said once in a run, by its first script (`tasks/scripts/runners.py`): it leads to no failure.
NOTICE: Final = "scripts run as processes on this machine: no container is used"
_KEPT: Final = 2000  # failures whose lines are kept; so many are never looked at one by one


class _Tail:
    """Of one attempt: its last errors, and what else it said last."""

    __slots__ = ("attempt", "errors", "others")

    def __init__(self, attempt: int) -> None:
        self.attempt = attempt
        self.errors: deque[str] = deque(maxlen=MOST_ROWS)
        self.others: deque[str] = deque(maxlen=MOST_ROWS)


class Tails:
    """A reporter that shows nothing: others ask it. It forgets what task runs said that ended
    well, so it stays small.
    """

    def __init__(self) -> None:
        self._tails: dict[str, dict[int, _Tail]] = {}
        self._failed = 0

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Nothing is known of it yet."""

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """Remember a line of a task run."""
        if line.run is None or LEVELS[line.level] < _LEAST or line.message == NOTICE:
            return
        tails = self._tails.get(execution.id)
        if tails is None:
            tails = self._tails[execution.id] = {}
        tail = tails.get(line.run)
        if tail is None or tail.attempt != line.attempt:
            tail = tails[line.run] = _Tail(line.attempt)
        (tail.errors if line.level == "ERROR" else tail.others).append(line.message)

    def on_event(self, event: Event, execution: Execution) -> None:
        """Forget what nobody will ask for."""
        if isinstance(event, AttemptEnded):
            if event.state in (State.FAILED, State.WARNING):
                self._failed += 1
                if self._failed <= _KEPT:
                    return
            if event.run in (tails := self._tails.get(execution.id, {})):
                del tails[event.run]

    def close(self, execution: Execution, exit_code: int) -> None:
        """It is still there to be asked."""

    def take(self, lines: Iterable[LogLine], execution: Execution) -> None:
        """Learn from the log of an execution that is over what its failures said."""
        for line in lines:
            if line.run is not None and execution.runs[line.run].state is not State.SUCCESS:
                self.on_log(line, execution)

    def of(self, execution: Execution, run: TaskRun) -> list[str]:
        """The last rows that the last attempt logged, errors first, without the cause itself."""
        tail = self._tails.get(execution.id, {}).get(run.number)
        if tail is None or tail.attempt < len(run.attempts) - 1:
            return []
        told = (run.error or "").rstrip("\n")
        without = (told, _EMPTY)
        errors = _rows(one for one in tail.errors if one.rstrip("\n") not in without)[-MOST_ROWS:]
        room = MOST_ROWS - len(errors)
        return errors + (_rows(tail.others)[-room:] if room else [])


def _rows(messages: Iterable[str]) -> list[str]:
    rows = [row for one in messages for row in one.rstrip("\n").split("\n")]
    return [row if len(row) <= _LONGEST else f"{row[:_LONGEST]}…" for row in rows if row.strip()]


NO_TAILS: Final = Tails()
