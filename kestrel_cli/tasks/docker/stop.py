"""io.kestra.plugin.docker.cli.Stop"""

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.docker.engine import EngineTask


class Stop(EngineTask):
    """Stop a container, or kill it, and take it away unless `delete` is false."""

    containerId: Dynamic[str]
    kill: Dynamic[bool] = False
    delete: Dynamic[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        with self.asked(ctx) as ask:
            container = ctx.text(self.containerId)
            ask("kill" if ctx.boolean(self.kill) else "stop", container)
            if ctx.boolean(self.delete):
                ask("rm", container)
        return Outcome()
