"""An execution that runs elsewhere, as everything here can show it.

A `Mirror` keeps an `Execution` that is what a server last said, and tells what happened between two
pictures as the events that a local run has: so every reporter works on it as it is. There is no
scheduler behind it, so this is the one other place that sets the progress of an execution.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Attempt, Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.server.documents import (
    Document,
    birth_of,
    history_of,
    labels_of,
    metrics_of,
    parents_first,
    trigger_of,
)
from kestrel_cli.server.happened import Before, happened
from kestrel_cli.server.logs import Entry
from kestrel_cli.server.shown_flow import shown_flow, shown_task

_BAD: Final = (State.FAILED, State.WARNING)


class MirroredExecution(Execution):
    """An execution whose task runs have the ids that the server gave them."""

    __slots__ = ("_inputs", "_trigger", "elsewhere", "ids_of_runs", "order")

    def __init__(self, birth: Birth, flow: Flow, masker: Masker | None) -> None:
        super().__init__(birth, flow, masker=masker)
        self.ids_of_runs: list[str] = []
        self.order: list[int] = []  # the numbers of its task runs, as the server lists them
        self.elsewhere = ""  # whoever knows how it was reached says so
        self._inputs = birth.inputs
        self._trigger = birth.trigger

    def run_id(self, number: int) -> str:
        """The public id of a task run."""
        return self.ids_of_runs[number]

    def listed(self) -> list[TaskRun]:
        """The task runs in the order of the server, which is not always that of their coming."""
        return [self.runs[number] for number in self.order]

    @property
    def inputs(self) -> dict[str, Any]:
        """As the server shows them now: the first picture has some of them in other words."""
        return self._inputs

    @property
    def trigger(self) -> dict[str, Any] | None:
        """What started it."""
        return self._trigger

    def learn(self, document: Document) -> None:
        """Take over what was not known at first, or was spelled otherwise."""
        self._inputs = document.get("inputs") or {}
        self._trigger = trigger_of(document.get("trigger"))


class Mirror:
    """One execution. `flow` is what it runs, where that is known: it knows of policies, of places
    in the file, and of what kind each task is.
    """

    def __init__(
        self, document: Document, flow: Flow | None = None, masker: Masker | None = None
    ) -> None:
        """Raises ServerError for what can't be read as an execution."""
        shown = shown_flow(document, flow)
        self.execution = MirroredExecution(birth_of(document, shown), shown, masker)
        self._numbers: dict[str, int] = {}
        self._shown: dict[str, Document] = {}  # the task runs of the last picture, by id
        self._errors: dict[tuple[str | None, int], str] = {}
        self._waiting: list[Entry] = []
        self._heard_of: set[str | None] = set()  # the task runs that have said something
        self.first = self.take(document)  # what had happened before

    # -- what the server says

    def take(self, document: Document) -> list[Event]:
        """Be what a newer picture shows; what has happened since the last one, in order.

        Raises ServerError for what can't be read as an execution.
        """
        self.picture = document
        execution, progress = self.execution, self.execution.progress
        before = execution.history
        history = history_of(document)
        execution.learn(document)
        changed = self._take_runs(document.get("taskRunList") or [])
        progress.state, progress.history = history[-1][0], history
        progress.labels = labels_of(document)
        variables = document.get("variables")
        progress.variables = variables or execution.flow.variables
        progress.outputs = document.get("outputs") or None
        number = (document.get("metadata") or {}).get("attemptNumber")
        progress.attempt_number = number if isinstance(number, int) else 1
        self._explain()
        return happened(execution, before, changed, self._why)

    def _take_runs(self, listed: Sequence[Document]) -> dict[int, Before]:
        """What task runs were before that have changed: in most pictures nearly none."""
        progress = self.execution.progress
        in_order = parents_first(listed)
        changed: dict[int, Before] = {}
        for document in in_order:
            name = str(document.get("id"))
            if self._shown.get(name) == document:
                continue
            self._shown[name] = document
            if name not in self._numbers:
                self._add(name, document)
            run = progress.runs[self._numbers[name]]
            changed[run.number] = run.history, [one.history for one in run.attempts]
            self._update(run, document)
        order = [self._numbers[str(document.get("id"))] for document in in_order]
        self.execution.order = order
        there = set(order)
        for run in progress.runs:
            run.gone = run.number not in there
        progress.active.clear()
        progress.active.update(
            (run.number, False) for run in progress.runs if not run.ended and not run.gone
        )
        return changed

    def _add(self, name: str, document: Document) -> None:
        execution, progress = self.execution, self.execution.progress
        number = len(progress.runs)
        task = shown_task(execution.flow, str(document.get("taskId")))
        parent = self._numbers.get(str(document.get("parentTaskRunId")))
        value, iteration = document.get("value"), document.get("iteration")
        run = TaskRun(
            number,
            task,
            parent,
            None if value is None else str(value),
            iteration if isinstance(iteration, int) else None,
            State.CREATED,
            [],
        )
        self._numbers[name] = number
        execution.ids_of_runs.append(name)
        progress.runs.append(run)
        progress.runs_of.setdefault(task.id, []).append(number)

    def _update(self, run: TaskRun, document: Document) -> None:
        run.history = history_of(document)
        run.state = run.history[-1][0]
        run.attempts = [
            Attempt(history_of(one), metrics_of(one), one.get("logFile"))
            for one in document.get("attempts") or ()
        ]
        outputs = document.get("outputs")
        run.outputs = outputs if isinstance(outputs, dict) else None

    # -- what its log says

    def hear(self, entries: Iterable[Entry]) -> list[LogLine]:
        """Log entries as a local run has them. Those of task runs that are not there yet wait: ask
        `freed` after the next picture.
        """
        lines = []
        learned = False
        masker = self.execution.masker
        for entry in entries:
            if not masker.is_empty():  # the server does not know what is secret here
                entry = changed(entry, message=masker.mask(entry.message))  # noqa: PLW2901
            self._heard_of.add(entry.run)
            if entry.level == "ERROR":
                self._errors[entry.run, entry.attempt] = entry.message
                learned = True
            if entry.run is None or entry.run in self._numbers:
                lines.append(self._line(entry))
            else:
                self._waiting.append(entry)
        if learned:
            self._explain()
        return lines

    def freed(self, *, last: bool = False) -> list[LogLine]:
        """Entries that waited for their task run; at the `last` picture all of them."""
        known: list[Entry] = []
        waiting: list[Entry] = []
        for entry in self._waiting:
            (known if last or entry.run in self._numbers else waiting).append(entry)
        self._waiting = waiting
        return [self._line(entry) for entry in known]

    @property
    def lacks_log(self) -> bool:
        """Whether a task run was worked on of which the log says nothing: most say something."""
        execution = self.execution
        around = {run.parent for run in execution.runs}
        return any(
            run.attempts
            and not (run.gone or run.task.flowable or run.number in around)
            and execution.run_id(run.number) not in self._heard_of
            for run in execution.runs
        )

    def lacking(self, document: Document) -> set[tuple[str, int]]:
        """The attempts of a picture that failed without the log having said why: the ids of their
        task runs, and their numbers.
        """
        found = set()
        runs = document.get("taskRunList") or ()
        around = {run.get("parentTaskRunId") for run in runs}
        for run in runs:
            for number, attempt in enumerate(run.get("attempts") or ()):
                key = (str(run.get("id")), number)
                failed = (attempt.get("state") or {}).get("current") == State.FAILED
                if failed and run.get("id") not in around and key not in self._errors:
                    found.add(key)
        return found

    def _line(self, entry: Entry) -> LogLine:
        number = None if entry.run is None else self._numbers.get(entry.run)
        return LogLine(number, entry.at, entry.level, entry.message, entry.attempt)

    def _why(self, run: TaskRun, attempt: int) -> str | None:
        return self._errors.get((self.execution.run_id(run.number), attempt))

    def _explain(self) -> None:
        """The last error that an attempt logged is why it failed."""
        execution = self.execution
        failed = False
        for run in execution.runs:
            last = run.attempts[-1].state if run.attempts else run.state
            if run.gone or not (run.state in _BAD or last is State.FAILED):
                run.error = None
                continue
            failed = failed or run.state is State.FAILED
            run.error = self._why(run, max(0, len(run.attempts) - 1))
        alone = execution.state is State.FAILED and not failed
        execution.progress.error = self._errors.get((None, 0)) if alone else None

    # -- executions that it started

    def adopt(self, run: str, called: "Mirror") -> bool:
        """Put an execution under the task run that started it; False when there is none such."""
        number = self._numbers.get(run)
        if number is None:
            return False
        known = self.execution.called.setdefault(number, [])
        if all(one.id != called.execution.id for one in known):
            known.append(called.execution)
        return True

    @property
    def has_terminal_state(self) -> bool:
        """Whether it is in a state that it does not leave; something may still run after it."""
        return self.execution.state in TERMINAL

    @property
    def has_ended(self) -> bool:
        """Whether it is in a state that it does not leave, and nothing of it runs any more."""
        execution = self.execution
        return self.has_terminal_state and not execution.active


def mirrored(
    document: Document,
    entries: Iterable[Entry] = (),
    flow: Flow | None = None,
    masker: Masker | None = None,
) -> Mirror:
    """The execution of one picture and its log. Raises ServerError."""
    mirror = Mirror(document, flow, masker)
    mirror.hear(entries)
    return mirror
