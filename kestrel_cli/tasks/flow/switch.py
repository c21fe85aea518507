"""io.kestra.plugin.core.flow.Switch"""

from typing import Annotated, ClassVar

from kestrel_cli.tasks.base import (
    Children,
    Dynamic,
    Expansion,
    FlowableTask,
    RunContext,
    Task,
    TaskFailed,
    Tasks,
    one_lane,
)


class Switch(FlowableTask):
    """Run the case whose name equals the rendered value, else `defaults`.

    Without either it fails.
    """

    value: Dynamic[str]
    cases: Annotated[dict[str, tuple[Task, ...]], Children] = {}
    defaults: Tasks = ()

    gives: ClassVar[dict[str, str]] = {
        "value": "the rendered value",
        "defaults": "whether no case had it",
    }

    def expand(self, ctx: RunContext) -> Expansion:
        value = ctx.text(self.value)
        matched = value in self.cases
        outputs: dict[str, object] = {"value": value, "defaults": not matched}
        if not matched and not self.defaults:
            known = ", ".join(f"`{case}`" for case in self.cases) or "none"
            raise TaskFailed(
                f"no case for the value `{value}` and no `defaults`: the cases are {known}",
                outputs=outputs,
            )
        block = f"cases.{value}" if matched else "defaults"
        return Expansion(one_lane(block, self.blocks[block]), outputs=outputs)
