"""The scheduler: fold one event into a progress, answer with what to do next.

Theory of operation
-------------------
An execution is a flat list of task runs and a set of *frames*. A frame is the progress of one
running flowable, or of the flow itself (key None). A frame holds *lanes*; a lane is a slice of one
block of tasks that runs in order. What a flowable holds is decided outside, once, and arrives as
the event `Expanded` with its lanes; from then on all flowables are the same thing here:

    Sequential, If, Switch, AllowFailure     one lane
    ForEach, EachSequential                  one lane for each value, `limit` of them at once
    Parallel, EachParallel                   one lane for each child, `limit` of them at once
    Dag                                      the same; lanes open when those they need have ended

    phase of a frame      left when nothing of it is active, for the first that has tasks of
    HELD                  a Pause: its onPause runs; left by the event Resumed only, for BODY
    BODY                  JUDGING, ERRORS (only after a failure), FINALLY, the end
    JUDGING               LoopUntil and WorkingDirectory look at what the body left (effect Judge,
                          event Judged): LoopUntil may begin again; else as after BODY
    ERRORS                FINALLY, the end
    FINALLY               the end
    and for the flow, the end is
    CONCLUDING            the flow's outputs are rendered outside (effect Conclude, event
                          Concluded); then the state is final
    HEARING               the conditions of listeners are looked at outside (effect Hear, event
                          Heard); a kill meanwhile ends that
    LISTENERS             those that hold run; like AFTER
    AFTER                 afterExecution runs; its results change nothing

In BODY a FAILED child stops everything that has not been created yet; in the other phases every
task runs. Only children of the BODY decide the state of their flowable: the worst of them, softened
by allowFailure and allowWarning. A flowable that closes is a child that ended: `pump` goes on in
its parent's frame, in a loop and not by recursion, so nesting may be as deep as memory allows. Each
task run is created once and settled once, so the cost of a step is constant on average.

    event            task run                          effects
    Begun            -                                 first runs of the flow
    AttemptStarted   CREATED -> RUNNING, new attempt   none
    AttemptEnded     RUNNING -> SUCCESS, WARNING,      whatever its end lets start
                     FAILED; or FAILED -> RETRYING     WaitUntil
    TimerFired       RETRYING -> CREATED               RunAttempt
    Expanded         CREATED -> RUNNING, new frame     first runs of the frame
    Skipped          CREATED -> SKIPPED                whatever its end lets start
    Refused          CREATED (-> RUNNING) -> FAILED    whatever its end lets start
    StoodIn          CREATED -> SUCCESS, FAILED, ...   whatever its end lets start
    Called           -                                 Launch the first executions of the call
    Launched         -                                 the next, when it is not waited for
    CalledEnded      -                                 Launch the next; or Gather, answered with
                                                       AttemptEnded
    KillRequested    CREATED, RETRYING -> KILLED,      Kill for each attempt under way, and for
                     RUNNING -> KILLING                each execution of a call
    Concluded        -                                 Hear, afterExecution's first run, or End
    Heard            -                                 the first run of listeners, or as above
    Resumed          PAUSED -> RUNNING, FAILED, ...    first runs of the body
    Judged           RUNNING, or -> PAUSED             WaitUntil the next pass, or what comes next
    Lost             RUNNING -> FAILED -> RESTARTED    RunAttempt
    Violated         as KillRequested, or nothing      Kill
    Queued           -                                 End, when the execution is refused
    Followed         -                                 End
    Reopened         ended -> RESTARTED, RUNNING       RunAttempt, Expand

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
arrive in events. Folding the same events again gives the same progress, which is how a journal is
read back.
"""

from typing import assert_never

from kestrel_cli.model.effect import Ask, Effect, End, RunAttempt, WaitUntil
from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    AttemptStarted,
    Begun,
    Called,
    CalledEnded,
    Concluded,
    Event,
    Expanded,
    Followed,
    Heard,
    Judged,
    KillRequested,
    Launched,
    Lost,
    Queued,
    Refused,
    Reopened,
    Resumed,
    Skipped,
    StoodIn,
    TimerFired,
    Violated,
)
from kestrel_cli.model.execution import Attempt, Execution, Progress, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Order, Phase
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import FlowableTask, one_lane, tolerated
from kestrel_cli.scheduler.calls import called, called_ended, launched, left, tried_anew
from kestrel_cli.scheduler.endings import ended_early, exit_execution, violated
from kestrel_cli.scheduler.frames import (
    close_interim,
    enter,
    is_one_worker,
    is_stopped,
    open_interim,
    pump,
    pump_interim,
    settle,
    try_again,
)
from kestrel_cli.scheduler.pauses import begin_again, judged, resumed
from kestrel_cli.scheduler.reopen import reopened
from kestrel_cli.scheduler.retry import next_attempt_at, next_execution_at, warns
from kestrel_cli.scheduler.states import (
    IllegalTransition,
    advance,
    advance_execution,
    begin_attempt,
    end_attempt,
    stands_open,
)
from kestrel_cli.scheduler.values import path_of, record


def step(flow: Flow, execution: Execution, event: Event) -> list[Effect]:
    """Fold `event` into `execution`; the effects are to be performed in their order."""
    progress = execution.progress
    effects = _folded(flow, progress, event)
    stands_still = progress.paused and not progress.working and progress.ending is None
    if stands_still and progress.state not in TERMINAL:  # it stays as it ended in afterExecution
        _awake(progress, event.at)  # a LoopUntil opened again may wait before anything starts
        if progress.state is State.RETRYING:  # what was RETRYING is gone with what was around it
            advance_execution(progress, State.RUNNING, event.at)
        advance_execution(progress, State.PAUSED, event.at)
    return effects


# One match for the whole union, so that mypy refuses an event that is forgotten here; the frequent
# ones first. A lint number never splits it.
def _folded(flow: Flow, progress: Progress, event: Event) -> list[Effect]:  # noqa: C901, PLR0911, PLR0912
    match event:
        case AttemptStarted():
            return _attempt_started(progress, event)
        case AttemptEnded():
            return _attempt_ended(flow, progress, event)
        case Expanded():
            return _expanded(flow, progress, event)
        case Begun():
            return _begun(flow, progress, event)
        case Skipped():
            return _skipped(flow, progress, event)
        case Refused():
            return _refused(flow, progress, event)
        case StoodIn():
            return _stood_in(flow, progress, event)
        case TimerFired():
            return _timer_fired(flow, progress, event)
        case Called():
            return called(progress, event)
        case Launched():
            return launched(progress, event)
        case CalledEnded():
            return called_ended(progress, event)
        case Followed():
            return [End(progress.state)]
        case KillRequested():
            return ended_early(flow, progress, State.KILLED, event.at)
        case Concluded():
            return _concluded(flow, progress, event)
        case Heard():
            return _heard(flow, progress, event)
        case Resumed():
            return resumed(flow, progress, event)
        case Judged():
            return judged(flow, progress, event)
        case Lost():
            return _lost(flow, progress, event)
        case Violated():
            return violated(flow, progress, event)
        case Queued():
            return _queued(progress, event)
        case Reopened():
            return reopened(flow, progress, event)
        case _:
            assert_never(event)


def _begun(flow: Flow, progress: Progress, event: Begun) -> list[Effect]:
    _awake(progress, event.at)
    progress.frames[None] = Frame(None, one_lane("tasks", flow.blocks["tasks"]))
    return pump(flow, progress, None, None, event.at)


def _queued(progress: Progress, event: Queued) -> list[Effect]:
    if event.refused is None:
        advance_execution(progress, State.QUEUED, event.at)
        return []
    advance_execution(progress, event.refused, event.at)
    return [End(event.refused)]


def _attempt_started(progress: Progress, event: AttemptStarted) -> list[Effect]:
    _awake(progress, event.at)
    begin_attempt(progress.runs[event.run], event.at)
    progress.attempting += 1
    return []


def _awake(progress: Progress, at: int) -> None:
    """Something runs: the execution does."""
    if progress.state in (State.RESTARTED, State.QUEUED):
        advance_execution(progress, State.RUNNING, at)


def _attempt_ended(flow: Flow, progress: Progress, event: AttemptEnded) -> list[Effect]:
    progress.attempting -= 1
    run = progress.runs[event.run]
    if run.state is not State.RUNNING and run.state is not State.KILLING:
        raise IllegalTransition(f"task run {run.number} `{run.task.id}`: no attempt is under way")
    attempt = end_attempt(run, event.state, event.at)
    attempt.metrics, attempt.log_file = event.metrics, event.log_file
    run.outputs, run.error = event.outputs, event.error
    if run.task.executable:
        left(progress, run)
    policy = flow.policies.get(run.task.id)
    if run.state is State.KILLING:
        return _ended(flow, progress, run, State.KILLED, event.at)
    if progress.ending is not None and run.number in progress.exits:
        attempt.history[-1] = (progress.ending, event.at)
        return _ended(flow, progress, run, progress.ending, event.at)
    if event.state is State.FAILED and policy is not None and progress.ending is None:
        again = _again(flow, progress, run, event)
        if again is not None:
            return again
    if event.change is not None and event.state is State.SUCCESS:
        return _changed(flow, progress, run, event)
    state = event.state
    if state is State.SUCCESS and warns(policy, run.attempts):
        state = State.WARNING
    softened = tolerated(run.task, state)
    if run.task.executable and softened is not state:  # Kestra tells both
        advance(run, state, event.at)
        end_attempt(run, softened, event.at)
    return _ended(flow, progress, run, softened, event.at)


def _again(
    flow: Flow, progress: Progress, run: TaskRun, event: AttemptEnded
) -> list[Effect] | None:
    """What its retry policy makes of a failed attempt; None when there is no further one."""
    policy = flow.policies[run.task.id]
    if policy.behavior == "CREATE_NEW_EXECUTION":
        made, since = progress.attempt_number, progress.since
        moment = next_execution_at(policy, made, since, event.at, event.draw)
        if moment is None:
            return None
        progress.retry_at = moment
        advance(run, State.FAILED, event.at)
        return exit_execution(flow, progress, run, State.RETRIED, event.at)
    moment = next_attempt_at(policy, run.attempts, event.draw)
    if moment is None:
        return None
    if run.task.executable:
        tried_anew(progress, run)
    advance(run, State.FAILED, event.at)
    advance(run, State.RETRYING, event.at)
    if progress.state is State.RUNNING:  # it stays as it ended in afterExecution
        if run.parent is None:  # a flowable around it would keep the execution RUNNING
            advance_execution(progress, State.FAILED, event.at)
        advance_execution(progress, State.RETRYING, event.at)
    return [*open_interim(flow, progress, run, event.at), WaitUntil(run.number, moment)]


def _changed(flow: Flow, progress: Progress, run: TaskRun, event: AttemptEnded) -> list[Effect]:
    """The task changed its execution; such a task has no outputs."""
    change = event.change
    assert change is not None
    run.outputs = None
    if change.labels is not None:
        progress.labels = change.labels
    if change.variables is not None:
        progress.variables = change.variables
    if change.exit is None:
        return _ended(flow, progress, run, State.SUCCESS, event.at)
    run.attempts[-1].history[-1] = (change.exit, event.at)
    return exit_execution(flow, progress, run, change.exit, event.at)


def _ended(flow: Flow, progress: Progress, run: TaskRun, state: State, at: int) -> list[Effect]:
    if state is State.KILLED and run.state is State.RUNNING:  # an execution it started was killed
        advance(run, State.KILLING, at)
    advance(run, state, at)
    lane = settle(progress, run)
    if lane is None:
        return pump_interim(flow, progress, run, at)
    return pump(flow, progress, run.parent, lane, at)


def _expanded(flow: Flow, progress: Progress, event: Expanded) -> list[Effect]:
    run = progress.runs[event.run]
    _awake(progress, event.at)
    begin_attempt(run, event.at)
    run.outputs = event.outputs
    record(progress, run)
    stands_open(progress, run.number)
    order = None if event.needs is None else Order(event.needs)
    if len(event.lanes) > 1 and (event.limit != 1 or order is not None):
        progress.shapes[run.number] = (event.limit, event.needs)
    frame = Frame(run.number, event.lanes, event.limit, path_of(progress, run), order=order)
    frame.first = len(progress.runs)
    frame.stopped = not is_one_worker(run) and is_stopped(progress, run)
    progress.frames[run.number] = frame
    if event.pause is None:
        return pump(flow, progress, run.number, None, event.at)
    return _held(flow, progress, run, frame, event)


def _held(
    flow: Flow, progress: Progress, run: TaskRun, frame: Frame, event: Expanded
) -> list[Effect]:
    """A Pause begins: its body waits in the frame's `lanes`, its onPause runs meanwhile."""
    frame.phase = Phase.HELD
    frame.lanes = one_lane("onPause", run.task.blocks.get("onPause", ()))  # type: ignore[attr-defined]  # a flowable
    advance(run, State.PAUSED, event.at)
    progress.paused[run.number] = None
    effects = pump(flow, progress, run.number, None, event.at)
    assert event.pause is not None
    if event.pause == FOREVER:
        return [*effects, Ask(run.number)]
    return [*effects, WaitUntil(run.number, event.pause)]


def _skipped(flow: Flow, progress: Progress, event: Skipped) -> list[Effect]:
    run = progress.runs[event.run]
    _awake(progress, event.at)
    run.attempts.append(Attempt([(State.CREATED, event.at), (State.SKIPPED, event.at)]))
    return _ended(flow, progress, run, State.SKIPPED, event.at)


def _stood_in(flow: Flow, progress: Progress, event: StoodIn) -> list[Effect]:
    run = progress.runs[event.run]
    _awake(progress, event.at)
    run.outputs, run.error, run.stood_in = event.outputs, event.error, True
    return _ended(flow, progress, run, tolerated(run.task, event.state), event.at)


def _refused(flow: Flow, progress: Progress, event: Refused) -> list[Effect]:
    run = progress.runs[event.run]
    _awake(progress, event.at)
    run.error = event.error
    if not event.attempted:
        if _of_one_worker(progress, run):  # its work never came to this task
            run.gone = True
            progress.runs_of[run.task.id].remove(run.number)
            _never_ran(progress.runs[run.parent or 0])
        return _ended(flow, progress, run, State.FAILED, event.at)
    if event.at_once:
        run.attempts.append(Attempt([(State.FAILED, event.at)]))
    else:
        begin_attempt(run, event.at)
        end_attempt(run, State.FAILED, event.at)
    run.outputs = event.outputs or {}
    state = tolerated(run.task, State.FAILED) if event.soft else State.FAILED
    return _ended(flow, progress, run, state, event.at)


def _never_ran(run: TaskRun) -> None:
    """One worker was to run it, and could not begin: it is CREATED, then FAILED."""
    run.attempts.clear()
    run.history[:] = [one for one in run.history if one[0] is not State.RUNNING]


def _of_one_worker(progress: Progress, run: TaskRun) -> bool:
    if run.parent is None or run.phase is not Phase.BODY:
        return False
    task = progress.runs[run.parent].task
    return isinstance(task, FlowableTask) and task.one_worker


def _timer_fired(flow: Flow, progress: Progress, event: TimerFired) -> list[Effect]:
    run = progress.runs[event.run]
    if run.state is State.PAUSED:
        return begin_again(progress, run, event.at)
    if run.state is not State.RETRYING:
        return []  # killed while it waited
    interim = progress.interim.get(run.parent) if run.parent is not None else None
    if interim is not None and run.phase is Phase.BODY:
        assert run.parent is not None
        progress.due.setdefault(run.parent, []).append(run.number)
        if interim.active:
            return []  # it begins with the end of the errors beside it
        return [RunAttempt(one) for one in close_interim(progress, run.parent, event.at)]
    try_again(progress, run, event.at)
    return [RunAttempt(run.number)]


def _lost(flow: Flow, progress: Progress, event: Lost) -> list[Effect]:
    """Nobody knows how far the attempt came, so it is made again, for that is what going on with
    the execution means. No retry is used up: the process failed, not the task.
    """
    run = progress.runs[event.run]
    progress.attempting -= 1
    attempt = end_attempt(run, State.FAILED, event.at)
    attempt.lost = True
    progress.since += event.at - attempt.history[0][1]
    if run.state is State.KILLING:
        attempt.history[-1] = (State.KILLED, event.at)
        return _ended(flow, progress, run, State.KILLED, event.at)
    if progress.ending is not None and run.number in progress.exits:
        attempt.history[-1] = (progress.ending, event.at)
        return _ended(flow, progress, run, progress.ending, event.at)
    advance(run, State.FAILED, event.at)
    advance(run, State.RESTARTED, event.at)
    progress.seen[run.number] = len(progress.recorded)
    return [RunAttempt(run.number)]


def _concluded(flow: Flow, progress: Progress, event: Concluded) -> list[Effect]:
    frame = progress.frames[None]
    if progress.ending is not None or progress.state in TERMINAL:
        return []  # the kill has ended it
    progress.outputs, progress.error = event.outputs, event.error
    final = State.FAILED if event.error is not None else frame.worst
    if final is State.KILLED:  # as an execution that it called was
        advance_execution(progress, State.KILLING, event.at)
    advance_execution(progress, final, event.at)
    return pump(flow, progress, None, None, event.at)


def _heard(flow: Flow, progress: Progress, event: Heard) -> list[Effect]:
    frame = progress.frames[None]
    if frame.phase is not Phase.HEARING:
        return []  # a kill has ended it
    blocks = [f"listeners.{number}" for number in event.listeners]
    lanes = [lane for name in blocks for lane in one_lane(name, flow.blocks[name])]
    enter(frame, Phase.LISTENERS, lanes)
    return pump(flow, progress, None, None, event.at)
