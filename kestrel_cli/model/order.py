"""The order in which task runs are shown when attempts overlapped: as if every attempt took no
time, whatever the clock did.

Kestra's executor creates in one pass every task run that may start, then takes results in. So
flowables open before any attempt ends, and both have their turn in the order of their creation.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from kestrel_cli.model.frame import Order, Phase
from kestrel_cli.model.task import Task


class _Run(Protocol):
    """What counts of a task run."""

    number: int
    task: Task
    parent: int | None
    lane: int
    phase: Phase
    gone: bool


R = TypeVar("R", bound=_Run)
_Lanes = dict[int, list[R]]
_Shapes = Mapping[int, tuple[int, list[list[int]] | None]]


def in_order(runs: Sequence[R], shapes: _Shapes) -> list[R]:
    """All task runs that are not gone. `shapes` tells of flowables how many lanes may be open at
    once (0: all), and which of them have to end before which.
    """
    below: dict[int | None, dict[Phase, _Lanes[R]]] = {None: {}}
    for run in runs:
        if not run.gone:
            lanes = below.setdefault(run.parent, {}).setdefault(run.phase, {})
            lanes.setdefault(run.lane, []).append(run)
    found: list[R] = []
    opening: deque[R] = deque()
    attempts: deque[R] = deque()
    frames: dict[int | None, _Frame[R]] = {None: _Frame(below[None], (1, None))}

    def create(made: Iterator[R]) -> None:
        for run in made:
            found.append(run)
            (opening if run.task.flowable else attempts).append(run)

    create(frames[None].go_on(None))
    while opening or attempts:
        run = (opening or attempts).popleft()
        ended: R | None = run
        if run.number in below:
            shape = shapes.get(run.number, (1, None))
            frame = frames[run.number] = _Frame(below[run.number], shape)
            create(frame.go_on(None))
            ended = None
        while ended is not None:  # and the flowables that end with it
            frame = frames[ended.parent]
            create(frame.go_on(ended))
            over = not frame.active and ended.parent is not None
            ended = runs[ended.parent] if over and ended.parent is not None else None
    return found


class _Frame(Generic[R]):
    """The children of a flowable, or of the flow: phase by phase, lane by lane."""

    def __init__(
        self, phases: dict[Phase, _Lanes[R]], shape: tuple[int, list[list[int]] | None]
    ) -> None:
        self.active = 0
        self._phases = sorted(phases.items(), reverse=True)
        self._shape = shape
        self._lanes: _Lanes[R] = {}
        self._at: dict[int, int] = {}  # lane -> which of its runs is active
        self._limit = 1
        self._order = Order([])

    def go_on(self, ended: R | None) -> Iterator[R]:
        """What is created once this one has ended."""
        if ended is not None:
            runs, at = self._lanes[ended.lane], self._at[ended.lane] + 1
            self._at[ended.lane] = at
            if at < len(runs):
                yield runs[at]
            else:
                self.active -= 1
                self._order.ended(ended.lane)
        yield from self._opened()
        while not self.active and self._phases:
            self._enter(*self._phases.pop())
            yield from self._opened()

    def _enter(self, phase: Phase, lanes: _Lanes[R]) -> None:
        self._limit, needs = self._shape if phase is Phase.BODY else (1, None)
        self._lanes, self._at = lanes, {}
        self._order = Order(needs or [[] for _ in range(max(lanes) + 1)])

    def _opened(self) -> Iterator[R]:
        while not self._limit or self.active < self._limit:
            lane = self._order.take()
            if lane is None:
                return
            if lane in self._lanes:
                self.active += 1
                self._at[lane] = 0
                yield self._lanes[lane][0]
