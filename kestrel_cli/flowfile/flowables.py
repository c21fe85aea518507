"""Rules about single flowable types that their properties alone cannot show."""

from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.flaws import missing
from kestrel_cli.flowfile.inputs import check_inputs, check_outputs
from kestrel_cli.flowfile.labels import no_system_labels
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.tasks import registry

_ONLY_RUNNABLE: Final = "Only runnable tasks are allowed as children of a WorkingDirectory task"
_FLOW: Final = "io.kestra.plugin.core.flow."
# They change the execution: Kestra's engine runs them itself, and so never in a worker's directory.
_BY_THE_ENGINE: Final = frozenset(
    f"io.kestra.plugin.core.execution.{name}"
    for name in ("Exit", "Labels", "SetVariables", "UnsetVariables")
)
_FOR_EACH_ITEM: Final = f"{_FLOW}ForEachItem"
_PARTS: Final = ("_split", "_items", "_merge")
# The one that counts stands first.
_BATCHES: Final = ("regexPattern", "bytes", "partitions", "rows")


def check_flowable(draft: Draft, flow: Draft, findings: Findings) -> None:
    """What is wrong with this task as a flowable."""
    name = draft.values.get("type")
    rule = _RULES.get(registry.canonical(name)) if isinstance(name, str) else None
    if rule is not None:
        rule(draft, flow, findings)


def check_hidden_ids(tasks: list[Draft], findings: Findings) -> None:
    """The parts of a ForEachItem are tasks, and no other task may have their ids."""
    taken = {
        f"{draft.id}{part}": draft
        for draft in tasks
        if registry.canonical(str(draft.values.get("type"))) == _FOR_EACH_ITEM
        for part in _PARTS
    }
    for draft in tasks if taken else ():
        if draft.id in taken:
            owner = taken[draft.id]
            message = f"Duplicate task id with name [{draft.id}]"
            hint = f"the ForEachItem `{owner.id}` runs a part of that id"
            findings.error("duplicate-id", message, draft.node.get("id") or draft.node, hint)


def _switch(draft: Draft, _: Draft, findings: Findings) -> None:
    cases = draft.values.get("cases")
    listed = any(cases.values()) if isinstance(cases, dict) else bool(cases)
    if not listed and not draft.values.get("defaults"):
        message = f"{draft.id}: No task defined, neither cases or default have any tasks"
        findings.error("empty-switch", message, draft.node.first())


def _if(draft: Draft, _: Draft, findings: Findings) -> None:
    if draft.node.value.get("condition") is None:
        message = "Kestra 1.3 takes an If without `condition` as false, Kestra 2 refuses it"
        findings.older(message, draft.node.first())


def _working_directory(draft: Draft, _: Draft, findings: Findings) -> None:
    tasks = draft.node.get("tasks")
    if tasks is None or tasks.value in (None, []):
        message = f"{draft.id}: The 'tasks' property cannot be empty"
        findings.error("empty", message, tasks or draft.node.first())
    for node in tasks.elements() if tasks else ():
        at = node.get("type")
        if at is not None and not _is_runnable(at.value):
            findings.error("not-runnable", f"{draft.id}: {_ONLY_RUNNABLE}", at)


def _is_runnable(name: Any) -> bool:
    """Whether Kestra hands tasks of this type to a worker."""
    if not isinstance(name, str):
        return True  # that is told elsewhere
    canonical = registry.canonical(name)
    found = registry.find(name)
    if found is not None:
        return issubclass(found, RunnableTask) and canonical not in _BY_THE_ENGINE
    return not (canonical.startswith(_FLOW) and canonical in registry.KNOWN_CORE)


def _subflow(draft: Draft, flow: Draft, findings: Findings) -> None:
    called = (draft.values.get("namespace"), draft.values.get("flowId"))
    if called == (flow.values.get("namespace"), flow.values.get("id")):
        message = f"Invalid Flow: Recursive call to flow [{called[0]}.{called[1]}]"
        findings.error("recursive-flow", message, draft.node.get("flowId") or draft.node)
    no_system_labels(draft.node.get("labels"), findings)


def _dag(draft: Draft, _: Draft, findings: Findings) -> None:
    tasks = draft.node.get("tasks")
    needs: dict[str, list[str]] = {}
    places: dict[str, Node] = {}
    for node in tasks.elements() if tasks else ():
        task, depends = node.get("task"), node.get("dependsOn")
        name = str(task.value.get("id")) if task is not None and task.keys else ""
        needs[name] = [str(one.value) for one in depends.elements()] if depends else []
        places[name] = depends or node.first()
    _disabled_needs(draft, needs, findings)
    lost = [(name, one) for name, ones in needs.items() for one in ones if one not in needs]
    for name, needed in lost:
        message = f"{draft.id}: Not existing task id in dependency: {needed}"
        near = nearest(needed, needs)
        hint = f"did you mean `{near}`?" if near else None
        findings.error("depends-on", message, places[name], hint)
    around = _cyclic(needs)
    if around:
        message = f"{draft.id}: Cyclic dependency detected: {', '.join(around)}"
        findings.error("depends-on", message, places[around[0]])


def _disabled_needs(draft: Draft, needs: dict[str, list[str]], findings: Findings) -> None:
    tasks = draft.node.get("tasks")
    nodes = tasks.elements() if tasks else []
    held = [task for node in nodes if (task := node.get("task")) is not None and task.keys]
    off = {str(one.value.get("id")) for one in held if one.value.get("disabled") is True}
    for node in nodes:
        for one in (node.get("dependsOn") or node).elements():
            if str(one.value) in off:
                message = f"`{one.value}` is disabled: here it counts as ended, in Kestra "
                message += f"`{draft.id}` never ends"
                findings.warning("disabled-dependency", message, one)


def _loop_until(draft: Draft, _: Draft, findings: Findings) -> None:
    tasks = draft.node.get("tasks")
    for node in tasks.elements() if tasks else ():
        if node.keys and node.value.get("disabled") is True:
            message = f"a disabled task in a LoopUntil: in Kestra `{draft.id}` never ends"
            findings.warning("disabled-in-loop", message, node.key("disabled"))


def _pause(draft: Draft, _: Draft, findings: Findings) -> None:
    check_inputs(draft.node.get("onResume"), findings)
    has_duration = {"pauseDuration", "delay"} & draft.node.value.keys()
    if draft.node.get("behavior") is not None and not has_duration:
        message = "`behavior` is for the end of `pauseDuration`, and there is none"
        findings.warning("pause", message, draft.node.key("behavior"))


def _for_each_item(draft: Draft, flow: Draft, findings: Findings) -> None:
    _subflow(draft, flow, findings)
    batch = draft.node.get("batch")
    said = [name for name in _BATCHES if batch is not None and batch.get(name) is not None]
    for name in said[1:]:
        message = f"`{name}` has no effect beside `{said[0]}`"
        findings.warning("batch", message, batch.key(name) if batch else draft.node)


def _toggle(draft: Draft, flow: Draft, findings: Findings) -> None:
    """The trigger of this flow that a Toggle names."""
    name = draft.node.get("trigger")
    if name is None or name.value is None:
        missing("trigger", draft.node, findings)
        return
    said = {key: draft.values.get(key) for key in ("namespace", "flowId")}
    own = {"namespace": flow.values.get("namespace"), "flowId": flow.values.get("id")}
    if any(said[key] not in (None, own[key]) for key in own) or is_template(str(name.value)):
        return
    listed = flow.node.get("triggers")
    known = [str(one.value.get("id")) for one in listed.elements() if one.keys] if listed else []
    if str(name.value) not in known:
        near = nearest(str(name.value), known)
        hint = f"did you mean `{near}`?" if near else None
        message = f"this flow has no trigger `{name.value}`"
        findings.warning("unknown-trigger", message, name, hint)


def _purge(draft: Draft, _: Draft, findings: Findings) -> None:
    """What counts versions keeps either those since a date or so many."""
    said = draft.node.get("behavior")
    if said is not None and said.get("before") and said.get("keepAmount"):
        message = f"{draft.id}: Cannot set both 'before' and 'keepAmount' properties"
        findings.error("purge", message, said.key("keepAmount"))


def _loop(draft: Draft, _: Draft, findings: Findings) -> None:
    check_outputs(draft.node.get("outputs"), findings)


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
    _FOR_EACH_ITEM: _for_each_item,
    f"{_FLOW}If": _if,
    f"{_FLOW}Loop": _loop,
    f"{_FLOW}LoopUntil": _loop_until,
    f"{_FLOW}Pause": _pause,
    f"{_FLOW}Subflow": _subflow,
    f"{_FLOW}Switch": _switch,
    f"{_FLOW}WorkingDirectory": _working_directory,
    "io.kestra.plugin.core.kv.PurgeKV": _purge,
    "io.kestra.plugin.core.namespace.PurgeFiles": _purge,
    "io.kestra.plugin.core.trigger.Toggle": _toggle,
}
