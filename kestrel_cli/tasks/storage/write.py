"""io.kestra.plugin.core.storage.Write"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.files.extensions import extension
from kestrel_cli.tasks.properties.rendering import source_text


class Write(RunnableTask):
    """Write text into a new file in internal storage; the output `uri` is its address."""

    content: Dynamic[Any]
    extension: Dynamic[str] | None = None

    gives: ClassVar[dict[str, str]] = {"uri": "the address of the new file in internal storage"}

    def run(self, ctx: RunContext) -> Outcome:
        content = ctx.text(source_text(self.content)).encode("utf-8", "replace")
        return Outcome({"uri": ctx.files.put(content, extension(ctx, self.extension))})
