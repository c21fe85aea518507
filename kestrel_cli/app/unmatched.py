"""A part run that asks for a loop value which no loop has: the execution ends FAILED for that."""

from collections.abc import Iterable, Mapping
from typing import Final

from kestrel_cli.app.parts import missed, selected
from kestrel_cli.app.request import Part
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.index import walk
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.reporters.paths import UNMATCHED

_NAMED: Final = 10
Offered = Mapping[str, Iterable[str]]  # task id -> the values that its loops had instead


def unmatched(execution: Execution, part: Part, offered: Offered) -> str | None:
    """Why an execution that is about to end otherwise well has not done what was asked for; None
    when it has.
    """
    worst = execution.frames[None].worst
    if worst in (State.FAILED, State.KILLED):
        return None
    told = [
        _told(name, offered) for name in missed(execution, part) if _had_its_turn(name, execution)
    ]
    return "\n".join(told) or None


def is_unmatched(execution: Execution) -> bool:
    """Whether that is why it FAILED."""
    return (
        execution.state is State.FAILED and UNMATCHED in (execution.error or "").split("\n", 1)[0]
    )


def _had_its_turn(name: str, execution: Execution) -> bool:
    """Tasks that run after the end have not, and no longer change how it ends."""
    task_id, _ = selected(name)
    blocks = execution.flow.blocks.items()
    late = [task for block, tasks in blocks if _is_late(block) for task in tasks]
    return not any(_holds(task, task_id) for task in late)


def _is_late(block: str) -> bool:
    return block.partition(".")[0] in ("listeners", "afterExecution")


def _holds(task: Task, task_id: str) -> bool:
    return task.id == task_id or any(one.id == task_id for _, one in walk(task))


def _told(name: str, offered: Offered) -> str:
    task_id, asked = selected(name)
    values = list(offered.get(task_id, ()))
    if not values:
        return f"`{name}` {UNMATCHED}"
    listed = ", ".join(f"`{value}`" for value in values[:_NAMED])
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    near = next((found for one in asked if (found := nearest(one, values[:500]))), None)
    hint = f"\nhint: did you mean `{near}`?" if near else ""
    return f"`{name}` {UNMATCHED}; there are the values {listed}{more}{hint}"
