"""io.kestra.plugin.core.flow.Pause"""

from typing import Annotated, Any, ClassVar, Literal

from kestrel_cli.tasks.base import (
    Children,
    Chosen,
    Duration,
    Dynamic,
    Expansion,
    FlowableTask,
    Input,
    OldName,
    RunContext,
    State,
    Task,
    TaskFailed,
    Tasks,
    tolerated,
)

_UNTIL_RESUMED = -1.0
_ELAPSED = {
    "RESUME": State.SUCCESS,
    "WARN": State.WARNING,
    "CANCEL": State.CANCELLED,
    "FAIL": State.FAILED,
}


class Pause(FlowableTask):
    """Stand still for `pauseDuration`, or until somebody resumes the execution.

    `behavior` says what happens when the duration is over. Without a duration, `timeout` ends the
    waiting: the task run is FAILED then. `onPause` runs while it waits, `tasks` after it.
    """

    pauseDuration: Annotated[Dynamic[Duration] | None, OldName("delay")] = None
    behavior: Dynamic[Literal["RESUME", "WARN", "CANCEL", "FAIL"]] = "RESUME"
    onResume: Annotated[list[Input] | None, Chosen("input")] = None
    onPause: Annotated[Task | None, Children] = None
    tasks: Tasks = ()

    gives: ClassVar[dict[str, str]] = {
        "onResume": "the inputs with which it was resumed",
        "resumed": "when (`on`), and to which state (`to`)",
    }

    def expand(self, ctx: RunContext) -> Expansion:
        waits = self.timeout if self.pauseDuration is None else self.pauseDuration
        seconds = _UNTIL_RESUMED if waits is None else ctx.duration(waits).seconds
        return Expansion([], pause=max(seconds, 0.0) if waits is not None else seconds)

    def elapsed(self, ctx: RunContext) -> State:
        """What it resumes with when its time is over: as `behavior` says after a `pauseDuration`,
        FAILED after a mere `timeout`.
        """
        if self.pauseDuration is None:
            return State.FAILED
        behavior = ctx.text(self.behavior)
        if behavior not in _ELAPSED:
            raise TaskFailed(f"`{behavior}` is no behavior: use one of {', '.join(_ELAPSED)}")
        return _ELAPSED[behavior]

    def resumed(self, inputs: dict[str, Any] | None, on: str, state: State) -> dict[str, Any]:
        """Its outputs, once it goes on: with inputs (None: by itself)."""
        given = {} if inputs is None else {"onResume": inputs}
        return given | {"resumed": {"on": on, "to": tolerated(self, state).value}}
