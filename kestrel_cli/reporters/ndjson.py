"""One JSON object per line, as things happen: events, logs, and last the execution.

Every line names its execution. `started` announces one, `end` gives one that has ended.
"""

from typing import TextIO, assert_never

from kestrel_cli.model import event as ev
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.reporters.failures import error_shape
from kestrel_cli.reporters.family import Caller, followed, others
from kestrel_cli.reporters.json_runs import RunTexts
from kestrel_cli.reporters.json_values import Layout, Values, quote_for
from kestrel_cli.reporters.paths import place_by_value
from kestrel_cli.reporters.shape import Shape, after_runs, before_runs
from kestrel_cli.reporters.tails import NO_TAILS, Tails

_Told = tuple[str, Shape]  # the name of a line, and what it says besides the usual


class NdjsonReporter:
    """Lines on one stream. `ended` tells of flowables, which end without an event of their own."""

    def __init__(
        self, stream: TextIO, log_level: LogLevel = "INFO", tails: Tails = NO_TAILS
    ) -> None:
        self._stream = stream
        self._tails = tails
        self._least = LEVELS[log_level]
        self._layout = Layout(None)
        self._quote = quote_for(stream)
        self._values = Values(self._layout, self._quote)
        self._texts: RunTexts | None = None
        self._told: dict[str, bytearray] = {}  # execution -> for each task run: its end was told
        self._callers: dict[str, Caller] = {}  # of executions that have not ended for good
        self._ended: set[str] = set()
        self._wrote: tuple[tuple[str, int], Shape] | None = None  # of the last log line

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """The execution as it begins, or goes on, and which task run started it."""
        self._told[execution.id] = _ended_runs(execution)
        shape: Shape = {}
        before = followed(execution)
        if parent is not None and run is not None:
            self._callers[execution.id] = (parent, run)
        elif before and before[-1].id in self._callers:
            self._callers[execution.id] = self._callers.pop(before[-1].id)
        if execution.id in self._callers:
            parent, run = self._callers[execution.id]
            shape["startedBy"] = {"executionId": parent.id, "taskRunId": parent.run_id(run)}
        shape["execution"] = self._shape(execution, None)
        self._say("started", execution.history[-1][1], execution, shape)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """A log entry, unless it is below the level."""
        if LEVELS[line.level] < self._least:
            return
        shape: Shape = {"level": line.level}
        if line.run is not None:
            shape |= self._writer(line.run, execution)
            shape["attempt"] = line.attempt
        shape["message"] = line.message
        self._say("log", line.at, execution, shape)

    def _writer(self, number: int, execution: Execution) -> Shape:
        """The task run that a log line is of; most lines are of the same one as the line before."""
        key = (execution.id, number)
        if self._wrote is None or self._wrote[0] != key:
            run = execution.runs[number]
            shape: Shape = {"taskId": run.task.id, "taskRunId": execution.run_id(number)}
            if run.value is not None:
                shape["value"] = execution.masker.mask(run.value)
            shape["path"] = place_by_value(execution, run)
            self._wrote = key, shape
        return self._wrote[1]

    def on_event(self, event: Event, execution: Execution) -> None:
        """The event, with the state that its task run is in now; ends that come of it."""
        number = getattr(event, "run", None)
        run = None if number is None else execution.runs[number]
        if isinstance(event, ev.Reopened):
            self._told[execution.id] = _ended_runs(execution)
        name, shape = told(event, execution)
        self._tell(name, event.at, execution, run, shape, getattr(event, "error", None))
        while run is not None and run.parent is not None:
            run = execution.runs[run.parent]
            if not run.ended or self._was_told(run, execution):
                break
            self._tell("ended", run.history[-1][1], execution, run)
        if execution.state in TERMINAL and not execution.active and self._is_one_of(execution):
            self._end(execution, None)

    def close(self, execution: Execution, exit_code: int) -> None:
        """Ends that were not told yet, then the execution without its task runs."""
        for other in others(execution):
            if other.id not in self._ended:
                self._end(other, None)
        self._end(execution, exit_code)

    def _is_one_of(self, execution: Execution) -> bool:
        """Whether there are further executions once this one has ended."""
        return execution.state is State.RETRIED or execution.id in self._callers

    def _end(self, execution: Execution, exit_code: int | None) -> None:
        for run in execution.listed():
            if run.ended and not self._was_told(run, execution):
                self._tell("ended", run.history[-1][1], execution, run)
        self._told.pop(execution.id, None)
        self._ended.add(execution.id)
        shape: Shape = {"execution": self._shape(execution, exit_code)}
        if execution.state is not State.RETRIED:
            self._callers.pop(execution.id, None)
        self._say("end", execution.history[-1][1], execution, shape)

    def _shape(self, execution: Execution, exit_code: int | None) -> Shape:
        caller = self._callers.get(execution.id)
        error = None if exit_code is None else error_shape(execution, self._tails)
        return before_runs(execution) | after_runs(execution, exit_code, caller, error)

    def _was_told(self, run: TaskRun, execution: Execution) -> bool:
        told = self._told.get(execution.id, b"")
        return run.number < len(told) and told[run.number] == 1

    def _tell(
        self,
        name: str,
        at: int,
        execution: Execution,
        run: TaskRun | None,
        more: Shape | None = None,
        error: str | None = None,
    ) -> None:
        parts = [self._head(name, at, execution)]
        if error is not None:
            parts.append(f',"error":{self._quote(error)}')
        if more:
            parts.append(f",{self._values.text(more)[1:-1]}")
        if run is not None:
            parts.append(f',"taskRun":{self._run_text(run, execution)}')
            if run.ended:
                told = self._told.setdefault(execution.id, bytearray())
                told.extend(bytes(max(0, run.number + 1 - len(told))))
                told[run.number] = 1
        self._write("".join(parts) + "}")

    def _run_text(self, run: TaskRun, execution: Execution) -> str:
        if self._texts is None:
            self._texts = RunTexts(execution, self._layout, 0, self._quote)
        elif self._texts.execution is not execution:
            self._texts.turn_to(execution)
        return self._texts.text(run)

    def _say(self, name: str, at: int, execution: Execution, shape: Shape) -> None:
        self._write(f"{self._head(name, at, execution)},{self._values.text(shape)[1:]}")

    def _head(self, name: str, at: int, execution: Execution) -> str:
        execution_id = self._quote(execution.id)
        return f'{{"event":"{name}","at":"{iso_instant(at)}","executionId":{execution_id}'

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()


def _ended_runs(execution: Execution) -> bytearray:
    """For each task run, whether it has ended."""
    return bytearray(run.ended for run in execution.runs)


# A case for each event, so that mypy refuses one that is forgotten here.
def told(event: Event, execution: Execution) -> _Told:  # noqa: C901, PLR0911, PLR0912
    """The name of an event's line, and what it says besides time, task run and error."""
    match event:
        case ev.AttemptStarted():
            return "attemptStarted", {}
        case ev.AttemptEnded():
            return "attemptEnded", {}
        case ev.Begun():
            return "begun", {}
        case ev.Expanded():
            return "expanded", {}
        case ev.Skipped():
            return "skipped", {}
        case ev.Refused():
            return "refused", {}
        case ev.StoodIn():
            return "stoodIn", {}
        case ev.TimerFired():
            return "timerFired", {}
        case ev.Called():
            return "called", {"calls": len(event.calls)}
        case ev.Launched():
            return "launched", {"number": event.nth, "called": event.execution}
        case ev.CalledEnded():
            shape: Shape = {"number": event.nth, "state": event.state}
            if event.execution is not None:
                shape["called"] = event.execution
            return "calledEnded", shape
        case ev.Followed():
            return "followed", {"follower": event.birth.id}
        case ev.KillRequested():
            return "killRequested", {}
        case ev.Concluded():
            return "concluded", {}
        case ev.Heard():
            return "heard", {"listeners": event.listeners}
        case ev.Resumed():
            return "resumed", {}
        case ev.Judged():
            return "judged", {} if event.again is None else {"again": iso_instant(event.again)}
        case ev.Lost():
            return "lost", {}
        case ev.Violated():
            sla = {"id": event.id, "behavior": event.behavior, "reason": event.reason}
            return "violated", {"sla": sla}
        case ev.Queued():
            return "queued", {"state": execution.state}
        case ev.Reopened():
            return "reopened", {
                "restarted": [execution.run_id(number) for number in event.restarted],
                "changed": {execution.run_id(n): state for n, state in event.kept.items()},
                "removed": [execution.run_id(number) for number in event.removed],
            }
        case _:
            assert_never(event)
