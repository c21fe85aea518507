"""io.kestra.plugin.serdes.json.IonToJson"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.properties.words import zone
from kestrel_cli.tasks.rows.ion_rows import read_rows
from kestrel_cli.tasks.serdes.row_json import row_json
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, writing


class IonToJson(RunnableTask):
    """Convert rows into JSON: one value on each line, or (`newLine: false`) one array.

    Counter `records` says how many rows were written.
    """

    from_: Dynamic[str]
    newLine: Dynamic[bool] = True
    charset: Dynamic[str] = CHARSET
    timeZoneId: Dynamic[str] | None = None
    shouldKeepAnnotations: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def run(self, ctx: RunContext) -> Outcome:
        on_lines = ctx.boolean(self.newLine)
        annotations = ctx.boolean(self.shouldKeepAnnotations)
        encoding = charset(ctx, self.charset)
        where = zone(ctx, self.timeZoneId)
        source = ctx.files.open(ctx.text(self.from_))
        with (
            source,
            ctx.files.create(".jsonl" if on_lines else ".json") as file,
            writing(file, encoding) as out,
        ):
            count = 0
            for row in read_rows(source, annotations=annotations):
                if not on_lines:
                    out.write("," if count else "[")
                out.write(row_json(row, where))
                if on_lines:
                    out.write("\n")
                count += 1
            if not on_lines:
                out.write("]" if count else "[]")
        ctx.count("records", count)
        return Outcome({"uri": file.uri, "size": count})
