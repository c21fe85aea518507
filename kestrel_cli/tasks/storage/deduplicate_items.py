"""io.kestra.plugin.core.storage.DeduplicateItems"""

from hashlib import blake2b
from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RenderError, RunContext, RunnableTask
from kestrel_cli.tasks.rows.text_rows import row_bytes
from kestrel_cli.tasks.storage.items import items_of, of_item


class DeduplicateItems(RunnableTask):
    """Keep the last item of each key; `expr` gives the key and sees the item's fields as variables.

    The file has one map on each row, as Ion or JSON. It is read twice, so that only the keys are
    held in memory.
    """

    from_: Dynamic[str]
    expr: Dynamic[str]

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of kept items (Ion)",
        "numKeys": "how many keys there are",
        "processedItemsTotal": "items that were read",
        "droppedItemsTotal": "items that were left out",
    }

    def run(self, ctx: RunContext) -> Outcome:
        uri = ctx.text(self.from_)
        last: dict[bytes, int] = {}
        processed = 0
        with ctx.files.open(uri) as source:
            for _, item in items_of(source):
                try:
                    key = ctx.with_variables(item).text(self.expr)
                except RenderError as error:
                    raise of_item(error, processed + 1, item) from None
                last[_digest(key)] = processed
                processed += 1
        chosen = set(last.values())
        with ctx.files.open(uri) as source, ctx.files.create(".ion") as kept:
            for number, (row, _) in enumerate(items_of(source)):
                if number in chosen:
                    kept.stream.write(row_bytes(row) + b"\n")
        return Outcome(
            {
                "uri": kept.uri,
                "numKeys": len(last),
                "processedItemsTotal": processed,
                "droppedItemsTotal": processed - len(last),
            }
        )


def _digest(key: str) -> bytes:
    """What stands for a key, however long it is."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
