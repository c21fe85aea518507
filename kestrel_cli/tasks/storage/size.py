"""io.kestra.plugin.core.storage.Size"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask


class Size(RunnableTask):
    """Tell the `size` of a file in bytes."""

    uri: Dynamic[str]

    gives: ClassVar[dict[str, str]] = {"size": "the size in bytes"}

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome({"size": ctx.files.size(ctx.text(self.uri))})
