"""io.kestra.plugin.core.flow.Template"""

from typing import Any

from kestrel_cli.tasks.base import Dynamic, Expansion, FlowableTask, RunContext, TaskFailed


class Template(FlowableTask):
    """Fails: templates live on a Kestra server and are gone from Kestra 2.0. Use a Subflow."""

    namespace: Dynamic[str]
    templateId: Dynamic[str]
    args: Dynamic[dict[str, Any]] | None = None

    def expand(self, ctx: RunContext) -> Expansion:
        name = f"{ctx.text(self.namespace)}.{ctx.text(self.templateId)}"
        raise TaskFailed(
            "templates live on a Kestra server, and are gone from Kestra 2.0: put the tasks into a "
            f"flow of their own and use a Subflow. Can't find flow template '{name}'"
        )
