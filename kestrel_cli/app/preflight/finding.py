"""One thing that stands in the way of a run: what, where, what to type."""

from typing import Final, Literal

from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.model.record import record

Kind = Literal[
    "option",
    "flow",
    "subflow",
    "type",
    "program",
    "extra",
    "secret",
    "input",
    "file",
    "expression",
]
NOT_RUN_HERE: Final = frozenset(("type", "program", "extra"))


@record
class Finding:
    """`stops` is whether the run can't begin: else it only may come to need what is not there.

    `diagnostic` is the same with its line of the file, `mock` the option that helps.
    """

    kind: Kind
    message: str
    where: Position | None = None
    hint: str | None = None
    stops: bool = True
    mock: str | None = None
    diagnostic: Diagnostic | None = None

    @property
    def exit_code(self) -> int:
        """What a run ends with that this alone stops."""
        if self.kind == "option":
            return 2
        return 4 if self.kind in NOT_RUN_HERE else 3


def from_diagnostic(kind: Kind, found: Diagnostic, mock: str | None = None) -> Finding:
    """What was found in a file. Only an error stops."""
    stops = found.severity == "error"
    return Finding(kind, found.message, found.where, found.hint, stops, mock, found)
