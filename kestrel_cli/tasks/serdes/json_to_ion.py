"""io.kestra.plugin.serdes.json.JsonToIon"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.rows.ion_rows import new_rows
from kestrel_cli.tasks.serdes.json_files import elements, lines
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, reading


class JsonToIon(RunnableTask):
    """Convert JSON into rows: one value on each line, or (`newLine: false`) one array or value.

    Counter `records` says how many rows came out.
    """

    from_: Dynamic[str]
    newLine: Dynamic[bool] = True
    charset: Dynamic[str] = CHARSET

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that came out"}

    def run(self, ctx: RunContext) -> Outcome:
        values = lines if ctx.boolean(self.newLine) else elements
        encoding = charset(ctx, self.charset)
        with reading(ctx, ctx.text(self.from_), encoding) as text, new_rows(ctx) as rows:
            for value in values(text):
                rows.add(value)
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})
