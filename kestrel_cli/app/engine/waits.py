"""What waits: retries, pauses, passes of LoopUntil."""

from collections.abc import Iterator, Mapping
from typing import Any

from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.pauses import Typed
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import Wake
from kestrel_cli.app.inputs import of_pause, renderer
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.effect import Ask, WaitUntil
from kestrel_cli.model.event import Event, TimerFired
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.flow import Input
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State


def wait(live: Live, effect: WaitUntil, tools: Tools) -> Iterator[Event]:
    """Wait; but a pause that has an answer, or of a run that hurries, is over at once."""
    if _is_held(live, effect.run) and tools.answers.has(
        live.execution, live.execution.runs[effect.run]
    ):
        yield from ask(live, Ask(effect.run), tools)
        return
    if tools.answers.hurries and _is_held(live, effect.run):
        run = live.execution.runs[effect.run]
        yield tools.answers.event(run, None, State.SUCCESS, tools.clock.now())
        return
    at = effect.at
    if not _is_held(live, effect.run):
        what = (live.execution.birth.number, effect.run)
        at = tools.pace.moment(what, at)
        if tools.pace.is_news(what, effect.at):
            message = "it is tried again after 10 ms at the earliest, whatever its interval is"
            tools.say(live, "DEBUG", message, effect.run)
    tools.inbox.wake(at, live, Wake(effect.run))


def woken(live: Live, number: int, tools: Tools) -> Iterator[Event]:
    """The moment has come."""
    if live.ended:
        return
    if not _is_held(live, number):
        yield TimerFired(number, tools.clock.now())
        return
    run = live.execution.runs[number]
    state = live.worker.expander.elapsed(run)
    event = tools.answers.event(run, None, state, tools.clock.now())
    if state is State.FAILED:
        event.error = "nobody resumed it in time"
    yield event


def _is_held(live: Live, number: int) -> bool:
    """Whether the run is a Pause that waits, and no LoopUntil between two passes."""
    frame = live.execution.frames.get(number)
    paused = live.execution.runs[number].state is State.PAUSED
    return paused and frame is not None and frame.phase is Phase.HELD


def ask(live: Live, effect: Ask, tools: Tools) -> Iterator[Event]:
    """Settle a question about a pause; without an answer the execution is left PAUSED."""
    run = live.execution.runs[effect.run]
    if run.state is not State.PAUSED:
        return
    try:
        tools.interrupts.begin()  # somebody may be asked, and end it all instead
        render = renderer(RunScope(live.around, run))
        found = tools.answers.answer(live.execution, run, _typed(live, run, tools), render)
    finally:
        tools.interrupts.end()
    if found.refused is not None:
        tools.say(live, "ERROR", found.refused, run.number)
    if found.waits and tools.journal.file is not None:
        return
    now = tools.clock.now()
    if found.inputs is not None:
        yield tools.answers.event(run, found.inputs, State.SUCCESS, now)
        return
    why = found.why or tools.answers.lost(run)
    tools.say(live, "ERROR", why, run.number)
    event = tools.answers.event(run, None, State.FAILED, now)
    event.error = why
    yield event


def _typed(live: Live, run: TaskRun, tools: Tools) -> Typed:
    """Makes typed inputs of what is given. Raises InputError."""
    scope = RunScope(live.around, run)

    def typed(declared: list[Input], given: Mapping[str, object]) -> dict[str, Any]:
        store = live.world.store_input
        values, warnings = of_pause(scope, declared, given, tools.request, store)
        for warning in warnings:
            tools.say(live, "WARN", warning, run.number)
        return values

    return typed
