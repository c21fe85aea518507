"""Attempts and expansions: run a task or render what a flowable holds,
and say what happened as events.
"""

from collections.abc import Callable

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.hints import hint_for
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.duration import clock_duration
from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    AttemptStarted,
    Event,
    Expanded,
    Judged,
    LogLine,
    Refused,
    Skipped,
)
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.model.task import (
    Called,
    Calls,
    Executable,
    Expansion,
    FlowableTask,
    LogLevel,
    Outcome,
    RunnableTask,
    Task,
)
from kestrel_cli.worker.context import AttemptContext, Reached, explained
from kestrel_cli.worker.flight import Flight, Inbox
from kestrel_cli.worker.interrupts import (
    Alarm,
    AttemptInterrupted,
    AttemptTimedOut,
    Interrupts,
)
from kestrel_cli.worker.log_file import LogFile

_DEEPEST_OUTPUTS = 500  # the journal and JSON readers of others stop soon after

Now = Callable[[], int]
# The place in the flow file of a template's mistake, as lines to show; empty when there is no file
# to look at.
Point = Callable[[Task, RenderError], str]


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
        mock_of: Callable[[TaskRun], Mock | None] | None = None,
        part: Callable[[TaskRun, list[Lane]], list[Lane]] | None = None,
    ) -> None:
        """`mock_of` finds what stands in for a task run; `part` picks the lanes of a part of a
        run.
        """
        self._around = around
        self._mock_of = mock_of
        self._part = part
        self._reach = reach
        self._now = now
        self._interrupts = interrupts
        self._started = started
        self._noticed = noticed
        self._point = point

    def expand(self, run: TaskRun) -> Event:
        """Render what a flowable holds: Expanded, Skipped or Refused. Raises AttemptKilled."""
        ctx = self._context(run)
        task = run.task
        assert isinstance(task, FlowableTask)  # the scheduler expands nothing else
        wanted = False
        try:
            self._interrupts.begin()
            wanted = self._wanted(ctx)
            if not wanted:
                return Skipped(run.number, self._now())
            mock = self._mock_of(run) if self._mock_of is not None else None
            expansion = checked(task.expand(ctx) if mock is None else _stand_in(ctx, mock))
        except (RenderError, TaskFailed) as error:
            return self._refused(ctx, error, attempted=wanted)
        finally:
            self._interrupts.end()
        if self._part is not None:
            expansion.lanes = self._part(run, expansion.lanes)
        now = self._now()
        pause = None
        if expansion.pause is not None:
            pause = FOREVER if expansion.pause < 0 else now + round(expansion.pause * 1_000_000)
        return Expanded(
            run.number,
            now,
            expansion.lanes,
            expansion.limit,
            expansion.outputs,
            expansion.needs,
            pause,
        )

    def judge(self, run: TaskRun, worst: State) -> Event:
        """Let a flowable look at what its body left: Judged."""
        ctx = self._context(run)
        task = run.task
        assert isinstance(task, FlowableTask)  # the scheduler asks nothing else
        try:
            self._interrupts.begin()
            verdict = task.judge(ctx, worst)
        except (RenderError, TaskFailed) as error:
            message = self._around.execution.masker.mask(self._explained(ctx, error))
            ctx.log("ERROR", message)
            return Judged(run.number, self._now(), _outputs_of(error), None, message)
        finally:
            self._interrupts.end()
        now = self._now()
        again = None if verdict.again is None else now + round(verdict.again * 1_000_000)
        return Judged(run.number, now, verdict.outputs, again)

    def elapsed(self, run: TaskRun) -> State:
        """What a paused flowable resumes with when its time is over."""
        ctx = self._context(run)
        task = run.task
        assert isinstance(task, FlowableTask)  # nothing else pauses
        try:
            return task.elapsed(ctx)
        except (RenderError, TaskFailed) as error:
            ctx.log("ERROR", self._around.execution.masker.mask(self._explained(ctx, error)))
            return State.FAILED

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
            return AttemptEnded(ctx.run.number, self._now(), State.SUCCESS, outputs)
        event = self._run(ctx, task)
        if key is not None and event.state in (State.SUCCESS, State.WARNING):
            keep(ctx, task, key, event.outputs)
        return self._logged(ctx, event)

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
            return self._failed(ctx, self._explained(ctx, error), None)
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
            self._ended(ctx, result) if isinstance(result, Outcome) else self._broken(ctx, result)
        )

    def calls(self, run: TaskRun) -> tuple[AttemptContext, Calls] | Event:
        """What an executable task starts; or the event that ends its attempt. One whose attempt is
        under way already is taken up again.
        """
        if run.state is State.RUNNING:
            ctx = self._context(run)
        else:
            ctx, event = self._begun(run)
            if event is not None:
                return event
        executable: Executable = run.task  # type: ignore[assignment]  # its class says so
        try:
            return ctx, executable.calls(ctx)
        except (RenderError, TaskFailed) as error:
            return self._failed(ctx, self._explained(ctx, error), _outputs_of(error))

    def called(self, ctx: AttemptContext, called: list[Called]) -> AttemptEnded:
        """The executions have ended: what that makes of the attempt."""
        executable: Executable = ctx.run.task  # type: ignore[assignment]  # as in `calls`
        try:
            return self._ended(ctx, executable.outcome(ctx, called))
        except (RenderError, TaskFailed) as error:
            return self._failed(ctx, self._explained(ctx, error), _outputs_of(error))
        finally:
            ctx.close()

    def stops(self, ctx: AttemptContext, called: Called) -> bool:
        """Whether no further execution is to be started after this one."""
        executable: Executable = ctx.run.task  # type: ignore[assignment]  # as in `calls`
        try:
            return executable.stops(ctx, called)
        except (RenderError, TaskFailed) as error:
            ctx.log("ERROR", self._around.execution.masker.mask(self._explained(ctx, error)))
            return True

    def killed(self, run: TaskRun) -> AttemptEnded:
        """The attempt of a task that started executions was killed with them."""
        return AttemptEnded(run.number, self._now(), State.KILLED)

    def _begun(self, run: TaskRun) -> tuple[AttemptContext, Event | None]:
        ctx = self._context(run)
        task = run.task
        if task.runIf != "true":
            try:
                self._interrupts.begin()
                if not self._wanted(ctx):
                    return ctx, Skipped(run.number, self._now())
            except (RenderError, TaskFailed) as error:
                return ctx, self._refused(ctx, error)
            finally:
                self._interrupts.end()
        self._started(AttemptStarted(run.number, self._now()))
        mock = self._mock_of(run) if self._mock_of is not None else None
        return ctx, None if mock is None else self._mocked(ctx, mock)

    def _mocked(self, ctx: AttemptContext, mock: Mock) -> AttemptEnded:
        """The user's result in place of the task's."""
        outputs = dict(mock.outputs)
        stored = {name: ctx.files.put(data, name) for name, data in mock.files.items()}
        if "uri" in stored:
            outputs["uri"] = stored.pop("uri")
        if stored:
            outputs["outputFiles"] = {**outputs.get("outputFiles", {}), **stored}
        error = mock.error
        if mock.state is State.FAILED:
            return self._failed(ctx, error or "the mock says FAILED", outputs)
        ctx.log("DEBUG", f"mocked: {ctx.run.task.type} was not run")
        return AttemptEnded(ctx.run.number, self._now(), mock.state, outputs)

    def _context(self, run: TaskRun) -> AttemptContext:
        def write(level: LogLevel, message: str) -> None:
            ended = len(run.attempts) - (run.state is State.RUNNING)
            self._noticed(LogLine(run.number, self._now(), level, message, max(ended, 0)))

        ctx = AttemptContext(
            run, RunScope(self._around, run), write, self._interrupts, self._reach, self._now
        )
        if run.task.logToFile and not run.task.flowable and self._reach is not None:
            ctx.log_file = LogFile(lambda: ctx.files, f"attempt-{len(run.attempts)}.log")
        return ctx

    def _wanted(self, ctx: AttemptContext) -> bool:
        try:
            return ctx.truthy(ctx.run.task.runIf)
        except RenderError as error:
            self._with_hint(ctx, error)
            message = (
                f"Failed to evaluate the runIf condition for task {ctx.run.task.id}. Cause: {error}"
            )
            refused = RenderError(message, hint=error.hint, at=error.at)
            refused.template = error.template
            raise refused from error

    def _refused(
        self, ctx: AttemptContext, error: RenderError | TaskFailed, *, attempted: bool = False
    ) -> Refused:
        message = self._around.execution.masker.mask(self._explained(ctx, error))
        # Kestra only warns of a Switch that has no case; the reason is the same kind of cause here.
        ctx.log("ERROR", message)
        outputs = error.outputs if isinstance(error, TaskFailed) else None
        return Refused(ctx.run.number, self._now(), message, attempted, outputs)

    def _explained(self, ctx: AttemptContext, error: RenderError | TaskFailed) -> str:
        self._with_hint(ctx, error)
        if isinstance(error, RenderError) and error.template is not None:
            return explained(error, self._point(ctx.run.task, error))
        return explained(error)

    def _with_hint(self, ctx: AttemptContext, error: Exception) -> RenderError | TaskFailed:
        if isinstance(error, MissingValue) and error.hint is None:
            error.hint = hint_for(error, ctx.scope)
        elif (
            isinstance(error, RenderError) and error.hint is None and "does not exist" in str(error)
        ):
            from kestrel_cli.expressions.check import near_name

            error.hint = near_name(error.phrase)
        assert isinstance(error, (RenderError, TaskFailed))  # what the callers catch
        return error

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
            return self._broken(ctx, error)
        return self._ended(ctx, outcome)

    def _timed_out(self, ctx: AttemptContext, limit: float) -> AttemptEnded:
        return self._failed(ctx, f"Timeout after {clock_duration(round(limit * 1e9))}", None)

    def _broken(self, ctx: AttemptContext, error: BaseException) -> AttemptEnded:
        if isinstance(error, (RenderError, TaskFailed)):
            return self._failed(ctx, self._explained(ctx, error), _outputs_of(error))
        ctx.log("TRACE", _trace(error))
        return self._failed(ctx, f"{type(error).__name__}: {error}", None)

    def _ended(self, ctx: AttemptContext, outcome: Outcome) -> AttemptEnded:
        if nests_deeper(outcome.outputs, _DEEPEST_OUTPUTS):
            message = f"the outputs nest deeper than {_DEEPEST_OUTPUTS} levels"
            return self._failed(ctx, message, None)
        event = AttemptEnded(
            ctx.run.number, self._now(), outcome.state, outcome.outputs or {}, ctx.metrics or ()
        )
        event.change = outcome.change
        if outcome.state is State.FAILED:
            event.draw = self._around.services.random.random()
        return event

    def _failed(
        self, ctx: AttemptContext, message: str, outputs: dict[str, object] | None
    ) -> AttemptEnded:
        message = self._around.execution.masker.mask(message)
        ctx.log("ERROR", message)
        return AttemptEnded(
            ctx.run.number,
            self._now(),
            State.FAILED,
            outputs or {},
            ctx.metrics or (),
            message,
            self._around.services.random.random(),
        )


def _stand_in(ctx: AttemptContext, mock: Mock) -> Expansion:
    """What a flowable that is mocked holds: nothing. Raises TaskFailed when the mock says so."""
    if mock.state is State.FAILED:
        raise TaskFailed(mock.error or "the mock says FAILED", outputs=mock.outputs)
    ctx.log("DEBUG", f"mocked: {ctx.run.task.type} was not run")
    return Expansion([], outputs=dict(mock.outputs))


def checked(expansion: Expansion) -> Expansion:
    """The expansion itself. Raises TaskFailed for a limit under which nothing would ever run."""
    if expansion.limit < 0:
        raise TaskFailed(f"the number of tasks at once must be at least 0, got {expansion.limit}")
    return expansion


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


def _outputs_of(error: Exception) -> dict[str, object]:
    return (error.outputs or {}) if isinstance(error, TaskFailed) else {}


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error)).rstrip()
