"""io.kestra.plugin.core.storage.FilterItems"""

from typing import ClassVar, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RenderError, RunContext, RunnableTask
from kestrel_cli.tasks.properties.words import word
from kestrel_cli.tasks.rows.text_rows import row_bytes
from kestrel_cli.tasks.storage.items import items_of, of_item

FilterType = Literal["INCLUDE", "EXCLUDE"]
ErrorOrNullBehavior = Literal["FAIL", "INCLUDE", "EXCLUDE"]


class FilterItems(RunnableTask):
    """Keep the items of a file that fulfil a condition, or (`EXCLUDE`) those that don't.

    The file has one map on each row, as Ion or JSON; the condition sees its fields as variables.
    `errorOrNullBehavior` says what becomes of an item for which the condition can't be rendered.
    """

    from_: Dynamic[str]
    filterCondition: Dynamic[str]
    filterType: Dynamic[FilterType] = "INCLUDE"
    errorOrNullBehavior: Dynamic[ErrorOrNullBehavior] = "FAIL"

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of kept items (Ion)",
        "processedItemsTotal": "items that were read",
        "droppedItemsTotal": "items that were left out",
    }

    def run(self, ctx: RunContext) -> Outcome:
        wanted = word(ctx, "filterType", self.filterType, "INCLUDE", "EXCLUDE") == "INCLUDE"
        on_error = word(
            ctx, "errorOrNullBehavior", self.errorOrNullBehavior, "FAIL", "INCLUDE", "EXCLUDE"
        )
        processed = dropped = 0
        with ctx.files.open(ctx.text(self.from_)) as source, ctx.files.create(".ion") as kept:
            for row, item in items_of(source):
                processed += 1
                try:
                    keeps = ctx.with_variables(item).truthy(self.filterCondition) is wanted
                except RenderError as error:
                    if on_error == "FAIL":
                        raise of_item(error, processed, item) from None
                    keeps = on_error == "INCLUDE"
                if keeps:
                    kept.stream.write(row_bytes(row) + b"\n")
                else:
                    dropped += 1
        counts = {"processedItemsTotal": processed, "droppedItemsTotal": dropped}
        return Outcome({"uri": kept.uri, **counts})
