"""Which outputs a task sees: those that were there when its task run was created.

Kestra makes the context of a task when it creates the task run. What began together in a Parallel
or in a loop with several values at once therefore sees nothing of the others, however quick they
are. Flowables, and tasks that start executions, are evaluated by the executor: they see all.
"""

from collections.abc import Mapping
from typing import Any

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.outputs import put, shelves


class OutputsSeen:
    """The outputs of an execution as each of its task runs sees them.

    Usually nothing has come since the creation of a run, and all see the same map. Otherwise a
    second map is kept, which follows behind. It never goes back, as task runs begin in the order of
    their creation; one that begins late may see more than it should, never less.
    """

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._late: dict[str, Any] | None = None
        self._next = 0  # in `Progress.recorded`: what is not in the late map yet
        self._removals = 0

    def by(self, run: TaskRun) -> Mapping[str, Any]:
        """What `outputs` is for a task run."""
        execution = self._execution
        seen = execution.seen.get(run.number)
        if seen is None or seen >= len(execution.recorded):
            return execution.values
        if run.task.flowable or run.task.executable:
            return execution.values
        if self._late is None or self._removals != execution.removals:
            given = execution.given or {}
            self._late = shelves(given) if execution.birth.taken else dict(given)
            self._next = 0
            self._removals = execution.removals
        for number in execution.recorded[self._next : seen]:
            self._show(execution.runs[number])
        self._next = max(self._next, seen)
        return self._late

    def _show(self, run: TaskRun) -> None:
        if run.outputs is None or self._late is None:
            return
        put(self._late, (run.task.id, *self._execution.values_above(run)), run.outputs)
