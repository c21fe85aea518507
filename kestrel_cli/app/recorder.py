"""Where entries go: to the journal, then to the reporters.

"First the journal" is kept where it counts: streams of reporters pass a gate that flushes the
journal before anything is written to them, and the attempts of tasks that reach outside are flushed
at their start and end.
"""

from collections.abc import Callable, Sequence

from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.store.journal import Journal


class Recorder:
    """Takes down and shows.

    A journal that fails is given up with one warning; the run goes on (promise P6).
    """

    def __init__(
        self,
        execution: Execution,
        journal: Journal | None,
        reporters: Sequence[Reporter],
        warn: Callable[[str], None],
        errors: list[LogLine] | None = None,
    ) -> None:
        self._execution = execution
        self._journal = journal
        self._reporters = reporters
        self._warn = warn
        self.errors = [] if errors is None else errors  # what errorLogs() gives

    def journal(self, entry: Event | LogLine) -> None:
        """Append an entry."""
        if self._journal is not None:
            try:
                self._journal.append(entry, self._execution.masker.shown)
            except OSError as error:
                self._give_up(error)

    def show(self, event: Event) -> None:
        """Show an event that is in the journal and has been folded."""
        if isinstance(event, (AttemptStarted, AttemptEnded)):
            task = self._execution.runs[event.run].task
            if isinstance(task, RunnableTask) and (task.blocking or task.outward):
                self.flush()
        for reporter in self._reporters:
            reporter.on_event(event, self._execution)

    def noticed(self, line: LogLine) -> None:
        """Take down and show a log line."""
        if line.level == "ERROR":
            self.errors.append(line)
        self.journal(line)
        for reporter in self._reporters:
            reporter.on_log(line, self._execution)

    def close(self, exit_code: int) -> None:
        """The run is over."""
        if self._journal is not None:
            try:
                self._journal.close()
            except OSError as error:
                self._give_up(error)
        for reporter in self._reporters:
            reporter.close(self._execution, exit_code)

    def flush(self) -> None:
        """Bring everything that was taken down into the journal's file."""
        if self._journal is not None:
            try:
                self._journal.flush()
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._journal = None
        self._warn(f"the journal can't be written any more, the run goes on without it: {error}")
