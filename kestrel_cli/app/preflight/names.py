"""Names in options that no flow of the run has: what they were meant for would run, or would not.

--mock, --mock-type, --resume       a task, or a type, of any flow that can be reached
--only, --from, --until             a task of the flow itself
"""

from collections.abc import Iterator, Mapping, Sequence

from kestrel_cli.app.preflight.finding import Finding
from kestrel_cli.app.preflight.reached import every_flow
from kestrel_cli.app.request import Mocks, Part, RunRequest
from kestrel_cli.flowfile.suggest import nearest, nearest_type
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.mock import option_of


def unknown_names(request: RunRequest) -> list[Finding]:
    """Names of tasks and types in options that nothing has, with the nearest that there is."""
    mocks, answers, part = request.mocks, request.pauses.given, request.part
    if not mocks.listed and not answers and part == Part():
        return []
    flows = list(every_flow(request.flow, request.library))
    messages = [
        *_of_mocks(flows, mocks),
        *_of_answers(flows, answers),
        *_of_part(flows, part),
    ]
    return [Finding("option", message) for message in dict.fromkeys(messages)]


def _of_mocks(flows: Sequence[Flow], mocks: Mocks) -> Iterator[str]:
    types: list[str] | None = None
    for mock in mocks.listed:
        option = option_of(mock)
        if mock.task is not None:
            if _find(flows, mock.task) is None:
                yield _no_task(flows, mock.task, option)
            continue
        if types is None:
            types = sorted({task.type for flow in flows for _, task in walk(flow)})
        prefix = mock.prefix or ""
        if not any(one.startswith(prefix) for one in types):
            near = nearest_type(prefix, types) or nearest(prefix, types)
            yield f"`{option}`: no task has a type that begins so{_hint(near)}"


def _of_answers(flows: Sequence[Flow], answers: Mapping[str, object]) -> Iterator[str]:
    from kestrel_cli.tasks.flow.pause import Pause

    for name in answers:
        option = f"--resume {name}"
        found = [flow.by_id[name.partition("[")[0]] for flow in _having(flows, name)]
        if not found:
            yield _no_task(flows, name.partition("[")[0], option)
        elif not any(isinstance(task, Pause) for task in found):
            yield f"`{option}`: this is no Pause task, but {found[0].type}"


def _of_part(flows: Sequence[Flow], part: Part) -> Iterator[str]:
    """A part is one of the flow itself; of others is told where the task is."""
    own = flows[0]
    for option, said in (("--only", part.only), ("--from", part.start), ("--until", part.until)):
        name = (said or "").partition("[")[0]
        if said is None or name in own.by_id:
            continue
        other = _find(flows[1:], name)
        if other is None and len(flows) == 1:
            near = nearest(name, own.by_id)
            yield f"the flow has no task `{name}`{_hint(near)}"
        elif other is None:
            yield _no_task(flows, name, f"{option} {said}")
        else:
            yield (
                f"`{option} {said}`: `{name}` is a task of the flow {other.namespace}.{other.id} "
                f"({other.by_id[name].where}), which this one calls: run a part of that flow, "
                "or name the task that calls it"
            )


def _having(flows: Sequence[Flow], name: str) -> list[Flow]:
    task_id = name.partition("[")[0]
    return [flow for flow in flows if task_id in flow.by_id]


def _find(flows: Sequence[Flow], name: str) -> Flow | None:
    return next(iter(_having(flows, name)), None)


def _no_task(flows: Sequence[Flow], name: str, option: str) -> str:
    near = nearest(name, dict.fromkeys(one for flow in flows for one in flow.by_id))
    if len(flows) == 1:
        return f"`{option}`: the flow has no task `{name}`{_hint(near)}"
    return f"`{option}`: no flow that can be reached has a task `{name}`{_hint(near)}"


def _hint(near: str | None) -> str:
    return f"; did you mean `{near}`?" if near else ""
