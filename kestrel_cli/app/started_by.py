"""Which run has started an execution: that has no journal of its own, its caller's has it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

_MOST_BYTES: Final = 32 << 20  # looked at, in all journals together: this is for a hint only
_SHORTEST: Final = 4  # characters of an id's beginning that mean one


def started_by(name: str, journals: Sequence[Path]) -> str | None:
    """The id under which the run is found that has started an execution, whose id is `name` or
    begins so. The latest journals are looked at first; None when it is in none of them.
    """
    if len(name) < _SHORTEST:
        return None
    left = _MOST_BYTES
    for path in sorted(journals, key=_changed_at, reverse=True):
        try:
            with path.open("rb") as file:
                data = file.read(left)
        except OSError:
            continue
        if any(_id_in(line).startswith(name) for line in _lines_with(name, data)):
            return path.parent.name
        left -= len(data)
        if left <= 0:
            break
    return None


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0


def _lines_with(name: str, data: bytes) -> Iterator[bytes]:
    """The lines that tell of a launch, and name something that begins so."""
    wanted, at = f'"{name}'.encode(), -1
    while (at := data.find(wanted, at + 1)) >= 0:
        start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        if end < 0:
            return
        if data.startswith((b'["H"', b'["W"'), start):
            yield data[start:end]
        at = end


def _id_in(line: bytes) -> str:
    """The id of the execution that was launched, or followed; empty in a damaged line."""
    try:
        kind, *values = json.loads(line)
        found = values[3] if kind == "H" else values[1]["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""
