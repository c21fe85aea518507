"""What a part run takes over of an earlier execution: outputs of tasks that are left out, and of
loop values that are not run.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kestrel_cli.app.parts import left_out, selected
from kestrel_cli.app.request import RunRequest
from kestrel_cli.model.index import enabled, walk


def taken_of(request: RunRequest) -> dict[str, Any]:
    """What the execution is born with of the earlier one: outputs of tasks that are left out, and
    of values that are not run. The flow's blocks are those of the part.
    """
    if request.earlier is None:
        return {}
    flow = request.flow
    running = {task.id for task in enabled(flow)}
    chosen = _selected_below(request)
    made_up = left_out(flow, request.mocks.listed)
    top: dict[str, Any] = {}
    waiting: list[tuple[Mapping[str, Any], dict[str, Any]]] = [(request.earlier.held, top)]
    while waiting:
        source, target = waiting.pop()
        # Within an iteration of Loop, a task that runs has no other values beside.
        partly = chosen if target is top else {}
        outputs = dict(_wanted(source["outputs"], running, partly))
        for name, values in made_up.items():  # what the user gives comes first
            if name in outputs:
                outputs[name] = {**outputs[name], **values}
        target["outputs"] = outputs
        for place, node in source["below"].items():
            inner: dict[str, Any] = {}
            target.setdefault("below", {})[place] = inner
            waiting.append((node, inner))
    return top


def _wanted(
    outputs: Mapping[str, Any], running: set[str], chosen: Mapping[str, list[str]]
) -> Iterator[tuple[str, Any]]:
    for name, shown in outputs.items():
        if name not in running:
            yield name, shown
        elif name in chosen and (others := _without(shown, chosen[name])):
            yield name, others


def _without(shown: Mapping[str, Any], values: list[str]) -> dict[str, Any]:
    """What stands under other loop values than these, the outermost first."""
    first, *rest = values
    found = {name: one for name, one in shown.items() if name != first}
    if rest and isinstance(inner := shown.get(first), dict):
        found[first] = _without(inner, rest)
    return found


def _selected_below(request: RunRequest) -> dict[str, list[str]]:
    """The tasks of which only some loop values run, with these values."""
    flow, part = request.flow, request.part
    found: dict[str, list[str]] = {}
    for name in (part.only, part.start):
        if name is None:
            continue
        task_id, values = selected(name)
        if values and task_id in flow.by_id:
            task = flow.by_id[task_id]
            for one in (task, *(below for _, below in walk(task))):
                found[one.id] = values
    return found
