"""How a run stands at a moment: what is under way, and how far loops are."""

from typing import Final, Literal

from kestrel_cli.model.record import record

# It works; it waits for executions that it has started; it is tried again; a new execution comes
# in place of one that was RETRIED; a pause; the next pass of a LoopUntil; an execution that waits
# for its turn.
Kind = Literal["works", "calls", "retry", "follow", "pause", "pass", "turn"]

AT_WORK: Final[tuple[Kind, ...]] = ("works", "calls")


@record
class Doing:
    """One thing under way: its path, since when, until when it waits, if that is known; which
    attempt it is, where there may be several; a line that it has begun and is silent after.
    """

    kind: Kind
    path: str
    since: int
    until: int | None = None
    attempt: str = ""
    said: str = ""


@record
class Loop:
    """How far a loop is: iteration `at` of `total`; with `parallel` so many have ended."""

    name: str
    at: int
    total: int
    parallel: bool


@record
class Standing:
    """What a look finds: the oldest of what is under way, what works before what waits; how much
    there is of it; `young`: there is more that has only just begun.
    """

    doing: list[Doing]
    count: int
    loops: list[Loop]
    ended: int
    young: bool = False
