"""Replaying from a task run, which may be one of an execution that a task run has started, such as
an iteration of a Loop.

The new run gets its own copies of the executions that lead there, each of which goes on from the
task run that starts the next. What these had started before stays, and what came later is started
again; the copy on the way goes on when its caller launches it. All of this is in the new journal
before anything runs, so a process that goes on with it needs to know nothing else.
"""

from kestrel_cli.app import births
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.history import path_of
from kestrel_cli.app.named_runs import Place
from kestrel_cli.app.story import Story, Told, events_of
from kestrel_cli.errors import UsageError
from kestrel_cli.model.birth import Birth, Caller
from kestrel_cli.model.call import CallResult
from kestrel_cli.model.event import (
    AttemptEnded,
    CalledEnded,
    Event,
    Followed,
    Launched,
    OpenCall,
    Reopened,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.record import changed
from kestrel_cli.model.sealing import Seals
from kestrel_cli.scheduler.reopen import plan_replay


class Copies:
    """Takes down the executions of a path in a new journal, the outermost first."""

    def __init__(self, story: Story, path: list[Place], root: Execution, tools: Tools) -> None:
        """`root` is the new execution, whose birth is in the journal already."""
        self._story = story
        self._path = path
        self._tools = tools
        self._made = [Told(root, {})]

    def take_down(self, seals: Seals) -> Reopened:
        """Write all that the executions did, and how those below the outermost go on; the plan for
        that one. `seals` opens the old journal. Raises UsageError, OSError, ValueError.
        """
        plans = [self._copy(depth, seals) for depth in range(len(self._path))]
        for told, plan in list(zip(self._made, plans, strict=True))[1:]:
            self._tools.journal.append(told.number, plan)
        return plans[0]

    def _copy(self, depth: int, seals: Seals) -> Reopened:
        old, run = self._path[depth]
        new = self._made[depth]
        request = self._tools.request
        file = path_of(self._story.name, request.state_dir, request.environ)
        below = self._path[depth + 1][0] if depth + 1 < len(self._path) else None
        call: OpenCall | None = None
        for event in events_of(file, old.number, seals):
            if isinstance(event, Followed):
                continue
            ends = isinstance(event, AttemptEnded) and event.run == run.number
            if below is not None and ends and self._made[-1] is not new:
                call = _call(new.execution, run, below)
            told = self._own(event, new, run, below)
            self._tools.journal.append(new.number, told)
            new.fold(told)
            if isinstance(told, Launched) and told.birth is not None:
                self._begin(told.birth, new.execution)
        plan = plan_replay(
            new.execution,
            new.expansions,
            [new.execution.runs[run.number]],
            self._tools.clock.now(),
        )
        return plan if call is None else changed(plan, calls=[call])

    def _own(self, event: Event, new: Told, run: TaskRun, below: Told | None) -> Event:
        """What is told of the execution on the way is told of its copy; of others, their ids."""
        if isinstance(event, Launched):
            if not _is_of(event, run, below):
                return changed(event, birth=None)
            if self._made[-1] is not new:  # launched once more, by a restart
                return changed(event, execution=self._made[-1].execution.id, birth=None)
            assert below is not None  # it is of that one
            birth = self._birth(below.execution, new.execution, run)
            return changed(event, execution=birth.id, birth=birth)
        if isinstance(event, CalledEnded) and _is_of(event, run, below):
            return changed(event, execution=self._made[-1].execution.id)
        return event

    def _birth(self, old: Execution, parent: Execution, run: TaskRun) -> Birth:
        caller = old.birth.caller
        assert caller is not None  # it was called
        trigger = old.birth.trigger
        if trigger is not None and "executionId" in trigger:
            around = {"executionId": parent.id, "taskRunId": parent.run_id(run.number)}
            trigger = {**trigger, **around}
        flow = None
        if old.birth.flow is not None:
            flow = self._tools.journal.number_of(old.flow)
        return changed(
            old.birth,
            number=self._tools.journal.next_number(),
            id=births.called_id(parent, parent.runs[run.number], caller.nth),
            flow=flow,
            caller=Caller(parent.birth.number, run.number, caller.nth),
            trigger=trigger,
            follows=None,
        )

    def _begin(self, birth: Birth, parent: Execution) -> None:
        flow = None if birth.flow is None else self._path[len(self._made)][0].execution.flow
        execution = births.execution_of(birth, flow, parent)
        births.link(execution, parent)
        self._made.append(Told(execution, {}))


def _is_of(event: Launched | CalledEnded, run: TaskRun, below: Told | None) -> bool:
    """Whether it is about the execution on the way, or one that it followed."""
    if below is None or event.run != run.number:
        return False
    return event.execution in below.execution.ids


def _call(execution: Execution, run: TaskRun, below: Told) -> OpenCall:
    """What the attempt had to show when it ended, without what is started anew."""
    caller = below.execution.birth.caller
    assert caller is not None  # it was called
    frame = execution.calls[run.number]
    nth = caller.nth
    if nth not in frame.results:
        raise UsageError(f"`{run.task.id}` did not wait for the execution that it started")
    results: dict[int, CallResult] = {
        number: one for number, one in frame.results.items() if frame.limit != 1 or number <= nth
    }
    return OpenCall(run.number, results, [nth])
