"""A journal read back, line by line. What its lines look like is told in `journal.py`."""

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, BinaryIO, Final

from kestrel_cli.model.birth import Birth
from kestrel_cli.store.journal_births import birth_of
from kestrel_cli.store.journal_checks import count
from kestrel_cli.store.journal_lines import FORMAT, Closed, Key, Line, closed_of, entry_of

Lines = Generator[tuple[int, int, Line], None, None]
Translate = Callable[[bytes, Any], Any]

_BLOCK: Final = 1 << 16
_END: Final = 4096  # bytes within which the last line of a closed journal begins
_parsed: Final = json.JSONDecoder().decode


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
        first = file.readline()
        if not first.endswith(b"\n"):
            raise ValueError(f"{path}: the journal is empty")
        if _format(first) != FORMAT:
            raise ValueError(f"{path}: not a journal of format {FORMAT}")
        yield 1, 0, Key([])  # for `read`: the file is closed by a generator that has begun only
        yield from _rest(path, file, translate, whole=whole)


def _rest(path: Path, file: BinaryIO, translate: Translate | None, *, whole: bool) -> Lines:
    of = 0
    for number, line in enumerate(file, start=2):
        if not line.endswith(b"\n"):
            return  # torn
        try:
            parts = _parsed(line.decode())
            if translate is not None:
                parts = translate(line, parts)
            kind = parts[0] if type(parts) is list and parts else None
            if kind == "@":
                (of,) = map(count, parts[1:])
                continue
            if kind == "I":
                break
            entry = entry_of(parts)
        except (ValueError, RecursionError) as error:
            what = "it nests too deep" if isinstance(error, RecursionError) else error
            raise ValueError(f"{path}: the journal is damaged at line {number}: {what}") from None
        yield number, of, entry
    else:
        return
    if whole:
        raise ValueError(f"{path}: the journal is incomplete: it could not be written to its end")


def _format(line: bytes) -> object:
    try:
        parts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if type(parts) is not list or parts[:1] != ["J"] or [*map(type, parts)] != [str, int]:
        return None
    return parts[1]


def whole_length(path: Path) -> int:
    """Where the last whole line of a journal ends. Raises OSError."""
    with path.open("rb") as file:
        at = file.seek(0, os.SEEK_END)
        while at > 0:
            length = min(at, _BLOCK)
            at = file.seek(at - length)
            found = file.read(length).rfind(b"\n")
            if found >= 0:
                return at + found + 1
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
