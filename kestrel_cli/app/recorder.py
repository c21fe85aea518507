"""Where the entries of one execution go: to the journal, then to the reporters.

"First the journal" is kept where it counts: streams of reporters pass a gate that flushes the
journal before anything is written to them, and the attempts of tasks that reach outside are flushed
at their start and end.
"""

from collections.abc import Sequence

from kestrel_cli.app.ledger import Ledger
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.reporters.base import Reporter


class Recorder:
    """Takes down and shows."""

    def __init__(
        self,
        execution: Execution,
        ledger: Ledger,
        reporters: Sequence[Reporter],
        errors: list[LogLine] | None = None,
    ) -> None:
        self._execution = execution
        self._ledger = ledger
        self._reporters = reporters
        self._journaled = ledger.journal is not None
        self.errors = [] if errors is None else errors  # what errorLogs() gives

    def journal(self, entry: Event | LogLine) -> None:
        """Append an entry."""
        if self._journaled:
            self._ledger.append(self._execution, entry)

    def show(self, event: Event) -> None:
        """Show an event that is in the journal and has been folded."""
        if self._journaled and isinstance(event, (AttemptStarted, AttemptEnded)):
            task = self._execution.runs[event.run].task
            if isinstance(task, RunnableTask) and (task.blocking or task.outward):
                self._ledger.flush()
        for reporter in self._reporters:
            reporter.on_event(event, self._execution)

    def noticed(self, line: LogLine) -> None:
        """Take down and show a log line."""
        if line.level == "ERROR":
            self.errors.append(line)
        self.journal(line)
        for reporter in self._reporters:
            reporter.on_log(line, self._execution)

    def begun(self, parent: Execution | None, run: int | None) -> None:
        """Tell that the execution begins, or goes on."""
        for reporter in self._reporters:
            reporter.started(self._execution, parent, run)
