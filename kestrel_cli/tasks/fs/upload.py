"""io.kestra.plugin.fs.local.Upload"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.fs.machine_files import doing, place_of, write


class Upload(RunnableTask):
    """Copy a file of internal storage to the machine: `uri`, `size`.

    Without `to` it goes into the folder that Kestrel was started in.
    """

    from_: Dynamic[str]
    to: Dynamic[str] | None = None
    overwrite: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file on the machine",
        "size": "its size in bytes",
    }
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        source = ctx.text(self.from_)
        if not source.startswith("kestra://"):
            raise TaskFailed("'from' must be a Kestra's internal storage URI")
        target = place_of(ctx, "to", self.to or source.rpartition("/")[2])
        if target.exists() and not ctx.boolean(self.overwrite):
            raise TaskFailed(
                f"Target file already exists: {target}. Set 'overwrite: true' to replace."
            )
        ctx.log("INFO", f"Copying {source} to {target}")
        with ctx.files.open(source) as stream, doing("write", target):
            size = write(ctx, stream, target)
        return Outcome({"uri": target.as_uri(), "size": size})
