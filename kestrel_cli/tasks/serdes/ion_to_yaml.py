"""io.kestra.plugin.serdes.yaml.IonToYaml"""

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
from kestrel_cli.tasks.rows.ion_rows import read_rows
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, writing


class IonToYaml(RunnableTask):
    """Convert rows into YAML: one document for each, with `---` before it when there are several.

    Counter `records` says how many rows were written.
    """

    from_: Dynamic[str]
    charset: Dynamic[str] = CHARSET

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def run(self, ctx: RunContext) -> Outcome:
        encoding = charset(ctx, self.charset)
        source = ctx.files.open(ctx.text(self.from_))
        with source, ctx.files.create(".yaml") as file, writing(file, encoding) as out:
            rows = read_rows(source)
            waiting = None
            count = 0
            for count, row in enumerate(rows, 1):
                document = _written(row, count)
                if count == 1:
                    waiting = document
                    continue
                if waiting is not None:
                    out.write(f"---\n{waiting}")
                    waiting = None
                out.write(f"---\n{document}")
            if waiting is not None:
                out.write(waiting)
        ctx.count("records", count)
        return Outcome({"uri": file.uri, "size": count})


def _written(row: object, number: int) -> str:
    try:
        return yaml.write(row)
    except RenderError as error:
        raise TaskFailed(f"row {number} can't be written: {error}") from None
