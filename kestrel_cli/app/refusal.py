"""What a flow needs and Kestrel does not run: found before anything runs."""

from collections.abc import Callable

from kestrel_cli.errors import Unsupported
from kestrel_cli.flowfile.unsupported import lacks_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import enabled
from kestrel_cli.model.task import Task

Covers = Callable[[Task], bool]


def refuse_what_does_not_run(
    flow: Flow, covers: Covers = lambda _: False, *, programs: bool = True
) -> None:
    """Raise Unsupported with every enabled task that does not run here, unless a mock `covers` it;
    `mocks` of the error are the options that would. `programs`: look for those that tasks need.
    """
    found = [task for task in enabled(flow) if not covers(task)]
    needs = [(what, str(task.where)) for task in found for what in lacks_of(task)]
    if needs:
        mocks = _mocks(flow, [task for task in found if lacks_of(task)])
        raise Unsupported("the flow needs what Kestrel does not run", needs, mocks)
    if not programs:
        return
    missing = [
        (f"task `{task.id}` needs {program}, which is not installed", str(task.where))
        for task in found
        for program in _missing_programs(task)
    ]
    if missing:
        mocks = _mocks(flow, [task for task in found if _missing_programs(task)])
        raise Unsupported("the flow needs programs that are not there", missing, mocks)


def _mocks(flow: Flow, tasks: list[Task]) -> list[str]:
    """The options that stand in for the tasks, with the outputs that the flow reads of them."""
    from kestrel_cli.app.output_reads import outputs_read
    from kestrel_cli.tasks.foreign import described
    from kestrel_cli.tasks.foreign.samples import mock_line

    read = outputs_read(flow)
    return [
        mock_line(task.id, described(task.type) if task.id in read else None, read.get(task.id, ()))
        for task in tasks
    ]


def _missing_programs(task: Task) -> list[str]:
    """What `needs` of a task names and the machine does not have; `a|b` is either of them."""
    needs: Callable[[], list[str]] | None = getattr(task, "needs", None)
    if needs is None:
        return []
    import shutil

    wanted = [one.split("|") for one in needs()]
    return [" or ".join(names) for names in wanted if not any(map(shutil.which, names))]
