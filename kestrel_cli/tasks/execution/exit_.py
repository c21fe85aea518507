"""io.kestra.plugin.core.execution.Exit"""

from typing import ClassVar, Literal

from kestrel_cli.tasks.base import (
    Change,
    Dynamic,
    Outcome,
    RunContext,
    RunnableTask,
    State,
    TaskFailed,
)

_STATES = {
    "SUCCESS": State.SUCCESS,
    "WARNING": State.WARNING,
    "KILLED": State.KILLED,
    "FAILED": State.FAILED,
    "CANCELED": State.CANCELLED,
    "CANCELLED": State.CANCELLED,
}


class Exit(RunnableTask):
    """End the execution now, in a state of your choice. `finally` does not run any more."""

    state: Dynamic[Literal["SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELED", "CANCELLED"]] = (
        "SUCCESS"
    )

    by_engine: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        text = ctx.text(self.state)
        if text not in _STATES:
            raise TaskFailed(f"`{text}` is no state to exit with: use one of {', '.join(_STATES)}")
        return Outcome(change=Change(exit=_STATES[text]))
