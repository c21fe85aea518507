"""io.kestra.plugin.fs.local.Delete"""

import os
from pathlib import Path
from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.fs.machine_files import doing, found_files, place_of, remove


class Delete(RunnableTask):
    """Delete a file or a folder of the machine: `uri`, `deleted`.

    With `regExp` the files of the folder are deleted whose whole path it matches, and `uris` lists
    them. `recursive` takes what is in folders, too.
    """

    from_: Dynamic[str]
    regExp: Dynamic[str] | None = None
    recursive: Dynamic[bool] = True
    errorOnMissing: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the place",
        "deleted": "whether something was there",
        "uris": "with a pattern: the addresses of what is gone",
    }
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        place = place_of(ctx, "from", self.from_)
        recursive = ctx.boolean(self.recursive)
        outputs: dict[str, object] = {"uri": place.as_uri(), "deleted": False}
        if not os.path.lexists(place):
            if ctx.boolean(self.errorOnMissing):
                raise TaskFailed(f"Unable to find file '{place}'")
            ctx.log("DEBUG", f"File doesn't exist '{place}'")
        elif pattern := ctx.text(self.regExp):
            if not place.is_dir():
                raise TaskFailed(f"'{place}' must be a folder when there is a `regExp`")
            gone = [
                one.as_uri()
                for one in found_files(ctx, place, pattern, recursive=recursive)
                if _deleted(ctx, one, recursive=False)
            ]
            outputs |= {"deleted": bool(gone), "uris": gone}
        else:
            outputs["deleted"] = _deleted(ctx, place, recursive=recursive)
        return Outcome(outputs)


def _deleted(ctx: RunContext, place: Path, *, recursive: bool) -> bool:
    with doing("delete", place):
        remove(place, recursive=recursive)
    ctx.log("DEBUG", f"Deleted '{place}'")
    return True
