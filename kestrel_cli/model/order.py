"""The order in which task runs are shown when attempts overlapped: as one worker would have made
them (spec/engine.md 3.2), whatever the clock did.

One worker goes depth first and lane by lane: the first runs of all lanes that may be open are made
at once; then the earliest lane runs to its end, before the next one is looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Protocol, TypeVar

from kestrel_cli.model.frame import Order, Phase


class _Run(Protocol):
    """What counts of a task run."""

    number: int
    parent: int | None
    lane: int
    phase: Phase
    gone: bool


R = TypeVar("R", bound=_Run)
_Lanes = dict[int, list[R]]
_Shapes = Mapping[int, tuple[int, list[list[int]] | None]]


def in_order(runs: Sequence[R], shapes: _Shapes) -> list[R]:
    """All task runs that are not gone, in the order of one worker. `shapes` tells of flowables how
    many lanes may be open at once (0: all), and which of them have to end before which.
    """
    below: dict[int | None, dict[Phase, _Lanes[R]]] = {}
    for run in runs:
        if not run.gone:
            lanes = below.setdefault(run.parent, {}).setdefault(run.phase, {})
            lanes.setdefault(run.lane, []).append(run)
    found: list[R] = []
    stack = [_children(shapes, None, below)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
        elif isinstance(step, int):
            stack.append(_children(shapes, step, below))
        else:
            found.append(step)
    return found


def _children(
    shapes: _Shapes,
    key: int | None,
    below: Mapping[int | None, dict[Phase, _Lanes[R]]],
) -> Iterator[R | int]:
    """Each child when it is made, and its number when it is its turn to run."""
    for phase, lanes in sorted(below.get(key, {}).items()):
        limit, needs = (0, None)
        if phase is Phase.BODY and key is not None:
            limit, needs = shapes.get(key, (1, None))
        yield from _phase(lanes, limit if phase is Phase.BODY else 1, needs)


def _phase(
    lanes: _Lanes[R], limit: int, needs: list[list[int]] | None
) -> Iterator[R | int]:
    order = Order(needs or [[] for _ in range(max(lanes) + 1)])
    waiting: list[tuple[int, int]] = []  # (lane, how far it has come), the earliest lane first
    active = 0

    def opened() -> Iterator[R | int]:
        nonlocal active
        while (not limit or active < limit) and (lane := order.take()) is not None:
            if lane in lanes:
                active += 1
                heappush(waiting, (lane, 0))
                yield lanes[lane][0]

    yield from opened()
    while waiting:
        lane, at = heappop(waiting)
        runs = lanes[lane]
        yield runs[at].number
        if at + 1 < len(runs):
            heappush(waiting, (lane, at + 1))
            yield runs[at + 1]
        else:
            active -= 1
            order.ended(lane)
        yield from opened()
