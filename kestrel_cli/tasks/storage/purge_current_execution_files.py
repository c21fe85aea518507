"""io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles"""

from typing import ClassVar

from kestrel_cli.tasks.base import Outcome, RunContext, RunnableTask


class PurgeCurrentExecutionFiles(RunnableTask):
    """Take every file of this execution out of internal storage; the output `uris` lists them."""

    gives: ClassVar[dict[str, str]] = {"uris": "the addresses of the files that are gone"}
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome({"uris": ctx.files.purge()})
