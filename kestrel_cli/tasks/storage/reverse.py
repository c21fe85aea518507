"""io.kestra.plugin.core.storage.Reverse"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.files.extensions import extension_of
from kestrel_cli.tasks.rows.text_rows import rows_backwards


class Reverse(RunnableTask):
    """Write the rows of a file into a new one, the last row first; `separator` ends each."""

    from_: Dynamic[str]
    separator: Dynamic[str] = "\n"
    charset: Dynamic[str] = "UTF-8"

    gives: ClassVar[dict[str, str]] = {"uri": "the address of the new file in internal storage"}

    def run(self, ctx: RunContext) -> Outcome:
        uri, charset = ctx.text(self.from_), ctx.text(self.charset)
        separator = _encoded(ctx.text(self.separator), charset)
        with ctx.files.open(uri) as source, ctx.files.create(extension_of(uri)) as reversed_:
            for row in rows_backwards(source, charset):
                reversed_.stream.write(row + separator)
        return Outcome({"uri": reversed_.uri})


def _encoded(separator: str, charset: str) -> bytes:
    try:
        return separator.encode(charset)
    except (LookupError, ValueError):
        raise TaskFailed(f"the separator can't be written in `{charset[:100]}`") from None
