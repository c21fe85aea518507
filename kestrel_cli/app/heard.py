"""What a run has logged, kept for Python code that asks for it."""

from datetime import UTC, datetime
from typing import NamedTuple

from kestrel_cli.model import execution as engine
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.task import LogLevel
from kestrel_cli.reporters.tails import Tails


class Log(NamedTuple):
    """A line of the log. `task` is the id of the task that wrote it, `value` that of its run in a
    loop; lines of the execution itself have neither.
    """

    level: LogLevel
    message: str
    time: datetime
    task: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        return self.message


class Listener(Tails):
    """A reporter that keeps what an execution needs to be asked for later: all that was logged."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[tuple[str, int | None], list[LogLine]] = {}  # by execution and task run
        self._order: list[tuple[engine.Execution, LogLine]] = []

    def on_log(self, line: LogLine, execution: engine.Execution) -> None:
        super().on_log(line, execution)
        self._lines.setdefault((execution.id, line.run), []).append(line)
        self._order.append((execution, line))

    def logs(self) -> list[Log]:
        """Every line of the whole run, as they came."""
        return [_log(execution, line) for execution, line in self._order]

    def logs_of(self, execution: engine.Execution, run: int) -> list[Log]:
        """Those of one task run."""
        return [_log(execution, line) for line in self._lines.get((execution.id, run), ())]


def _log(execution: engine.Execution, line: LogLine) -> Log:
    time = datetime.fromtimestamp(line.at / 1e6, UTC)
    if line.run is None:
        return Log(line.level, line.message, time)
    run = execution.runs[line.run]
    return Log(line.level, line.message, time, run.task.id, run.value)
