"""Reporters whose streams may break: a closed pipe, a full disk.

What is shown ends then, and the run with it, in good order; the error is raised once all is done.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.base import Reporter

SIGPIPE: Final = 13  # on all systems that have it


class Showing:
    """All reporters of a run as one. `stop` asks for the run to end, because of a signal."""

    def __init__(self, reporters: Sequence[Reporter], stop: Callable[[int], None]) -> None:
        self._reporters = list(reporters)
        self._stop = stop
        self.error: OSError | None = None

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """An execution begins, or goes on."""
        self._told(lambda reporter: reporter.started(execution, parent, run))

    def on_log(self, line: LogLine, execution: Execution) -> None:
        try:
            for reporter in self._reporters:
                reporter.on_log(line, execution)
        except OSError as error:
            self._broken(error)

    def on_event(self, event: Event, execution: Execution) -> None:
        try:
            for reporter in self._reporters:
                reporter.on_event(event, execution)
        except OSError as error:
            self._broken(error)

    def close(self, execution: Execution, exit_code: int) -> None:
        self._told(lambda reporter: reporter.close(execution, exit_code))

    def _told(self, tell: Callable[[Reporter], None]) -> None:
        try:
            for reporter in self._reporters:
                tell(reporter)
        except OSError as error:
            self._broken(error)

    def _broken(self, error: OSError) -> None:
        if self.error is None:
            self.error = error
            self._reporters.clear()
            self._stop(SIGPIPE)
