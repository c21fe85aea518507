"""io.kestra.plugin.docker.cli.Rm"""

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.docker.engine import EngineTask
from kestrel_cli.tasks.properties.rendering import texts


class Rm(EngineTask):
    """Take containers and images away."""

    containerIds: Dynamic[list[str]] | None = None
    imageIds: Dynamic[list[str]] | None = None
    removeVolumes: Dynamic[bool] = False
    force: Dynamic[bool] = False

    def run(self, ctx: RunContext) -> Outcome:
        force = ["--force"] if ctx.boolean(self.force) else []
        volumes = ["--volumes"] if ctx.boolean(self.removeVolumes) else []
        with self.asked(ctx) as ask:
            if containers := texts(ctx, self.containerIds):
                ask("rm", *force, *volumes, *containers)
            if images := texts(ctx, self.imageIds):
                ask("rmi", *force, *images)
        return Outcome()
