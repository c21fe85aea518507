"""How far a running flowable has come, as plain data: its frame and the lanes in it.

A lane runs a slice of one block of tasks, one after the other. Sequential has one lane; a loop has
one for each value; Parallel has one for each child.
"""

from enum import IntEnum
from heapq import heappop, heappush

from kestrel_cli.model.call import Call, CallResult
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State


class Phase(IntEnum):
    """What a frame is running now. Phases only move forward."""

    HELD = 0  # a Pause that waits; its onPause task runs
    BODY = 1
    JUDGING = 2  # the flowable itself looks at what its body left: LoopUntil, WorkingDirectory
    ERRORS = 3
    FINALLY = 4
    CONCLUDING = 5  # the flow only: its outputs are being rendered
    HEARING = 6  # the flow only: the conditions of its listeners are being looked at
    LISTENERS = 7  # the flow only: those whose conditions hold, one after the other
    AFTER = 8  # the flow only: afterExecution
    CLOSED = 9


@record
class Lane:
    """Tasks `[next, stop)` of `block` are still to run; its runs carry `value` and `iteration`."""

    block: str
    next: int
    stop: int
    value: str | None = None
    iteration: int | None = None


@record
class Frame:
    """Progress of one flowable task run, or of the flow itself (`run` is None).

    `active` counts children that have not ended, `opened` the lanes that have started, `limit` how
    many may be active at once (0: all). `worst` is the worst state among the children of the body.
    `path` holds the loop values from the outermost loop in. `order` is there when lanes wait for
    each other.
    """

    run: int | None
    lanes: list[Lane]
    limit: int = 1
    path: tuple[str, ...] = ()
    phase: Phase = Phase.BODY
    opened: int = 0
    active: int = 0
    worst: State = State.SUCCESS
    order: "Order | None" = None
    first: int = 0  # no task run below is older
    failed: bool = False  # a child of the body is FAILED: nothing new begins, `errors` run
    refused: bool = False  # the engine could not evaluate it: nothing softens that it FAILED
    stopped: bool = False  # something failed beside what is around it: nothing of it begins


@record
class CallFrame:
    """Progress of a task run that starts executions: its lanes are the executions, one each.

    `calls` are taken in their order, `limit` of them at once (0: all); `opened` counts those that
    were taken, `running` holds those of them that have not ended, with the ids of those that were
    started, `results` what came of the others. `stopped`: no further one is taken. `before` has
    the results of the attempt that a restart takes up again, `again` the numbers of those that go
    on.
    """

    calls: list[Call]
    limit: int = 1
    wait: bool = True
    opened: int = 0
    stopped: bool = False
    running: dict[int, str | None] = fresh(factory=dict)
    results: dict[int, CallResult] = fresh(factory=dict)
    before: dict[int, CallResult] = fresh(factory=dict)
    again: frozenset[int] = frozenset()


class Order:
    """Which lanes of a Dag may open: those whose needed lanes have all ended."""

    __slots__ = ("_followers", "_missing", "ready")

    def __init__(self, needs: list[list[int]]) -> None:
        """`needs` names for each lane the lanes that have to end first."""
        self._missing = [len(needed) for needed in needs]
        self._followers: list[list[int]] = [[] for _ in needs]
        for lane, needed in enumerate(needs):
            for one in needed:
                self._followers[one].append(lane)
        self.ready = [lane for lane, missing in enumerate(self._missing) if not missing]

    def ended(self, lane: int) -> None:
        """The lane's task run has ended, in whatever state."""
        for follower in self._followers[lane]:
            self._missing[follower] -= 1
            if not self._missing[follower]:
                heappush(self.ready, follower)

    def take(self) -> int | None:
        """The first lane that may open, in the order of declaration."""
        return heappop(self.ready) if self.ready else None
