"""One finding about a flow file: what, where, how to mend it."""

from typing import Literal, NamedTuple

from kestrel_cli.model.position import Position

Severity = Literal["error", "warning", "info"]


class Diagnostic(NamedTuple):
    """`code` is stable (kebab-case), `message` has no full stop, `source` is the line of the file
    at
    `where`.

    `length` is how many characters the caret line underlines.
    """

    severity: Severity
    code: str
    message: str
    where: Position
    hint: str | None = None
    source: str | None = None
    length: int = 1
