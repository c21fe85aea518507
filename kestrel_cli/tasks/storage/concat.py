"""io.kestra.plugin.core.storage.Concat"""

import shutil
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.files.extensions import extension
from kestrel_cli.tasks.rows.text_rows import row_bytes


class Concat(RunnableTask):
    """Join files to one, in the order of the list; `separator` comes after each of them.

    `files` is a list of addresses, or an expression that gives one.
    """

    files: Dynamic[Any]
    separator: Dynamic[str] | None = None
    extension: Dynamic[str] = ".tmp"

    gives: ClassVar[dict[str, str]] = {"uri": "the address of the new file in internal storage"}

    def run(self, ctx: RunContext) -> Outcome:
        separator = row_bytes(ctx.text(self.separator))
        with ctx.files.create(extension(ctx, self.extension)) as joined:
            for uri in _addresses(ctx, self.files):
                with ctx.files.open(uri) as source:
                    shutil.copyfileobj(source, joined.stream, 1 << 20)
                joined.stream.write(separator)
        return Outcome({"uri": joined.uri})


def _addresses(ctx: RunContext, files: object) -> list[str]:
    written = isinstance(files, list)
    found = [ctx.text(one) if written else one for one in ctx.items(files)]
    for one in found:
        if not isinstance(one, str):
            raise TaskFailed("`files` must be a list of addresses of files in internal storage")
    return found
