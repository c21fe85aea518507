"""Files of items: one map on each row, as Ion or JSON."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from kestrel_cli.tasks.base import RenderError, TaskFailed
from kestrel_cli.tasks.rows.text_rows import rows_of

# A sign beyond `\uffff` as JSON writes it: two escapes that are one character.
_PAIR: Final = re.compile(
    r"((?<!\\)(?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)


def items_of(source: BinaryIO) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows and the item on each; blank rows are left out. Raises TaskFailed for a row that
    holds something else.
    """
    from kestrel_cli.tasks.base import ion

    for number, row in enumerate(rows_of(source), 1):
        if not row.strip():
            continue
        try:
            found = ion.read_all(_PAIR.sub(_joined, row) if "\\u" in row else row)
        except RenderError as error:
            raise TaskFailed(f"row {number} can't be read: {error}") from None
        if len(found) != 1 or not isinstance(found[0], dict):
            raise TaskFailed(f"row {number} is no item: a row has to hold one map, as Ion or JSON")
        yield row, found[0]


def of_item(error: RenderError, number: int, item: dict[str, Any]) -> RenderError:
    """The error, whose hint says which item it is about (from 1) and what that has."""
    if error.hint is None:
        error.hint = f"this is item {number}, with: {', '.join(item)[:200] or 'nothing'}"
    return error


def _joined(found: re.Match[str]) -> str:
    high, low = int(found[2], 16), int(found[3], 16)
    return found[1] + chr(0x10000 + (high - 0xD800 << 10) + low - 0xDC00)
