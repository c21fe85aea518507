"""Reporters that are told of executions on a server."""

from collections.abc import Callable, Sequence

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.server.family import Happening
from kestrel_cli.server.mirror import MirroredExecution

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

    def hear(self, happening: Happening, options: str) -> None:
        """One thing about an execution, or that it begins; `options` reach it."""
        if happening.told is None:
            if isinstance(happening.execution, MirroredExecution):
                happening.execution.elsewhere = options
            self.started(happening.execution, happening.parent, happening.run)
        else:
            self.tell(happening.execution, [happening.told])

    def close(self, execution: Execution, exit_code: int) -> None:
        """That was all."""
        for one in self._reporters:
            one.close(execution, exit_code)
