"""What an execution takes over of an earlier one (`Birth.taken`): outputs, by the places of Loops.

{"outputs": {task: {...}}, "below": {place: {the same}}}
"""

import json
from typing import Any

from kestrel_cli.model.execution import Execution, TaskRun, item_text


def place_of(owner: Execution, run: TaskRun, item: dict[str, Any] | None) -> str:
    """Where an iteration of Loop stands in its execution: the task, and the values around it."""
    value = None if item is None else item.get("value")
    return json.dumps([run.task.id, *owner.values_above(run), item_text(value)], ensure_ascii=False)


def taken_below(owner: Execution, run: TaskRun, item: dict[str, Any] | None) -> dict[str, Any]:
    """What an iteration of Loop takes over with its execution; empty for nothing."""
    below = owner.birth.taken.get("below")
    if not below:
        return {}
    found: dict[str, Any] = below.get(place_of(owner, run, item), {})
    return found
