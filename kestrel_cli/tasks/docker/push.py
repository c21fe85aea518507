"""io.kestra.plugin.docker.cli.Push"""

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.docker.engine import EngineTask, refuse_offline, without_scheme
from kestrel_cli.tasks.properties.rendering import texts


class Push(EngineTask):
    """Push images that are here to a registry."""

    tags: Dynamic[list[str]]

    def run(self, ctx: RunContext) -> Outcome:
        tags = [without_scheme(tag) for tag in texts(ctx, self.tags)]
        if not tags:
            raise TaskFailed("At least one tag must be provided")
        refuse_offline(ctx, f"the push of {tags[0]}")
        with self.asked(ctx) as ask:
            for tag in tags:
                ask("push", tag, image=tag)
        return Outcome()
