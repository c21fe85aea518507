"""io.kestra.plugin.fs.local.List"""

from typing import ClassVar, Final, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.fs.machine_files import at_most, described, doing, found_files, place_of
from kestrel_cli.tasks.properties.words import word

Sort = Literal["NONE", "LAST_MODIFIED_ASC", "LAST_MODIFIED_DESC", "NAME_ASC", "NAME_DESC"]
_SORTS: Final = ("NONE", "LAST_MODIFIED_ASC", "LAST_MODIFIED_DESC", "NAME_ASC", "NAME_DESC")


class List(RunnableTask):
    """List the files of a folder: `files`, and how many in `count`.

    `regExp` has to match the whole name or the whole path. Files are in order of their paths
    unless `sort` says otherwise; `maxFiles` are listed at most.
    """

    from_: Dynamic[str]
    regExp: Dynamic[str] | None = None
    recursive: Dynamic[bool] = False
    sort: Dynamic[Sort] = "NONE"
    maxFiles: Dynamic[int] = 25

    gives: ClassVar[dict[str, str]] = {
        "files": "the files: `uri`, `name`, `size`, `modifiedDate` and so on",
        "count": "how many they are",
    }
    blocking: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        sort = word(ctx, "sort", self.sort, *_SORTS)
        folder = place_of(ctx, "from", self.from_)
        pattern = ctx.text(self.regExp)
        places = found_files(ctx, folder, pattern, recursive=ctx.boolean(self.recursive))
        with doing("list", folder):
            if sort.startswith("LAST_MODIFIED"):
                places.sort(key=lambda one: one.stat().st_mtime_ns, reverse=sort.endswith("DESC"))
            elif sort.startswith("NAME"):
                places.sort(key=lambda one: one.name, reverse=sort.endswith("DESC"))
            files = [described(one) for one in at_most(ctx, places, self.maxFiles)]
        return Outcome({"files": files, "count": len(files)})
