"""An execution as Python code looks at it: what ran, what came of it, what was said.

It stands in front of the engine's own records. What has a docstring here is promised; other
attributes of the records can be read, and may change.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Any

from kestrel_cli.app.heard import Listener, Log
from kestrel_cli.app.parts import selected
from kestrel_cli.app.request import RunRequest, exit_code
from kestrel_cli.errors import NothingMatched
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model import execution as engine
from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.state import State
from kestrel_cli.reporters.failures import failures
from kestrel_cli.reporters.family import family, others
from kestrel_cli.reporters.json_document import write_json

_MOST_NAMED = 8


class TaskRun:
    """One run of a task."""

    def __init__(self, execution: engine.Execution, run: engine.TaskRun, heard: Listener) -> None:
        self._execution = execution
        self._run = run
        self._heard = heard

    def __repr__(self) -> str:
        value = "" if self.value is None else f"[{self.value}]"
        return f"<TaskRun {self.task_id}{value} {self.state}>"

    @property
    def id(self) -> str:
        """Its id in documents and logs."""
        return self._execution.run_id(self._run.number)

    @property
    def task_id(self) -> str:
        """The id of its task."""
        return self._run.task.id

    @property
    def state(self) -> State:
        """How it ended; a State equals its name, `"SUCCESS"`."""
        return self._run.state

    @property
    def value(self) -> str | None:
        """Its value in a loop."""
        if self._run.value is None and (item := self._execution.item) is not None:
            return engine.item_text(item.get("value"))
        return self._run.value

    @property
    def outputs(self) -> dict[str, Any]:
        """What it left; empty when it left nothing."""
        return self._run.outputs or {}

    @property
    def error(self) -> str | None:
        """Why it failed."""
        return self._run.error

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Its tries, the first one first; each has a `state`."""
        return self._run.attempts

    @property
    def logs(self) -> list[Log]:
        """What it wrote to the log, over all attempts."""
        return self._heard.logs_of(self._execution, self._run.number)

    if not TYPE_CHECKING:  # what is not named above is no part of what is promised

        def __getattr__(self, name: str) -> Any:
            return getattr(self._run, name)


class Execution:
    """One run of a flow that is over, or stands still."""

    def __init__(
        self,
        execution: engine.Execution,
        request: RunRequest,
        heard: Listener,
        *,
        code: int | None = None,
        warnings: Sequence[str] = (),
    ) -> None:
        self._execution = execution
        self._request = request
        self._heard = heard
        self.warnings = tuple(warnings)
        """What the command would have warned of."""
        self.exit_code = exit_code(execution, request) if code is None else code
        """What `kestrel run` would have ended with."""

    def __repr__(self) -> str:
        return f"<Execution {self.id} of {self.namespace}.{self.flow_id} {self.state}>"

    @property
    def id(self) -> str:
        """Its id."""
        return self._execution.id

    @property
    def namespace(self) -> str:
        """The namespace of its flow."""
        return self._execution.flow.namespace

    @property
    def flow_id(self) -> str:
        """The id of its flow."""
        return self._execution.flow.id

    @property
    def state(self) -> State:
        """How it ended; a State equals its name, `"SUCCESS"`."""
        return self._execution.state

    @property
    def inputs(self) -> dict[str, Any]:
        """The values of its inputs, defaults too."""
        return self._execution.inputs

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the flow; empty when it has none."""
        return self._execution.outputs or {}

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Its labels, in their order."""
        return self._execution.labels

    @property
    def error(self) -> str | None:
        """Why it failed: the message of the first cause."""
        found = failures(self._execution, self._heard)
        return found[0].message if found else self._execution.error

    @cached_property
    def runs(self) -> list[TaskRun]:
        """Its task runs, in the order of the list of task runs in documents."""
        return [self._seen(self._execution, run) for run in self._execution.listed()]

    def tasks(self, task: str) -> list[TaskRun]:
        """The runs of a task, or of `TASK[value]` in a loop; none when it did not run.

        Raises NothingMatched for a task that the flow does not have.
        """
        name, values = selected(task)
        self._known(name)
        return [self._seen(one, run) for one, run in self._runs_of(name) if _fits(one, run, values)]

    def task(self, task: str) -> TaskRun:
        """The one run of a task, or of `TASK[value]` in a loop.

        Raises NothingMatched when it did not run, or when there are several.
        """
        found = self.tasks(task)
        if len(found) == 1:
            return found[0]
        if not found:
            others = [one for one in self.tasks(selected(task)[0]) if one.value is not None]
            hint = f": its runs have the values {_listed(others)}" if others else ""
            raise NothingMatched(f"no run of `{task}`{hint}")
        raise NothingMatched(
            f"`{task}` ran {len(found)} times: take `tasks({task!r})`, or name one"
            + (f" of the values {_listed(found)}" if found[0].value is not None else "")
        )

    @property
    def logs(self) -> list[Log]:
        """Every line that was logged, those of called executions too, as they came."""
        return self._heard.logs()

    @property
    def executions(self) -> "list[Execution]":
        """Other executions of this run: those that tasks started, and those that were retried."""
        return [Execution(one, self._request, self._heard) for one in others(self._execution)]

    def to_json(self, indent: int | None = 2) -> str:
        """The document that `kestrel run -o json` writes."""
        stream = StringIO()
        write_json(self._execution, stream, self.exit_code, indent, self._heard)
        return stream.getvalue()

    if not TYPE_CHECKING:  # what is not named above is no part of what is promised

        def __getattr__(self, name: str) -> Any:
            return getattr(self._execution, name)

    # -- what stands behind it

    def _seen(self, execution: engine.Execution, run: engine.TaskRun) -> TaskRun:
        return TaskRun(execution, run, self._heard)

    def _runs_of(self, name: str) -> Iterator[tuple[engine.Execution, engine.TaskRun]]:
        """Those in iterations of Loop are task runs of executions that this one owns."""
        for one in family(self._execution):
            if one is self._execution or _owner(one) is self._execution:
                yield from ((one, run) for run in one.listed() if run.task.id == name)

    def _known(self, name: str) -> None:
        tasks = self._execution.flow.by_id
        if name not in tasks:
            near = nearest(name, tasks)
            hint = f"; did you mean `{near}`?" if near else ""
            raise NothingMatched(f"the flow `{self.flow_id}` has no task `{name}`{hint}")


def _owner(execution: engine.Execution) -> engine.Execution:
    """The execution whose Loops an iteration is in."""
    while execution.owner is not None:
        execution = execution.owner
    return execution


def _fits(execution: engine.Execution, run: engine.TaskRun, values: list[str]) -> bool:
    """Whether these are among the loop values around a run."""
    return set(values) <= set(execution.values_around(run))


def _listed(runs: Sequence[TaskRun]) -> str:
    shown = [f"`{one.value}`" for one in runs[:_MOST_NAMED]]
    return ", ".join(shown) + (", ..." if len(runs) > _MOST_NAMED else "")
