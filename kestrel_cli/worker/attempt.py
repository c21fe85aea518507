"""Attempts: run a task, and say what happened as events."""

from collections.abc import Callable, Iterator

from kestrel_cli.errors import FlowNotFound, KestrelError, RenderError, TaskFailed, with_hint
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.call import Call, CallResult
from kestrel_cli.model.duration import clock_duration
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Called,
    Event,
    LogLine,
    Refused,
    Skipped,
)
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.mock import Mock, or_without
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Executable, LogLevel, Outcome, Render, RunnableTask
from kestrel_cli.worker.context import AttemptContext, Reached
from kestrel_cli.worker.expander import (
    Expander,
    MockOf,
    Part,
    mocked_outputs,
    render_all,
    render_unknown,
    wanted,
)
from kestrel_cli.worker.failures import Failures, Now, Point
from kestrel_cli.worker.flight import Flight, Inbox
from kestrel_cli.worker.interrupts import Alarm, AttemptInterrupted, AttemptTimedOut, Interrupts

_PLAIN = frozenset({str, int, float, bool, type(None)})
_DEEPEST_OUTPUTS = 500  # the journal and JSON readers of others stop soon after


Picks = Callable[[TaskRun, list[Call]], list[Call]]


class Worker:
    """Performs attempts for one execution: each method tells what happened as events, in order.

    `noticed` is called with log lines while an attempt is under way.
    """

    def __init__(  # noqa: PLR0913  all that an execution has is handed over once
        self,
        around: Surroundings,
        now: Now,
        interrupts: Interrupts,
        *,
        noticed: Callable[[LogLine], None],
        point: Point = lambda _, __: "",
        reach: Callable[[TaskRun], Reached] | None = None,
        mock_of: MockOf | None = None,
        fixture_of: MockOf | None = None,
        part: Part | None = None,
        picks: Picks | None = None,
        find: Callable[[str, str], object] = lambda _, __: None,
        heard: Callable[[TaskRun | None, Exception], None] | None = None,
    ) -> None:
        """`mock_of` finds what stands in for a task run, `fixture_of` does so for tests; `part`
        picks the lanes of a part of a run, `picks` the executions that a task run starts. `find`
        raises KestrelError when there is no flow of that namespace and id to call; `heard` is told
        of every failure.
        """
        self._find = find
        self._picks = picks
        self._around = around
        self._mock_of = mock_of
        self._reach = reach
        self._now = now
        self._interrupts = interrupts
        self._noticed = noticed
        self._calling: dict[int, AttemptContext] = {}  # attempts that started executions
        self._failures = Failures(around, now, point, heard)
        self.expander = Expander(
            self._context,
            self._failures,
            interrupts,
            now,
            mock_of=mock_of,
            part=part,
            fixture_of=fixture_of,
        )

    def attempt(self, run: TaskRun) -> Iterator[Event]:
        """Run a task once: AttemptStarted and AttemptEnded, or Skipped, or Refused.

        Raises AttemptKilled only before the attempt.
        """
        ctx = self._context(run)
        if (event := self._not_begun(ctx)) is not None:
            yield event
            return
        if run.task.by_engine and self._mock(run) is None:
            yield from self._by_engine(ctx)
            return
        yield AttemptStarted(run.number, self._now())
        yield self._begun(ctx) or self._attempted(ctx)

    def _by_engine(self, ctx: AttemptContext) -> Iterator[Event]:
        """Run a task that changes its execution. No worker has it: it is RUNNING only when it
        succeeds, and nothing softens its failure.
        """
        run = ctx.run
        assert isinstance(run.task, RunnableTask)  # flowables are expanded
        now = self._now()
        ended = self._run(ctx, run.task)
        if ended.state is State.FAILED:
            error, outputs = ended.error or "", ended.outputs
            yield Refused(run.number, self._now(), error, True, outputs, at_once=True)
        else:
            yield AttemptStarted(run.number, now)
            yield ended

    def _attempted(self, ctx: AttemptContext) -> AttemptEnded:
        task = ctx.run.task
        assert isinstance(task, RunnableTask)  # flowables are expanded
        if task.taskCache is not None and task.taskCache.enabled:
            return self._with_cache(ctx, task)
        return self._logged(ctx, self._run(ctx, task))

    def _with_cache(self, ctx: AttemptContext, task: RunnableTask) -> AttemptEnded:
        """Use an earlier result, or run and keep the result."""
        from kestrel_cli.worker.task_cache import cached, keep, key_of

        key = key_of(ctx, task)
        outputs = None if key is None else cached(ctx, key)
        if outputs is not None:
            found = AttemptEnded(ctx.run.number, self._now(), State.SUCCESS, outputs)
            return self._logged(ctx, found)
        event = self._run(ctx, task)
        if key is not None and event.state in (State.SUCCESS, State.WARNING):
            keep(ctx, task, key, event.outputs)
        return self._logged(ctx, event)

    def _log_to_file(self, ctx: AttemptContext) -> None:
        """Let the log of the attempt under way be a file, if the task says so."""
        run = ctx.run
        if run.task.logToFile and self._reach is not None:
            ctx.log_to_file(f"attempt-{len(run.attempts) - 1}.log")

    def _logged(self, ctx: AttemptContext, event: AttemptEnded) -> AttemptEnded:
        """The event with the address of the attempt's log, when that is a file."""
        if ctx.log_file is not None:
            event.log_file = ctx.log_file.close()
        return event

    def depart(self, run: TaskRun, inbox: Inbox, flew: Callable[[Flight], None]) -> Iterator[Event]:
        """Run a task once on a thread: `flew` is told of the flight, whose end `landed` makes an
        event of. Where there is nothing to run, the event that says so.
        """
        ctx = self._context(run)
        if (event := self._not_begun(ctx)) is not None:
            yield event
            return
        yield AttemptStarted(run.number, self._now())
        found = self._begun(ctx) or self._flight(ctx, inbox)
        if isinstance(found, Flight):
            flew(found)
            found.start()
        else:
            yield found

    def _flight(self, ctx: AttemptContext, inbox: Inbox) -> Flight | AttemptEnded:
        task = ctx.run.task
        assert isinstance(task, RunnableTask)
        try:
            limit = None if task.timeout is None else ctx.duration(task.timeout).seconds
        except (RenderError, TaskFailed) as error:
            return self._logged(ctx, self._failures.broken(ctx, error))
        ctx.begin(limit)
        return Flight(ctx, task, inbox, limit)

    def landed(self, flight: Flight, result: Outcome | BaseException) -> AttemptEnded:
        """What a flight's end is, as an event."""
        try:
            return self._logged(flight.ctx, self._landed(flight, result))
        finally:
            flight.ctx.close()

    def _landed(self, flight: Flight, result: Outcome | BaseException) -> AttemptEnded:
        ctx = flight.ctx
        if isinstance(flight.reason, AttemptTimedOut):
            return self._timed_out(ctx, flight.timeout or 0)
        if flight.reason is not None:
            killed = State.KILLED
            return AttemptEnded(ctx.run.number, self._now(), killed, None, ctx.metrics or ())
        return (
            self._ended(ctx, result)
            if isinstance(result, Outcome)
            else self._failures.broken(ctx, result)
        )

    # -- attempts that start executions

    def call(self, run: TaskRun) -> Iterator[Event]:
        """Begin an attempt of a task that starts executions: AttemptStarted and Called; or, when
        nothing is started, what `attempt` gives.
        """
        ctx = self._context(run)
        if (event := self._not_begun(ctx)) is not None:
            yield event
            return
        if self._mock(run) is not None:
            yield AttemptStarted(run.number, self._now())
            ended = self._begun(ctx)
            assert ended is not None  # it is mocked
            yield ended
            return
        try:
            self._interrupts.begin()
            found = _executable(run).calls(ctx)
            self._look_for(ctx, found.calls)
        except (RenderError, TaskFailed) as error:
            yield self._failures.refused(ctx, error, attempted=True, at_once=True)
            return
        finally:
            self._interrupts.end()
        calls = found.calls if self._picks is None else self._picks(run, found.calls)
        yield AttemptStarted(run.number, self._now())
        self._log_to_file(ctx)
        self._calling[run.number] = ctx
        yield Called(run.number, self._now(), calls, found.limit, found.wait)

    def _look_for(self, ctx: AttemptContext, calls: list[Call]) -> None:
        """Raise TaskFailed when a flow that is to be called is not there, or of no use."""
        names = {(call.namespace, call.flow): None for call in calls if call.item is None}
        for namespace, flow in names:
            try:
                self._find(namespace, flow)
            except KestrelError as error:
                ctx.log("ERROR", str(error))  # Kestra tells it twice, too
                if isinstance(error, FlowNotFound):
                    error = FlowNotFound(str(error), or_without(error.hint, ctx.run.task.id))
                raise TaskFailed(with_hint(error)) from None

    def taken(self, run: TaskRun, result: CallResult, render: Render) -> tuple[CallResult, bool]:
        """What the task takes over from an execution that has ended, and whether no further one is
        to be started. `render` renders in the context of that execution.
        """
        try:
            result.outputs = _executable(run).taken(result, render)
        except (RenderError, TaskFailed) as error:
            result.error = self._failures.told(self._call_context(run), error)
            return result, True
        return self.stopped_by(run, result)

    def stopped_by(self, run: TaskRun, result: CallResult) -> tuple[CallResult, bool]:
        """The result, and whether it stops the others."""
        ctx = self._call_context(run)
        try:
            return result, _executable(run).stops(ctx, result)
        except (RenderError, TaskFailed) as error:
            result.error = self._failures.told(ctx, error)
            return result, True

    def gathered(self, run: TaskRun, results: list[CallResult]) -> AttemptEnded:
        """The executions have ended: what that makes of the attempt."""
        ctx = self._call_context(run)
        try:
            return self._logged(ctx, self._gathered(ctx, results))
        finally:
            self._calling.pop(run.number, None)
            ctx.close()

    def _gathered(self, ctx: AttemptContext, results: list[CallResult]) -> AttemptEnded:
        number, now = ctx.run.number, self._now()
        if ctx.run.state is State.KILLING:
            return AttemptEnded(number, now, State.KILLED)
        for one in results:
            if one.error is not None and one.execution is not None:  # told when it happened
                luck = self._around.services.random.random()
                return AttemptEnded(number, now, State.FAILED, {}, (), one.error, luck)
        try:
            return self._ended(ctx, _executable(ctx.run).outcome(ctx, results))
        except (RenderError, TaskFailed) as error:
            return self._failures.broken(ctx, error)

    def _call_context(self, run: TaskRun) -> AttemptContext:
        """That of the attempt under way; made again in a process that goes on with it."""
        ctx = self._calling.get(run.number)
        if ctx is None:
            ctx = self._calling[run.number] = self._context(run)
            self._log_to_file(ctx)
        return ctx

    # -- how an attempt begins

    def _not_begun(self, ctx: AttemptContext) -> Event | None:
        """StoodIn, when a test has a fixture for it, Skipped, when `runIf` says so, Refused when
        that can't be told; None when it begins.
        """
        if (event := self.expander.stood_in(ctx.run)) is not None:
            return event
        if ctx.run.task.runIf == "true":
            return None
        try:
            self._interrupts.begin()
            if not wanted(ctx):
                return Skipped(ctx.run.number, self._now())
        except (RenderError, TaskFailed) as error:
            return self._failures.refused(ctx, error)
        finally:
            self._interrupts.end()
        return None

    def _begun(self, ctx: AttemptContext) -> AttemptEnded | None:
        """The end of an attempt that is over as soon as it has begun: killed, or mocked."""
        run = ctx.run
        if run.state is not State.RUNNING:
            return AttemptEnded(run.number, self._now(), State.KILLED)
        self._log_to_file(ctx)
        mock = self._mock(run)
        return None if mock is None else self._logged(ctx, self._mocked(ctx, mock))

    def _mock(self, run: TaskRun) -> Mock | None:
        return None if self._mock_of is None else self._mock_of(run)

    def _mocked(self, ctx: AttemptContext, mock: Mock) -> AttemptEnded:
        """The user's result in place of the task's."""
        try:
            if mock.renders:
                extra = getattr(ctx.run.task, "extra", None)
                if extra is None:
                    render_all(ctx)
                else:
                    render_unknown(ctx, extra)
            outputs = mocked_outputs(ctx, mock)
        except (RenderError, TaskFailed) as error:
            return self._failures.broken(ctx, error)
        if mock.state is State.FAILED:
            return self._failures.failed(ctx, mock.error or "the mock says FAILED", outputs)
        ctx.log("INFO", f"mocked: {ctx.run.task.type} was not run")
        return AttemptEnded(ctx.run.number, self._now(), mock.state, outputs)

    def _context(self, run: TaskRun) -> AttemptContext:
        def write(level: LogLevel, message: str) -> None:
            ended = len(run.attempts) - (run.state is State.RUNNING)
            line = LogLine(run.number, self._now(), level, message, max(ended, 0), ctx.failing)
            self._noticed(line)

        ctx = AttemptContext(
            run, RunScope(self._around, run), write, self._interrupts, self._reach, self._now
        )
        return ctx

    def _run(self, ctx: AttemptContext, task: RunnableTask) -> AttemptEnded:
        """One attempt. A kill that arrives while its end is being written ends it all the same."""
        try:
            return self._tried(ctx, task)
        except AttemptInterrupted:
            self._interrupts.end()
            return AttemptEnded(ctx.run.number, self._now(), State.KILLED, None, ctx.metrics or ())
        finally:
            ctx.close()

    def _tried(self, ctx: AttemptContext, task: RunnableTask) -> AttemptEnded:
        """Whatever goes wrong in the task is its failure, not ours. Raises AttemptKilled."""
        limit = 0.0
        try:
            self._interrupts.begin()
            if task.timeout is None:
                ctx.begin(None)
                outcome = task.run(ctx)
            else:
                limit = ctx.duration(task.timeout).seconds
                ctx.begin(limit)
                with Alarm(self._interrupts.time_out, limit):
                    outcome = task.run(ctx)
            self._interrupts.end()
        except AttemptTimedOut:
            self._interrupts.end()
            return self._timed_out(ctx, limit)
        except Exception as error:  # noqa: BLE001  a task type may be anybody's code
            self._interrupts.end()
            return self._failures.broken(ctx, error)
        return self._ended(ctx, outcome)

    def _timed_out(self, ctx: AttemptContext, limit: float) -> AttemptEnded:
        return self._failures.failed(ctx, f"Timeout after {clock_duration(round(limit * 1e9))}")

    def _ended(self, ctx: AttemptContext, outcome: Outcome) -> AttemptEnded:
        changed = outcome.change.variables if outcome.change is not None else None
        held = [outcome.outputs, changed]
        if not _is_flat(outcome.outputs, changed) and nests_deeper(held, _DEEPEST_OUTPUTS + 1):
            message = f"the outputs nest deeper than {_DEEPEST_OUTPUTS} levels"
            return self._failures.failed(ctx, message)
        event = AttemptEnded(
            ctx.run.number, self._now(), outcome.state, outcome.outputs or {}, ctx.metrics or ()
        )
        event.change = outcome.change
        if outcome.state is State.FAILED:
            event.draw = self._around.services.random.random()
        return event


def _executable(run: TaskRun) -> Executable:
    executable: Executable = run.task  # type: ignore[assignment]  # its class says so
    return executable


def _is_flat(outputs: dict[str, object] | None, changed: object) -> bool:
    """Whether there are plain values only: the usual case, seen at a glance."""
    return changed is None and (not outputs or _PLAIN.issuperset(map(type, outputs.values())))


def nests_deeper(value: object, levels: int) -> bool:
    """Whether lists and maps stand more than so many levels inside each other; a cycle does."""
    layer = [value] if isinstance(value, (dict, list, tuple)) else []
    for _ in range(levels):
        inner = (
            one for held in layer for one in (held.values() if isinstance(held, dict) else held)
        )
        # By identity, so that values that hold themselves more than once do not multiply.
        layer = list(
            {id(one): one for one in inner if isinstance(one, (dict, list, tuple))}.values()
        )
        if not layer:
            return False
    return bool(layer)
