"""A journal read back, line by line. What its lines look like is told in `journal.py`."""

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

from kestrel_cli.model.birth import Birth
from kestrel_cli.store.journal_births import birth_of
from kestrel_cli.store.journal_checks import count, row
from kestrel_cli.store.journal_lines import FORMAT, Closed, Key, Line, closed_of, entry_of

Lines = Generator[tuple[int, int, Line], None, None]
Translate = Callable[[bytes, Any], Any]

_BLOCK: Final = 1 << 16
_END: Final = 4096  # bytes within which the last line of a closed journal begins
_decode: Final = json.JSONDecoder().raw_decode


def read(path: Path, translate: Translate | None = None, *, whole: bool = False) -> Lines:
    """The whole lines of a journal, each when it is asked for: line number, number of the
    execution, what it says. Closing the iterator closes the file.

    `translate` gets each line and its JSON value, and gives the value to go on with. With `whole`,
    a journal that could not be written to its end is an error; otherwise its lines simply end.
    Raises OSError; ValueError for a journal of another format or with a damaged line.
    """
    lines = _read(path, translate, whole=whole)
    next(lines)
    return lines


def _read(path: Path, translate: Translate | None, *, whole: bool) -> Lines:
    with path.open("rb") as file:
        _check_format(path, file.readline())
        yield 1, 0, Key([])  # for `read`: only a generator that has begun closes its file
        of = 0
        for number, line in enumerate(file, start=2):
            if not line.endswith(b"\n"):
                return  # torn
            try:
                parts = _parsed(line)
                if line.startswith(b'["@"'):
                    _, of = row(parts, 2)
                    count(of)
                    continue
                if line.startswith(b'["I"'):
                    break
                entry = entry_of(parts if translate is None else translate(line, parts))
            except (ValueError, RecursionError) as error:
                raise _damaged(path, number, error) from None
            yield number, of, entry
        else:
            return
    if whole:
        raise ValueError(f"{path}: the journal is incomplete: it could not be written to its end")


def _check_format(path: Path, line: bytes) -> None:
    if not line.endswith(b"\n"):
        raise ValueError(f"{path}: the journal is empty")
    try:
        letter, version = row(_parsed(line), 2)
    except (ValueError, RecursionError):
        letter, version = None, None
    if letter != "J" or type(version) is not int or version != FORMAT:
        raise ValueError(f"{path}: not a journal of format {FORMAT}")


def _damaged(path: Path, number: int, error: Exception) -> ValueError:
    what = "it nests too deep" if isinstance(error, RecursionError) else error
    return ValueError(f"{path}: the journal is damaged at line {number}: {what}")


def _parsed(line: bytes) -> Any:
    text = line.decode()
    parts, end = _decode(text)
    if end != len(text) - 1 and not text[end:].isspace():
        raise ValueError("more than one value")
    return parts


def whole_length(path: Path) -> int:
    """Where the last whole line of a journal ends. Raises OSError."""
    with path.open("rb") as file:

        def part(at: int, length: int) -> bytes:
            file.seek(at)
            return file.read(length)

        return after_last_break(part, file.seek(0, os.SEEK_END))


def after_last_break(read_part: Callable[[int, int], bytes], end: int) -> int:
    """Where the line begins that goes on at `end`; `read_part` reads from a place so many bytes."""
    while end > 0:
        start = max(end - _BLOCK, 0)
        found = read_part(start, end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def ending(path: Path) -> Closed | None:
    """How a journal that is not written to was closed; None when its process died. Raises OSError.

    Only the end of the file is read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _END, 0))
        end = file.read()
    last = end.rstrip(b"\n").rpartition(b"\n")[2]
    if not end.endswith(b"\n") or not last.startswith((b'["Z"', b'["I"')):
        return None
    try:
        kind, *values = json.loads(last)
        return closed_of(values, whole=kind == "Z")
    except (ValueError, RecursionError):
        return None


def opening(path: Path) -> Birth | None:
    """What the first execution of a journal was born with, secrets as they stand there; None when
    that can't be read. Raises OSError.
    """
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b'["N"'):
                try:
                    _, value = json.loads(line)
                    return birth_of(value)
                except (ValueError, RecursionError):
                    return None
    return None
