"""The documents of a YAML file, one after the other."""

import re
from collections.abc import Iterator
from typing import Final, TextIO

from kestrel_cli.tasks.base import TaskFailed

LONGEST: Final = 3_145_728  # characters of one document, as many as Kestra's parser takes
_START: Final = re.compile(r"---(?:\s|$)")
_END: Final = re.compile(r"\.\.\.(?:\s|$)")
_NOTHING: Final = re.compile(r"\s*(?:#.*)?\s*")


def documents(text: TextIO) -> Iterator[tuple[int, str]]:
    """The text of each document that holds anything, and the line on which it begins.

    A line that begins with `---` starts a document wherever it stands: inside of quotes and blocks
    YAML does not allow it either. Raises TaskFailed for a document that is too long.
    """
    held: list[str] = []
    first, number, size = 1, 0, 0
    while line := text.readline(LONGEST + 1):
        number += 1
        if _START.match(line) and not _only_directives(held):
            yield from _document(held, first)
            held, size, first = [], 0, number
        if _END.match(line):
            yield from _document(held, first)
            held, size, first = [], 0, number + 1
            continue
        held.append(line)
        size += len(line)
        if size > LONGEST:
            raise TaskFailed(f"the document at line {first} is longer than {LONGEST} characters")
    yield from _document(held, first)


def _only_directives(lines: list[str]) -> bool:
    return bool(lines) and all(_NOTHING.fullmatch(line) or line[0] == "%" for line in lines)


def _document(lines: list[str], first: int) -> Iterator[tuple[int, str]]:
    started = bool(lines) and _START.match(lines[0])
    if started or any(not _NOTHING.fullmatch(line) for line in lines):
        yield first, "".join(lines)
