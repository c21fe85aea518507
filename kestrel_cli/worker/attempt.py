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
    AttemptEnded,
    AttemptStarted,
    Event,
    Expanded,
    LogLine,
    Refused,
    Skipped,
)
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion, FlowableTask, LogLevel, Outcome, RunnableTask, Task
from kestrel_cli.worker.context import AttemptContext, Reached, explained
from kestrel_cli.worker.interrupts import (
    Alarm,
    AttemptInterrupted,
    AttemptTimedOut,
    Interrupts,
)

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
    ) -> None:
        self._around = around
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
            expansion = checked(task.expand(ctx))
        except (RenderError, TaskFailed) as error:
            return self._refused(ctx, error, attempted=wanted)
        finally:
            self._interrupts.end()
        return Expanded(
            run.number, self._now(), expansion.lanes, expansion.limit, expansion.outputs
        )

    def attempt(self, run: TaskRun) -> Event:
        """Run a task once: AttemptEnded, Skipped or Refused.

        Raises AttemptKilled only before the attempt.
        """
        ctx = self._context(run)
        task = run.task
        if task.runIf != "true":
            try:
                self._interrupts.begin()
                if not self._wanted(ctx):
                    return Skipped(run.number, self._now())
            except (RenderError, TaskFailed) as error:
                return self._refused(ctx, error)
            finally:
                self._interrupts.end()
        self._started(AttemptStarted(run.number, self._now()))
        assert isinstance(task, RunnableTask)  # flowables are expanded
        return self._run(ctx, task)

    def _context(self, run: TaskRun) -> AttemptContext:
        def write(level: LogLevel, message: str) -> None:
            ended = len(run.attempts) - (run.state is State.RUNNING)
            self._noticed(LogLine(run.number, self._now(), level, message, max(ended, 0)))

        return AttemptContext(
            run, RunScope(self._around, run), write, self._interrupts, self._reach
        )

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
            return self._failed(ctx, f"Timeout after {clock_duration(round(limit * 1e9))}", None)
        except (RenderError, TaskFailed) as error:
            self._interrupts.end()
            outputs = error.outputs if isinstance(error, TaskFailed) else None
            return self._failed(ctx, self._explained(ctx, error), outputs)
        except Exception as error:  # noqa: BLE001  a task type may be anybody's code
            self._interrupts.end()
            ctx.log("TRACE", _trace(error))
            return self._failed(ctx, f"{type(error).__name__}: {error}", None)
        return self._ended(ctx, outcome)

    def _ended(self, ctx: AttemptContext, outcome: Outcome) -> AttemptEnded:
        if nests_deeper(outcome.outputs, _DEEPEST_OUTPUTS):
            message = f"the outputs nest deeper than {_DEEPEST_OUTPUTS} levels"
            return self._failed(ctx, message, None)
        return AttemptEnded(
            ctx.run.number, self._now(), outcome.state, outcome.outputs or {}, ctx.metrics or ()
        )

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


def _trace(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error)).rstrip()
