"""Which programs commands need, and which of them are missing."""

import shutil
from collections.abc import Iterable


def missing_of(programs: Iterable[str], path: str | None) -> str | None:
    """The first entry of which no alternative is on the PATH, in words."""
    for entry in programs:
        names = entry.split("|")
        if not any(shutil.which(name, path=path) for name in names):
            return " or ".join(f"`{name}`" for name in names)
    return None


def first_words(commands: Iterable[object]) -> set[str]:
    """The words that lines of commands begin with."""
    lines = [line.split() for command in commands for line in str(command).splitlines()]
    return {words[0] for words in lines if words}
