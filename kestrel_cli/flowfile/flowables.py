"""Rules about single flowable types that their properties alone cannot show (spec/engine.md 3)."""

from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.tasks import registry

_ONLY_RUNNABLE: Final = "Only runnable tasks are allowed as children of a WorkingDirectory task"
_FLOW: Final = "io.kestra.plugin.core.flow."


def check_flowable(draft: Draft, flow: Draft, findings: Findings) -> None:
    """What is wrong with this task as a flowable."""
    name = draft.values.get("type")
    rule = _RULES.get(registry.canonical(name)) if isinstance(name, str) else None
    if rule is not None:
        rule(draft, flow, findings)


def _switch(draft: Draft, _: Draft, findings: Findings) -> None:
    cases = draft.values.get("cases")
    listed = any(cases.values()) if isinstance(cases, dict) else bool(cases)
    if not listed and not draft.values.get("defaults"):
        message = f"{draft.id}: No task defined, neither cases or default have any tasks"
        findings.error("empty-switch", message, draft.node.first())


def _working_directory(draft: Draft, _: Draft, findings: Findings) -> None:
    tasks = draft.node.get("tasks")
    for node in tasks.elements() if tasks else ():
        at = node.get("type")
        if at is not None and _is_flowable(at.value):
            findings.error("not-runnable", f"{draft.id}: {_ONLY_RUNNABLE}", at)


def _is_flowable(name: Any) -> bool:
    if not isinstance(name, str):
        return False
    found = registry.find(name)
    if found is not None:
        return found.flowable
    return registry.canonical(name).startswith(_FLOW) and name in registry.KNOWN_CORE


def _subflow(draft: Draft, flow: Draft, findings: Findings) -> None:
    called = (draft.values.get("namespace"), draft.values.get("flowId"))
    if called == (flow.values.get("namespace"), flow.values.get("id")):
        message = f"Invalid Flow: Recursive call to flow [{called[0]}.{called[1]}]"
        findings.error("recursive-flow", message, draft.node.get("flowId") or draft.node)


def _dag(draft: Draft, _: Draft, findings: Findings) -> None:
    tasks = draft.node.get("tasks")
    needs: dict[str, list[str]] = {}
    places: dict[str, Node] = {}
    for node in tasks.elements() if tasks else ():
        task, depends = node.get("task"), node.get("dependsOn")
        name = str(task.value.get("id")) if task is not None and task.keys else ""
        needs[name] = [str(one.value) for one in depends.elements()] if depends else []
        places[name] = depends or node.first()
    lost = [(name, one) for name, ones in needs.items() for one in ones if one not in needs]
    for name, needed in lost:
        message = f"{draft.id}: Not existing task id in dependency: {needed}"
        findings.error("depends-on", message, places[name])
    around = _cyclic(needs)
    if around:
        message = f"{draft.id}: Cyclic dependency detected: {', '.join(around)}"
        findings.error("depends-on", message, places[around[0]])


def _cyclic(needs: dict[str, list[str]]) -> list[str]:
    """The tasks that wait for each other: never ready, and something never ready waits for them."""
    left = {name: {one for one in ones if one in needs} for name, ones in needs.items()}
    left = _without_ready(left)
    followers = {name: {one for one, ones in left.items() if name in ones} for name in left}
    return list(_without_ready(followers))


def _without_ready(left: dict[str, set[str]]) -> dict[str, set[str]]:
    while ready := {name for name, ones in left.items() if not ones}:
        left = {name: ones - ready for name, ones in left.items() if name not in ready}
    return left


_RULES: Final[dict[str, Callable[[Draft, Draft, Findings], None]]] = {
    f"{_FLOW}Dag": _dag,
    f"{_FLOW}Subflow": _subflow,
    f"{_FLOW}Switch": _switch,
    f"{_FLOW}WorkingDirectory": _working_directory,
}
