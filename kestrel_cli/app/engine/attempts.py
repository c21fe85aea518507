"""Attempts: on the main thread, on threads of their own, or as executions."""

from collections.abc import Iterable, Iterator
from typing import Final

from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import GiveUp
from kestrel_cli.model.effect import RunAttempt
from kestrel_cli.model.event import Event
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.worker.flight import Flight, Landed
from kestrel_cli.worker.interrupts import AttemptInterrupted, AttemptKilled

GRACE: Final = 10.0  # seconds after which an attempt that does not hear is left alone
_FRESH: Final = (State.CREATED, State.RESTARTED)


def attempt(live: Live, effect: RunAttempt, tools: Tools) -> Iterable[Event]:
    """Run a task once. What waits gets a thread when something else can go on meanwhile."""
    run = live.execution.runs[effect.run]
    if run.number not in live.execution.active or run.state not in _FRESH:
        return ()  # killed before its turn came
    if run.task.executable:
        return live.worker.call(run)
    if not _may_fly(run, tools):
        return live.worker.attempt(run)
    if len(tools.inbox.flying) >= tools.jobs:
        tools.inbox.crowded = True
        tools.agenda.put_back(live, effect)  # until one of them has landed
        return ()
    return live.worker.depart(run, tools.inbox.threads, lambda one: _flew(live, one, tools))


def _flew(live: Live, flight: Flight, tools: Tools) -> None:
    live.flights[flight.ctx.run.number] = flight
    tools.inbox.departed(live, flight)


def _may_fly(run: TaskRun, tools: Tools) -> bool:
    """Whether an attempt is to have a thread: when it waits, and others need not wait for it. One
    that may take an earlier result stays here, for that is decided here.
    """
    task = run.task
    return (
        tools.jobs > 1
        and isinstance(task, RunnableTask)
        and task.blocking
        and task.taskCache is None
        and (bool(tools.inbox.flying) or tools.inbox.timed or tools.agenda.busy)
    )


def interrupt(live: Live, run: int, tools: Tools) -> None:
    """End an attempt on a thread; the one on the main thread was ended by the request itself."""
    flight = live.flights.get(run)
    if flight is not None:
        ground(live, flight, AttemptKilled(), tools)


def ground(live: Live, flight: Flight, reason: AttemptInterrupted, tools: Tools) -> None:
    """Tell an attempt to end; one that does not hear in time is left alone."""
    if flight in tools.inbox.flying:
        flight.end(reason)
        at = tools.clock.now() + round(GRACE * 1_000_000)
        tools.inbox.wake(at, live, GiveUp(flight), holds=False)


def given_up(live: Live, flight: Flight, tools: Tools) -> Iterator[Event]:
    """An attempt does not end: its task run does."""
    if tools.inbox.forget(flight):
        yield from landed(live, Landed(flight, AttemptKilled()))


def landed(live: Live, one: Landed) -> Iterator[Event]:
    """An attempt has left its thread."""
    number = one.flight.ctx.run.number
    if live.flights.pop(number, None) is one.flight:
        yield live.worker.landed(one.flight, one.result)
