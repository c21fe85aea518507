"""What the tasks of all reached flows need of this machine: types, programs, packages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from kestrel_cli.app.preflight.extras import missing_extras
from kestrel_cli.app.preflight.finding import Finding, Kind
from kestrel_cli.app.preflight.programs import missing_programs
from kestrel_cli.app.preflight.reached import Reached
from kestrel_cli.app.preflight.standing import Level, Standing
from kestrel_cli.flowfile.unsupported import lacks_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task

_LOOKS: Final[dict[Kind, Callable[[Task], list[str]]]] = {
    "type": lacks_of,
    "program": missing_programs,
    "extra": missing_extras,
}


def cannot_run(task: Task, *, programs: bool = True) -> bool:
    """Whether the task does not run on this machine; `programs`: look for those that it needs."""
    return bool(lacks_of(task) or (programs and (missing_programs(task) or missing_extras(task))))


def missing_here(flows: Sequence[Reached], *, programs: bool) -> Iterator[Finding]:
    """What tasks need and is not here. A flow is refused for any of its tasks' types and programs,
    and so is the call of such a flow; a package that is missing fails its task alone.
    """
    read: dict[int, Mapping[str, Sequence[str]]] = {}
    for kind, look in _LOOKS.items():
        if kind == "type" or programs:
            for reached in flows:
                for one in reached.tasks:
                    for message in look(one.task):
                        stops = _stops(kind, one, reached)
                        key = id(reached.flow)
                        if key not in read:
                            read[key] = _outputs_read(reached.flow)
                        mock = _mock(one.task, read[key].get(one.task.id, ()))
                        yield Finding(kind, message, one.task.where, None, stops, mock)


def _outputs_read(flow: Flow) -> Mapping[str, Sequence[str]]:
    from kestrel_cli.app.reading.outputs import outputs_read  # Jinja2, only when something lacks

    return {task_id: list(names) for task_id, names in outputs_read(flow).items()}


def _mock(task: Task, read: Sequence[str]) -> str:
    """The option that stands in for the task, with the outputs that the flow reads of it."""
    from kestrel_cli.tasks.foreign import described
    from kestrel_cli.tasks.foreign.samples import mock_line

    return mock_line(task.id, described(task.type) if read else None, read)


def _stops(kind: Kind, one: Standing, reached: Reached) -> bool:
    if kind == "extra":
        return one.level < Level.MAYBE and not one.soft
    return reached.is_own or reached.level < Level.MAYBE
