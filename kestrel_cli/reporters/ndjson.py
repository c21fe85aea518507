"""One JSON object per line, as things happen: events, logs, and last the execution."""

from typing import Any, Final, TextIO

from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    KillRequested,
    LogLine,
    Refused,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.reporters.json_runs import RunTexts
from kestrel_cli.reporters.json_values import Layout, Values, quote_for
from kestrel_cli.reporters.shape import Shape, after_runs, before_runs

NAMES: Final[dict[type, str]] = {
    Begun: "begun",
    AttemptStarted: "attemptStarted",
    AttemptEnded: "attemptEnded",
    Expanded: "expanded",
    Skipped: "skipped",
    Refused: "refused",
    TimerFired: "timerFired",
    KillRequested: "killRequested",
    Concluded: "concluded",
}


class NdjsonReporter:
    """Lines on one stream. `ended` tells of flowables, which end without an event of their own."""

    def __init__(self, stream: TextIO, log_level: LogLevel = "INFO") -> None:
        self._stream = stream
        self._least = LEVELS[log_level]
        self._layout = Layout(None)
        self._quote = quote_for(stream)
        self._values = Values(self._layout, self._quote)
        self._texts: RunTexts | None = None
        self._told = bytearray()  # by run number: its end was shown

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """A log entry, unless it is below the level."""
        if LEVELS[line.level] < self._least:
            return
        shape: Shape = {"event": "log", "at": iso_instant(line.at), "level": line.level}
        if line.run is not None:
            shape["taskId"] = execution.runs[line.run].task.id
            shape["taskRunId"] = execution.run_id(line.run)
            shape["attempt"] = line.attempt
        shape["message"] = line.message
        self._write(self._values.text(shape))

    def on_event(self, event: Event, execution: Execution) -> None:
        """The event, with the state that its task run is in now."""
        number = getattr(event, "run", None)
        error = getattr(event, "error", None)
        run = None if number is None else execution.runs[number]
        self._tell(NAMES[type(event)], event.at, execution, run, error)
        while run is not None and run.parent is not None:
            run = execution.runs[run.parent]
            if not run.ended or self._was_told(run):
                break
            self._tell("ended", run.history[-1][1], execution, run)

    def close(self, execution: Execution, exit_code: int) -> None:
        """Ends that were not told yet, then the execution without its task runs."""
        for run in execution.runs:
            if run.ended and not self._was_told(run):
                self._tell("ended", run.history[-1][1], execution, run)
        shape = before_runs(execution) | after_runs(execution, exit_code)
        at = iso_instant(execution.history[-1][1])
        self._write(self._values.text({"event": "end", "at": at, "execution": shape}))

    def _was_told(self, run: TaskRun) -> bool:
        return run.number < len(self._told) and self._told[run.number] == 1

    def _tell(
        self, name: str, at: int, execution: Execution, run: TaskRun | None, error: Any = None
    ) -> None:
        if self._texts is None:
            self._texts = RunTexts(execution, self._layout, 0, self._quote)
        parts = [f'{{"event":"{name}","at":"{iso_instant(at)}"']
        if error is not None:
            parts.append(f',"error":{self._quote(error)}')
        if run is not None:
            parts.append(f',"taskRun":{self._texts.text(run)}')
            if run.ended:
                self._told.extend(bytes(max(0, run.number + 1 - len(self._told))))
                self._told[run.number] = 1
        self._write("".join(parts) + "}")

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()
