"""How much of flows was reached: what reports of it are made of."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from kestrel_cli.model.record import frozen

Kind = Literal["task", "branch", "expression"]
KINDS: Final[tuple[Kind, ...]] = ("task", "branch", "expression")


class Share(NamedTuple):
    """How many of how many. All of nothing is reached."""

    reached: int
    whole: int

    @property
    def percent(self) -> float:
        """To a tenth, never rounded up: 100 is all, and 0 may be a little."""
        return 100.0 if not self.whole else self.reached * 1000 // self.whole / 10


@frozen
class Point:
    """Something that can be reached: a task, a way that one (None: the flow) can go, an expression.

    `label` is what people read. `mocked` of the `hits` were not of the task: a fixture stood in for
    it. `known` is whether what it belongs to was reached at all: else that is told instead.
    """

    kind: Kind
    line: int
    label: str
    hits: int
    task: str | None
    what: str  # the task's id, the name of the way, the template
    mocked: int = 0
    known: bool = True

    @property
    def only_mocked(self) -> bool:
        """Whether fixtures alone have reached it."""
        return 0 < self.hits == self.mocked


@frozen
class FlowCoverage:
    """How much of one flow was reached. `points` are in the order of their lines; `lines` holds how
    often each line was reached that does something; `text` is that of the file.
    """

    file: str
    namespace: str
    id: str
    points: Sequence[Point]
    lines: dict[int, int]
    text: str

    def share(self, kind: Kind | None = None) -> Share:
        """Of one kind, or of all."""
        wanted = [one for one in self.points if kind in (None, one.kind)]
        return Share(sum(one.hits > 0 for one in wanted), len(wanted))

    @property
    def line_share(self) -> Share:
        """Of its lines."""
        return Share(sum(hits > 0 for hits in self.lines.values()), len(self.lines))

    @property
    def mocked(self) -> int:
        """How many of the tasks that were reached only fixtures have."""
        return sum(one.only_mocked for one in self.points)

    def never(self) -> Iterator[Point]:
        """What nothing reached, without what belongs to such a thing."""
        return (one for one in self.points if not one.hits and one.known)


@frozen
class CoverageReport:
    """How much of several flows was reached."""

    flows: Sequence[FlowCoverage]

    def share(self, kind: Kind | None = None) -> Share:
        """Of all flows."""
        return _sum(one.share(kind) for one in self.flows)

    @property
    def line_share(self) -> Share:
        """Of the lines of all flows."""
        return _sum(one.line_share for one in self.flows)

    @property
    def mocked(self) -> int:
        """How many tasks only fixtures have reached."""
        return sum(one.mocked for one in self.flows)

    @property
    def percent(self) -> float:
        """The total, to a tenth; 100 only when nothing is missing."""
        return self.share().percent


def _sum(shares: Iterator[Share]) -> Share:
    found = list(shares)
    return Share(sum(one.reached for one in found), sum(one.whole for one in found))
