"""A live line before it is text."""

from typing import NamedTuple, Protocol

from kestrel_cli.model.execution import Execution
from kestrel_cli.model.task import LogLevel


class Entry(NamedTuple):
    """One live line: `name` is a log level, or what kind of news it is."""

    at: int
    name: str
    level: LogLevel
    message: str
    execution: Execution
    run: int | None = None
    attempt: int | None = None


class Layout(Protocol):
    """Makes text of live lines."""

    def text(self, entry: Entry, path: str) -> str:
        """The whole lines."""
