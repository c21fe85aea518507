"""The characters of a file as ruamel's scanner asks for them."""

from typing import Final

# The scanner looks a few characters ahead (eight for a \\U escape).
_END: Final = "\0" * 16


class Mark:
    """A place in the text; `line` and `column` count from 0, as ruamel does."""

    __slots__ = ("column", "index", "line")

    def __init__(self, index: int, line: int, column: int) -> None:
        self.index = index
        self.line = line
        self.column = column


class Text:
    """The characters as ruamel's scanner asks for them; about twice as fast as its own reader."""

    encoding = "utf-8"

    def __init__(self, text: str) -> None:
        self.buffer = text + _END
        self.index = 0
        self.line = 0
        self.column = 0

    def peek(self, ahead: int = 0) -> str:
        """The character `ahead` of the current one; NUL behind the end."""
        return self.buffer[self.index + ahead]

    def prefix(self, length: int = 1) -> str:
        """The next `length` characters."""
        return self.buffer[self.index : self.index + length]

    def forward(self, length: int = 1) -> None:
        """Go on by `length` characters."""
        start = self.index
        self.index = end = start + length
        passed = self.buffer[start:end]
        if "\n" not in passed and "\r" not in passed:
            self.column += length
            return
        for place in range(start, end):
            character = self.buffer[place]
            if character == "\n" or (character == "\r" and self.buffer[place + 1] != "\n"):
                self.line += 1
                self.column = 0
            else:
                self.column += 1

    def get_mark(self) -> Mark:
        """The current place."""
        return Mark(self.index, self.line, self.column)
