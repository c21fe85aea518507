"""Executions that task runs start, and those that follow a RETRIED one.

Subflow from YAML to the end: `Subflow.calls` says what to start and `Called` opens a frame of it;
for each lane that the frame opens, `launch` makes an execution, whose birth is in `Launched`. When
that one ends it comes back as `ChildEnded`, which `child_ended` turns into `CalledEnded`; after the
last one `Subflow.outcome` makes `AttemptEnded` of the results.
"""

from collections.abc import Iterator
from typing import Any, Final

from kestrel_cli.app import births
from kestrel_cli.app.engine.create import live_of, with_inputs
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import Restart, Stop
from kestrel_cli.errors import CannotStart, KestrelError, with_hint
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.call import Call, CallResult
from kestrel_cli.model.effect import Begin, Follow, Launch
from kestrel_cli.model.event import CalledEnded, Event, Followed, Launched
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.worker.conclude import rendered

DEEPEST: Final = 100  # executions inside each other


def launch(live: Live, effect: Launch, tools: Tools) -> Iterator[Event]:
    """Start an execution, or let the one of before a restart go on."""
    frame = live.execution.calls.get(effect.run)
    if frame is None or effect.nth not in frame.running:
        return  # a kill was quicker
    if effect.again and (known := live.children.get((effect.run, effect.nth))) is not None:
        now = tools.clock.now()
        yield Launched(effect.run, now, effect.nth, known.execution.id)
        tools.inbox.put(known, Restart())
        return
    run, call = live.execution.runs[effect.run], frame.calls[effect.nth]
    try:
        child = _child(live, run, effect.nth, call, tools)
    except KestrelError as error:
        if "$ForEachItem" in run.task.type and tools.request.rehearsal is not None:
            tools.request.rehearsal.failed(live.execution, run, error)
        result = CallResult(call, State.FAILED, error=with_hint(error))
        yield _ended(run, effect.nth, live.worker.stopped_by(run, result), tools)
        return
    execution = child.execution
    if call.item is None:
        said = f"Created new execution {call.link(execution.id)}"
        tools.say(live, "INFO", said, run.number)
    yield Launched(effect.run, execution.created_at, effect.nth, execution.id, execution.birth)
    births.link(execution, live.execution)
    live.children[effect.run, effect.nth] = child
    tools.lives[child] = None
    tools.agenda.launched(child, Begin())


def _child(live: Live, run: TaskRun, nth: int, call: Call, tools: Tools) -> Live:
    """The execution that a call starts. Raises KestrelError when it can't be started."""
    if live.depth >= DEEPEST:
        raise CannotStart(f"more than {DEEPEST} executions inside each other")
    parent, now = live.execution, tools.clock.now()
    if call.item is not None:
        birth = births.of_item(tools.journal.next_number(), parent, run, nth, now)
        return live_of(births.execution_of(birth, None, parent), tools, live)
    flow = tools.find(call.namespace, call.flow)
    numbers = tools.journal.next_number(), tools.journal.number_of(flow)
    birth = births.of_call(numbers[0], parent, run, nth, flow, numbers[1], now)
    made = live_of(births.execution_of(birth, flow, parent), tools, live)
    return with_inputs(made, call.inputs, tools)


def child_ended(live: Live, run_number: int, nth: int, tools: Tools) -> Iterator[Event]:
    """An execution that was called has ended: what its caller takes over from it."""
    frame = live.execution.calls.get(run_number)
    if frame is None or nth not in frame.running:
        return  # nobody waits for it
    run, child = live.execution.runs[run_number], live.children[run_number, nth]

    def render(value: object) -> Any:
        return rendered(value, RunScope(child.around))

    execution = child.execution
    result = CallResult(frame.calls[nth], execution.state, execution.id, execution.outputs)
    yield _ended(run, nth, live.worker.taken(run, result, render), tools)


def _ended(run: TaskRun, nth: int, found: tuple[CallResult, bool], tools: Tools) -> CalledEnded:
    one, stop = found
    now = tools.clock.now()
    return CalledEnded(run.number, now, nth, one.state, one.execution, one.outputs, one.error, stop)


def stop_child(live: Live, run: int, nth: int, tools: Tools) -> None:
    """Kill an execution that was called."""
    tools.inbox.put(live.children[run, nth], Stop("the execution that called it ends"))


def gather(live: Live, run_number: int) -> Iterator[Event]:
    """All executions of a call have ended: what that makes of the attempt."""
    frame = live.execution.calls.get(run_number)
    run = live.execution.runs[run_number]
    if frame is not None and run.state in (State.RUNNING, State.KILLING):
        results = [frame.results[nth] for nth in sorted(frame.results)]
        yield live.worker.gathered(run, results)


def follow(live: Live, effect: Follow, tools: Tools) -> Iterator[Event]:
    """Make the execution that replays a RETRIED one; it begins when its time has come."""
    before = live.execution
    at = tools.pace.moment("follow", effect.at)
    birth = births.of_follower(tools.journal.next_number(), before, at)
    parent = None if live.parent is None else live.parent.execution
    flow = None if birth.flow is None else live.flow
    execution = births.execution_of(birth, flow, parent, before)
    after = live_of(execution, tools, live.parent)
    yield Followed(tools.clock.now(), birth)
    adopt(after, live)
    tools.lives[after] = None
    tools.agenda.launched(after, Begin())
    if tools.interrupts.signal is not None:  # it came when there was nothing to kill
        tools.inbox.put(after, Stop(tools.interrupts.reason))
    elif (
        live.parent is not None
        and (caller := birth.caller) is not None
        and live.parent.execution.runs[caller.run].state is State.KILLING
    ):
        stop_child(live.parent, caller.run, caller.nth, tools)


def adopt(after: Live, before: Live) -> None:
    """The execution takes the place of the RETRIED one that it follows."""
    before.successor = after
    caller = after.execution.birth.caller
    if after.parent is not None and caller is not None:
        births.link(after.execution, after.parent.execution)
        after.parent.children[caller.run, caller.nth] = after
