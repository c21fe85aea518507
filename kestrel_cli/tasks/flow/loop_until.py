"""io.kestra.plugin.core.flow.LoopUntil"""

from typing import Annotated, ClassVar

from kestrel_cli.tasks.base import (
    SEVERITY,
    Bounds,
    Duration,
    Dynamic,
    Expansion,
    Filled,
    FlowableTask,
    Lane,
    Model,
    RunContext,
    State,
    TaskFailed,
    Tasks,
    Verdict,
)

_COUNT = "iterationCount"


class CheckFrequency(Model):
    """How long to wait between two passes, and how many there may be."""

    maxIterations: Dynamic[Annotated[int, Bounds(least=1)]] | None = None
    maxDuration: Dynamic[Duration] | None = None
    interval: Dynamic[Duration] = Duration(60_000_000_000)


class LoopUntil(FlowableTask):
    """Run the tasks again and again until `condition` holds; the last pass is what stays.

    `iterationCount` is the number of the pass, from 1. `condition` is looked at after a pass, and
    again with the number of the next one before that begins; of the limits, the one in time comes
    before that number counts, the one in passes after it.
    """

    condition: Dynamic[str]
    failOnMaxReached: Dynamic[bool] = False
    checkFrequency: CheckFrequency | None = None
    tasks: Annotated[Tasks, Filled]

    gives: ClassVar[dict[str, str]] = {"iterationCount": "the number of the pass, from 1"}
    judges: ClassVar[bool] = True

    def expand(self, ctx: RunContext) -> Expansion:
        tasks = self.blocks["tasks"]
        lanes = [Lane("tasks", 0, len(tasks), None, ctx.iteration() or 0)] if tasks else []
        return Expansion(lanes, outputs={_COUNT: _pass(ctx)})

    def judge(self, ctx: RunContext, worst: State) -> Verdict:
        """Once more, unless the condition holds, a task failed or a limit is reached."""
        if SEVERITY[worst] >= SEVERITY[State.FAILED] or ctx.truthy(self.condition):
            return Verdict({})
        frequency = self.checkFrequency or CheckFrequency()
        longest, most = frequency.maxDuration, frequency.maxIterations
        number = _pass(ctx)
        if longest is not None and ctx.age() >= ctx.duration(longest).seconds:
            return self._at_limit(ctx, "Max duration reached", {_COUNT: number})
        outputs: dict[str, object] = {_COUNT: number + 1}
        if ctx.with_own(outputs).truthy(self.condition):  # looked at again before the next pass
            return Verdict(outputs)
        if most is not None and number >= ctx.integer(most):
            return self._at_limit(ctx, "Max iterations reached", outputs)
        return Verdict(outputs, ctx.duration(frequency.interval).seconds)

    def _at_limit(self, ctx: RunContext, reached: str, outputs: dict[str, object]) -> Verdict:
        """What ends it when there may be no further pass. Raises TaskFailed."""
        if ctx.boolean(self.failOnMaxReached):
            raise TaskFailed(reached, outputs=outputs, warns=True)
        ctx.log("WARN", reached)
        return Verdict(outputs)


def _pass(ctx: RunContext) -> int:
    found = ctx.own().get(_COUNT, 1)
    return found if isinstance(found, int) else 1
