"""JSON in files: one value on each line, or one array, read element by element."""

import json
from collections.abc import Iterator
from typing import Any, Final, NoReturn, TextIO

from kestrel_cli.tasks.base import TaskFailed, json_problem

LONGEST: Final = 64 << 20  # characters of one value
_CHUNK: Final = 1 << 16
_BLANKS: Final = " \t\r\n"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON value")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


def lines(text: TextIO) -> Iterator[Any]:
    """The value on each line; blank lines and a comma at the end are passed over. Raises
    TaskFailed.
    """
    number = 0
    while line := text.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise TaskFailed(f"the line {number} is longer than {LONGEST >> 20} million characters")
        content = line.strip(_BLANKS)
        if not content:
            continue
        try:
            value, end = _DECODER.raw_decode(content)
            problem = "more than one value" if content[end:].strip(_BLANKS + ",") else ""
        except (ValueError, RecursionError) as error:
            value, problem = None, json_problem(error)
        if problem:
            raise TaskFailed(
                f"the line {number} is no JSON value: {problem}; "
                "a file that is one array or one value needs `newLine: false`"
            )
        yield value


def elements(text: TextIO) -> Iterator[Any]:
    """The elements of the one array in a file, or the one value that it is. Raises TaskFailed."""
    buffer = _Buffer(text)
    if buffer.sign() != "[":
        yield buffer.value("the file")
        buffer.end()
        return
    buffer.step()
    count = 0
    while buffer.sign() != "]":
        if count:
            if buffer.sign() != ",":
                raise TaskFailed(f"the file is no JSON: no `,` after element {count}")
            buffer.step()
        count += 1
        yield buffer.value(f"element {count}")
    buffer.step()
    buffer.end()


class _Buffer:
    """The part of a file that is being looked at."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._held = ""
        self._at = 0
        self._ended = False

    def sign(self) -> str:
        """The next sign that is no blank; nothing at the end."""
        while True:
            rest = self._held[self._at :].lstrip(_BLANKS)
            if rest:
                self._at = len(self._held) - len(rest)
                return rest[0]
            if not self._more(_CHUNK):
                return ""

    def step(self) -> None:
        """Pass over a sign."""
        self._at += 1

    def value(self, what: str) -> Any:
        """The next value as a whole."""
        self.sign()
        size = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
                if end < len(self._held) or self._ended:  # else a number may go on
                    self._at = end
                    return value
            except (ValueError, RecursionError) as error:
                if self._ended or isinstance(error, RecursionError):
                    raise TaskFailed(f"{what} is no JSON: {json_problem(error)}") from None
            if len(self._held) - self._at > LONGEST:
                raise TaskFailed(
                    f"{what} is no JSON, or longer than {LONGEST >> 20} million characters"
                )
            self._more(size)
            size *= 2

    def end(self) -> None:
        """Nothing may follow."""
        if self.sign():
            raise TaskFailed("the file is no JSON: there is more in it than one value")

    def _more(self, size: int) -> bool:
        chunk = self._text.read(size)
        self._held = self._held[self._at :] + chunk
        self._at = 0
        self._ended = not chunk
        return bool(chunk)
