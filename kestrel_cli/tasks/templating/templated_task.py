"""io.kestra.plugin.core.templating.TemplatedTask"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.properties.rendering import source_text


class TemplatedTask(RunnableTask):
    """Render `spec`, the YAML of one task, and run that task; its outputs are those of this one.

    As in Kestra, what `spec` has become is a task like any other: its own properties are rendered,
    and its retry, timeout and the like are not looked at.
    """

    spec: Dynamic[Any]

    gives: ClassVar[dict[str, str]] = {"...": "those of the task that `spec` describes"}
    measures: ClassVar[dict[str, str]] = {"...": "those of that task"}
    # Only once `spec` is rendered it turns out what the task does: it may be either.
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        return ctx.task_of(ctx.text(source_text(self.spec))).run(ctx)
