"""io.kestra.plugin.core.execution.Resume"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import (
    Change,
    Dynamic,
    LogLevel,
    Outcome,
    Past,
    RunContext,
    RunnableTask,
    TaskFailed,
    java_text,
    json_text,
)
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command

_REFUSED: Final = 1  # the highest exit code of an execution that went on
_ERROR: Final = "error: "


class Resume(RunnableTask):
    """Go on with a paused execution: that of `executionId`, or the latest that is paused of the
    flow `flowId` in `namespace`. The task ends when it has ended or is paused again.

    The variable `resumedExecution` tells of it. The execution that the task is part of can't be
    resumed by it.
    """

    executionId: Dynamic[str] | None = None
    namespace: Dynamic[str] | None = None
    flowId: Dynamic[str] | None = None
    inputs: Dynamic[dict[str, Any]] | None = None

    by_engine: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        found = self._meant(ctx)
        inputs = ctx.structure(self.inputs) if self.inputs is not None else {}
        feed = _Told(ctx)
        with _values(ctx, inputs) as (folder, given):
            argv, environ = ctx.executions.going_on(found.id, given)
            command = Command(argv, folder, environ, f"kestrel resume {found.id}")
            if run_command(ctx, command, feed) > _REFUSED:
                raise TaskFailed(f"the execution {found.id} can't be resumed: {feed.error}")
        now = next((one.state for one in ctx.executions.listed() if one.id == found.id), None)
        ctx.log("INFO", f"the execution {found.id} went on and is {now}")
        told = {"id": found.id, "namespace": found.namespace, "flowId": found.flow}
        return Outcome(change=Change(variables={**ctx.variables(), "resumedExecution": told}))

    def _meant(self, ctx: RunContext) -> Past:
        execution = ctx.text(self.executionId)
        space, flow = ctx.text(self.namespace), ctx.text(self.flowId)
        if execution == ctx.about.execution or not (execution or (space and flow)):
            raise TaskFailed(
                "the execution can't be resumed by a task of its own: say the `executionId` of "
                "another one, or `namespace` and `flowId`"
            )
        for one in ctx.executions.listed():
            if execution and one.id == execution:
                if (space or one.namespace, flow or one.flow) != (one.namespace, one.flow):
                    break
                return one
            if not execution and (space, flow, "PAUSED") == (one.namespace, one.flow, one.state):
                return one
        raise TaskFailed(
            f"No execution found for execution id {execution}"
            if execution
            else f"no execution of the flow `{space}.{flow}` is paused"
        )


class _Told(Feed):
    """What the command tells is for those who look closer; `error` is why it did not go on."""

    error = "see the log at level DEBUG"

    def entry(self, level: LogLevel, text: str) -> tuple[LogLevel, str]:
        if text.startswith(_ERROR):
            self.error = text.removeprefix(_ERROR)
        return "DEBUG", text


@contextmanager
def _values(ctx: RunContext, inputs: Mapping[str, Any]) -> Iterator[tuple[Path, list[str]]]:
    """Inputs by way of files: in the list of processes nobody is to see them."""
    with ctx.files.scratch("resume") as folder:
        given = []
        for number, (name, value) in enumerate(inputs.items()):
            nested = isinstance(value, (dict, list))
            place = folder / str(number)
            place.write_text(json_text(value) if nested else java_text(value), "utf-8")
            given.append(f"{name}=@{place}")
        yield folder, given
