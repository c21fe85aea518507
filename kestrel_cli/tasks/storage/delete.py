"""io.kestra.plugin.core.storage.Delete"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed


class Delete(RunnableTask):
    """Take a file out of internal storage; the output `deleted` says whether it was there."""

    uri: Dynamic[str]
    errorOnMissing: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address",
        "deleted": "whether the file was there",
    }
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        uri = ctx.text(self.uri)
        deleted = ctx.files.delete(uri)
        if not deleted and ctx.boolean(self.errorOnMissing):
            raise TaskFailed(f"Unable to find file '{uri}'")
        return Outcome({"uri": uri, "deleted": deleted})
