"""One finding about a flow file: what, where, how to mend it."""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


class Position(NamedTuple):
    """1-based line and column in `file`; line 0 means the file as a whole."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Diagnostic(NamedTuple):
    """`code` is stable (kebab-case), `message` has no full stop.

    `source` is the file's line at `where`; the caret line underlines `length` characters of it.
    """

    severity: Severity
    code: str
    message: str
    where: Position
    hint: str | None = None
    source: str | None = None
    length: int = 1
