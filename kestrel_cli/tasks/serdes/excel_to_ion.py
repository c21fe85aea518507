"""io.kestra.plugin.serdes.excel.ExcelToIon"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, get_args

from kestrel_cli.tasks.base import Bounds, Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.properties.words import word
from kestrel_cli.tasks.rows.ion_rows import new_rows
from kestrel_cli.tasks.serdes.excel_reading import header_names, opened_workbook, sheet_rows

ValueRender = Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"]
DateTimeRender = Literal["SERIAL_NUMBER", "FORMATTED_STRING", "UNFORMATTED_VALUE"]


class ExcelToIon(RunnableTask):
    """Convert the sheets of an Excel workbook (.xlsx) into a file of rows each.

    The output `uris` maps the titles of sheets to files, `size` counts all rows. Counter `sheets`.
    """

    from_: Dynamic[str]
    sheetsTitle: Dynamic[list[str]] | None = None
    charset: Dynamic[str] = "UTF-8"  # Kestra takes it and has no use for it, the same here
    valueRender: Dynamic[ValueRender] = "UNFORMATTED_VALUE"
    dateTimeRender: Dynamic[DateTimeRender] = "UNFORMATTED_VALUE"
    header: Dynamic[bool] = True
    skipEmptyRows: Dynamic[bool] = False
    skipRows: Annotated[int, Bounds(least=0)] = 0

    gives: ClassVar[dict[str, str]] = {
        "uris": "titles of the sheets, and the addresses of their files of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"sheets": "counter: sheets of the workbook"}

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("openpyxl", "excel")]

    def run(self, ctx: RunContext) -> Outcome:
        render = word(ctx, "valueRender", self.valueRender, *get_args(ValueRender))
        dates = word(ctx, "dateTimeRender", self.dateTimeRender, *get_args(DateTimeRender))
        wanted = [ctx.text(title) for title in ctx.items(self.sheetsTitle or [])]
        uris: dict[str, str] = {}
        size = 0
        with (
            ctx.files.open(ctx.text(self.from_)) as source,
            opened_workbook(source, formulas=render == "FORMULA") as book,
        ):
            titles = [sheet.title for sheet in book.worksheets]
            missing = [title for title in wanted if title not in titles]
            if missing:
                raise TaskFailed(f"there is no sheet `{missing[0]}`, only {', '.join(titles)}")
            for sheet in book.worksheets:
                if wanted and sheet.title not in wanted:
                    continue
                rows = self._rows(ctx, sheet_rows(sheet, dates, book.epoch))
                with new_rows(ctx) as file:
                    for row in rows:
                        file.add(row)
                uris[sheet.title] = file.uri
                size += file.count
        ctx.count("sheets", len(titles))
        return Outcome({"uris": uris, "size": size})

    def _rows(self, ctx: RunContext, rows: Iterator[list[Any]]) -> Iterator[Any]:
        skip_empty = ctx.boolean(self.skipEmptyRows)
        for _ in range(self.skipRows):
            next(rows, None)
        names = header_names(next(rows, [])) if ctx.boolean(self.header) else None
        for values in rows:
            if skip_empty and all(value in (None, "") for value in values):
                continue
            if names is None:
                yield values
            else:
                padded = values + [None] * (len(names) - len(values))
                yield dict(zip(names, padded, strict=False))
