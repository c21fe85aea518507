"""What stands in for a task of a type that Kestrel does not run."""

from typing import Annotated, Any

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.fields import Internal
from kestrel_cli.model.task import Outcome, RunContext, RunnableTask


class UnsupportedTask(RunnableTask):
    """Takes any properties; those that every task has are checked, the others kept in `extra`."""

    extra: Annotated[dict[str, Any], Internal]
    reason: Annotated[str, Internal]

    def run(self, ctx: RunContext) -> Outcome:
        raise TaskFailed(self.reason)
