"""io.kestra.plugin.core.namespace.DeleteFiles"""

from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, ClassVar

from kestrel_cli.tasks.base import (
    Dynamic,
    NamespaceFiles,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
)
from kestrel_cli.tasks.namespace.chosen_files import chosen_files


class DeleteFiles(RunnableTask):
    """Take files of a namespace away, with `deleteParentFolder` also folders that this empties.

    It has no outputs: the log and the metric say what is gone.
    """

    namespace: Dynamic[str]
    files: Dynamic[Any]
    deleteParentFolder: Dynamic[bool] = False

    measures: ClassVar[dict[str, str]] = {"deleted": "counter: files that are gone"}
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        target = ctx.files.namespace(ctx.text(self.namespace))
        deleted: list[str] = []
        for name in chosen_files(ctx, target.names(), self.files):
            if target.delete(name):
                deleted.append(name)
                ctx.log("DEBUG", f"Deleted {name}")
        if ctx.boolean(self.deleteParentFolder):
            _delete_empty(ctx, target, deleted)
        ctx.count("deleted", len(deleted))
        return Outcome()


def _delete_empty(ctx: RunContext, target: NamespaceFiles, deleted: list[str]) -> None:
    """Take away the folders above, the deepest first; one that holds something stays."""
    above = {str(folder) for name in deleted for folder in PurePosixPath(name).parents}
    for folder in sorted(above - {"."}, key=lambda name: (-name.count("/"), name)):
        with suppress(TaskFailed):
            if target.delete(folder):
                ctx.log("DEBUG", f"Deleted empty folder: {folder}")
