"""Rows as sheets of an Excel workbook, one row after the other."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed, java_text, library, record

_FORMULA: Final = "Formula:"
_LONGEST_TITLE: Final = 31
_LONGEST_TEXT: Final = 32_767
_MOST_ROWS: Final = 1_048_576
_MOST_COLUMNS: Final = 16_384
_EXACT: Final = 2**53  # whole numbers that a number of Excel holds
_FIRST_YEAR: Final = 1900


def checked_title(title: str, others: list[str]) -> str:
    """The title of a sheet. Raises TaskFailed for one that Excel refuses."""
    if not title or len(title) > _LONGEST_TITLE or any(sign in title for sign in "[]:*?/\\"):
        raise TaskFailed(
            f"`{title[:100]}` is no title of a sheet: use 1 to {_LONGEST_TITLE} characters "
            "without [ ] : * ? / \\"
        )
    if title.lower() in (other.lower() for other in others):
        raise TaskFailed(f"there are two sheets with the title `{title}`")
    return title


@contextmanager
def new_workbook() -> Iterator[Any]:
    """A workbook that is written sheet by sheet; its drafts are gone when the block ends."""
    book = library("openpyxl", "excel").Workbook(write_only=True)
    try:
        yield book
    except BaseException:
        for sheet in book.worksheets:
            with suppress(Exception):
                sheet.close()
                sheet._writer.cleanup()
        raise


@record
class Look:
    """How dates are shown (an empty format: as numbers), and in which zone."""

    date_format: str
    moment_format: str
    zone: tzinfo


class SheetWriter:
    """A sheet that is being written; `count` rows so far, the header not counted."""

    def __init__(self, sheet: Any, look: Look, *, header: bool) -> None:
        self.count = 0
        self._sheet = sheet
        self._look = look
        self._header = header
        self._lines = 0
        self._cell = library("openpyxl.cell", "excel").WriteOnlyCell
        self._escape = library("openpyxl.utils.escape", "excel").escape

    def add(self, row: Any) -> None:
        """One row more. Raises TaskFailed."""
        if isinstance(row, dict):
            if self._header and not self.count:
                self._append(list(row))
            self._append(list(row.values()))
        elif isinstance(row, list) and not self._header:
            self._append(row)
        else:
            kind = "a list, which has no header: set `header: false`"
            what = kind if isinstance(row, list) else "neither a map nor a list"
            raise TaskFailed(f"row {self.count + 1} is {what}")
        self.count += 1

    def _append(self, values: list[Any]) -> None:
        self._lines += 1
        if self._lines > _MOST_ROWS or len(values) > _MOST_COLUMNS:
            raise TaskFailed(
                f"a sheet of Excel holds {_MOST_ROWS} rows of {_MOST_COLUMNS} columns and no more"
            )
        self._sheet.append([self._made(value) for value in values])

    def _made(self, value: Any) -> Any:
        if isinstance(value, datetime):
            local = value.astimezone(self._look.zone).replace(tzinfo=None)
            return self._dated(local, self._look.moment_format, value)
        if isinstance(value, date):
            return self._dated(value, self._look.date_format, value)
        if value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, int):
            return value if abs(value) <= _EXACT else str(value)
        return float(value) if isinstance(value, Decimal) else self._text(java_text(value))

    def _dated(self, value: date, number_format: str, original: date) -> Any:
        if value.year < _FIRST_YEAR:
            return self._text(java_text(original))
        cell = self._cell(self._sheet, value)
        cell.number_format = number_format or "General"
        return cell

    def _text(self, text: str) -> Any:
        if text.startswith(_FORMULA):
            return f"={text.removeprefix(_FORMULA).strip().removeprefix('=')}"
        if len(text) > _LONGEST_TEXT:
            raise TaskFailed(f"a cell of Excel holds {_LONGEST_TEXT} characters and no more")
        cell = self._cell(self._sheet, self._escape(text))
        cell.data_type = "s"  # text that begins with `=` is text, not a formula
        return cell
