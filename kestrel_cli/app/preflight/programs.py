"""Programs that tasks start and the machine does not have."""

from collections.abc import Callable

from kestrel_cli.model.task import Task


def missing_programs(task: Task) -> list[str]:
    """What `needs` of a task names and the machine does not have; `a|b` is either of them."""
    needs: Callable[[], list[str]] | None = getattr(task, "needs", None)
    if needs is None:
        return []
    import shutil

    wanted = [one.split("|") for one in needs()]
    return [
        f"task `{task.id}` needs {' or '.join(names)}, which is not installed"
        for names in wanted
        if not any(map(shutil.which, names))
    ]
