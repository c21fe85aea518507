"""What went wrong, in words for the log, and as events."""

from collections.abc import Callable

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.hints import hint_for
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.model.event import AttemptEnded, Refused
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.worker import bugs
from kestrel_cli.worker.context import AttemptContext, explained

Now = Callable[[], int]
# The place in the flow file of a template's mistake, as lines to show; empty when there is no file
# to look at.
Point = Callable[[Task, RenderError], str]
Failure = RenderError | TaskFailed


class Failures:
    """Explains the failures of one execution; every one of them is logged as an ERROR."""

    def __init__(
        self,
        around: Surroundings,
        now: Now,
        point: Point,
        heard: Callable[[TaskRun | None, Exception], None] | None = None,
    ) -> None:
        self._heard = heard
        self._around = around
        self._now = now
        self._point = point

    def refused(
        self,
        ctx: AttemptContext,
        error: Failure,
        *,
        attempted: bool = False,
        at_once: bool = False,
    ) -> Refused:
        """A task run that can't begin, or whose task the engine itself was to run (`at_once`)."""
        message = self.told(ctx, error)
        outputs, soft = None, False
        if isinstance(error, TaskFailed):
            outputs, soft = error.outputs, error.soft
        return Refused(ctx.run.number, self._now(), message, attempted, outputs, soft, at_once)

    def failed(
        self, ctx: AttemptContext, message: str, outputs: dict[str, object] | None = None
    ) -> AttemptEnded:
        """An attempt that ends FAILED."""
        message = self._around.execution.masker.mask(message)
        ctx.failing = True
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

    def broken(self, ctx: AttemptContext, error: BaseException) -> AttemptEnded:
        """An attempt that ends FAILED by what came out of its task."""
        if isinstance(error, (RenderError, TaskFailed)):
            return self.failed(ctx, self.explained(ctx, error), outputs_of(error))
        ctx.log("TRACE", _trace(error))
        message = f"{type(error).__name__}: {error}"
        if bugs.is_ours(ctx.run.task, error):
            bugs.keep(error)
            message = f"this is a bug in kestrel, not in the flow: {message}"
        return self.failed(ctx, message)

    def told(self, ctx: AttemptContext, error: Failure) -> str:
        """Log a failure that decides nothing by itself; returns its words. Some only warn."""
        message = self._around.execution.masker.mask(self.explained(ctx, error))
        ctx.log("WARN" if isinstance(error, TaskFailed) and error.warns else "ERROR", message)
        return message

    def explained(self, ctx: AttemptContext, error: Failure) -> str:
        """The message, its place in the flow file, and a hint."""
        with_hint(ctx, error)
        self.hear(ctx.run, error)
        if isinstance(error, RenderError) and error.template is not None:
            return explained(error, self._point(ctx.run.task, error))
        return explained(error)

    def hear(self, run: TaskRun, error: Exception) -> None:
        """Tell whoever listens of a failure."""
        if self._heard is not None:
            self._heard(run, error)


def with_hint(ctx: AttemptContext, error: Exception) -> None:
    """Give an error the hint that the scope knows."""
    if isinstance(error, MissingValue) and error.hint is None:
        error.hint = hint_for(error, ctx.scope)
    elif isinstance(error, RenderError) and error.hint is None and "does not exist" in str(error):
        from kestrel_cli.expressions.check import near_name

        error.hint = near_name(error.phrase)


def outputs_of(error: Exception) -> dict[str, object]:
    """The outputs that a failed task keeps."""
    return (error.outputs or {}) if isinstance(error, TaskFailed) else {}


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error)).rstrip()
