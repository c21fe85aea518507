"""Collects what is found in one file; puts it into file order at the end."""

from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source
from kestrel_cli.model.diagnostic import Diagnostic, Severity
from kestrel_cli.model.position import Position


class Findings:
    """Everything found so far in one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: list[Diagnostic] = []
        self._seen: set[tuple[str, Position]] = set()

    def error(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something that keeps the flow from running."""
        self.add("error", code, message, at, hint)

    def warning(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something that runs, and probably not as meant."""
        self.add("warning", code, message, at, hint)

    def info(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something worth knowing."""
        self.add("info", code, message, at, hint)

    def add(
        self, severity: Severity, code: str, message: str, at: Node, hint: str | None
    ) -> None:
        """The same finding at the same place (an alias shows one node twice) counts once."""
        where = Position(self.source.name, at.line, at.column)
        if (message, where) in self._seen:
            return
        self._seen.add((message, where))
        line = self.source.line(at.line)
        self._found.append(Diagnostic(severity, code, message, where, hint, line, at.length))

    def position(self, at: Node) -> Position:
        """Where a node stands."""
        return Position(self.source.name, at.line, at.column)

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return any(found.severity == "error" for found in self._found)

    def all(self) -> tuple[Diagnostic, ...]:
        """Everything, in file order; at one place, in the order it was found."""
        return tuple(sorted(self._found, key=lambda found: found.where[1:]))
