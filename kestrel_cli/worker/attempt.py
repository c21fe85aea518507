"""Attempts: run a task, and say what happened as events."""

from collections.abc import Callable

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.duration import clock_duration
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Event, LogLine, Skipped
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Call, Called, Calls, Executable, LogLevel, Outcome, RunnableTask
from kestrel_cli.worker.context import AttemptContext, Reached
from kestrel_cli.worker.expander import Expander, MockOf, Part, mocked_outputs, wanted
from kestrel_cli.worker.failures import Failures, Now, Point
from kestrel_cli.worker.flight import Flight, Inbox
from kestrel_cli.worker.interrupts import Alarm, AttemptInterrupted, AttemptTimedOut, Interrupts

_DEEPEST_OUTPUTS = 500  # the journal and JSON readers of others stop soon after


Picks = Callable[[TaskRun, list[Call]], list[Call]]


class Worker:
    """Performs what the scheduler asks for.

    `started` and `noticed` are called while an attempt is under way.
    """

    def __init__(
        self,
        around: Surroundings,
        now: Now,
        interrupts: Interrupts,
        *,
        started: Callable[[AttemptStarted], None],
        noticed: Callable[[LogLine], None],
        point: Point = lambda _, __: "",
        reach: Callable[[TaskRun], Reached] | None = None,
        mock_of: MockOf | None = None,
        part: Part | None = None,
        picks: Picks | None = None,
    ) -> None:
        """`mock_of` finds what stands in for a task run; `part` picks the lanes of a part of a run,
        `picks` the executions that a task run starts.
        """
        self._picks = picks
        self._around = around
        self._mock_of = mock_of
        self._reach = reach
        self._now = now
        self._interrupts = interrupts
        self._started = started
        self._noticed = noticed
        self._failures = Failures(around, now, point)
        expander = Expander(
            self._context, self._failures, interrupts, now, mock_of=mock_of, part=part
        )
        self.expand, self.judge, self.elapsed = expander.expand, expander.judge, expander.elapsed

    def attempt(self, run: TaskRun) -> Event:
        """Run a task once: AttemptEnded, Skipped or Refused.

        Raises AttemptKilled only before the attempt.
        """
        ctx, event = self._begun(run)
        if event is not None:
            return event
        assert isinstance(run.task, RunnableTask)  # flowables are expanded
        if run.task.taskCache is not None and run.task.taskCache.enabled:
            return self._with_cache(ctx, run.task)
        return self._logged(ctx, self._run(ctx, run.task))

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

    def depart(self, run: TaskRun, inbox: Inbox) -> Flight | Event:
        """Run a task once on a thread: the flight, which `landed` makes an event of; or the event,
        when there is nothing to run.
        """
        ctx, event = self._begun(run)
        if event is not None:
            return event
        assert isinstance(run.task, RunnableTask)
        try:
            limit = None
            if run.task.timeout is not None:
                limit = ctx.duration(run.task.timeout).seconds
        except (RenderError, TaskFailed) as error:
            return self._logged(ctx, self._failures.broken(ctx, error))
        ctx.begin(limit)
        flight = Flight(ctx, run.task, inbox, limit)
        flight.start()
        return flight

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

    def calls(self, run: TaskRun) -> tuple[AttemptContext, Calls] | Event:
        """What an executable task starts; or the event that ends its attempt. One whose attempt is
        under way already is taken up again.
        """
        if run.state is State.RUNNING:
            ctx = self._context(run)
            self._log_to_file(ctx)
        else:
            ctx, event = self._begun(run)
            if event is not None:
                return event
        executable: Executable = run.task  # type: ignore[assignment]  # its class says so
        try:
            calls = executable.calls(ctx)
        except (RenderError, TaskFailed) as error:
            return self._logged(ctx, self._failures.broken(ctx, error))
        if self._picks is not None:
            calls.calls = self._picks(run, calls.calls)
        return ctx, calls

    def called(self, ctx: AttemptContext, called: list[Called]) -> AttemptEnded:
        """The executions have ended: what that makes of the attempt."""
        executable: Executable = ctx.run.task  # type: ignore[assignment]  # as in `calls`
        try:
            return self._logged(ctx, self._ended(ctx, executable.outcome(ctx, called)))
        except (RenderError, TaskFailed) as error:
            return self._logged(ctx, self._failures.broken(ctx, error))
        finally:
            ctx.close()

    def stops(self, ctx: AttemptContext, called: Called) -> bool | AttemptEnded:
        """Whether no further execution is to be started after this one; the failed attempt when
        that can't be said.
        """
        executable: Executable = ctx.run.task  # type: ignore[assignment]  # as in `calls`
        try:
            return executable.stops(ctx, called)
        except (RenderError, TaskFailed) as error:
            return self._failures.broken(ctx, error)

    def killed(self, run: TaskRun, ctx: AttemptContext | None = None) -> AttemptEnded:
        """The attempt of a task that started executions was killed with them."""
        event = AttemptEnded(run.number, self._now(), State.KILLED)
        return event if ctx is None else self._logged(ctx, event)

    def _begun(self, run: TaskRun) -> tuple[AttemptContext, Event | None]:
        ctx = self._context(run)
        task = run.task
        if task.runIf != "true":
            try:
                self._interrupts.begin()
                if not wanted(ctx):
                    return ctx, Skipped(run.number, self._now())
            except (RenderError, TaskFailed) as error:
                return ctx, self._failures.refused(ctx, error)
            finally:
                self._interrupts.end()
        self._started(AttemptStarted(run.number, self._now()))
        self._log_to_file(ctx)
        mock = self._mock_of(run) if self._mock_of is not None else None
        return ctx, None if mock is None else self._logged(ctx, self._mocked(ctx, mock))

    def _mocked(self, ctx: AttemptContext, mock: Mock) -> AttemptEnded:
        """The user's result in place of the task's."""
        try:
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
            self._noticed(LogLine(run.number, self._now(), level, message, max(ended, 0)))

        return AttemptContext(
            run, RunScope(self._around, run), write, self._interrupts, self._reach, self._now
        )

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
        if nests_deeper([outcome.outputs, changed], _DEEPEST_OUTPUTS + 1):
            message = f"the outputs nest deeper than {_DEEPEST_OUTPUTS} levels"
            return self._failures.failed(ctx, message)
        event = AttemptEnded(
            ctx.run.number, self._now(), outcome.state, outcome.outputs or {}, ctx.metrics or ()
        )
        event.change = outcome.change
        if outcome.state is State.FAILED:
            event.draw = self._around.services.random.random()
        return event


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
