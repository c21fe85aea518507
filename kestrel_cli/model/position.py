"""Where something stands in a flow file."""

from typing import NamedTuple


class Position(NamedTuple):
    """1-based line and column in `file`; line 0 means the file as a whole."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
