"""Where a task run stands, in words: `foreach[2/3] > log`."""

from collections.abc import Callable, Mapping
from typing import Final

from kestrel_cli.model.execution import Execution, TaskRun

SEPARATOR: Final = " > "
_MOST: Final = 12  # levels shown; a flow may nest 5,000
_VALUE: Final = 40  # characters shown of a loop value


def place(execution: Execution, run: TaskRun, totals: Mapping[int, int]) -> str:
    """The path with positions in loops; `totals`: how many values a loop has, by its number."""
    return _path(execution, run, lambda child: _position(child, totals, execution))


def place_by_value(execution: Execution, run: TaskRun) -> str:
    """The path with the values of loops: `foreach[caseB] > log`."""
    return _path(execution, run, lambda child: _value(child, execution))


def short(text: str, most: int = _VALUE) -> str:
    """At most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def elided(path: str, room: int) -> str:
    """A path that fits `room` if it can: middle tasks give way first, then loops, not the ends."""
    parts = path.split(SEPARATOR)
    while len(path) > room and len(parts) > 2:
        middle = [at for at in range(1, len(parts) - 1) if parts[at] != "…"]
        if not middle:
            break
        plain = [at for at in middle if "[" not in parts[at]]
        parts[(plain or middle)[0]] = "…"
        parts = [part for at, part in enumerate(parts) if part != "…" or parts[at - 1] != "…"]
        path = SEPARATOR.join(parts)
    return path


def _path(execution: Execution, run: TaskRun, mark: Callable[[TaskRun], str]) -> str:
    """Ids from the outermost ancestor to the run; the mark of a loop's child is put on the loop."""
    runs = execution.runs
    parts = [run.task.id]
    while run.parent is not None:
        parent = runs[run.parent]
        if len(parts) == _MOST:
            parts.append("…")
            break
        looping = run.iteration is not None or run.value is not None
        parts.append(parent.task.id + mark(run) if looping else parent.task.id)
        run = parent
    parts.reverse()
    return SEPARATOR.join(parts)


def _position(child: TaskRun, totals: Mapping[int, int], execution: Execution) -> str:
    if child.iteration is None:
        return _value(child, execution)
    total = totals.get(child.parent) if child.parent is not None else None
    return f"[{child.iteration + 1}/{total}]" if total else f"[{child.iteration + 1}]"


def _value(child: TaskRun, execution: Execution) -> str:
    if child.value is None:
        return f"[#{child.iteration}]"
    return f"[{short(execution.masker.mask(child.value))}]"
