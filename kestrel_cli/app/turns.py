"""The `concurrency` of a flow: an execution waits for its turn, is cancelled or fails.

Source: spec/engine.md 6.9.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from kestrel_cli.model.event import Queued
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import State
from kestrel_cli.store.directory import state_directory
from kestrel_cli.store.slots import Slots

if TYPE_CHECKING:
    from kestrel_cli.app.driver import Driver
    from kestrel_cli.app.session import Session

_LOOK_AGAIN: Final = 100_000  # microseconds


class Place(Protocol):
    """A place among the executions of a flow that may run at once."""

    def leave(self) -> None:
        """Let another one have it."""


def take_turn(driver: "Driver", session: "Session", begin: Callable[[], None]) -> None:
    """Begin, now or later, or end the execution. Without a state directory nothing is counted."""
    flow = driver.execution.flow
    concurrency = flow.concurrency
    assert concurrency is not None  # the caller has looked
    try:
        slots = _slots(flow, session)
        driver.place = slots.take()
    except OSError as error:
        session.request.warn(f"the flow's `concurrency` can't be looked after: {error}")
        begin()
        return
    if driver.place is not None:
        begin()
        return
    if concurrency.behavior == "QUEUE":
        driver.happened(Queued(driver.clock.now()))
        _look_again(driver, session, slots, begin)
        return
    refused = State.CANCELLED
    if concurrency.behavior == "FAIL":
        refused = State.FAILED
        driver.say("ERROR", "Execution is FAILED due to concurrency limit exceeded")
    driver.happened(Queued(driver.clock.now(), refused))


def go_on_with_turn(driver: "Driver", session: "Session") -> None:
    """Take a place for an execution that goes on; where there is none, it does so all the same."""
    flow = driver.execution.flow
    if flow.concurrency is None:
        return
    try:
        driver.place = _slots(flow, session).take()
    except OSError:
        return
    if driver.place is None:
        limit = flow.concurrency.limit
        session.request.warn(f"the flow runs more often at once than its `concurrency`, {limit}")


def _slots(flow: Flow, session: "Session") -> Slots:
    """The places of a flow. Raises OSError when there is no state directory."""
    assert flow.concurrency is not None  # the callers have looked
    state = state_directory(session.request.state_dir, session.request.environ)
    return Slots(state / "running" / flow.namespace / flow.id, flow.concurrency.limit)


def _look_again(
    driver: "Driver", session: "Session", slots: Slots, begin: Callable[[], None]
) -> None:
    def look() -> None:
        if driver.ended or driver.execution.state is not State.QUEUED:
            return
        driver.place = slots.take()
        if driver.place is not None:
            begin()
        else:
            session.conductor.wake(driver.clock.now() + _LOOK_AGAIN, look)

    session.conductor.wake(driver.clock.now() + _LOOK_AGAIN, look)
