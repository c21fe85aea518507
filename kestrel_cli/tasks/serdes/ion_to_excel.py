"""io.kestra.plugin.serdes.excel.IonToExcel"""

import json
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed, json_problem
from kestrel_cli.tasks.properties.words import zone
from kestrel_cli.tasks.rows.ion_rows import read_rows
from kestrel_cli.tasks.serdes.cell_text import TextWriter
from kestrel_cli.tasks.serdes.excel_dates import format_of
from kestrel_cli.tasks.serdes.excel_writing import Look, SheetWriter, checked_title, new_workbook


class IonToExcel(TextWriter):
    """Convert rows into an Excel workbook: a file into the sheet `sheetsTitle`, or (`from` is a map
    of titles and files) several. Text that begins with `Formula:` becomes a formula.

    The output `size` and the counter `records` say how many rows were written.
    """

    from_: Dynamic[Any]
    charset: Dynamic[str] = "UTF-8"  # Kestra reads the rows in it; rows are always UTF-8 here
    sheetsTitle: Dynamic[str] = "Sheet"
    header: Dynamic[bool] = True
    styles: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("openpyxl", "excel")]

    def run(self, ctx: RunContext) -> Outcome:
        header = ctx.boolean(self.header)
        look = self._look(ctx)
        titles: list[str] = []
        size = 0
        with new_workbook() as book:
            for title, uri in self._sources(ctx).items():
                titles.append(checked_title(title, titles))
                sheet = SheetWriter(book.create_sheet(title), look, header=header)
                with ctx.files.open(uri) as source:
                    for row in read_rows(source):
                        sheet.add(row)
                size += sheet.count
            with ctx.files.create(".xlsx") as file:
                book.save(file.stream)
        ctx.count("records", size)
        return Outcome({"uri": file.uri, "size": size})

    def _sources(self, ctx: RunContext) -> dict[str, str]:
        """The titles of the sheets, and where the rows of each are."""
        given: Any = self.from_ if isinstance(self.from_, dict) else ctx.text(self.from_)
        if isinstance(given, str):
            if not given.lstrip().startswith("{"):
                return {ctx.text(self.sheetsTitle): given}
            try:
                given = json.loads(given)
            except (ValueError, RecursionError) as error:
                why = json_problem(error)
                raise TaskFailed(f"`from` is no map of titles and files: {why}") from None
        else:
            given = ctx.structure(given)
        if (
            not given
            or not isinstance(given, dict)
            or not all(isinstance(uri, str) for uri in given.values())
        ):
            raise TaskFailed("`from` must be the address of a file, or a map of titles and files")
        return dict(given)

    def _look(self, ctx: RunContext) -> Look:
        styled = ctx.boolean(self.styles)
        return Look(
            date_format=format_of(ctx.text(self.dateFormat)) if styled else "",
            moment_format=format_of(ctx.text(self.dateTimeFormat)) if styled else "",
            zone=zone(ctx, self.timeZoneId),
        )
