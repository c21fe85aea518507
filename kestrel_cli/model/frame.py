"""How far a running flowable has come, as plain data: its frame and the lanes in it.

A lane runs a slice of one block of tasks, one after the other. Sequential has one lane; a loop has
one for each value; Parallel has one for each child.
"""

from enum import IntEnum

from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State


class Phase(IntEnum):
    """What a frame is running now. Phases only move forward."""

    BODY = 0
    ERRORS = 1
    FINALLY = 2
    CONCLUDING = 3  # the flow only: its outputs are being rendered
    AFTER = 4  # the flow only: afterExecution
    CLOSED = 5


@record
class Lane:
    """Tasks `[next, stop)` of `block` are still to run;
    `value` and `iteration` mark the runs it makes.
    """

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
    `path` holds the loop values from the outermost loop in.
    """

    run: int | None
    lanes: list[Lane]
    limit: int = 1
    path: tuple[str, ...] = ()
    phase: Phase = Phase.BODY
    opened: int = 0
    active: int = 0
    worst: State = State.SUCCESS
    lane_numbers: dict[int, int] = fresh(factory=dict)  # active child -> its lane
