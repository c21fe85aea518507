"""Cutting a file in storage into batches of rows (storage.Split, ForEachItem)."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final, TypedDict

from kestrel_cli.tasks.base import Dynamic, Model, RunContext, TaskFailed
from kestrel_cli.tasks.files.extensions import extension_of
from kestrel_cli.tasks.rows.text_rows import row_bytes, rows_of

_UNITS: Final = {"": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_KEPT: Final = 8 << 20  # bytes of dealt rows that wait to be written


class Batch(Model):
    """How large a batch is. What is said first in this list counts: `regexPattern`, `bytes`,
    `partitions`, `rows`.
    """

    regexPattern: Dynamic[str] | None = None
    bytes_: Dynamic[str] | None = None
    partitions: Dynamic[int] | None = None
    rows: Dynamic[int] | None = None
    separator: Dynamic[str] = "\n"


class Division(TypedDict):
    """A rendered Batch: what `split_file` takes."""

    rows: int | None
    partitions: int | None
    bytes_: int | None
    separator: str
    regex: str | None


def division(ctx: RunContext, batch: Batch) -> Division:
    """Render a batch. Raises TaskFailed for sizes that are none."""
    return Division(
        rows=_positive(ctx, "rows", batch.rows),
        partitions=_positive(ctx, "partitions", batch.partitions),
        bytes_=None if batch.bytes_ is None else byte_size(ctx.text(batch.bytes_)),
        separator=ctx.text(batch.separator),
        regex=None if batch.regexPattern is None else ctx.text(batch.regexPattern),
    )


def split_file(
    ctx: RunContext,
    uri: str,
    *,
    rows: int | None,
    partitions: int | None,
    bytes_: int | None,
    separator: str,
    regex: str | None,
    name: str,
) -> list[str]:
    """Deal the rows of a file to new files in storage; returns their addresses, none for no rows.

    `separator` ends each row in the batches; in the file any line end does. `regex` gives a batch
    to each text of its first group, in order of appearance, and drops rows it does not find.
    `bytes_` closes a batch with the row that reaches the size, `partitions` deals row by row in
    turn, `rows` counts. The files are called `NAME-1.EXT`, ..., EXT as the file has it; without a
    name each gets a unique one. Raises TaskFailed or RenderError.
    """
    names = _names(name, uri)
    end = row_bytes(separator)
    with ctx.files.open(uri) as source:
        found = rows_of(source)
        if regex is not None:
            keyed = _by_group(ctx, regex, found)
            return _dealt(ctx, ((key, row_bytes(row) + end) for key, row in keyed), names)
        lines = (row_bytes(row) + end for row in found)
        if bytes_ is not None:
            return _cut(ctx, lines, names, lambda size, _: size >= bytes_)
        if partitions is not None:
            turns = ((number % partitions, line) for number, line in enumerate(lines))
            return _dealt(ctx, turns, names)
        if rows is not None:
            return _cut(ctx, lines, names, lambda _, number: number >= rows)
    raise TaskFailed("say how to split: give `rows`, `partitions`, `bytes` or `regexPattern`")


def byte_size(text: str) -> int:
    """The bytes that `10`, `10KB`, `10MB` or `10GB` stand for, by 1024. Raises TaskFailed."""
    found = re.fullmatch(r"\s*(\d{1,15})\s*(KB|MB|GB|)\s*", text, re.IGNORECASE | re.ASCII)
    if not found or not int(found[1]):
        raise TaskFailed(f"`{text[:100]}` is no size: write a number of bytes, or `10KB`, `5MB`")
    return int(found[1]) * _UNITS[found[2].upper()]


def _positive(ctx: RunContext, name: str, value: int | None) -> int | None:
    number = None if value is None else ctx.integer(value)
    if number is not None and number < 1:
        raise TaskFailed(f"`{name}` must be 1 or more, got {number}")
    return number


def _names(name: str, uri: str) -> Iterator[str]:
    suffix = extension_of(uri)
    return (f"{name}-{number}{suffix}" if name else suffix for number in count(1))


def _by_group(ctx: RunContext, regex: str, rows: Iterator[str]) -> Iterator[tuple[object, str]]:
    """The rows in which the pattern is found, with the text of its first group."""
    from kestrel_cli.tasks.base import java_regex

    pattern = java_regex.compiled(regex)
    if not pattern.groups:
        ctx.log("WARN", f"`regexPattern` has no group in parentheses: no row is kept: {regex}")
        return
    for row in rows:
        if found := pattern.search(row):
            yield found[1], row


def _cut(
    ctx: RunContext, lines: Iterator[bytes], names: Iterator[str], full: Callable[[int, int], bool]
) -> list[str]:
    """A new file whenever the one before is full, by its bytes and rows."""
    addresses: list[str] = []
    line = next(lines, None)
    while line is not None:
        size = number = 0
        with ctx.files.create(next(names)) as file:
            while line is not None and not (number and full(size, number)):
                file.stream.write(line)
                size, number = size + len(line), number + 1
                line = next(lines, None)
        addresses.append(file.uri)
    return addresses


def _dealt(
    ctx: RunContext, lines: Iterator[tuple[object, bytes]], names: Iterator[str]
) -> list[str]:
    """A file for each key, in order of appearance. However many keys there are, at most one file
    is open.
    """
    with ctx.files.scratch("split") as folder:
        places: dict[object, Path] = {}
        waiting: dict[object, bytearray] = {}
        kept = 0
        for key, line in lines:
            places.setdefault(key, folder / str(len(places)))
            waiting.setdefault(key, bytearray()).extend(line)
            kept += len(line)
            if kept >= _KEPT:
                _write(places, waiting)
                kept = 0
        _write(places, waiting)
        return [ctx.files.put(place, next(names)) for place in places.values()]


def _write(places: dict[object, Path], waiting: dict[object, bytearray]) -> None:
    for key, lines in waiting.items():
        with places[key].open("ab") as file:
            file.write(lines)
    waiting.clear()
