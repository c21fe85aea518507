"""Frames at work: which task runs a frame may start, which phase comes next, how it closes.

Theory of operation
-------------------
What frames, lanes and phases are, `step.py` says. Here is what makes task runs out of them. Each
time something has happened to a frame (it was opened, a task run of it has ended, the execution is
to end), `pump` takes these steps:

    start    in the lane `idle`, whose task run has just ended, the next task of its slice; then
             further lanes, as long as fewer than `limit` task runs of the frame are active, in
             their order, those of a Dag once all they need has ended
    stay     if task runs of it are active (its interim errors, too), or it is HELD: a later event
             pumps it again
    go on    else to the next phase that has tasks, and back to the first step; the body of a
             LoopUntil or WorkingDirectory to JUDGING, which waits for the event Judged
    close    else the flowable's task run ends. So a task run has ended in its parent's frame, for
             which the steps are taken next, with the lane of that run as the idle one

The frame of the flow goes out another way (`_end_of_flow`): CONCLUDING, then the final state, then
HEARING and LISTENERS if there are listeners, one lane each, up to the first run that is FAILED;
AFTER if there is an afterExecution; then CLOSED, with effect End. An execution that is followed by
a new one runs its errors, too, but not its finally, and has no outputs: it is FAILED, then RETRIED,
and its effect at last is Follow. The frame of the flow stays; every other one is taken out of
`Progress.frames` when it closes.

What keeps a frame from starting anything:

    failed     a task run of its body is FAILED, other than by what failed beside it. Its other
               phases start all they have
    stopped    something FAILED in the body of a frame above it, beside this flowable or beside one
               that holds it. It enters no further phase, and ends FAILED where it stands. (Not a
               WorkingDirectory: one worker runs it, and hears of nothing beside it)
    ending     the execution is to end in that state. Frames close one after the other, without
               their errors and finally; only listeners and afterExecution still run (and the flow's
               errors, when a new execution follows)

    state of a flowable that closes              the first that applies
    what the execution ends in                   it is one of `exits`
    KILLED                                       it is KILLING, or the execution is to end
    FAILED, and noted in `Progress.stopped`      `stopped`: a restart takes it up where it stands.
                                                 (Not noted when something of its own failed, too)
    FAILED, which nothing softens                `refused`: it could not judge its body
    `final_state` of the worst in its body       otherwise

Interim errors
--------------
A child may be RETRYING by a policy that it inherits. Then Kestra runs the `errors` beside it at
once, and takes them out of the list when the child is tried again. Meanwhile the parent's frame is
in its BODY, so these errors have a frame of their own, in `Progress.interim` under the same key.
Their task runs are known by their phase: it is ERRORS while that of their parent's frame is BODY. A
retry that comes due while they run waits in `Progress.due` until they have ended.

Worked example
--------------
Parallel with the tasks a, b, c, `concurrent: 2` and an `errors` of e:

    Begun                  run 0 `par`                                          Expand(0)
    Expanded(0, 3 lanes)   start: lane 0 and 1; two are active, that is all     RunAttempt(1), (2)
    AttemptEnded(2, FAILED)    `failed`; stay: run 1 is active
    AttemptEnded(1, SUCCESS)   start: nothing, so c is never made; go on:
                           ERRORS, whose lane starts run 3                      RunAttempt(3)
    AttemptEnded(3, SUCCESS)   close: run 0 is FAILED as its body was. The
                           frame of the flow has failed, has no errors, and
                           concludes                                            Conclude
    Concluded              the execution is FAILED, the last frame CLOSED       End

Invariants
----------
- Task runs are made by `create` only, and settled, so that their frame counts them as ended, by
  `settle` only: once, unless `reopen.py` takes them up again.
- `Frame.active` is the number of its task runs that are not settled; a flowable counts as one in
  the frame around it, whatever goes on inside. Those of interim errors count in their own frame.
- A lane never goes back: `next` grows with every task run that is made in it.
- `worst` and `failed` come from the body, from what a Pause was resumed with and from the event
  Judged: never from errors, finally or onPause.
- Effects are in the order in which their task runs were made.
- `pump` climbs from frame to parent in a loop, so that the depth of a flow is no matter.
"""

from kestrel_cli.model.effect import (
    Conclude,
    Effect,
    End,
    Expand,
    Follow,
    Hear,
    Judge,
    RunAttempt,
)
from kestrel_cli.model.execution import Progress, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Lane, Phase
from kestrel_cli.model.state import SEVERITY, TERMINAL, State
from kestrel_cli.model.task import FlowableTask, Task, one_lane
from kestrel_cli.scheduler.states import advance, advance_execution, at_work, end_attempt
from kestrel_cli.scheduler.values import record, remove_tree

Blocks = dict[str, tuple[Task, ...]]
NO_LANE = -1

# What may follow a phase, first match with tasks wins. ERRORS is entered only after a failure.
_ON_ERROR = (Phase.ERRORS, "errors")
_AT_LAST = (Phase.FINALLY, "finally")
_NEXT = {
    Phase.BODY: (_ON_ERROR, _AT_LAST),
    Phase.JUDGING: (_ON_ERROR, _AT_LAST),
    Phase.ERRORS: (_AT_LAST,),
}


def pump(
    flow: Flow, progress: Progress, key: int | None, idle: int | None, at: int
) -> list[Effect]:
    """Start what frame `key` allows; close it once nothing of it is active, then go on in its
    parent.

    `idle` is the lane whose task run has just ended, if any. Returns the effects in the order of
    creation.
    """
    effects: list[Effect] = []
    while True:
        frame = progress.frames[key]
        blocks = blocks_of(flow, progress, key)
        if progress.ending is None:
            _start(progress, frame, blocks, idle, at, effects)
        if frame.active or (frame.phase is Phase.HELD and progress.ending is None):
            return effects
        if key in progress.interim and progress.interim[key].active:
            return effects  # a kill: the child is gone beside which they run
        if progress.ending is None and _goes_on(progress, frame, blocks, effects):
            if frame.phase is Phase.JUDGING:
                return effects
            idle = None
            continue
        if key is None:
            _end_of_flow(progress, frame, blocks, at, effects)
            if frame.phase in (Phase.ERRORS, Phase.AFTER) and not frame.opened:
                idle = None
                continue
            return effects
        run = progress.runs[key]
        _close(progress, frame, run, at)
        idle = settle(progress, run)
        key = run.parent
        if idle is None:  # it was a task of `errors` that ran while a child was RETRYING
            return effects + pump_interim(flow, progress, run, at)


def settle(progress: Progress, run: TaskRun) -> int | None:
    """A task run reached its end: show its outputs, fold its state into its frame.

    Returns its lane; None for one of interim `errors`, whose frame is not the parent's; NO_LANE
    when its lane is no more: for the onPause of a Pause that has gone on meanwhile.
    """
    record(progress, run)
    if progress.active.pop(run.number, False):
        progress.working -= 1
    progress.seen.pop(run.number, None)
    progress.paused.pop(run.number, None)
    frame = progress.frames[run.parent]
    if run.phase is Phase.ERRORS and frame.phase is Phase.BODY and run.parent is not None:
        progress.interim[run.parent].active -= 1
        return None
    frame.active -= 1
    if run.phase is Phase.BODY:
        by_itself = run.state is State.FAILED and run.number not in progress.stopped
        if by_itself and not frame.failed:
            frame.failed = True
            if frame.active:
                stop_below(progress, run.parent)
        if SEVERITY[run.state] > SEVERITY[frame.worst]:
            frame.worst = run.state
        if frame.order is not None:
            frame.order.ended(run.lane)
    elif run.phase is Phase.LISTENERS and run.state is State.FAILED:
        frame.stopped = True  # the listeners after it do not run; afterExecution does
    return run.lane if run.phase is frame.phase else NO_LANE


def stop_below(progress: Progress, key: int | None) -> None:
    """Something failed in a frame while other lanes of it are under way: what is open below them
    starts nothing more, and ends FAILED with it, as in Kestra. What runs may end as it will.
    """
    below = {key}
    for number in sorted(one for one in progress.frames if one is not None):
        run = progress.runs[number]
        if run.parent in below and not is_one_worker(run):
            below.add(number)
            progress.frames[number].stopped = True


def is_stopped(progress: Progress, run: TaskRun) -> bool:
    """Whether something has failed beside a flowable that opens only now."""
    frame = progress.frames[run.parent]
    return frame.stopped or (run.phase is frame.phase is Phase.BODY and frame.failed)


def is_one_worker(run: TaskRun) -> bool:
    """Whether one worker runs all that is below: it hears of nothing beside it."""
    return isinstance(run.task, FlowableTask) and run.task.one_worker


def pump_interim(flow: Flow, progress: Progress, run: TaskRun, at: int) -> list[Effect]:
    """A task of interim errors has ended: create the next one."""
    assert run.parent is not None
    frame = progress.interim[run.parent]
    lane = frame.lanes[0]
    if progress.ending is not None:
        return pump(flow, progress, run.parent, None, at)
    if lane.next >= lane.stop:
        return [RunAttempt(number) for number in close_interim(progress, run.parent, at)]
    return [create(progress, frame, 0, blocks_of(flow, progress, run.parent), at)]


def close_interim(progress: Progress, parent: int, at: int) -> list[int]:
    """The interim errors have ended: once a retry is due they go, and it begins.

    Returns the task runs that are tried again.
    """
    due = progress.due.pop(parent, [])
    if due:
        for other in progress.runs[min(due) :]:
            if other.parent == parent and other.phase is Phase.ERRORS and not other.gone:
                remove_tree(progress, other)
        del progress.interim[parent]
    return [number for number in due if try_again(progress, progress.runs[number], at)]


def try_again(progress: Progress, run: TaskRun, at: int) -> bool:
    """A RETRYING run is CREATED again; false when it was killed while it waited."""
    if run.state is not State.RETRYING:
        return False
    advance(run, State.CREATED, at)
    progress.seen[run.number] = len(progress.recorded)
    if progress.state is State.RETRYING:
        advance_execution(progress, State.RUNNING, at)
    return True


def open_interim(flow: Flow, progress: Progress, run: TaskRun, at: int) -> list[Effect]:
    """Begin the `errors` beside a task run that is RETRYING, unless its policy is its own: then
    they wait until no attempt is left.
    """
    parent = run.parent
    if parent is None or parent in progress.interim or run.task.retry is not None:
        return []
    frame, blocks = progress.frames[parent], blocks_of(flow, progress, parent)
    if not (run.phase is frame.phase is Phase.BODY) or not blocks.get("errors"):
        return []
    interim = Frame(parent, one_lane("errors", blocks["errors"]), 1, frame.path, Phase.ERRORS)
    progress.interim[parent] = interim
    return [create(progress, interim, 0, blocks, at)]


def blocks_of(flow: Flow, progress: Progress, key: int | None) -> Blocks:
    """The blocks of tasks of a flowable task run, or of the flow."""
    if key is None:
        return flow.blocks
    task = progress.runs[key].task
    assert isinstance(task, FlowableTask)  # only flowables have frames
    return task.blocks


def _start(
    progress: Progress,
    frame: Frame,
    blocks: Blocks,
    idle: int | None,
    at: int,
    effects: list[Effect],
) -> None:
    if frame.stopped or (frame.phase is Phase.BODY and frame.failed):
        return
    if idle is not None and idle != NO_LANE and frame.lanes[idle].next < frame.lanes[idle].stop:
        effects.append(create(progress, frame, idle, blocks, at))
    if frame.order is not None and frame.phase is Phase.BODY:
        while (not frame.limit or frame.active < frame.limit) and (
            lane := frame.order.take()
        ) is not None:
            effects.append(create(progress, frame, lane, blocks, at))
        return
    while frame.opened < len(frame.lanes) and (not frame.limit or frame.active < frame.limit):
        frame.opened += 1
        effects.append(create(progress, frame, frame.opened - 1, blocks, at))


def create(progress: Progress, frame: Frame, number: int, blocks: Blocks, at: int) -> Effect:
    """The next task run of a lane; the effect that gets it done."""
    lane = frame.lanes[number]
    task = blocks[lane.block][lane.next]
    lane.next += 1
    run = TaskRun(
        len(progress.runs),
        task,
        frame.run,
        lane.value,
        lane.iteration,
        State.CREATED,
        [(State.CREATED, at)],
        number,
        frame.phase,
    )
    if progress.state is State.CREATED:
        advance_execution(progress, State.RUNNING, at)
    if progress.attempting:
        progress.concurrent = True
    progress.runs.append(run)
    progress.seen[run.number] = len(progress.recorded)
    at_work(progress, run.number)
    progress.runs_of.setdefault(task.id, []).append(run.number)
    frame.active += 1
    return Expand(run.number) if task.flowable else RunAttempt(run.number)


def _goes_on(progress: Progress, frame: Frame, blocks: Blocks, effects: list[Effect]) -> bool:
    """Go to the next phase that has something to do; false when there is none."""
    if frame.stopped or (frame.run is None and progress.retry_at is not None):
        return False
    if frame.phase is Phase.BODY and frame.run is not None:
        task = progress.runs[frame.run].task
        if isinstance(task, FlowableTask) and task.judges:
            frame.phase = Phase.JUDGING
            at_work(progress, frame.run)
            effects.append(Judge(frame.run))
            return True
    return next_phase(frame, blocks)


def next_phase(frame: Frame, blocks: Blocks) -> bool:
    """Enter the first phase in `_NEXT` that has tasks; false when there is none."""
    for phase, name in _NEXT.get(frame.phase, ()):
        if blocks.get(name) and (phase is not Phase.ERRORS or frame.failed):
            enter(frame, phase, one_lane(name, blocks[name]))
            return True
    return False


def enter(frame: Frame, phase: Phase, lanes: list[Lane]) -> None:
    """Begin a phase with its own lanes, one after the other."""
    frame.phase, frame.lanes, frame.opened, frame.limit = phase, lanes, 0, 1


def _close(progress: Progress, frame: Frame, run: TaskRun, at: int) -> None:
    """The flowable's task run ends with the state that its children leave it."""
    task = run.task
    assert isinstance(task, FlowableTask)
    if run.number in progress.exits:
        assert progress.ending is not None
        state = progress.ending
    elif run.state is State.KILLING or progress.ending is not None:
        state = State.KILLED
    elif frame.stopped:
        state = State.FAILED
        if not frame.failed:  # else a restart has something of its own to try again
            progress.stopped.add(run.number)
    elif frame.refused:
        state = State.FAILED
    else:
        state = task.final_state(frame.worst)
    if state is State.KILLED and run.state is State.RUNNING:
        advance(run, State.KILLING, at)
    frame.phase = Phase.CLOSED
    if run.attempts:
        end_attempt(run, state, at)
    advance(run, state, at)
    del progress.frames[frame.run]
    progress.interim.pop(run.number, None)
    progress.due.pop(run.number, None)


def _end_of_flow(
    progress: Progress, frame: Frame, blocks: Blocks, at: int, effects: list[Effect]
) -> None:
    """The flow's own way out: conclude, then listeners, afterExecution, and the end. One that is
    followed by a new execution runs its errors, not its finally, and concludes nothing.
    """
    retried = progress.retry_at is not None and progress.ending in (None, State.RETRIED)
    if retried and progress.state not in TERMINAL:
        if frame.phase < Phase.ERRORS and blocks.get("errors"):
            progress.ending = None
            enter(frame, Phase.ERRORS, one_lane("errors", blocks["errors"]))
            return
        advance_execution(progress, State.FAILED, at)
        advance_execution(progress, State.RETRIED, at)
        frame.phase = Phase.CONCLUDING
    elif progress.ending is not None and progress.state not in TERMINAL:
        advance_execution(progress, progress.ending, at)
        frame.phase = Phase.CONCLUDING
    if frame.phase < Phase.CONCLUDING:
        frame.phase = Phase.CONCLUDING
        effects.append(Conclude())
    elif frame.phase is Phase.CONCLUDING and "listeners.0" in blocks:
        progress.ending = None
        frame.phase = Phase.HEARING
        effects.append(Hear())
    elif frame.phase < Phase.AFTER and blocks.get("afterExecution"):
        # It runs after a kill, too; only another kill ends it.
        progress.ending = None
        frame.stopped = False
        enter(frame, Phase.AFTER, one_lane("afterExecution", blocks["afterExecution"]))
    else:
        frame.phase = Phase.CLOSED
        progress.ending = None
        follows = progress.state is State.RETRIED and progress.retry_at is not None
        effects.append(Follow(progress.retry_at or 0) if follows else End(progress.state))
