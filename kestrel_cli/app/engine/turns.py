"""How an execution begins: at its time, in its turn.

The `concurrency` of a flow says how many of its executions may run at once on this machine: a
further one waits for its turn, first come, first served, is cancelled or fails.
"""

from collections.abc import Iterator
from typing import Final

from kestrel_cli.app.engine import sla
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import Overdue
from kestrel_cli.model.effect import Begin
from kestrel_cli.model.event import Begun, Event, Queued
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import State
from kestrel_cli.store.directory import state_directory
from kestrel_cli.store.slots import Slot, Slots

_LOOK_AGAIN: Final = 100_000  # microseconds
_WAITING: Final = (State.CREATED, State.QUEUED)


def begin(live: Live, tools: Tools) -> Iterator[Event]:
    """Let an execution begin, or wait until it may."""
    execution = live.execution
    if has_begun(live) or execution.state not in _WAITING:
        return  # it was killed before its time came
    if execution.created_at > tools.clock.now():  # it follows one that was RETRIED
        tools.inbox.wake(execution.created_at, live, Begin())
        return
    tools.tell(live)
    warnings, live.warnings = live.warnings, []
    for warning in warnings:
        tools.say(live, "WARN", warning)
    if live.refused is not None:
        tools.say(live, "ERROR", live.refused)
        yield Queued(tools.clock.now(), State.FAILED)
    else:
        if not live.looked:
            live.looked = True
            yield from sla.broken_at_first(live, tools)
        if not (live.ended or execution.frames):  # nothing has ended it
            yield from _take_turn(live, tools)


def begun(live: Live, tools: Tools) -> Begun:
    """It begins now; but one that is to begin later does nothing before."""
    watch_durations(live, tools)
    return Begun(max(tools.clock.now(), live.execution.created_at))


def has_begun(live: Live) -> bool:
    """Whether it has a first frame, or had one."""
    return None in live.execution.frames or bool(live.execution.runs)


def watch_durations(live: Live, tools: Tools) -> None:
    """Set the clocks of the flow's service levels."""
    for one in live.flow.sla:
        if one.type == "MAX_DURATION" and one.duration is not None:
            at = live.execution.created_at + one.duration.micros
            tools.inbox.wake(at, live, Overdue(one), holds=False)


def _take_turn(live: Live, tools: Tools) -> Iterator[Event]:
    """Begin, now or later, or end it. Without a state directory nothing is counted."""
    concurrency = live.flow.concurrency
    if concurrency is None:
        yield begun(live, tools)
        return
    try:
        live.place = _place(live, tools, waits=concurrency.behavior == "QUEUE")
    except OSError as error:
        tools.request.warn(f"the flow's `concurrency` can't be looked after: {error}")
        yield begun(live, tools)
        return
    if live.place is not None:
        yield begun(live, tools)
    elif concurrency.behavior == "QUEUE":
        if live.execution.state is not State.QUEUED:
            yield Queued(tools.clock.now())
        tools.inbox.wake(tools.clock.now() + _LOOK_AGAIN, live, Begin())
    elif concurrency.behavior == "FAIL":
        tools.say(live, "ERROR", "Execution is FAILED due to concurrency limit exceeded")
        yield Queued(tools.clock.now(), State.FAILED)
    else:
        yield Queued(tools.clock.now(), State.CANCELLED)


def _place(live: Live, tools: Tools, *, waits: bool) -> Slot | None:
    """A place for an execution; None when there is none, or others have waited for longer. Raises
    OSError.
    """
    slots = _slots(live.flow, tools)
    if not waits:
        return slots.take()
    if live.ticket is None:
        live.ticket = slots.ticket(live.execution.created_at)
    place = slots.take() if live.ticket.is_first() else None
    if place is not None:
        live.ticket.leave()
        live.ticket = None
    return place


def go_on(live: Live, tools: Tools) -> None:
    """An execution that was read back goes on: it takes a place; where there is none, it does so
    all the same.
    """
    tools.tell(live)
    if live.execution.frames:
        watch_durations(live, tools)
    concurrency = live.flow.concurrency
    if concurrency is None or live.place is not None:
        return
    try:
        live.place = _slots(live.flow, tools).take()
    except OSError:
        return
    if live.place is None:
        limit = concurrency.limit
        tools.request.warn(f"the flow runs more often at once than its `concurrency`, {limit}")


def _slots(flow: Flow, tools: Tools) -> Slots:
    """The places of a flow. Raises OSError when there is no state directory."""
    assert flow.concurrency is not None  # the callers have looked
    state = state_directory(tools.request.state_dir, tools.request.environ)
    return Slots(state / "running" / flow.namespace / flow.id, flow.concurrency.limit)
