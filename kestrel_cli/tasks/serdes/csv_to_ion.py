"""io.kestra.plugin.serdes.csv.CsvToIon"""

import csv
from collections.abc import Iterator
from typing import ClassVar, Final, Literal, TextIO

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.properties.words import character, word
from kestrel_cli.tasks.rows.ion_rows import NewRows, new_rows
from kestrel_cli.tasks.serdes.bad_lines import OnBadLines, bad_line
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, reading

_SIZE: Final = 16 * 1024 * 1024
_NULL: Final = "\\N"
_ANY_COUNT: Final = "ANY"  # lines may have any number of fields

Records = Iterator[tuple[int, list[str]]]  # the line on which each ends, and its fields


class CsvToIon(RunnableTask):
    """Convert a CSV file into rows: maps with a header, lists without. `\\N` reads as null.

    `skipRows` counts rows before the header. Counter `records` says how many rows came out.
    """

    from_: Dynamic[str]
    header: Dynamic[bool] = True
    fieldSeparator: Dynamic[str] = ","
    textDelimiter: Dynamic[str] = '"'
    skipEmptyRows: Dynamic[bool] = False
    skipRows: Dynamic[int] = 0
    onBadLines: Dynamic[OnBadLines] | None = None
    onEmptyHeader: Dynamic[Literal["DROP", "RENAME"]] = "DROP"
    errorOnDifferentFieldCount: Dynamic[bool] | None = None
    allowExtraCharsAfterClosingQuote: Dynamic[bool] = False
    maxBufferSize: Dynamic[int] = _SIZE
    maxFieldSize: Dynamic[int] = _SIZE
    charset: Dynamic[str] = CHARSET

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that came out"}

    def run(self, ctx: RunContext) -> Outcome:
        on_bad_lines = self._on_bad_lines(ctx)
        encoding = charset(ctx, self.charset)
        with reading(ctx, ctx.text(self.from_), encoding) as text, new_rows(ctx) as rows:
            records = self._records(ctx, text, on_bad_lines)
            for _ in range(ctx.integer(self.skipRows)):
                next(records, None)
            if ctx.boolean(self.header):
                self._add_maps(ctx, records, rows, on_bad_lines)
            else:
                for _, fields in records:
                    rows.add([_value(field) for field in fields])
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})

    def _on_bad_lines(self, ctx: RunContext) -> str:
        if self.onBadLines is not None:
            return word(ctx, "onBadLines", self.onBadLines, "ERROR", "WARN", "SKIP")
        older = self.errorOnDifferentFieldCount
        return "ERROR" if older is None or ctx.boolean(older) else _ANY_COUNT

    def _records(self, ctx: RunContext, text: TextIO, on_bad_lines: str) -> Records:
        most = ctx.integer(self.maxFieldSize)
        csv.field_size_limit(max(most, csv.field_size_limit()))
        reader = csv.reader(
            _lines(text, ctx.integer(self.maxBufferSize)),
            delimiter=character(ctx, "fieldSeparator", self.fieldSeparator),
            quotechar=character(ctx, "textDelimiter", self.textDelimiter),
            strict=not ctx.boolean(self.allowExtraCharsAfterClosingQuote),
        )
        skip_empty = ctx.boolean(self.skipEmptyRows)
        on_error = "ERROR" if on_bad_lines == _ANY_COUNT else on_bad_lines
        while True:
            try:
                fields = next(reader, None)
            except csv.Error as error:
                bad_line(ctx, on_error, f"Bad line encountered: {error}, at line {reader.line_num}")
                continue
            if fields is None:
                return
            if any(len(field) > most for field in fields):
                raise TaskFailed(f"a field is longer than maxFieldSize, at line {reader.line_num}")
            if fields or not skip_empty:
                yield reader.line_num, fields or [""]

    def _add_maps(
        self, ctx: RunContext, records: Records, rows: NewRows, on_bad_lines: str
    ) -> None:
        rename = word(ctx, "onEmptyHeader", self.onEmptyHeader, "DROP", "RENAME") == "RENAME"
        header = next(records, (0, []))[1]
        names = _names(header, rename=rename)
        for line, fields in records:
            if len(fields) != len(header) and on_bad_lines != _ANY_COUNT:
                bad_line(
                    ctx,
                    on_bad_lines,
                    "Bad line encountered (field count mismatch): Expected "
                    f"{len(header)}, got {len(fields)} fields, at line {line}",
                )
                continue
            values = [_value(field) for field in fields]
            values += [None] * (len(names) - len(values))
            rows.add(dict(zip(names, values, strict=False)))


def _names(header: list[str], *, rename: bool) -> list[str]:
    if rename:
        return [name or f"col_{at}" for at, name in enumerate(header)]
    named = [at for at, name in enumerate(header) if name]
    return header[: named[-1] + 1] if named else []


def _value(field: str) -> str | None:
    return None if field == _NULL else field


def _lines(text: TextIO, most: int) -> Iterator[str]:
    number = 0
    while line := text.readline(most + 1):
        number += 1
        if len(line) > most:
            raise TaskFailed(f"the line {number} is longer than maxBufferSize: {most} characters")
        yield line
