"""io.kestra.plugin.core.flow.If"""

from typing import Annotated, ClassVar

from kestrel_cli.tasks.base import (
    Dynamic,
    Expansion,
    Filled,
    FlowableTask,
    RunContext,
    Tasks,
    one_lane,
)


class If(FlowableTask):
    """Run `then` or `else`.

    The condition is rendered once; empty, `0`, `-0` and `false` are false, and so is none at all.
    """

    condition: Dynamic[str] | None = None
    then: Annotated[Tasks, Filled]
    else_: Tasks = ()

    gives: ClassVar[dict[str, str]] = {"evaluationResult": "whether the condition holds"}

    def expand(self, ctx: RunContext) -> Expansion:
        holds = ctx.truthy(self.condition)
        block = "then" if holds else "else"
        return Expansion(one_lane(block, self.blocks[block]), outputs={"evaluationResult": holds})
