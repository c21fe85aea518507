"""Which task run of one execution is which of the other: tasks side by side come in any order, so
the place in the list says nothing.
"""

from collections.abc import Container
from typing import Any, Final

Document = dict[str, Any]
INSIDE: Final = " > "


def named_runs(document: Document) -> dict[str, Document]:
    """The task runs by names that are the same in both: task, loop value and those around it, as
    `each[1] > load[b]`; of several alike each has its number.
    """
    runs = [one for one in document.get("taskRunList") or () if isinstance(one, dict)]
    by_id = {str(one.get("id")): one for one in runs}
    names: dict[str, str] = {}
    found: dict[str, Document] = {}
    for run in runs:
        if str(run.get("id")) in names:  # it was named for one inside of it
            continue
        path = [run]
        seen = {str(run.get("id"))}
        while (parent := str(path[-1].get("parentTaskRunId"))) in by_id and parent not in seen:
            if parent in names:
                break
            seen.add(parent)
            path.append(by_id[parent])
        for one in reversed(path):
            _name(one, names, found)
    return found


def is_below(name: str, names: Container[str]) -> bool:
    """Whether a task run stands in one of these, by their names."""
    end = name.find(INSIDE)
    while end >= 0:
        if name[:end] in names:
            return True
        end = name.find(INSIDE, end + 1)
    return False


def _name(run: Document, names: dict[str, str], found: dict[str, Document]) -> None:
    around = names.get(str(run.get("parentTaskRunId")))
    value = run.get("value")
    own = f"{run.get('taskId')}" + ("" if value is None else f"[{value}]")
    whole = own if around is None else f"{around}{INSIDE}{own}"
    name, count = whole, 1
    while name in found:
        count += 1
        name = f"{whole} #{count}"
    names[str(run.get("id"))] = name
    found[name] = run


def named_executions(document: Document) -> dict[str, Document]:
    """What an execution has started, where the document holds it, by the flows' names."""
    found: dict[str, Document] = {}
    for one in document.get("executions") or ():
        whole = f"{one.get('namespace')}.{one.get('flowId')}"
        name, count = whole, 1
        while name in found:
            count += 1
            name = f"{whole} #{count}"
        found[name] = one
    return found
