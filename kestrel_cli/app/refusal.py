"""What a flow needs and Kestrel does not run: found before anything runs."""

from collections.abc import Callable

from kestrel_cli.errors import Unsupported
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import enabled
from kestrel_cli.model.task import Task
from kestrel_cli.tasks.unsupported import UnsupportedTask

Covers = Callable[[Task], bool]


def refuse_what_does_not_run(flow: Flow, covers: Covers = lambda _: False) -> None:
    """Raise Unsupported with every enabled task that does not run here, unless a mock `covers` it;
    `mocks` of the error are the options that would.
    """
    found = [task for task in enabled(flow) if not covers(task)]
    unknown = [task for task in found if isinstance(task, UnsupportedTask)]
    needs = [(f"task `{task.id}` of type {task.type}", str(task.where)) for task in unknown]
    if needs:
        mocks = [f"--mock '{task.id}={{}}'" for task in unknown]
        raise Unsupported("the flow needs what Kestrel does not run", needs, mocks)
    missing = [
        (f"task `{task.id}` needs the program `{program}`, which is not installed", str(task.where))
        for task in found
        for program in _missing_programs(task)
    ]
    if missing:
        raise Unsupported("the flow needs programs that are not there", missing)


def _missing_programs(task: Task) -> list[str]:
    needs = getattr(task, "missing_programs", None)
    return needs() if needs is not None else []
