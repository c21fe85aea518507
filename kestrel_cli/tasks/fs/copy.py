"""io.kestra.plugin.fs.local.Copy"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.fs.machine_files import copy, doing, ways


class Copy(RunnableTask):
    """Copy a file or a folder of the machine. What is there already stays unless `overwrite`."""

    from_: Dynamic[str]
    to: Dynamic[str]
    overwrite: Dynamic[bool] = False

    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        source, target = ways(ctx, self.from_, self.to, overwrite=ctx.boolean(self.overwrite))
        with doing("copy", source):
            copy(ctx, source, target)
        return Outcome()
