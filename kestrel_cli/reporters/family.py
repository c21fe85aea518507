"""The executions of one run: the one that a command is about, those that it follows as a retry, and
those that task runs started, at any depth.
"""

from kestrel_cli.model.execution import Execution

Caller = tuple[Execution, int]  # an execution, and the number of a task run of it


def family(root: Execution) -> list[Execution]:
    """All of them: who starts or is followed stands before whom it started or who follows it; the
    RETRIED ones of the root first, the root itself after them.
    """
    found: dict[str, Execution] = {}
    todo = [root]
    while todo:
        execution = todo.pop()
        if execution.id in found:
            continue
        if waiting := [one for one in followed(execution) if one.id not in found]:
            todo.append(execution)
            todo.extend(reversed(waiting))
            continue
        found[execution.id] = execution
        todo.extend(reversed([one for called in execution.called.values() for one in called]))
    return list(found.values())


def others(root: Execution) -> list[Execution]:
    """All but the root: the RETRIED ones that it follows, then the rest in order of creation."""
    if not root.called and not root.earlier:
        return []
    before = followed(root)
    known = {root.id, *(one.id for one in before)}
    rest = [one for one in family(root) if one.id not in known]
    return [*before, *sorted(rest, key=lambda execution: execution.created_at)]


def followed(execution: Execution) -> list[Execution]:
    """The RETRIED executions that an execution follows, oldest first."""
    if not execution.earlier:
        return []
    found: dict[str, Execution] = {}
    todo = list(execution.earlier)
    while todo:
        one = todo.pop()
        if one.id not in found:
            found[one.id] = one
            todo += one.earlier
    return sorted(found.values(), key=lambda one: one.created_at)


def called_by(execution: Execution, number: int) -> list[Execution]:
    """What a task run started, each execution behind those that it follows."""
    called = execution.called.get(number)
    if not called:
        return []
    all_called = [one for last in called for one in (*followed(last), last)]
    return list({one.id: one for one in all_called}.values())


def callers(root: Execution) -> dict[str, Caller]:
    """For each execution that a task run started, that task run."""
    found: dict[str, Caller] = {}
    for execution in family(root):
        for number in execution.called:
            for called in called_by(execution, number):
                found[called.id] = (execution, number)
    return found
