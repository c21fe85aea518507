"""Where a task run stands, in words: `foreach[2/3] > log`, `sub > [flow of sub] > log`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.task import FlowableTask
from kestrel_cli.reporters.json_values import clipped_json

SEPARATOR: Final = " > "
UNMATCHED: Final = "did not run: no task run fits it"  # how that message of a part run goes on
_MOST: Final = 12  # levels shown; a flow may nest 5,000
_VALUE: Final = 40  # characters shown of a loop value


def place(execution: Execution, run: TaskRun, totals: Mapping[int, int]) -> str:
    """The path with positions in loops; `totals`: how many values a loop has, by its number."""
    return _path(execution, run, lambda child: _position(child, totals, execution))


def place_by_value(execution: Execution, run: TaskRun) -> str:
    """The path with the values of loops: `foreach[caseB] > log`."""
    return _path(execution, run, lambda child: _value(child, execution))


def below(call: str, run: TaskRun, execution: Execution, *, by_value: bool = False) -> str:
    """The path of an execution that a task run started; `call` is the path of the task run.

    An iteration of a Loop stands like one of ForEach: `loop[2]`.
    """
    if execution.item is not None:
        return call + (
            f"[{item_text(execution)}]" if by_value else f"[{item_index(execution) + 1}]"
        )
    batch = batch_of(run, execution)
    position = "" if batch is None else f"[#{batch}]" if by_value else f"[{batch + 1}]"
    return f"{call}{position}{SEPARATOR}[{execution.flow.id}]"


def within(outer: str, path: str) -> str:
    """A path inside an execution as a whole one; `outer` is that of the execution, or empty."""
    if not outer:
        return path
    whole = f"{outer}{SEPARATOR}{path}"
    if whole.count(SEPARATOR) < _MOST:
        return whole
    return SEPARATOR.join(["…", *whole.split(SEPARATOR)[-_MOST:]])


def batch_of(run: TaskRun, execution: Execution) -> int | None:
    """The number of the batch of a ForEachItem that an execution is for."""
    number = (execution.trigger or {}).get("taskRunIteration")
    return number if isinstance(number, int) and run.iteration is None else None


def item_text(execution: Execution) -> str:
    """The value of an iteration of Loop, shortened."""
    value = execution.masker.shown(_item(execution).get("value"))
    return short(value if isinstance(value, str) else clipped_json(value, _VALUE + 1)[0])


def item_index(execution: Execution) -> int:
    """The number of an iteration of Loop, from 0."""
    index = _item(execution).get("index")
    return index if isinstance(index, int) else 0


def _item(execution: Execution) -> dict[str, Any]:
    return execution.item or {}


def short(text: str, most: int = _VALUE) -> str:
    """At most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def elided(path: str, room: int) -> str:
    """A path that fits `room` if it can. Tasks in the middle give way first, then what stands at
    the beginning; the last loop and the task itself stay: they tell one line from the next.
    """
    parts = path.split(SEPARATOR)
    kept = {len(parts) - 1}
    loops = [at for at, part in enumerate(parts) if part.endswith("]") and not part.startswith("[")]
    kept.update(loops[-1:])
    while len(path) > room and len(parts) > 2:
        rest = [at for at, part in enumerate(parts) if part != "…" and at not in kept]
        if not rest:
            break
        plain = [at for at in rest if at and "[" not in parts[at]]
        parts[(plain or rest[1:] or rest)[0]] = "…"
        shown = [
            part for at, part in enumerate(parts) if part != "…" or parts[at - 1 : at] != ["…"]
        ]
        path = SEPARATOR.join(shown)
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
    """How many-th the iteration is. A LoopUntil goes on counting from the loop around it."""
    if child.iteration is None:
        return _value(child, execution)
    parent = None if child.parent is None else execution.runs[child.parent]
    if child.value is None:
        number = None if parent is None else _pass(parent)
        return f"[{child.iteration + 1 if number is None else number}]"
    number = child.iteration + 2 - (_pass(child) or 1)
    total = None if parent is None else totals.get(parent.number)
    # A part of a run may hold a later iteration only.
    return f"[{number}/{total}]" if total and number <= total else f"[{number}]"


def _pass(run: TaskRun) -> int | None:
    """The number of the pass that a LoopUntil is in, from 1."""
    if isinstance(run.task, FlowableTask) and run.task.judges:
        number = (run.outputs or {}).get("iterationCount")
        if isinstance(number, int):
            return number
    return None


def _value(child: TaskRun, execution: Execution) -> str:
    if child.value is None:
        return f"[#{child.iteration}]"
    return f"[{short(execution.masker.mask(child.value))}]"


def place_of_own(error: str | None) -> str:
    """Where an execution failed that no task run has failed: in its outputs, or in what was asked
    for of it.
    """
    return "part of the flow" if UNMATCHED in (error or "").split("\n", 1)[0] else "flow outputs"
