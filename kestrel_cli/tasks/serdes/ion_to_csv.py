"""io.kestra.plugin.serdes.csv.IonToCsv"""

import re
from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.properties.words import character, word
from kestrel_cli.tasks.rows.ion_rows import read_rows
from kestrel_cli.tasks.serdes.cell_text import TextWriter, cell_text
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, writing

_NUMERIC: Final = re.compile(r"[+-]?(?=[.\d])\d*\.?\d*", re.ASCII)


class IonToCsv(TextWriter):
    """Convert rows into a CSV file. The first row names the columns.

    Counter `records` says how many rows were written.
    """

    from_: Dynamic[str]
    header: Dynamic[bool] = True
    fieldSeparator: Dynamic[str] = ","
    textDelimiter: Dynamic[str] = '"'
    lineDelimiter: Dynamic[str] = "\n"
    alwaysDelimitText: Dynamic[bool] = False
    quoteMode: Dynamic[Literal["ALWAYS", "REQUIRED", "NON_NUMERIC"]] | None = None
    charset: Dynamic[str] = CHARSET

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def run(self, ctx: RunContext) -> Outcome:
        encoding = charset(ctx, self.charset)
        line = self._line(ctx)
        text = cell_text(ctx, self)
        with_header = ctx.boolean(self.header)
        columns: list[str] | None = None
        count = 0
        source = ctx.files.open(ctx.text(self.from_))
        with source, ctx.files.create(".csv") as file, writing(file, encoding) as out:
            for row in read_rows(source):
                count += 1
                if isinstance(row, dict):
                    if columns is None:
                        columns = list(row)
                        if with_header:
                            out.write(line(columns))
                    out.write(line([text(value) for value in _in_order(row, columns, count)]))
                elif isinstance(row, list):
                    if with_header:
                        raise TaskFailed(
                            f"row {count} is a list, which has no header: header: false"
                        )
                    out.write(line([text(value) for value in row]))
                else:
                    raise TaskFailed(f"row {count} is neither a map nor a list")
        ctx.count("records", count)
        return Outcome({"uri": file.uri, "size": count})

    def _line(self, ctx: RunContext) -> Callable[[list[str]], str]:
        """How one line is written, from texts."""
        separator = character(ctx, "fieldSeparator", self.fieldSeparator)
        quote = character(ctx, "textDelimiter", self.textDelimiter)
        end = ctx.text(self.lineDelimiter)
        special = re.compile(f"[{re.escape(separator + quote)}\r\n]")
        mode = "ALWAYS" if ctx.boolean(self.alwaysDelimitText) else "REQUIRED"
        if self.quoteMode is not None:
            mode = word(ctx, "quoteMode", self.quoteMode, "ALWAYS", "REQUIRED", "NON_NUMERIC")

        def field(text: str) -> str:
            plain = mode != "ALWAYS" and not special.search(text)
            if plain and (mode == "REQUIRED" or _NUMERIC.fullmatch(text)):
                return text
            return f"{quote}{text.replace(quote, quote * 2)}{quote}"

        return lambda fields: separator.join(map(field, fields)) + end


def _in_order(row: dict[str, Any], columns: list[str], number: int) -> list[Any]:
    """The values in the order of the columns. A field that the first row has not is an error, so
    that no value is lost or stands in a wrong column.
    """
    if list(row) == columns:
        return list(row.values())
    unknown = [name for name in row if name not in columns]
    if unknown:
        raise TaskFailed(
            f"row {number} has the field `{unknown[0]}`, which the first row has not: "
            "the columns of a CSV file are those of its first row"
        )
    return [row.get(name) for name in columns]
