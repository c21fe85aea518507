"""io.kestra.plugin.serdes.yaml.YamlToIon"""

from typing import ClassVar

from kestrel_cli.tasks.base import (
    Dynamic,
    Outcome,
    RenderError,
    RunContext,
    RunnableTask,
    TaskFailed,
    yaml,
)
from kestrel_cli.tasks.rows.ion_rows import new_rows
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, reading
from kestrel_cli.tasks.serdes.yaml_files import documents


class YamlToIon(RunnableTask):
    """Convert the documents of a YAML file into rows.

    Counter `records` says how many rows came out.
    """

    from_: Dynamic[str]
    charset: Dynamic[str] = CHARSET

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that came out"}

    def run(self, ctx: RunContext) -> Outcome:
        encoding = charset(ctx, self.charset)
        with reading(ctx, ctx.text(self.from_), encoding) as text, new_rows(ctx) as rows:
            for first, document in documents(text):
                try:
                    rows.add(yaml.read(document))
                except RenderError as error:
                    where = f"the document at line {first}"
                    raise TaskFailed(f"{where} can't be read: {error}") from None
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})
