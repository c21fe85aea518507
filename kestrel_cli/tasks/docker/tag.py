"""io.kestra.plugin.docker.cli.Tag"""

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.docker.engine import EngineTask


class Tag(EngineTask):
    """Give an image that is here a further name."""

    sourceImage: Dynamic[str]
    targetImage: Dynamic[str]

    def run(self, ctx: RunContext) -> Outcome:
        with self.asked(ctx) as ask:
            ask("tag", ctx.text(self.sourceImage), ctx.text(self.targetImage))
        return Outcome()
