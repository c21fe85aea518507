"""io.kestra.plugin.docker.cli.Pull"""

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.docker.engine import EngineTask, refuse_offline


class Pull(EngineTask):
    """Pull an image from a registry."""

    image: Dynamic[str]

    def run(self, ctx: RunContext) -> Outcome:
        with self.asked(ctx) as ask:
            image = ask.image(ctx.text(self.image))
            refuse_offline(ctx, f"the pull of {image}")
            ask("pull", image, image=image)
            ctx.log("INFO", f"Successfully pulled image {image}")
        return Outcome()
