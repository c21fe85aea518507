"""What every reporter promises to the driver."""

from typing import Protocol

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution


class Reporter(Protocol):
    """Shows a run, which may hold several executions: what is told is about any of them. Called
    from one thread.

    `execution` has already folded what is told, and is not to be changed. Only errors of the
    stream may come out of these methods: a closed pipe, a full disk.
    """

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """An execution begins, or goes on: started by a task run of `parent`; without one it is the
        run's own, or follows a RETRIED one. Comes before everything else about it.
        """

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """A task run, or the execution itself, said something."""

    def on_event(self, event: Event, execution: Execution) -> None:
        """Something happened. Three calls for each task run: be quick about what is not shown."""

    def close(self, execution: Execution, exit_code: int) -> None:
        """The run is over; called once, last, with its own execution: the last one of its retries,
        ended or PAUSED.
        """
