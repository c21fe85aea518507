"""What is under way: folded from the events of a run by one thread, looked at by another.

Nothing is put into words before somebody looks, so an event costs no more than an entry in a map;
and a look costs the same however many task runs have ended.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    AttemptStarted,
    Called,
    Event,
    Expanded,
    Judged,
    LogLine,
    Lost,
    Queued,
    Refused,
    Reopened,
    Resumed,
    TimerFired,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.reporters.family import followed
from kestrel_cli.reporters.news import attempt_text
from kestrel_cli.reporters.paths import below, place, within
from kestrel_cli.reporters.standing import AT_WORK, Doing, Kind, Loop, Standing
from kestrel_cli.scheduler.retry import next_attempt_at


class _Entry(NamedTuple):
    kind: Kind
    execution: Execution
    run: int | None
    since: int
    until: int | None


_Key = tuple[str, int | None]  # an execution, and a task run of it; None: the execution itself


class Underway:
    """A reporter that shows nothing. `changed` is called when a look would find something new."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._entries: dict[_Key, _Entry] = {}
        self._loops: dict[_Key, tuple[Execution, int]] = {}  # -> how many iterations
        self._outer: dict[str, str] = {}  # execution -> its path, when a task run started it
        self._callers: dict[str, _Key] = {}  # execution -> the task run that started it
        self._ended = 0

    # -- told of the run

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Where it stands; of one that goes on, what is under way by now."""
        before = followed(execution)
        with self._lock:
            if parent is not None and run is not None:
                self._callers[execution.id] = (parent.id, run)
                call = parent.runs[run]
                path = within(self._outer.get(parent.id, ""), self._place(parent, run))
                self._outer[execution.id] = below(path, call, execution)
            elif before and before[-1].id in self._outer:
                self._outer[execution.id] = self._outer[before[-1].id]
                if before[-1].id in self._callers:
                    self._callers[execution.id] = self._callers[before[-1].id]
            replaced = {one.id for one in before}
            for key in [one for one in self._entries if one[0] in replaced]:
                del self._entries[key]
            if execution.active or len(execution.history) > 1:
                self._find(execution)
        self._changed()

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """Nothing begins or ends by it."""

    def on_event(self, event: Event, execution: Execution) -> None:
        """Take in what begins or ends by it."""
        fold = _FOLDS.get(type(event))
        if fold is not None:
            with self._lock:
                fold(self, event, execution)
            self._changed()

    def close(self, execution: Execution, exit_code: int) -> None:
        """Nothing is under way any more."""
        with self._lock:
            self._entries.clear()
            self._loops.clear()

    # -- asked by others

    @property
    def working(self) -> int:
        """How many attempts are under way. Takes no lock: a signal handler asks, too."""
        return sum(entry.kind == "works" and _lasts(entry) for entry in [*self._entries.values()])

    def standing(self, most: int, before: int | None = None) -> Standing:
        """What is under way, and where it stands: up to `most` things, the oldest first, of those
        that were there at a moment (microseconds since 1970).
        """
        with self._lock:
            for key in [key for key, entry in self._entries.items() if not _lasts(entry)]:
                del self._entries[key]
            calling = self._calling()
            every = [entry for key, entry in self._entries.items() if key not in calling]
            found = [one for one in every if before is None or one.since <= before]
            found.sort(key=lambda one: one.kind not in AT_WORK)
            doing = [self._doing(entry) for entry in found[:most]]
            young = len(found) < len(every)
            return Standing(doing, len(found), list(self._loops_open()), self._ended, young)

    def _calling(self) -> set[_Key]:
        """The task runs below which something is under way: that says more than they do."""
        found: set[_Key] = set()
        for key in self._entries:
            caller = self._callers.get(key[0])
            while caller is not None and caller not in found:
                found.add(caller)
                caller = self._callers.get(caller[0])
        return found

    def _doing(self, entry: _Entry) -> Doing:
        kind, execution, number, since, until = entry
        path = self._outer.get(execution.id, "")
        if number is None:
            return Doing(kind, path or execution.flow.id, since, until)
        path = within(path, self._place(execution, number))
        run = execution.runs[number]
        limited = execution.flow.policies.get(run.task.id) is not None
        attempt = attempt_text(execution, run) if limited or len(run.attempts) > 1 else ""
        return Doing(kind, path, since, until, attempt, execution.unfinished.get(number, ""))

    def _place(self, execution: Execution, number: int) -> str:
        run = execution.runs[number]
        totals = {}
        for one in execution.upward(run):
            known = self._loops.get((execution.id, one.number))
            if known is not None:
                totals[one.number] = known[1]
        return place(execution, run, totals)

    def _loops_open(self) -> Iterator[Loop]:
        """How far each loop is that is still open; forgets the others."""
        over = []
        for key, (execution, total) in self._loops.items():
            number = key[1]
            assert number is not None  # loops are task runs
            name = execution.runs[number].task.id
            if (frame := execution.frames.get(number)) is not None:
                lanes, parallel = len(frame.lanes), frame.limit != 1
                at = frame.opened - (frame.active if parallel else 0)
                # A loop may have several lanes for an iteration.
                done = at * total // lanes if parallel else -(-at * total // lanes)
                yield Loop(name, max(done, 0), total, parallel)
            elif (calls := execution.calls.get(number)) is not None:
                parallel = calls.limit != 1
                at = calls.opened - (len(calls.running) if parallel else 0)
                yield Loop(name, max(at, 0), total, parallel)
            else:
                over.append(key)
        for key in over:
            del self._loops[key]

    # -- an execution that has come some way

    def _find(self, execution: Execution) -> None:
        """What is under way in it. Its own thread may go on meanwhile: so all is copied first."""
        for number, frame in [*execution.frames.items()]:
            if number is not None:
                self._loop(execution, number, frame.lanes)
        for number, calls in [*execution.calls.items()]:
            if len(calls.calls) > 1:
                self._loops[execution.id, number] = (execution, len(calls.calls))
        since = execution.history[-1][1]
        if execution.state is State.QUEUED:
            self._put("turn", execution, None, since)
        elif execution.state is State.RETRIED:
            self._put("follow", execution, None, since, execution.retry_at)
        for number in [*execution.active]:
            self._find_run(execution, execution.runs[number])

    def _find_run(self, execution: Execution, run: TaskRun) -> None:
        since = run.history[-1][1]
        if run.state is State.RETRYING:
            policy = execution.flow.policies.get(run.task.id)
            again = None
            if policy is not None and policy.type != "random":  # its luck is not known any more
                again = next_attempt_at(policy, run.attempts, 0)
            self._put("retry", execution, run.number, since, again)
        elif run.state is State.PAUSED:
            self._put("pause", execution, run.number, since)
        elif run.state is State.RUNNING and run.attempts and not run.task.flowable:
            kind: Kind = "calls" if run.task.executable else "works"
            self._put(kind, execution, run.number, run.attempts[-1].history[-1][1])

    # -- how events are taken in

    def _loop(self, execution: Execution, number: int, lanes: Any) -> None:
        if lanes and lanes[0].value is not None:
            total = len({lane.iteration for lane in lanes})
            self._loops[execution.id, number] = (execution, total)

    def _put(
        self, kind: Kind, execution: Execution, run: int | None, at: int, until: int | None = None
    ) -> None:
        key = (execution.id, run)
        self._entries.pop(key, None)  # the newest stands last
        self._entries[key] = _Entry(kind, execution, run, at, until)

    def _begins(self, event: AttemptStarted, execution: Execution) -> None:
        self._put("works", execution, event.run, event.at)

    def _ends(self, event: AttemptEnded, execution: Execution) -> None:
        self._entries.pop((execution.id, event.run), None)
        run = execution.runs[event.run]
        if run.state is State.RETRYING:
            policy = execution.flow.policies.get(run.task.id)
            again = None
            if policy is not None:
                again = next_attempt_at(policy, run.attempts, event.draw)
            self._put("retry", execution, event.run, event.at, again)
            return
        self._ended += 1
        if run.state is State.RETRIED:
            self._put("follow", execution, event.run, event.at, execution.retry_at)

    def _expands(self, event: Expanded, execution: Execution) -> None:
        self._loop(execution, event.run, event.lanes)
        if event.pause is not None:
            until = None if event.pause == FOREVER else event.pause
            self._put("pause", execution, event.run, event.at, until)

    def _calls(self, event: Called, execution: Execution) -> None:
        self._put("calls", execution, event.run, event.at)
        if len(event.calls) > 1:
            self._loops[execution.id, event.run] = (execution, len(event.calls))

    def _judges(self, event: Judged, execution: Execution) -> None:
        if event.again is not None:
            self._put("pass", execution, event.run, event.at, event.again)

    def _queues(self, event: Queued, execution: Execution) -> None:
        if event.refused is None:
            self._put("turn", execution, None, event.at)

    def _goes(self, event: Any, execution: Execution) -> None:
        self._entries.pop((execution.id, event.run), None)

    def _reopens(self, _: Reopened, execution: Execution) -> None:
        for key in [one for one in self._entries if one[0] == execution.id]:
            del self._entries[key]


def _lasts(entry: _Entry) -> bool:
    """Whether it is still so: a kill ends what waits without a word."""
    execution, run = entry.execution, entry.run
    if entry.kind == "follow":
        return execution.retry_at is not None
    return execution.state is State.QUEUED if run is None else run in execution.active


_FOLDS: Final[dict[type, Callable[[Underway, Any, Execution], None]]] = {
    AttemptStarted: Underway._begins,
    AttemptEnded: Underway._ends,
    Expanded: Underway._expands,
    Called: Underway._calls,
    Judged: Underway._judges,
    Queued: Underway._queues,
    Resumed: Underway._goes,
    Refused: Underway._goes,
    TimerFired: Underway._goes,
    Lost: Underway._goes,
    Reopened: Underway._reopens,
}
