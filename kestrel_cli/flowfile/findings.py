"""Collects what is found in one file; puts it into file order at the end."""

from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Position, Severity
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source

MOST: Final = 1000

_LONGEST: Final = 1000  # characters of a message
_LAST: Final = 100  # of them, when it is longer, those of its end


class StopReading(Exception):
    """There is no point in going on with this file."""


class Findings:
    """Everything found so far in one file; the thousandth error ends the search.

    `compat` is the Kestra generation that the file is read for. `closely` is whether somebody wants
    to know all that can be known (`validate`): a run goes on with what fails only there.
    """

    def __init__(self, source: Source, compat: int = 1) -> None:
        self.source = source
        self.compat = compat
        self.closely = False
        self.failed = False
        self.has_spellings = False  # whether a node of the file has a `text`
        self._found: list[Diagnostic] = []
        self._seen: set[tuple[str, Position]] = set()
        self._counts: dict[Severity, int] = {"error": 0, "warning": 0, "info": 0}

    def error(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something that keeps the flow from running."""
        self.failed = True
        self._add("error", code, message, at, hint)
        if self._counts["error"] >= MOST:
            raise StopReading

    def warning(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something that runs, and probably not as meant."""
        self._add("warning", code, message, at, hint)

    def info(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something worth knowing."""
        self._add("info", code, message, at, hint)

    def sure(self, code: str, message: str, at: Node, hint: str | None = None) -> None:
        """Something that Kestra takes, and that fails whenever it is run."""
        report = self.error if self.closely else self.warning
        report(code, message, at, hint)

    def newer(self, what: str, at: Node, hint: str | None = None) -> None:
        """What Kestra 2 has and 1.3 has not. `what` completes "Kestra 1.3 has no ..."."""
        if self.compat == 1:
            self.warning("kestra-1", f"Kestra 1.3 has no {what}", at, hint)

    def older(self, what: str, at: Node, hint: str | None = None) -> None:
        """What Kestra 1.3 accepts and 2 refuses. `what` tells of both."""
        report = self.warning if self.compat == 1 else self.error
        report("kestra-2", what, at, hint)

    def forget(self, code: str, at: Node) -> None:
        """Take back what was found here, for it turned out not to be so."""
        where = self.position(at)
        self._found = [one for one in self._found if (one.code, one.where) != (code, where)]

    def _add(self, severity: Severity, code: str, message: str, at: Node, hint: str | None) -> None:
        # The same finding at the same place counts once: defaults of plugins show up several times.
        where = self.position(at)
        message, hint = _cut(message), hint and _cut(hint)
        if (message, where) in self._seen or self._counts[severity] >= MOST:
            return
        self._seen.add((message, where))
        self._counts[severity] += 1
        line = self.source.line(at.line)
        self._found.append(Diagnostic(severity, code, message, where, hint, line, at.length))

    def position(self, at: Node) -> Position:
        """Where a node stands."""
        return Position(self.source.name, at.line, at.column)

    def all(self) -> tuple[Diagnostic, ...]:
        """Everything, in file order; at one place, in the order it was found."""
        return tuple(sorted(self._found, key=lambda found: found.where[1:]))


def _cut(text: str) -> str:
    """A message may quote a value of the file, which may be of any length."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - _LAST - 5]} ... {text[-_LAST:]}"
