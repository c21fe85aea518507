"""The scheduler: fold one event into an execution, answer with what to do next.

Theory of operation
-------------------
An execution is a flat list of task runs and a set of *frames*. A frame is the progress of one
running flowable, or of the flow itself (key None). A frame holds *lanes*; a lane is a slice of one
block of tasks that runs in order. What a flowable holds is decided outside, once, and arrives as
the event `Expanded` with its lanes; from then on all flowables are the same thing here:

    Sequential, If, Switch, AllowFailure     one lane
    ForEach, EachSequential                  one lane for each value, `limit` of them at once
    Parallel, EachParallel                   one lane for each child, `limit` of them at once

    phase of a frame      left when nothing of it is active, for the first that has tasks of
    BODY                  ERRORS (only after a failure), FINALLY, the end
    ERRORS                FINALLY, the end
    FINALLY               the end
    and for the flow, the end is
    CONCLUDING            the flow's outputs are rendered outside (effect Conclude, event
                          Concluded); then the state is final
    AFTER                 afterExecution runs; its results change nothing

In BODY a FAILED child stops everything that has not been created yet; in the other phases every
task runs (spec/engine.md 2.3). Only children of the BODY decide the state of their flowable: the
worst of them, softened by allowFailure and allowWarning (2.4). A flowable that closes is a child
that ended: `pump` goes on in its parent's frame, in a loop and not by recursion, so nesting may be
as deep as memory allows. Each task run is created once and settled once, so the cost of a step is
constant on average.

    event            task run                          effects
    Begun            -                                 first runs of the flow
    AttemptStarted   CREATED -> RUNNING, new attempt   none
    AttemptEnded     RUNNING -> SUCCESS, WARNING,      whatever its end lets start
                     FAILED; or FAILED -> RETRYING     WaitUntil
    TimerFired       RETRYING -> CREATED               RunAttempt
    Expanded         CREATED -> RUNNING, new frame     first runs of the frame
    Skipped          CREATED -> SKIPPED                whatever its end lets start
    Refused          CREATED (-> RUNNING) -> FAILED    whatever its end lets start
    KillRequested    CREATED, RETRYING -> KILLED,      Kill for each attempt under way
                     RUNNING -> KILLING
    Concluded        -                                 afterExecution's first run, or End

Worked example, ForEach [1, 2] > Log:
    Begun                  run 0 `foreach` CREATED                         Expand(0)
    Expanded(0, 2 lanes)   run 0 RUNNING, frame 0; run 1 `log`, value 1    RunAttempt(1)
    AttemptStarted(1)      run 1 RUNNING
    AttemptEnded(1, ok)    lane 0 is done, lane 1 opens: run 2, value 2    RunAttempt(2)
    ...
    AttemptEnded(2, ok)    nothing is active: frame 0 closes, run 0 is
                           SUCCESS; so the flow's frame closes             Conclude
    Concluded              the execution is SUCCESS                        End

Nothing here reads a clock, draws a number or renders a template: moments, luck and rendered values
arrive in events. Folding the same events again gives the same execution, which is how a journal is
read back.
"""

from kestrel_cli.model.effect import (
    Effect,
    Kill,
    RunAttempt,
    WaitUntil,
)
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    KillRequested,
    Refused,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.execution import Attempt, Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Phase
from kestrel_cli.model.state import SEVERITY, State
from kestrel_cli.model.task import one_lane, tolerated
from kestrel_cli.scheduler.frames import pump, settle
from kestrel_cli.scheduler.retry import next_attempt_at, warns
from kestrel_cli.scheduler.states import advance, advance_execution, begin_attempt, end_attempt


def step(flow: Flow, execution: Execution, event: Event) -> list[Effect]:
    """Fold `event` into `execution`; the effects are to be performed in their order."""
    match event:
        case AttemptStarted():
            begin_attempt(execution.runs[event.run], event.at)
            return []
        case AttemptEnded():
            return _attempt_ended(flow, execution, event)
        case Expanded():
            return _expanded(flow, execution, event)
        case Begun():
            execution.frames[None] = Frame(None, one_lane("tasks", flow.blocks["tasks"]))
            return pump(flow, execution, None, None, event.at)
        case Skipped() | Refused():
            return _not_begun(flow, execution, event)
        case TimerFired():
            return _timer_fired(execution, event)
        case KillRequested():
            return _killed(flow, execution, event.at)
        case Concluded():
            return _concluded(flow, execution, event)


def _attempt_ended(flow: Flow, execution: Execution, event: AttemptEnded) -> list[Effect]:
    run = execution.runs[event.run]
    attempt = end_attempt(run, event.state, event.at)
    attempt.metrics = event.metrics
    run.outputs, run.error = event.outputs, event.error
    policy = flow.policies.get(run.task.id)
    if run.state is State.KILLING:
        return _ended(flow, execution, run, State.KILLED, event.at)
    if event.state is State.FAILED and policy is not None and not execution.killing:
        again = next_attempt_at(policy, run.attempts, event.draw)
        if again is not None:
            advance(run, State.FAILED, event.at)
            advance(run, State.RETRYING, event.at)
            if execution.state is State.RUNNING:  # it stays as it ended in afterExecution
                advance_execution(execution, State.RETRYING, event.at)
            return [WaitUntil(run.number, again)]
    state = event.state
    if state is State.SUCCESS and warns(policy, run.attempts):
        state = State.WARNING
    return _ended(flow, execution, run, tolerated(run.task, state), event.at)


def _ended(flow: Flow, execution: Execution, run: TaskRun, state: State, at: int) -> list[Effect]:
    advance(run, state, at)
    lane = settle(execution, run)
    return pump(flow, execution, run.parent, lane, at)


def _expanded(flow: Flow, execution: Execution, event: Expanded) -> list[Effect]:
    run = execution.runs[event.run]
    begin_attempt(run, event.at)
    run.outputs = event.outputs
    execution.record(run)
    execution.frames[run.number] = Frame(
        run.number, event.lanes, event.limit, execution.path_of(run)
    )
    return pump(flow, execution, run.number, None, event.at)


def _not_begun(flow: Flow, execution: Execution, event: Skipped | Refused) -> list[Effect]:
    run = execution.runs[event.run]
    if isinstance(event, Skipped):
        run.attempts.append(Attempt([(State.CREATED, event.at), (State.SKIPPED, event.at)]))
        return _ended(flow, execution, run, State.SKIPPED, event.at)
    run.error = event.error
    if not event.attempted:
        return _ended(flow, execution, run, State.FAILED, event.at)
    begin_attempt(run, event.at)
    end_attempt(run, State.FAILED, event.at)
    run.outputs = event.outputs or {}
    return _ended(flow, execution, run, tolerated(run.task, State.FAILED), event.at)


def _timer_fired(execution: Execution, event: TimerFired) -> list[Effect]:
    run = execution.runs[event.run]
    if run.state is not State.RETRYING:
        return []  # killed while it waited
    advance(run, State.CREATED, event.at)
    if execution.state is State.RETRYING:
        advance_execution(execution, State.RUNNING, event.at)
    return [RunAttempt(run.number)]


def _killed(flow: Flow, execution: Execution, at: int) -> list[Effect]:
    if execution.killing:
        return []
    execution.killing = True
    if execution.state not in SEVERITY:  # afterExecution may be killed: the state is final already
        advance_execution(execution, State.KILLING, at)
    effects: list[Effect] = []
    for number in list(execution.active):
        run = execution.runs[number]
        if run.state is State.RUNNING:
            advance(run, State.KILLING, at)
            if not run.task.flowable:
                effects.append(Kill(number))
        else:
            advance(run, State.KILLED, at)
            settle(execution, run)
    for key in reversed(list(execution.frames)):  # innermost first
        frame = execution.frames.get(key)
        if frame is None or frame.active or frame.phase is Phase.CLOSED:
            continue
        effects += pump(flow, execution, key, None, at)
    return effects


def _concluded(flow: Flow, execution: Execution, event: Concluded) -> list[Effect]:
    frame = execution.frames[None]
    if execution.killing:
        return []  # the kill has ended it
    execution.outputs, execution.error = event.outputs, event.error
    final = State.FAILED if event.error is not None else frame.worst
    advance_execution(execution, final, event.at)
    return pump(flow, execution, None, None, event.at)
