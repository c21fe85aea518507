"""What the variables of expressions hold, as far as a flow file tells."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.tasks import registry

_CORE: Final = "io.kestra.plugin.core."
_FLOW: Final = f"{_CORE}flow."
_TRIGGER: Final = f"{_CORE}trigger."
_OF_TASKS: Final = ("outputs", "tasks")
_PARTS: Final = ("_split", "_items", "_merge")
_DATES: Final = frozenset(("date", "next", "previous"))
# What `trigger` holds in an execution that a trigger of this type has created.
_GIVEN: Final = {
    f"{_TRIGGER}Schedule": _DATES,
    f"{_TRIGGER}ScheduleOnDates": _DATES,
    f"{_TRIGGER}Webhook": frozenset(("body", "headers", "parameters", "path")),
    f"{_TRIGGER}Flow": frozenset(
        (
            "executionId",
            "executionLabels",
            "flowId",
            "flowRevision",
            "namespace",
            "outputs",
            "state",
        )
    ),
}
# The same in one that a task of another flow has started.
_OF_CALLS: Final = frozenset(
    (
        "executionId",
        "flowId",
        "flowRevision",
        "id",
        "namespace",
        "taskId",
        "taskRunId",
        "taskRunIteration",
        "taskRunOutputs",
        "taskRunValue",
        "type",
    )
)
_FIXED: Final = {
    "execution": ("id", "originalId", "outputs", "startDate", "state"),
    "flow": ("id", "namespace", "revision", "tenantId"),
    "task": ("id", "type"),
    "taskrun": ("attemptsCount", "id", "items", "iteration", "parentId", "startDate", "value"),
}


class Kind(NamedTuple):
    """One variable whose members are known: its name, what a member is, and all of them.

    `lacks` says in a sentence that there is none, with `{}` for the name; `hint` is what helps when
    no known name is near. `careful` ones are told even where `??` catches what is missing. `whole`
    is false where a run may add to what the file says.
    """

    variable: str
    noun: str
    known: frozenset[str]
    lacks: str
    hint: str | None = None
    careful: bool = False
    whole: bool = True


def kinds_of(drafts: list[Draft], *, closely: bool) -> list[Kind]:
    """All that is known of a flow's variables, `inputs` last; less of it unless `closely`."""
    flow, tasks = drafts[0], drafts[1:]
    kinds = []
    # The tasks of a template are not in the file.
    if not any(str(draft.values.get("type")).endswith(".Template") for draft in tasks):
        ids = frozenset(_task_ids(tasks))
        # A plugin may add task runs with ids of its own.
        whole = all(is_core(draft) for draft in tasks)
        kinds += [_of_flow(name, "task", ids, careful=True, whole=whole) for name in _OF_TASKS]
    if (variables := _variables(flow, tasks)) is not None:
        kinds.append(_of_flow("vars", "variable", variables))
    if closely:
        kinds += _fixed(flow)
    # Whoever starts an execution may give it inputs that are not declared.
    names = frozenset(_inputs(flow))
    return [*kinds, _of_flow("inputs", "input", names, careful=True, whole=False)]


def is_core(draft: Draft) -> bool:
    """Whether the task is one of Kestra's own, not of a plugin."""
    return registry.canonical(str(draft.values.get("type"))).startswith(_CORE)


def _of_flow(
    variable: str, noun: str, known: frozenset[str], *, careful: bool = False, whole: bool = True
) -> Kind:
    lacks = f"this flow has no {noun} `{{}}`"
    return Kind(variable, noun, known, lacks, careful=careful, whole=whole)


def _fixed(flow: Draft) -> Iterator[Kind]:
    for variable, names in _FIXED.items():
        lacks = f"`{variable}` has no `{{}}`"
        yield Kind(variable, "member", frozenset(names), lacks)
    listed = flow.node.get("triggers")
    nodes = [one for one in listed.elements() if one.keys] if listed else []
    if not nodes:
        hint = "`??` gives a value for runs that no trigger has started"
        yield Kind("trigger", "trigger-value", _OF_CALLS, "this flow has no triggers", hint)
    elif (given := _given(nodes)) is not None:
        lacks = "no trigger of this flow gives `{}`"
        yield Kind("trigger", "trigger-value", given | _OF_CALLS, lacks)


def _given(nodes: list[Node]) -> frozenset[str] | None:
    """What these triggers give together; None when one is of a type that may give anything."""
    from kestrel_cli.model.triggers import ALIASES

    names: frozenset[str] = frozenset()
    for node in nodes:
        kind = str(node.value.get("type"))
        given = _GIVEN.get(ALIASES.get(kind, kind))
        if given is None:
            return None
        names |= given
    return names


def _inputs(flow: Draft) -> Iterator[str]:
    listed = flow.node.get("inputs")
    for node in listed.elements() if listed else ():
        if node.keys:
            yield str(node.value.get("id", node.value.get("name"))).partition(".")[0]


def _variables(flow: Draft, tasks: list[Draft]) -> frozenset[str] | None:
    """The names that `vars` has at some time; None when only the run knows them."""
    said = flow.values.get("variables")
    names = set(said) if isinstance(said, dict) else set()
    for draft in tasks:
        kind = str(draft.values.get("type"))
        if registry.canonical(kind).endswith(("execution.SetVariables", ".Template")):
            given = draft.values.get("variables")
            if not isinstance(given, dict) or any("{" in name for name in given):
                return None
            names |= set(given)
    return frozenset(names)


def _task_ids(tasks: Iterable[Draft]) -> Iterator[str]:
    for draft in tasks:
        if draft.id is None:
            continue
        yield draft.id
        if registry.canonical(str(draft.values.get("type"))) == f"{_FLOW}ForEachItem":
            yield from (draft.id + part for part in _PARTS)
        if registry.find(str(draft.values.get("type"))) is None:
            yield from _ids_inside(draft.node)


def _ids_inside(node: Node) -> Iterator[str]:
    """The ids of all that looks like a task, in a task of a type whose properties are unknown."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.items is None or id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here.items, dict):
            if "id" in here.items and "type" in here.items:
                yield str(here.value["id"])
            waiting.extend(here.items.values())
        else:
            waiting.extend(here.items)
