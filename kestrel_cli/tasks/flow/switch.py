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
                f"{_no_case(ctx)}\nno case for the value `{value}` and no `defaults`: "
                f"the cases are {known}",
                outputs=outputs,
                soft=True,
                warns=True,
            )
        block = f"cases.{value}" if matched else "defaults"
        return Expansion(one_lane(block, self.blocks[block]), outputs=outputs)


def _no_case(ctx: RunContext) -> str:
    """Kestra's own line."""
    about = ctx.about
    flow = f"{about.namespace}.{about.flow}"
    return f"No task found on flow '{flow}', task '{about.task}', execution '{about.execution}'"
