"""io.kestra.plugin.fs.local.Downloads"""

from pathlib import Path
from typing import ClassVar, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.fs.machine_files import (
    at_most,
    described,
    doing,
    found_files,
    move,
    place_of,
    remove,
    stored,
)
from kestrel_cli.tasks.properties.words import word

Action = Literal["NONE", "MOVE", "DELETE"]


class Downloads(RunnableTask):
    """Copy files of a folder into internal storage: `files`, and in `outputFiles` their addresses
    by path.

    `action` is done to each file when all of them are in storage: DELETE, or MOVE to
    `moveDirectory`, where it keeps its path below `from`.
    """

    from_: Dynamic[str]
    regExp: Dynamic[str] | None = None
    recursive: Dynamic[bool] = False
    action: Dynamic[Action] = "NONE"
    moveDirectory: Dynamic[str] | None = None
    maxFiles: Dynamic[int] = 25

    gives: ClassVar[dict[str, str]] = {
        "files": "the files: `uri`, `name`, `size`, `modifiedDate` and so on",
        "outputFiles": "their names, and the addresses of the copies",
    }
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        action = word(ctx, "action", self.action, "NONE", "MOVE", "DELETE")
        folder = place_of(ctx, "from", self.from_)
        if action == "MOVE" and self.moveDirectory is None:
            raise TaskFailed("moveDirectory must be specified when action is MOVE")
        target = place_of(ctx, "moveDirectory", self.moveDirectory) if action == "MOVE" else folder
        pattern = ctx.text(self.regExp)
        places = found_files(ctx, folder, pattern, recursive=ctx.boolean(self.recursive))
        files = []
        addresses = {}
        for place in at_most(ctx, places, self.maxFiles):
            with doing("read", place):
                about = described(place)
            about["uri"], _ = stored(ctx, place)
            addresses[str(place)] = about["uri"]
            files.append(about)
        for place, about in zip(places, files, strict=False):
            if action == "DELETE":
                with doing("delete", place):
                    remove(place, recursive=False)
                ctx.log("DEBUG", f"Deleted file '{place}'")
            elif action == "MOVE":
                about.update(_moved(ctx, place, target / place.relative_to(folder)))
        return Outcome({"files": files, "outputFiles": addresses})


def _moved(ctx: RunContext, place: Path, target: Path) -> dict[str, str]:
    """What is told otherwise of a file that has been moved."""
    with doing("move", place):
        move(ctx, place, target)
    ctx.log("DEBUG", f"Moved file '{place}' to '{target}'")
    return {"localPath": str(target), "name": target.name, "parent": str(target.parent)}
