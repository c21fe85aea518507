"""A line now and then where nobody watches: in a log in which nothing else appears meanwhile.

It costs nothing while others write. What is under way is found out when a line is due: a run that
is short, or that says something, has imported nothing for it.
"""

from collections.abc import Callable
from typing import Final, TextIO

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.reporters.lookout import Lookout

_LOOKS: Final = 6  # so often it is looked whether something was written, before a line is

Started = tuple[Execution, Execution | None, int | None]


class Heartbeat(Lookout):
    """Writes a line to a stream when nothing else was written behind the gate for a while."""

    def __init__(self, gate: Gate, stream: TextIO, seconds: float, now: Callable[[], int]) -> None:
        super().__init__(seconds / _LOOKS)
        self._started: list[Started] = []
        self._gate = gate
        self._stream = stream
        self._seconds = seconds
        self._now = now
        self._seen = gate.writes
        self._silent = 0.0  # seconds

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Remember it."""
        self._started.append((execution, parent, run))

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """The gate counts what is written."""

    def on_event(self, event: Event, execution: Execution) -> None:
        """It is looked for when a line is due."""

    def close(self, execution: Execution, exit_code: int) -> None:
        """No line comes after the end."""
        self.end()

    @property
    def working(self) -> int:
        """How many attempts are under way."""
        return sum(
            run.state is State.RUNNING and not run.task.flowable and not run.task.executable
            for execution, _, _ in self._started
            for run in [execution.runs[number] for number in [*execution.active]]
        )

    def tick(self) -> float:
        """Write a line, if nothing was written for so long."""
        step = self._seconds / _LOOKS
        self._silent += step
        if self._gate.writes != self._seen:
            self._seen = self._gate.writes
            self._silent = 0
        elif self._silent >= self._seconds - step / 2:
            self._silent = 0
            self._say()
        return step

    def _say(self) -> None:
        from kestrel_cli.reporters.live import still_running
        from kestrel_cli.reporters.progress import Underway

        try:
            underway = Underway()
            for one in [*self._started]:
                underway.started(*one)
            line = still_running(underway.standing(1), self._now())
        except (LookupError, RuntimeError):
            return  # the main thread was amid a step, so the run is alive; another time, then
        if line is not None:
            self._stream.write(f"{line}\n")
            self._stream.flush()
