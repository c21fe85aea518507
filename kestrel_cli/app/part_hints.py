"""What to type when a part run reads the outputs of a task that is left out."""

import json
import shlex

from kestrel_cli.app.last_runs import last_of_flow
from kestrel_cli.app.reading.outputs import PLACE, outputs_read
from kestrel_cli.app.request import Part, RunRequest
from kestrel_cli.errors import CannotStart
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.index import enabled


def part_hint(request: RunRequest, execution: Execution, error: MissingValue) -> str | None:
    """Explains that a task has no outputs because it is left out, and names what gives them; None
    where that is not why they are missing.
    """
    task_id, flow = error.name, request.flow
    is_own = (execution.flow.namespace, execution.flow.id) == (flow.namespace, flow.id)
    if error.path != ("outputs",) or not is_own or task_id not in flow.by_id:
        return None
    if task_id in {task.id for task in enabled(flow)}:
        return None  # it runs, but has not yet, or not here
    names = outputs_read(flow).get(task_id, {})
    given = json.dumps(dict.fromkeys(names, PLACE), ensure_ascii=False)
    mock = f"`--mock {shlex.quote(f'{task_id}={given}')}` gives them"
    if request.earlier is not None:
        return (
            f"`{task_id}` is left out, and {request.earlier.name}, whose outputs are taken, has "
            f"none of it: `--outputs-of ID` names another execution, or {mock}"
        )
    why = f"`{task_id}` has no outputs: it is left out by `{_option(request.part)}`"
    try:
        last = last_of_flow(request, but=execution.id)
    except (CannotStart, OSError):
        last = None
    if last is None:
        return f"{why}; {mock}"
    start = request.part.only or request.part.start
    return (
        f"{why}; `--outputs-of last` takes them from {last}; {mock}; "
        f"`kestrel replay {last} --task {shlex.quote(start or '')}` repeats the flow as it "
        "was then"
    )


def _option(part: Part) -> str:
    return f"--only {part.only}" if part.only is not None else f"--from {part.start}"
