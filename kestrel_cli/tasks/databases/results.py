"""Rows of a driver's cursor."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Convert = Callable[[Any], Any]


class CursorRows:
    """Rows that a function gives in batches, an empty one at the end. Each value but null is
    converted by the function of its column.
    """

    def __init__(
        self,
        columns: list[str],
        convert: list[Convert],
        more: Callable[[], Sequence[Sequence[Any]]],
        close: Callable[[], object],
    ) -> None:
        self.columns = columns
        self._convert = convert
        self._more = more
        self._close = close

    def __iter__(self) -> Iterator[list[Any]]:
        convert = self._convert
        while batch := self._more():
            for values in batch:
                yield [
                    None if value is None else made(value)
                    for made, value in zip(convert, values, strict=True)
                ]

    def close(self) -> None:
        """No further row is wanted."""
        self._close()


def all_at_once(rows: list[Any]) -> Callable[[], list[Any]]:
    """What gives these rows as one batch."""
    waiting = [rows]
    return lambda: waiting.pop() if waiting else []
