"""Flowables: render what they hold, let them look at what their body left."""

from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.variables import directory_around
from kestrel_cli.model.event import FOREVER, Event, Expanded, Judged, Skipped
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion, FlowableTask, Task, Verdict
from kestrel_cli.model.texts import texts_in
from kestrel_cli.worker.context import AttemptContext
from kestrel_cli.worker.failures import Failures, Now, outputs_of, with_hint
from kestrel_cli.worker.interrupts import Interrupts

MockOf = Callable[[TaskRun], Mock | None]
Part = Callable[[TaskRun, list[Lane]], list[Lane]]

_NAMED: Final = 5


class Expander:
    """Performs what the scheduler asks of flowables. Nothing here raises but AttemptKilled."""

    def __init__(
        self,
        context: Callable[[TaskRun], AttemptContext],
        failures: Failures,
        interrupts: Interrupts,
        now: Now,
        *,
        mock_of: MockOf | None,
        part: Part | None,
        fixture_of: MockOf | None = None,
    ) -> None:
        self._context = context
        self._failures = failures
        self._interrupts = interrupts
        self._now = now
        self._mock_of = mock_of
        self._fixture_of = fixture_of
        self._part = part

    def expand(self, run: TaskRun) -> Event:
        """Render what a flowable holds: Expanded, Skipped, Refused or StoodIn."""
        if (event := self.stood_in(run)) is not None:
            return event
        ctx = self._context(run)
        begun = False
        try:
            self._interrupts.begin()
            begun = wanted(ctx)
            if not begun:
                return Skipped(run.number, self._now())
            expansion = self._expansion(ctx)
        except (RenderError, TaskFailed) as error:
            return self._failures.refused(ctx, error, attempted=begun)
        finally:
            self._interrupts.end()
        if self._part is not None:
            self._pick(ctx, expansion, self._part)
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

    def stood_in(self, run: TaskRun) -> Event | None:
        """The end of a task run that a test has a fixture for."""
        # Mocks are not asked here: one that is asked for counts as used, and `runIf` comes first.
        mock = None if self._fixture_of is None else self._fixture_of(run)
        if mock is None or not mock.fixture:
            return None
        from kestrel_cli.worker.fixtures import stood_in

        return stood_in(mock, self._context(run).scope.around, run, self._failures, self._now)

    def _pick(self, ctx: AttemptContext, expansion: Expansion, part: Part) -> None:
        lanes = expansion.lanes
        expansion.lanes = part(ctx.run, lanes)
        if lanes and not expansion.lanes:
            values = [f"`{one}`" for one in dict.fromkeys(lane.value for lane in lanes)]
            more = ", ..." if len(values) > _NAMED else ""
            listed = ", ".join(values[:_NAMED])
            ctx.log("WARN", f"none of its values was asked for: {listed}{more}")

    def _expansion(self, ctx: AttemptContext) -> Expansion:
        mock = self._mock_of(ctx.run) if self._mock_of is not None else None
        if mock is not None:
            return _stand_in(ctx, mock)
        try:
            return checked(_flowable(ctx.run).expand(ctx))
        except OSError as error:
            message = f"{ctx.run.task.id}: {error.strerror or error}"
            raise TaskFailed(message, soft=True) from error

    def judge(self, run: TaskRun, worst: State) -> Event:
        """Let a flowable look at what its body left: Judged."""
        ctx = self._context(run)
        try:
            self._interrupts.begin()
            verdict = self._verdict(ctx, worst)
        except (RenderError, TaskFailed) as error:
            message = self._failures.told(ctx, error)
            return Judged(run.number, self._now(), outputs_of(error), None, message)
        finally:
            self._interrupts.end()
        now = self._now()
        again = None if verdict.again is None else now + round(verdict.again * 1_000_000)
        return Judged(run.number, now, verdict.outputs, again)

    def _verdict(self, ctx: AttemptContext, worst: State) -> Verdict:
        try:
            return _flowable(ctx.run).judge(ctx, worst)
        except OSError as error:
            raise TaskFailed(f"{ctx.run.task.id}: {error.strerror or error}") from error

    def elapsed(self, run: TaskRun) -> State:
        """What a paused flowable resumes with when its time is over."""
        ctx = self._context(run)
        try:
            return _flowable(run).elapsed(ctx)
        except (RenderError, TaskFailed) as error:
            self._failures.told(ctx, error)
            return State.FAILED


def _flowable(run: TaskRun) -> FlowableTask:
    assert isinstance(run.task, FlowableTask)  # the scheduler asks nothing else
    return run.task


def wanted(ctx: AttemptContext) -> bool:
    """Whether `runIf` lets the task run. Raises RenderError in Kestra's words."""
    try:
        return ctx.truthy(ctx.run.task.runIf)
    except RenderError as error:
        with_hint(ctx, error)
        message = (
            f"Failed to evaluate the runIf condition for task {ctx.run.task.id}. Cause: {error}"
            if directory_around(ctx.scope.around.execution, ctx.run) is None
            else f"Failed evaluating runIf: {error}"  # what the worker of a WorkingDirectory says
        )
        refused = RenderError(message, hint=error.hint, at=error.at)
        refused.template = error.template
        raise refused from error


def _stand_in(ctx: AttemptContext, mock: Mock) -> Expansion:
    """What a flowable that is mocked holds: nothing. Raises TaskFailed when the mock says so."""
    outputs = mocked_outputs(ctx, mock)
    if mock.state is State.FAILED:
        raise TaskFailed(mock.error or "the mock says FAILED", outputs=outputs, soft=True)
    ctx.log("INFO", f"mocked: {ctx.run.task.type} was not run")
    return Expansion([], outputs=outputs)


def mocked_outputs(ctx: AttemptContext, mock: Mock) -> dict[str, Any]:
    """What a mock gives, its files stored. The mocked outputs of a Subflow are those of the flow
    that it calls. Raises RenderError, TaskFailed.
    """
    outputs = dict(mock.outputs)
    if ctx.run.task.type.endswith("flow.Subflow") and outputs and "outputs" not in outputs:
        outputs = {"outputs": outputs}
    stored = {name: ctx.files.put(data, name) for name, data in mock.files.items()}
    if "uri" in stored:
        outputs["uri"] = stored.pop("uri")
    if stored:
        outputs["outputFiles"] = {**outputs.get("outputFiles", {}), **stored}
    return outputs


def render_all(ctx: AttemptContext) -> None:
    """Render what a task that is not run would have rendered. Raises RenderError."""
    task = ctx.run.task
    ctx = ctx.with_variables(_own_variables(task))
    rendered: list[object] = [
        getattr(task, declared.attribute)
        for declared in task.properties.values()
        if declared.dynamic and declared.name != "runIf"
    ]
    for text in texts_in(rendered):
        ctx.text(text)


def render_unknown(ctx: AttemptContext, properties: dict[str, object]) -> None:
    """Render the properties of a type that does not run here. Raises RenderError only for what the
    flow lacks whatever the type is: it may render some itself, with variables of its own.
    """
    ctx = ctx.with_variables(_own_variables(ctx.run.task))
    for text in texts_in([value for name, value in properties.items() if name != "tasks"]):
        if not is_template(text):
            continue
        try:
            ctx.text(text)
        except RenderError as error:
            if isinstance(error, MissingValue) and error.path[:1] in _OF_THE_FLOW:
                raise


_OF_THE_FLOW: Final = (("inputs",), ("outputs",), ("vars",))


def _own_variables(task: Task) -> dict[str, object]:
    """The folder and the files that a task tells its own texts of."""
    found: dict[str, object] = {
        name: f"/made-up/{name}" for name in ("workingDir", "outputDir", "inputFile", "inputDir")
    }
    for name in ("outputFiles", "inputFiles", "outputsFiles", "files"):
        said = getattr(task, name, None)
        if isinstance(said, (dict, list)):
            found[name] = {str(one): f"/made-up/{one}" for one in said}
    return found


def checked(expansion: Expansion) -> Expansion:
    """The expansion itself. Raises TaskFailed for a limit under which nothing would ever run."""
    if expansion.limit < 0:
        raise TaskFailed(f"the number of tasks at once must be at least 0, got {expansion.limit}")
    return expansion
