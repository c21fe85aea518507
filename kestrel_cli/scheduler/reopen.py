"""An execution that had ended, or stood still, goes on: restart, replay, a state set by hand.

Theory of operation
-------------------
Two halves. `plan_*` work out the event `Reopened` from an execution that was read back: they see
what the journal holds and progress does not, the lanes as they were when each flowable was expanded
(`expansions`). `reopened` folds the event, and looks at nothing but it, the flow and the progress;
so a journal that holds the event gives the same execution again.

A plan begins with its targets, the task runs to go on from:

    restart    those by which the execution failed: FAILED in a body, as every flowable around them,
               and nothing in their own body FAILED. A WorkingDirectory is one as a whole, for its
               files are gone; a flowable that FAILED by what failed beside it is none
    replay     those that were chosen, in a copy of the execution
    change     the one whose state is set by hand: it is `kept` with that state, not tried again

and then says of every task run what becomes of it:

    restarted  a target that is tried again: RESTARTED with its id, its attempts and one more to
               come; a flowable is RUNNING (a WorkingDirectory RESTARTED) and expanded anew
    open       the flowables around targets, and the flow: RUNNING, each with a frame (`OpenFrame`).
               So is a flowable that FAILED only by what failed beside it, if the one around it is
               open: it goes on where its body stood
    removed    what is below a target that is tried again. In open flowables: errors, finally and
               afterExecution, and what came after: later task runs in the lane of a target or of
               the flowable that holds it (of several lanes the first), later ones of other lanes
               where lanes run one after the other, and all in the lanes of a Dag that need one of
               these. And what is below something that is removed
    stays      all the rest, with states and outputs

An open frame is told by what stays of its body: a lane's `next` is moved on by each task run that
stays in it, targets and open flowables included; `opened` counts the lanes up to the last that has
one; `worst` is the worst of those that are neither tried again nor open, a kept one with its new
state. Its phase is BODY.

Folding the event: what is removed goes, the newest first; an execution that had ended or was PAUSED
is RESTARTED; frames open, the outermost first, for each counts as active in the one around it; kept
states are set; targets begin. Then lanes that stood still go on (`_resume_lanes`): they had begun,
have tasks left, and nothing in them is active. A frame without such lanes and with nothing active
is pumped: it opens further lanes, goes on to its next phase, or closes. That of a Dag is always
pumped, once it has been told which lanes have ended.

Worked example
--------------
The flow a, par: Parallel [b, c], d, with an `errors` of e, and c fails:

    0 a SUCCESS   1 par FAILED   2 b SUCCESS   3 c FAILED   4 e SUCCESS      the flow FAILED

    plan_restart   target 3: 1 is FAILED, too, but something in its body is
                   open: the flow and 1     removed: 4     restarted: 3
                   frame of the flow: lane 0 has a and par, `next` is 2 of 3; opened 1
                   frame of 1: both lanes are at their ends; opened 2, worst SUCCESS
    reopened       4 is gone, 1 RUNNING, 3 RESTARTED                         RunAttempt(3)
                   the lane of the flow has d left, but 1 is active in it: nothing else starts
    AttemptEnded(3, SUCCESS)    1 closes SUCCESS, d is run 5                 RunAttempt(5)

Invariants
----------
- Numbers stay: what is removed is marked `gone` and keeps its place in the list.
- After the fold `Frame.active` is right in every open frame: one for each open flowable in it, one
  for each target, one for each task run that the lanes have started since.
- A plan changes nothing: replay asks for one only to see which secrets it will need.
"""

from collections.abc import Collection, Iterable, Mapping

from kestrel_cli.model.effect import Effect, Expand, RunAttempt
from kestrel_cli.model.event import Expanded, OpenFrame, Reopened
from kestrel_cli.model.execution import Execution, Progress, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Lane, Order, Phase
from kestrel_cli.model.state import SEVERITY, TERMINAL, State
from kestrel_cli.model.task import one_lane
from kestrel_cli.scheduler.calls import take_up, take_up_these
from kestrel_cli.scheduler.frames import is_one_worker, pump
from kestrel_cli.scheduler.states import advance, advance_execution, at_work
from kestrel_cli.scheduler.values import path_of, record, remove

Expansions = Mapping[int, Expanded]


def plan_restart(execution: Execution, expansions: Expansions, at: int) -> Reopened:
    """From the failed task runs, in the same execution and with the same ids."""
    stopped = execution.progress.stopped
    failed = [
        run
        for run in execution.runs
        if not run.gone and run.state is State.FAILED and run.number not in stopped
    ]
    above = {run.parent for run in failed if run.phase is Phase.BODY}
    failed = [run for run in failed if _is_to_blame(execution, run, above)]
    return _plan(execution, expansions, failed, {}, ("system.restarted", "true"), at)


def plan_replay(
    execution: Execution, expansions: Expansions, runs: Iterable[TaskRun], at: int
) -> Reopened:
    """From these task runs on: what comes after them goes, what comes before stays."""
    return _plan(execution, expansions, list(runs), {}, ("system.replay", "true"), at)


def plan_change(
    execution: Execution, expansions: Expansions, run: TaskRun, state: State, at: int
) -> Reopened:
    """With a task run's state set by hand."""
    return _plan(execution, expansions, [run], {run.number: state}, None, at)


def _is_to_blame(execution: Execution, run: TaskRun, above: Collection[int | None]) -> bool:
    """Whether the execution failed by this task run: every flowable around it failed, each in its
    body, and nothing of its own body did. `above` are the flowables in whose body something failed.
    """
    for one in execution.upward(run):
        if one.phase is not Phase.BODY or one.state is not State.FAILED:
            return False
    return is_one_worker(run) or (
        run.number not in above and not _in_working_directory(execution, run)
    )


def _in_working_directory(execution: Execution, run: TaskRun) -> bool:
    """Such a run is not tried again alone: its files are gone with the directory."""
    if run.parent is None:
        return False
    return is_one_worker(execution.runs[run.parent])


def _plan(
    execution: Execution,
    expansions: Expansions,
    targets: list[TaskRun],
    kept: dict[int, State],
    label: tuple[str, str] | None,
    at: int,
) -> Reopened:
    chosen = {run.number for run in targets}
    open_keys: dict[int | None, None] = {None: None}
    for target in targets:
        open_keys |= {run.parent: None for run in execution.upward(target)}
    removed = _removed(execution, expansions, chosen, kept, open_keys)
    removed |= _take_stopped(execution, removed | chosen, open_keys)
    restarted = sorted(chosen - kept.keys())
    again = {*restarted, *_numbers(open_keys)}
    stays: dict[int | None, list[TaskRun]] = {}
    for key, body in _bodies(execution.runs).items():
        stays[key] = [run for run in body if run.number not in removed]
    frames = [
        _frame(execution, expansions, key, stays.get(key, ()), again, kept)
        for key in sorted(open_keys, key=lambda key: -1 if key is None else key)
    ]
    labels = execution.labels
    if label is not None:
        labels = [pair for pair in labels if pair[0] != label[0]] + [label]
    return Reopened(at, restarted, kept, sorted(removed), frames, labels)


def _take_stopped(
    execution: Execution, but: Collection[int], open_keys: dict[int | None, None]
) -> set[int]:
    """Flowables that FAILED only by what failed beside them go on where their bodies stood: they
    are open, too. Returns what goes of them: what ran after their bodies.
    """
    found = set()
    for number in sorted(execution.progress.stopped.difference(but)):
        if execution.runs[number].parent in open_keys:
            open_keys[number] = None
            found.add(number)
    removed: set[int] = set()
    for run in execution.runs if found else ():
        late = run.parent in found and run.phase > Phase.BODY
        if not run.gone and (late or run.parent in removed):
            removed.add(run.number)
    return removed


def _bodies(runs: Iterable[TaskRun]) -> dict[int | None, list[TaskRun]]:
    """The task runs in the body of each flowable, and of the flow."""
    found: dict[int | None, list[TaskRun]] = {}
    for run in runs:
        if not run.gone and run.phase is Phase.BODY:
            found.setdefault(run.parent, []).append(run)
    return found


def _numbers(keys: Iterable[int | None]) -> set[int]:
    return {key for key in keys if key is not None}


def _removed(
    execution: Execution,
    expansions: Expansions,
    chosen: set[int],
    kept: dict[int, State],
    open_keys: Mapping[int | None, None],
) -> set[int]:
    """What goes: errors, finally and afterExecution of open flowables, what lies below a run that
    is tried again, and what came after it in its lane, or in later lanes that had to wait.
    """
    path = chosen | _numbers(open_keys)
    first: dict[int | None, tuple[int, int]] = {}  # open flowable -> its earliest (lane, number)
    lanes: dict[int | None, set[int]] = {}
    for number in path:
        run = execution.runs[number]
        place = (run.lane, number)
        first[run.parent] = min(place, first.get(run.parent, place))
        lanes.setdefault(run.parent, set()).add(run.lane)
    waiting = {key: _dependent(expansions, key, these) for key, these in lanes.items()}
    removed: set[int] = set()
    for run in execution.runs:
        if run.gone:
            continue
        if run.parent in removed or (run.parent in chosen and run.parent not in kept):
            removed.add(run.number)
        elif run.parent in open_keys and run.number not in path:
            lane, number = first.get(run.parent, (run.lane, run.number))
            after = (
                run.number > number
                if run.lane == lane
                else run.lane in waiting.get(run.parent, ())
                or (run.number > number and _waits(expansions, run.parent))
            )
            if run.phase > Phase.BODY or after:  # an onPause is over: it stays
                removed.add(run.number)
    return removed


def _dependent(expansions: Expansions, key: int | None, lanes: set[int]) -> set[int]:
    """The lanes of a Dag that need one of these, directly or not."""
    needs = expansions[key].needs if key is not None and key in expansions else None
    needed_by: dict[int, list[int]] = {}
    for lane, wanted in enumerate(needs or ()):
        for one in wanted:
            needed_by.setdefault(one, []).append(lane)
    found: set[int] = set()
    todo = list(lanes)
    while todo:
        new = [lane for lane in needed_by.get(todo.pop(), ()) if lane not in found]
        found.update(new)
        todo += new
    return found


def _waits(expansions: Expansions, key: int | None) -> bool:
    """Whether the lanes of a flowable run one after the other."""
    return key is None or key not in expansions or expansions[key].limit == 1


def _frame(
    execution: Execution,
    expansions: Expansions,
    key: int | None,
    body: Iterable[TaskRun],
    again: Collection[int],
    kept: Mapping[int, State],
) -> OpenFrame:
    """How far a flowable is when this is what stays of its body."""
    expanded = None if key is None else expansions.get(key)
    if expanded is None:
        flow_lanes = one_lane("tasks", execution.flow.blocks["tasks"])
        lanes, limit, needs = flow_lanes, 1, None
    else:
        lanes = [Lane(n.block, n.next, n.stop, n.value, n.iteration) for n in expanded.lanes]
        limit, needs = expanded.limit, expanded.needs
        if expanded.pause is not None and key is not None:
            lanes = one_lane("tasks", execution.runs[key].task.blocks.get("tasks", ()))  # type: ignore[attr-defined]  # a Pause
    opened, worst = 0, State.SUCCESS
    for run in body:
        lanes[run.lane].next += 1
        opened = max(opened, run.lane + 1)
        state = kept.get(run.number, run.state)
        if run.number not in again and SEVERITY.get(state, 0) > SEVERITY[worst]:
            worst = state
    return OpenFrame(key, lanes, limit, opened, worst, needs)


def reopened(flow: Flow, progress: Progress, event: Reopened) -> list[Effect]:
    """Fold the plan: the execution is RESTARTED, its effects get the chosen runs going."""
    for number in reversed(event.removed):
        remove(progress, progress.runs[number])
    progress.labels = event.labels
    progress.outputs = progress.error = progress.ending = progress.retry_at = None
    progress.exits = frozenset()
    progress.attempt_number += 1
    if progress.state in TERMINAL or progress.state is State.PAUSED:
        advance_execution(progress, State.RESTARTED, event.at)
    progress.frames.clear()
    progress.interim.clear()
    progress.due.clear()
    for frame in event.frames:
        _open(progress, frame, event.at)
    effects: list[Effect] = []
    for number, state in event.kept.items():
        run = progress.runs[number]
        advance(run, state, event.at)
        run.outputs = run.outputs if run.outputs is not None else {}
        record(progress, run)
    effects += [_again(progress, progress.runs[number], event.at) for number in event.restarted]
    for call in event.calls:
        take_up_these(progress, call)
    bodies = _bodies(progress.runs)
    for frame in event.frames:
        effects += _resume_lanes(flow, progress, frame.run, bodies.get(frame.run, ()), event.at)
    return effects


def _open(progress: Progress, open_frame: OpenFrame, at: int) -> None:
    key = open_frame.run
    path: tuple[str, ...] = ()
    if key is not None:
        run = progress.runs[key]
        path = path_of(progress, run)
        if run.state is not State.RUNNING:
            advance(run, State.RUNNING, at)
        progress.active[key] = False
        progress.stopped.discard(key)
        progress.frames[run.parent].active += 1
    order = None if open_frame.needs is None else Order(open_frame.needs)
    frame = Frame(key, open_frame.lanes, open_frame.limit, path, order=order)
    frame.opened, frame.worst = open_frame.opened, open_frame.worst
    frame.failed = open_frame.worst is State.FAILED
    frame.first = 0 if key is None else key + 1
    progress.frames[key] = frame


def _again(progress: Progress, run: TaskRun, at: int) -> Effect:
    """One chosen run: RESTARTED, or a flowable that opens again."""
    at_work(progress, run.number)
    progress.frames[run.parent].active += 1
    run.error = None
    if run.task.executable:
        take_up(progress, run)
    if run.task.flowable and not is_one_worker(run):
        advance(run, State.RUNNING, at)
        return Expand(run.number)
    advance(run, State.RESTARTED, at)
    return Expand(run.number) if run.task.flowable else RunAttempt(run.number)


def _resume_lanes(
    flow: Flow, progress: Progress, key: int | None, body: Iterable[TaskRun], at: int
) -> list[Effect]:
    """Lanes that stood still because another one had failed go on; a Dag knows what has ended."""
    frame = progress.frames.get(key)
    if frame is None:
        return []
    busy: set[int] = set()
    ended: list[int] = []
    for run in body:
        if not run.gone:
            busy.add(run.lane) if run.number in progress.active else ended.append(run.lane)
    if frame.order is not None:
        begun = busy.union(ended)
        for lane in ended:
            frame.order.ended(lane)
        frame.order.ready = [lane for lane in frame.order.ready if lane not in begun]
        return pump(flow, progress, key, None, at)
    effects: list[Effect] = []
    idle = [n for n, lane in enumerate(frame.lanes[: frame.opened]) if lane.next < lane.stop]
    for lane in idle:
        if lane not in busy and progress.frames.get(key) is frame:
            effects += pump(flow, progress, key, lane, at)
    if not idle and not frame.active:
        effects += pump(flow, progress, key, None, at)
    return effects
