"""Mistakes of our own that came out of a task: the flow is not to blame, somebody should know."""

from typing import Final

from kestrel_cli.model.task import Task

# What comes of data, files and machines, whatever the code is like.
_NOT_OURS: Final = (OSError, MemoryError, RecursionError, EOFError)
_FEW: Final = 10

BUGS: Final[list[BaseException]] = []  # of this process, the first ones


def is_ours(task: Task, error: BaseException) -> bool:
    """Whether an exception is a mistake of Kestrel: it came out of a task type of our own."""
    ours = type(task).__module__.startswith("kestrel_cli.")
    return ours and isinstance(error, Exception) and not isinstance(error, _NOT_OURS)


def keep(error: BaseException) -> None:
    """Remember it for a report at the end."""
    if len(BUGS) < _FEW:
        BUGS.append(error)
