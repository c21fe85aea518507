"""What has to be on the machine before a flow is run."""

import shutil
from collections.abc import Iterable

from kestrel_cli.model.task import Task


def missing_program(task: Task, path: str | None = None) -> str | None:
    """The program that a task can't do without and that is not on the PATH (`path`: another one);
    None when nothing is missing, or when that shows only later.
    """
    needs = getattr(task, "needs", None)
    return None if needs is None else missing_of(needs(), path)


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
