"""The log of one task out of a whole one: of its runs, of all below them, and of executions that
they started; of an iteration, when its loop values are named, too.
"""

from collections.abc import Sequence
from typing import Final

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution, TaskRun, item_text
from kestrel_cli.reporters.base import Reporter

_MOST_KEPT: Final = 10_000  # names to suggest


class OfTask:
    """Hands on what is told of the task runs of `task` that have all of `values` around them. Until
    there is one, `others` keeps the names of those that ran instead.
    """

    def __init__(self, task: str, values: Sequence[str], shown: Reporter) -> None:
        self._task = task
        self._values = frozenset(values)
        self._shown = shown
        self._started: set[str] = set()
        self.found = False
        self.others: dict[str, None] = {}  # `TASK`; `TASK[value]` for runs of the task itself

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """An execution is in it when a task run of it is that has started it."""
        if parent is not None and run is not None:
            item = execution.item
            own = () if item is None else (item_text(item.get("value")),)
            if self._covers(parent, run, own):
                self._started.add(execution.id)
        self._shown.started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        if self._covers(execution, line.run):
            self.found = True
            self._shown.on_log(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        number = getattr(event, "run", None)
        if self._covers(execution, number):
            self.found = True
            self._shown.on_event(event, execution)

    def close(self, execution: Execution, exit_code: int) -> None:
        self._shown.close(execution, exit_code)

    def _covers(self, execution: Execution, number: int | None, more: Sequence[str] = ()) -> bool:
        if execution.id in self._started:
            return True
        if number is None:
            return False
        run = execution.runs[number]
        if any(one.task.id == self._task for one in execution.upward(run)):
            if not self._values or self._values <= {*execution.values_around(run), *more}:
                return True
            self._note(execution, run, more)
        elif not self.found and len(self.others) < _MOST_KEPT:
            self.others[run.task.id] = None
        return False

    def _note(self, execution: Execution, run: TaskRun, more: Sequence[str]) -> None:
        """The name by which this run would have been found."""
        if not self.found and len(self.others) < _MOST_KEPT:
            around = [*reversed(execution.values_around(run)), *more]
            self.others[self._task + "".join(f"[{value}]" for value in around)] = None
