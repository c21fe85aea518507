"""The paths of task runs in live lines, over all executions of a run."""

from collections.abc import Sequence

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.frame import Lane
from kestrel_cli.reporters.family import followed
from kestrel_cli.reporters.paths import batch_of, below, place, within

Loop = tuple[Execution, int]  # the outermost task run around something that repeats it


class Places:
    """Knows where executions stand, and how many values loops have."""

    def __init__(self) -> None:
        self._outer: dict[str, str] = {}  # execution -> its path, when a task run started it
        self._totals: dict[str, dict[int, int]] = {}  # execution, loop -> how many values it has
        self._around: dict[str, Loop] = {}  # execution -> what repeats it
        self._last: tuple[str, int | None] = ("", None)
        self._path = ""  # of the last one: many lines of one task run come in a row

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Learn of an execution, and of what was opened in it if it goes on."""
        before = followed(execution)
        if parent is not None and run is not None:
            call = parent.runs[run]
            path = place(parent, call, self._totals.get(parent.id, {}))
            path = below(within(self._outer.get(parent.id, ""), path), call, execution)
            self._outer[execution.id] = path
            loop = self.loop(parent, run)
            if loop is None and _is_one_of_many(execution, call):
                loop = (parent, run)
            if loop is not None:
                self._around[execution.id] = loop
        elif before and before[-1].id in self._outer:
            self._outer[execution.id] = self._outer[before[-1].id]
            if before[-1].id in self._around:
                self._around[execution.id] = self._around[before[-1].id]
        for number, frame in execution.frames.items():  # of one that goes on
            if number is not None:
                self.opened(number, frame.lanes, execution)

    def opened(self, run: int, lanes: Sequence[Lane], execution: Execution) -> None:
        """A loop knows its values."""
        if lanes and lanes[0].value is not None:
            totals = self._totals.setdefault(execution.id, {})
            totals[run] = len({lane.iteration for lane in lanes})
            self._path = ""

    def of(self, number: int | None, execution: Execution) -> str:
        """The whole path; that of an execution which nobody started is the flow's id."""
        if self._path and self._last[1] == number and self._last[0] == execution.id:
            return self._path  # the same text, not only an equal one: layouts look at that
        path = self._outer.get(execution.id, "")
        if number is not None:
            totals = self._totals.get(execution.id, {})
            path = within(path, place(execution, execution.runs[number], totals))
        self._path = path or execution.flow.id
        self._last = (execution.id, number)
        return self._path

    def loop(self, execution: Execution, number: int | None) -> Loop | None:
        """The outermost loop around a task run."""
        if execution.id in self._around:
            return self._around[execution.id]
        found = None
        run = None if number is None else execution.runs[number]
        while run is not None and run.parent is not None:
            if run.iteration is not None or run.value is not None:
                found = (execution, run.parent)
            run = execution.runs[run.parent]
        return found


def _is_one_of_many(execution: Execution, call: TaskRun) -> bool:
    """Whether the task run starts many executions like this: iterations of Loop, or batches."""
    return execution.item is not None or batch_of(call, execution) is not None
