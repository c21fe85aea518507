"""io.kestra.plugin.core.storage.Split"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.rows.splitting import Batch, division, split_file


class Split(Batch, RunnableTask):
    """Cut a file into several by rows; the output `uris` lists them in order.

    Say one of `regexPattern` (a file for each text of its first group), `bytes` (a file closes
    with the row that reaches the size), `partitions` (rows are dealt in turn) or `rows`.
    """

    from_: Dynamic[str]

    gives: ClassVar[dict[str, str]] = {"uris": "the addresses of the parts, in order"}

    def run(self, ctx: RunContext) -> Outcome:
        source = ctx.text(self.from_)
        return Outcome({"uris": split_file(ctx, source, name="part", **division(ctx, self))})
