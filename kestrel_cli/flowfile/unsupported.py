"""What Kestrel does not run: whole types, and what a task asks for by its properties."""

from collections.abc import Callable
from typing import Annotated, Any

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.marks import Checked, Internal
from kestrel_cli.model.task import Outcome, RunContext, RunnableTask, Task


class UnsupportedTask(RunnableTask):
    """Stands in for a task of such a type: takes any properties; those that every task has are
    checked, the others kept in `extra`.
    """

    taskRunner: Annotated[Any, Checked("runner")] = None  # noqa: N815  the property's name

    extra: Annotated[dict[str, Any], Internal]
    reason: Annotated[str, Internal]

    def run(self, ctx: RunContext) -> Outcome:
        raise TaskFailed(self.reason)


def lacks_of(task: Task) -> list[str]:
    """Why the task does not run here: what its type is, or what its method `lacks` names."""
    if isinstance(task, UnsupportedTask):
        return [f"task `{task.id}` of type {task.type}"]
    lacks: Callable[[], list[str]] | None = getattr(task, "lacks", None)
    return [] if lacks is None else [f"task `{task.id}` asks for {what}" for what in lacks()]
