"""The status of a run on a terminal, kept up to date."""

from collections.abc import Callable
from typing import Final

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.lookout import APART, Lookout
from kestrel_cli.reporters.progress import Underway
from kestrel_cli.reporters.screen import Screen

_FIRST: Final = 0.3  # seconds; a run that is over before has no status
_YOUNG: Final = 250_000  # microseconds; what is over before is not shown
_MOST: Final = 8  # things under way that have a row
_SECOND: Final = 1_000_000


class Status(Lookout):
    """A thread that keeps a status on a screen, and the reporter that tells it what has changed."""

    def __init__(self, screen: Screen, style: Style, now: Callable[[], int]) -> None:
        super().__init__(_FIRST)
        self.underway = Underway(self.news)
        self.screen = screen
        self.stopping = False
        self._style = style
        self._now = now
        self._since = now()

    def end(self) -> None:
        super().end()
        self.screen.keep_off()

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        self.underway.started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """Nothing begins or ends by it."""

    def on_event(self, event: Event, execution: Execution) -> None:
        self.underway.on_event(event, execution)

    def close(self, execution: Execution, exit_code: int) -> None:
        """Go before others say how it has ended."""
        self.end()

    def tick(self) -> float:
        """Show how it stands now; then when a second is over, or what is young now is not."""
        from kestrel_cli.reporters.live import status_lines
        from kestrel_cli.reporters.painter import rows_of

        now, size = self._now(), self.screen.size()
        most = max(min(_MOST, size.lines // 3), 1)
        standing = self.underway.standing(most, now - _YOUNG)
        width, unicode = size.columns - 1, self._style.unicode
        lines = status_lines(
            standing, now, self._since, width, unicode=unicode, stopping=self.stopping
        )
        if not self.screen.show(rows_of(lines, self._style.colour)):
            return APART
        wait = _SECOND - (now - self._since) % _SECOND
        return (min(wait, _YOUNG) if standing.young else wait) / _SECOND
