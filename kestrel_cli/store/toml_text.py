"""TOML with places: `tomllib` tells values, not where they stand.

Only imported when there is a configuration file to read.
"""

import math
import re
import tomllib
from datetime import date, datetime, time
from typing import Any, Final

from kestrel_cli.errors import CannotStart

Path = tuple[str, ...]

_KEY: Final = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_PATH: Final = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER: Final = re.compile(rf"[ \t]*\[(\[)?[ \t]*({_PATH})[ \t]*\]")
_ENTRY: Final = re.compile(rf"[ \t]*({_PATH})[ \t]*=")
_INLINE: Final = re.compile(rf"[{{,][ \t]*({_KEY})[ \t]*=")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class TomlText:
    """One parsed file. Raises CannotStart, with the line, when it is not TOML."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        try:
            self._text = data.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = data.count(b"\n", 0, problem.start) + 1
            raise CannotStart(f"{name}:{line}: this is not UTF-8 text") from None
        try:
            self.values: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as problem:
            message = str(problem)
            place = _PLACE.search(message)
            last = self._text.rstrip().count("\n") + 1
            at = int(place[1] or last) if place else last
            what = _PLACE.sub("", message)
            raise CannotStart(f"{name}:{at}: this is not TOML: {what}") from None
        except RecursionError:
            raise CannotStart(f"{name}: values in this file nest too deeply") from None
        self._lines: dict[Path, int] | None = None

    def where(self, path: Path) -> str:
        """`file:line` of an entry, or of the closest one around it; items of lists have numbers."""
        if self._lines is None:
            self._lines = _lines_of(self._text)
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return f"{self.name}:{self._lines[path[:length]]}"
        return self.name


def _lines_of(text: str) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _numbered(_parts(header[2]), counts)
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, str(counts[table]))
            lines.setdefault(table, number)
        elif entry := _ENTRY.match(line):
            path = (*table, *_parts(entry[1]))
            for length in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:length], number)
            for inner in _INLINE.finditer(line, entry.end()):
                lines.setdefault((*path, *_parts(inner[1])), number)
    return lines


def _numbered(parts: Path, counts: dict[Path, int]) -> Path:
    """A table below `[[x]]` belongs to the last item of `x`."""
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, str(counts[path]))
    return (*path, parts[-1])


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def plain(value: Any) -> Any:
    """Data that JSON can hold: dates and times as ISO text. Raises ValueError for inf and nan."""
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must not hold {value}")
    return value
