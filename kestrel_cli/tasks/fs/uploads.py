"""io.kestra.plugin.fs.local.Uploads"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import (
    Dynamic,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
    java_regex,
    parts_of,
)
from kestrel_cli.tasks.fs.machine_files import at_most, doing, place_of, write
from kestrel_cli.tasks.properties.addresses import addresses_of


class Uploads(RunnableTask):
    """Copy files of internal storage into a folder of the machine, `to`: `files`.

    `from` is a list of addresses, or a map that gives each a name; or text that renders to one of
    them as JSON, or to one address. Only addresses that `regExp` matches as a whole are copied.
    """

    from_: Dynamic[Any]
    to: Dynamic[str]
    regExp: Dynamic[str] | None = None
    maxFiles: Dynamic[int] = 25
    overwrite: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {"files": "the addresses of the new files on the machine"}
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        folder = place_of(ctx, "to", self.to)
        named = addresses_of(ctx, "from", self.from_)
        if pattern := ctx.text(self.regExp):
            wanted = java_regex.compiled(pattern)
            named = [one for one in named if wanted.fullmatch(one[1])]
        overwrite = ctx.boolean(self.overwrite)
        made = []
        for name, source in at_most(ctx, named, self.maxFiles):
            target = folder.joinpath(*parts_of(name, "write"))
            if target.exists() and not overwrite:
                raise TaskFailed(
                    f"Target file already exists: {target}. Set 'overwrite: true' to replace."
                )
            ctx.log("DEBUG", f"Copying {source} to {target}")
            with ctx.files.open(source) as stream, doing("write", target):
                write(ctx, stream, target)
            made.append(target.as_uri())
        return Outcome({"files": made})
