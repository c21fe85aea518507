"""Running a part of a flow: the tasks that are left out are taken from its blocks.

    --only TASK     this task, and the flowables around it
    --from TASK     this task and what comes after it
    --until TASK    what comes before it, and this task

Flowables around the task decide as always. A task that is mocked is kept, or, inside a flowable
that is left out, its outputs are: they may be asked for. `TASK[value]` names one iteration,
`TASK[outer][inner]` one of nested loops.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kestrel_cli.app.preflight.standing import Covers
from kestrel_cli.app.request import Part
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.call import Call
from kestrel_cli.model.execution import Execution, TaskRun, item_text
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.index import enabled, walk
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.task import Task

_AT_LAST: Final = ("errors", "finally", "listeners", "afterExecution")
_SELECTOR: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
Lanes = Callable[[TaskRun, list[Lane]], list[Lane]]
Picks = Callable[[TaskRun, list[Call]], list[Call]]
Offered = dict[str, dict[str, None]]  # task id -> the values that its loops have


def selected(selector: str) -> tuple[str, list[str]]:
    """The task id of `TASK[value]`, and its values, the outermost loop's first."""
    match = _SELECTOR.fullmatch(selector)
    if match is None:
        raise UsageError(f"`{selector}`: write `TASK` or `TASK[value]`")
    return match[1], re.findall(r"\[([^\[\]]*)\]", match[2])


def restrict(flow: Flow, part: Part, covers: Covers) -> None:
    """Take what is not to run out of the blocks of the flow. Raises UsageError for an unknown
    task.
    """
    chosen = [name for name in (part.only, part.start, part.until) if name is not None]
    if not chosen:
        return
    above = {id(task): holder for holder, task in walk(flow)}
    for name in chosen:
        task = _task(flow, selected(name)[0])
        before = name in (part.only, part.start)
        after = name in (part.only, part.until)
        _cut(flow, task, above, covers, before=before, after=after)


def has_all(flow: Flow, part: Part) -> bool:
    """Whether the flow has the tasks that the part names."""
    chosen = [name for name in (part.only, part.start, part.until) if name is not None]
    return all(selected(name)[0] in flow.by_id for name in chosen)


def _task(flow: Flow, name: str) -> Task:
    if name not in flow.by_id:
        near = nearest(name, flow.by_id)
        hint = f"; did you mean `{near}`?" if near else ""
        raise UsageError(f"the flow has no task `{name}`{hint}")
    return flow.by_id[name]


def _cut(
    flow: Flow,
    task: Task,
    above: Mapping[int, object],
    covers: Covers,
    *,
    before: bool,
    after: bool,
) -> None:
    """Leave out the siblings before or after the task, and those of each flowable around it."""
    at: object = task
    while at is not flow:
        holder = above[id(at)]
        blocks: dict[str, tuple[Task, ...]] = holder.__dict__["blocks"]
        own = next((name for name, held in blocks.items() if any(one is at for one in held)), None)
        if own is None:
            raise UsageError(f"`{task.id}` does not run: it is disabled, or what holds it is")
        if before and own == "errors":
            raise UsageError(
                f"`{task.id}` stands in `errors`: it runs when something has failed, not as a part"
            )
        for name, tasks in blocks.items():
            if name == own:
                place = next(n for n, one in enumerate(tasks) if one is at)
                blocks[name] = tuple(
                    one
                    for n, one in enumerate(tasks)
                    if one is at
                    or covers(one)
                    or not ((before and n < place) or (after and n > place))
                )
            elif before and _rank(name) < _rank(own):
                blocks[name] = tuple(one for one in tasks if covers(one))
            elif holder is flow and after and _rank(name):
                blocks[name] = ()
        at = holder


def _rank(block: str) -> int:
    """When a block has its turn: the body first."""
    block = block.partition(".")[0]  # `cases.x` is of the body, `listeners.0` is not
    return _AT_LAST.index(block) + 1 if block in _AT_LAST else 0


def left_out(flow: Flow, mocks: Sequence[Mock]) -> dict[str, Any]:
    """The outputs of mocked tasks that are left out, shown as if they had run."""
    running = {task.id for task in enabled(flow)}
    values: dict[str, Any] = {}
    for mock in mocks:
        if mock.task is None or mock.task in running:
            continue
        shelf = values.setdefault(mock.task, {})
        if mock.value is None:
            for name, value in mock.outputs.items():
                shelf.setdefault(name, value)
        else:
            shelf.setdefault(mock.value, mock.outputs)
    return values


def missed(execution: Execution, part: Part) -> list[str]:
    """What names an iteration of which nothing ran, in none of the executions."""
    names = [one for one in (part.only, part.start, part.until) if one is not None]
    return [one for one in names if selected(one)[1] and not _ran(execution, *selected(one))]


def _ran(execution: Execution, task_id: str, values: list[str]) -> bool:
    waiting = [execution]
    while waiting:
        one = waiting.pop()
        for number in one.runs_of.get(task_id, ()):
            if set(values) <= set(one.values_around(one.runs[number])):
                return True
        waiting += [below for called in one.called.values() for below in called]
    return False


def lanes_of(part: Part, offered: Offered | None = None) -> Lanes | None:
    """Picks the lanes of a loop whose value was asked for; None when no value was. What a loop has
    instead is noted in `offered`.
    """
    wanted: dict[str, list[str]] = {}
    for name in (part.only, part.start, part.until):
        if name is not None and selected(name)[1]:
            wanted.update({selected(name)[0]: selected(name)[1]})
    if not wanted:
        return None

    def picked(run: TaskRun, lanes: list[Lane]) -> list[Lane]:
        if not any(lane.value is not None for lane in lanes):
            return lanes
        for task_id, values in wanted.items():
            if not _is_below(run.task, task_id):
                continue
            found = [lane for lane in lanes if lane.value in values]
            if found or _has_loops(run.task, task_id):
                return found or lanes
            if offered is not None:
                known = offered.setdefault(task_id, {})
                known.update((lane.value, None) for lane in lanes if lane.value is not None)
            return []
        return lanes

    return picked


def calls_of(part: Part, offered: Offered | None = None) -> Picks | None:
    """Picks the iterations of a Loop whose value was asked for; None when no value was."""
    lanes = lanes_of(part, offered)
    if lanes is None:
        return None

    def picked(run: TaskRun, calls: list[Call]) -> list[Call]:
        texts = [None if call.item is None else item_text(call.item.get("value")) for call in calls]
        marked = [Lane("tasks", 0, 0, text, number) for number, text in enumerate(texts)]
        return [calls[lane.iteration or 0] for lane in lanes(run, marked)]

    return picked


def _is_below(task: Task, task_id: str) -> bool:
    return any(one.id == task_id for _, one in walk(task))


def _has_loops(task: Task, task_id: str) -> bool:
    """Whether a further loop stands between the two: the value may be that one's."""
    return any(one.flowable and _is_loop(one) and _is_below(one, task_id) for _, one in walk(task))


def _is_loop(task: Task) -> bool:
    return "values" in task.properties or task.type.endswith(("EachSequential", "EachParallel"))
