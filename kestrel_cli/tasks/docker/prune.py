"""io.kestra.plugin.docker.cli.Prune"""

from typing import Final, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.docker.engine import EngineTask
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.properties.words import word

_KINDS: Final = {
    "BUILD": "builder",
    "CONTAINERS": "container",
    "IMAGES": "image",
    "NETWORKS": "network",
    "VOLUMES": "volume",
}


class Prune(EngineTask):
    """Take away what nothing uses: of images all, or with `dangling` those without a name."""

    pruneType: Dynamic[Literal["BUILD", "CONTAINERS", "IMAGES", "NETWORKS", "VOLUMES"]]
    dangling: Dynamic[bool] = False
    until: Dynamic[str] | None = None
    labelFilters: Dynamic[list[str]] | None = None

    def run(self, ctx: RunContext) -> Outcome:
        kind = word(ctx, "pruneType", self.pruneType, *_KINDS)
        options = ["--force"]
        if kind == "IMAGES" and not ctx.boolean(self.dangling):
            options.append("--all")
        if until := ctx.text(self.until):
            options += ["--filter", f"until={until}"]
        for label in texts(ctx, self.labelFilters):
            options += ["--filter", f"label={label}"]
        with self.asked(ctx) as ask:
            ask(_KINDS[kind], "prune", *options)
        return Outcome()
