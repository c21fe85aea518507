"""What each effect does, and what comes of all that arrives in the inbox."""

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from kestrel_cli.app.engine import attempts, calls, sla, turns, waits
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import (
    ChildEnded,
    GiveUp,
    Look,
    Overdue,
    Restart,
    Stop,
    TimeUp,
    Wake,
    Work,
)
from kestrel_cli.app.request import Part
from kestrel_cli.errors import RenderError
from kestrel_cli.model import effect as to
from kestrel_cli.model.event import Concluded, Event, KillRequested
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.scheduler.reopen import plan_restart
from kestrel_cli.worker.conclude import conclude
from kestrel_cli.worker.flight import Landed
from kestrel_cli.worker.interrupts import AttemptTimedOut


# A case for each kind of work, so that mypy refuses one that is forgotten. Whoever is performed
# gives events one by one: each is taken down and folded before it goes on.
def perform(live: Live, work: Work, tools: Tools) -> Iterable[Event]:  # noqa: C901, PLR0911, PLR0912
    """Do what is to be done for an execution; what happened, in order. Raises AttemptKilled when a
    kill comes before an attempt began.
    """
    match work:
        case to.RunAttempt():
            return attempts.attempt(live, work, tools)
        case to.Expand():
            return _expand(live, work.run)
        case to.Begin():
            return turns.begin(live, tools)
        case to.Launch():
            return calls.launch(live, work, tools)
        case to.Gather():
            return calls.gather(live, work.run)
        case to.WaitUntil():
            return waits.wait(live, work, tools)
        case to.Ask():
            return waits.ask(live, work, tools)
        case to.Judge():
            return _judge(live, work.run, tools)
        case to.Kill():
            return _kill(live, work, tools)
        case to.Conclude():
            return _conclude(live, tools)
        case to.Hear():
            return _hear(live, tools)
        case to.Follow():
            return calls.follow(live, work, tools)
        case to.End():
            return _end(live, tools)
        case Wake():
            return waits.woken(live, work.run, tools)
        case ChildEnded():
            return calls.child_ended(live, work.run, work.nth, tools)
        case Landed():
            return attempts.landed(live, work)
        case TimeUp():
            attempts.ground(live, work.flight, AttemptTimedOut(), tools)
            return ()
        case GiveUp():
            return attempts.given_up(live, work.flight, tools)
        case Look():
            return sla.look(live, tools)
        case Overdue():
            return sla.overdue(live, work.sla, tools)
        case Stop():
            return stop(live, work.reason, tools)
        case Restart():
            return _restart(live, tools)
        case _:
            assert_never(work)


def _expand(live: Live, number: int) -> Iterator[Event]:
    if number in live.execution.active:
        yield live.worker.expander.expand(live.execution.runs[number])


def _judge(live: Live, number: int, tools: Tools) -> Iterator[Event]:
    frame = live.execution.frames.get(number)
    if frame is not None and not live.execution.killing:
        yield live.worker.expander.judge(live.execution.runs[number], frame.worst)
        tools.journal.flush()  # what is taken away now must not be needed again
        live.world.forget(number)


def _kill(live: Live, effect: to.Kill, tools: Tools) -> Iterable[Event]:
    if effect.nth is None:
        attempts.interrupt(live, effect.run, tools)
    else:
        calls.stop_child(live, effect.run, effect.nth, tools)
    return ()


def _conclude(live: Live, tools: Tools) -> Iterator[Event]:
    if live.execution.state in TERMINAL:
        return  # a service level that its last task broke has ended it
    message = _unmatched(live, tools)
    if message is not None:
        tools.say(live, "ERROR", message, ends=True)
        yield Concluded(tools.clock.now(), None, live.execution.masker.mask(message))
        return
    try:
        tools.interrupts.begin()
        event = conclude(
            live.around,
            tools.clock.now,
            lambda line: tools.log(live, line),
            live.world.store_input,
            _heard(live, tools),
        )
    finally:
        tools.interrupts.end()
    yield event


def _unmatched(live: Live, tools: Tools) -> str | None:
    """Why the execution has not run what was asked for; None when it has."""
    part = tools.request.part
    if part == Part() or live.parent is not None:
        return None
    from kestrel_cli.app.unmatched import unmatched

    return unmatched(live.execution, part, tools.offered)


def _heard(live: Live, tools: Tools) -> Callable[[RenderError], None] | None:
    rehearsal = tools.request.rehearsal
    if rehearsal is None:
        return None
    return lambda error: rehearsal.failed(live.execution, None, error)


def _hear(live: Live, tools: Tools) -> Iterator[Event]:
    from kestrel_cli.worker.listeners import heard

    try:
        tools.interrupts.begin()
        event = heard(live.around, tools.clock.now, lambda line: tools.log(live, line))
    finally:
        tools.interrupts.end()
    yield event


def _end(live: Live, tools: Tools) -> Iterable[Event]:
    live.ended = True
    tools.lives.pop(live, None)
    live.world.close()
    live.leave()
    caller = live.execution.birth.caller
    if live.parent is not None and caller is not None and live.successor is None:
        tools.inbox.put(live.parent, ChildEnded(caller.run, caller.nth))
    return ()


def _restart(live: Live, tools: Tools) -> Iterator[Event]:
    """Whoever called it, restarted, has launched it again: it failed, or was killed, before; or it
    waits for that with what it has to do.
    """
    tools.lives[live] = None
    turns.go_on(live, tools)
    if not live.ended:
        tools.agenda.add(live, ())
        return
    live.ended = False
    yield plan_restart(live.execution, live.expansions, tools.clock.now())


def stop(live: Live, reason: str, tools: Tools) -> Iterator[Event]:
    """End an execution before its time, unless there is nothing to end."""
    execution = live.execution
    if live.ended or (execution.state in TERMINAL and not execution.active):
        return
    tools.tell(live)
    tools.say(live, "WARN", f"the execution is killed: {reason}")
    if not turns.has_begun(live) and execution.state in (State.CREATED, State.QUEUED):
        yield turns.begun(live, tools)  # it waited for its turn: it begins to be killed
    yield KillRequested(max(tools.clock.now(), execution.created_at))
