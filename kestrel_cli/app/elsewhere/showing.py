"""Reporters that are told of executions on a server."""

from collections.abc import Callable, Sequence

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.base import Reporter

Told = Event | LogLine


class Showing:
    """Tells all reporters the same. Of what is not later than `since` they have heard before."""

    def __init__(self, reporters: Sequence[Reporter], since: int | None = None) -> None:
        self._reporters = reporters
        self._since = since
        self.on_told: Callable[[Execution, Told], None] = lambda *_: None

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """An execution is there."""
        for one in self._reporters:
            one.started(execution, parent, run)

    def tell(self, execution: Execution, told: Sequence[Told]) -> None:
        """What has happened in it, in the order of its moments."""
        for one in sorted(told, key=lambda one: one.at):
            if self._since is not None and one.at <= self._since:
                continue
            for reporter in self._reporters:
                if isinstance(one, LogLine):
                    reporter.on_log(one, execution)
                else:
                    reporter.on_event(one, execution)
            self.on_told(execution, one)

    def close(self, execution: Execution, exit_code: int) -> None:
        """That was all."""
        for one in self._reporters:
            one.close(execution, exit_code)
