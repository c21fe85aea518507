"""Which programs commands need, and which of them are missing."""

import os
import shutil
from collections.abc import Iterable
from typing import Final

_found: Final[dict[tuple[str, str | None], str]] = {}


def found_on(program: str, path: str | None) -> str | None:
    """Where a program is on the PATH. Where it was before, it is not looked for again."""
    place = _found.get((program, path))
    if place is None or not os.access(place, os.X_OK):
        place = shutil.which(program, path=path)
        if place is not None:
            _found[program, path] = place
    return place


def missing_of(programs: Iterable[str], path: str | None) -> str | None:
    """The first entry of which no alternative is on the PATH, in words."""
    for entry in programs:
        names = entry.split("|")
        if not any(found_on(name, path) for name in names):
            return " or ".join(f"`{name}`" for name in names)
    return None


def first_words(commands: Iterable[object]) -> set[str]:
    """The words that lines of commands begin with."""
    lines = [line.split() for command in commands for line in str(command).splitlines()]
    return {words[0] for words in lines if words}
