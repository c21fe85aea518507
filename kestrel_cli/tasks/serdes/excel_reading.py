"""Cells of Excel sheets as values of rows, one row after the other."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, BinaryIO, Final

from kestrel_cli.tasks.base import Instant, TaskFailed, java_text, json_problem, library
from kestrel_cli.tasks.rows.cells import plain
from kestrel_cli.tasks.serdes.excel_dates import shown

# A small file that unpacks to this much is no table but an attack.
_LARGE: Final = 1 << 30
_RATIO: Final = 200
# What the libraries raise for bytes that are no workbook.
_BROKEN: Final = (
    ArithmeticError, AttributeError, EOFError, LookupError, RuntimeError, SyntaxError, TypeError,
    ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@contextmanager
def opened_workbook(source: BinaryIO, *, formulas: bool) -> Iterator[Any]:
    """A workbook whose sheets are read row by row; its formulas, or what they gave when the file
    was saved. Raises TaskFailed for what is no such file.
    """
    excel = library("openpyxl", "excel")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts of a workbook that are of no concern here
        try:
            _check_size(source)
            book = excel.load_workbook(
                source, read_only=True, data_only=not formulas, keep_links=False
            )
        except (*_BROKEN, OSError) as error:
            raise TaskFailed(f"the file is no Excel workbook (.xlsx): {_said(error)}") from None
        try:
            yield book
        except _BROKEN as error:
            raise TaskFailed(f"the Excel workbook can't be read: {_said(error)}") from None
        finally:
            book.close()


def _said(error: Exception) -> str:
    if isinstance(error, LookupError):
        return f"it misses a part that it refers to: {str(error)[:200]}"
    return json_problem(error)[:200]


def sheet_rows(sheet: Any, dates: str, epoch: datetime) -> Iterator[list[Any]]:
    """The values of each row. `dates` is SERIAL_NUMBER, FORMATTED_STRING or UNFORMATTED_VALUE."""
    for cells in sheet.iter_rows():
        yield [_value(cell, dates, epoch) for cell in cells]


def header_names(values: list[Any]) -> list[str]:
    """The names of columns; unnamed ones at the end are dropped, others are named by number."""
    names = ["" if value is None else _name(value) for value in values]
    while names and not names[-1]:
        names.pop()
    return [name or f"col_{at}" for at, name in enumerate(names)]


def _name(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else java_text(value)


def _value(cell: Any, dates: str, epoch: datetime) -> Any:
    value = cell.value
    if isinstance(value, (datetime, date, time, timedelta)):
        return _moment(value, cell.number_format, dates, epoch)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)  # every number of Excel is one
    if value is None or isinstance(value, (str, bool, float)):
        return value
    return str(getattr(value, "text", value))  # a formula over several cells


def _moment(value: Any, number_format: str, dates: str, epoch: datetime) -> Any:
    if dates == "SERIAL_NUMBER":
        return float(library("openpyxl.utils.datetime", "excel").to_excel(value, epoch))
    if dates == "FORMATTED_STRING":
        return shown(value, number_format)
    if isinstance(value, datetime):
        return Instant.of(value.replace(tzinfo=UTC))
    return plain(value)


def _check_size(source: BinaryIO) -> None:
    with zipfile.ZipFile(source) as packed:
        large = sum(part.file_size for part in packed.infolist())
        small = sum(part.compress_size for part in packed.infolist())
    if large > _LARGE and large > small * _RATIO:
        raise TaskFailed("the Excel workbook unpacks to far more than a table needs: not read")
    source.seek(0)
