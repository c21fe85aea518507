"""What became of a flow or a file that was to be handed to a server."""

from collections.abc import Sequence
from typing import Literal

from kestrel_cli.model.record import fresh, record

# refused: the server does not take it; unsent: something before it ended everything
Change = Literal["created", "updated", "unchanged", "refused", "unsent"]


@record
class FlowOutcome:
    """Of a flow. `revision` is the one that the server has now, `before` the one it had.

    In a dry run `change` is what would be done, and `diff` its lines.
    """

    namespace: str
    id: str
    file: str
    change: Change
    revision: int | None = None
    before: int | None = None
    problem: str | None = None
    warnings: Sequence[str] = ()
    diff: list[str] = fresh(factory=list)

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"{self.namespace}.{self.id}"


@record
class FileOutcome:
    """Of a file of a namespace; `path` is its name there."""

    namespace: str
    path: str
    file: str
    change: Change
    problem: str | None = None

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"{self.namespace}:{self.path}"


Outcome = FlowOutcome | FileOutcome
