"""Rules about single triggers and conditions that their properties alone cannot show."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.cron import flaw_of
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.inputs import check_unique
from kestrel_cli.flowfile.labels import label_pairs
from kestrel_cli.flowfile.literals import check_given
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import inside
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.flowfile.zones import is_zone, nearest_zone
from kestrel_cli.model import conditions, triggers
from kestrel_cli.model.fields import Model, is_template
from kestrel_cli.model.windows import KINDS

Rule = Callable[[Node, Draft, Findings], None]

_NO_VALUE: Final = frozenset(("IN", "NOT_IN"))


def check_parts(draft: Draft, flow: Draft, findings: Findings) -> None:
    """What is wrong with the triggers and conditions of a flow, listener or task."""
    for kind, node in draft.parts:
        for base, rule in _RULES.items():
            if issubclass(kind, base):
                rule(node, flow, findings)


def check_preconditions(flow: Draft, findings: Findings) -> None:
    """Kestra 1.3 takes the ids of preconditions for ids in the whole flow."""
    if findings.compat > 1:
        return
    found = (node.get("preconditions") for kind, node in flow.parts if kind is triggers.Flow)
    check_unique("preconditions", (one for one in found if one is not None), findings)


def _trigger(node: Node, _: Draft, findings: Findings) -> None:
    label_pairs(node.get("labels"), findings)


def _schedule(node: Node, flow: Draft, findings: Findings) -> None:
    cron = node.get("cron")
    if cron is not None and isinstance(cron.value, str):
        flaw = flaw_of(cron.value, with_seconds=node.value.get("withSeconds") is True)
        if flaw is not None:
            at = inside(cron, flaw.part, findings) if flaw.part else cron
            message = f"invalid cron expression '{cron.value}': {flaw.message}"
            findings.error("cron", message, at, flaw.hint)
    _zone(node, flow, findings)
    _given(node, flow, findings)


def _zone(node: Node, _: Draft, findings: Findings) -> None:
    zone = node.get("timezone")
    if zone is None or not isinstance(zone.value, str) or is_template(zone.value):
        return
    if not is_zone(zone.value):
        near = nearest_zone(zone.value)
        hint = f"did you mean `{near}`?" if near else "such as `UTC` or `Europe/Paris`"
        findings.error("timezone", f"`{zone.value}` is no time zone", zone, hint)


def _given(node: Node, flow: Draft, findings: Findings) -> None:
    """A trigger that creates executions has to give the inputs that need a value."""
    said = node.get("inputs")
    given: Mapping[str, Node] = said.items if said and isinstance(said.items, dict) else {}
    declared = dict(_declared(flow))
    for name, one in declared.items():
        if _needs_value(one) and not any(
            name == key or name.startswith(f"{key}.") for key in given
        ):
            message = f"this trigger gives no value for the required input `{name}`"
            hint = "its executions fail: give it in `inputs`, or give the input `defaults`"
            report = findings.error if findings.compat > 1 else findings.warning
            report("trigger-input", message, said or node.first(), hint)
    for name, value in given.items():
        if name in declared:
            kind = str(node.value.get("type")).rpartition(".")[2]
            check_given(declared[name], value, f"{kind} Trigger '{node.value.get('id')}'", findings)
        elif not any(one.startswith(f"{name}.") for one in declared):
            near = nearest(name, declared)
            hint = f"did you mean `{near}`?" if near else "it is ignored"
            message = f"`{name}`: this flow has no such input"
            findings.warning("trigger-input", message, said.key(name) if said else node, hint)


def _declared(flow: Draft) -> Iterator[tuple[str, Node]]:
    """The inputs that hold values; those of a FORM as `form.child`."""
    listed = flow.node.get("inputs")
    for node in listed.elements() if listed else ():
        if not node.keys:
            continue
        name = str(node.value.get("id", node.value.get("name")))
        if node.value.get("type") != "FORM":
            yield name, node
            continue
        children = node.get("inputs")
        for child in children.elements() if children else ():
            if child.keys:
                yield f"{name}.{child.value.get('id')}", child


def _needs_value(node: Node) -> bool:
    said = node.value
    optional = said.get("required") is False or said.get("dependsOn") is not None
    return not optional and said.get("defaults") is None and said.get("autoSelectFirst") is not True


def _webhook(node: Node, flow: Draft, findings: Findings) -> None:
    listed = node.get("conditions")
    for below in listed.elements() if listed else ():
        if below.keys and str(below.value.get("type")).endswith(".MultipleCondition"):
            message = "invalid webhook: conditions of type MultipleCondition are not supported"
            findings.error("condition", message, below.get("type") or below)
    if node.get("inputs") is not None:
        _given(node, flow, findings)


def _flow(node: Node, _: Draft, findings: Findings) -> None:
    before = node.get("preconditions")
    if before is not None and before.keys:
        _window(before.get("timeWindow"), findings)
        where = before.get("where")
        for listed in where.elements() if where else ():
            filters = listed.get("filters")
            for one in filters.elements() if filters else ():
                _filter(one, findings)
    _least(node, findings)


def _least(node: Node, findings: Findings) -> None:
    if node.value.get("mode") != "AT_LEAST":
        return
    least, listed = node.get("minSatisfied"), node.get("dependsOn")
    if least is None:
        message = "`minSatisfied` must be set when mode is AT_LEAST"
        findings.error("depends-on", message, node.key("mode"))
    elif listed is not None and type(least.value) is int and least.value > len(listed.elements()):
        count = len(listed.elements())
        message = (
            f"`minSatisfied` cannot be greater than the number of `dependsOn` conditions ({count})"
        )
        findings.error("depends-on", message, least)


def _filter(node: Node, findings: Findings) -> None:
    """`values` is for IN and NOT_IN, `value` for all else."""
    if not node.keys or not isinstance(kind := node.value.get("type"), str):
        return
    wanted, other = ("values", "value") if kind in _NO_VALUE else ("value", "values")
    if node.value.get(wanted) is None:
        message = f"`{wanted}` cannot be null for type {kind}"
        findings.error("filter", message, node.key("type"))
    elif node.value.get(other) is not None:
        findings.error("filter", f"`{other}` must be null for type {kind}", node.key(other))


def _window(node: Node | None, findings: Findings) -> None:
    """Each kind of window has properties of its own."""
    if node is None or not node.keys:
        return
    kind = node.value.get("type", "DURATION_WINDOW")
    if kind not in KINDS:
        return
    needed, allowed = KINDS[kind]
    for name in node.value:
        if name not in needed | allowed | {"type", "timezone"} and node.value[name] is not None:
            message = f"Time window of type `{kind}` cannot have `{name}`"
            findings.error("window", message, node.key(name))
    for name in sorted(needed):
        if node.value.get(name) is None:
            message = f"Time window of type `{kind}` must have `{name}`"
            findings.error("window", message, node.key("type"))


def _multiple(node: Node, _: Draft, findings: Findings) -> None:
    _window(node.get("timeWindow") or node.get("timeSLA"), findings)


def _between(node: Node, _: Draft, findings: Findings) -> None:
    if node.value.get("after") is None and node.value.get("before") is None:
        message = "Invalid condition with no before nor after"
        findings.warning("condition", message, node.get("type") or node.first(), "it never holds")


_RULES: Final[Mapping[type[Model], Rule]] = {
    triggers.Trigger: _trigger,
    triggers.Schedule: _schedule,
    triggers.ScheduleOnDates: _zone,
    triggers.Webhook: _webhook,
    triggers.Flow: _flow,
    conditions.Multiple: _multiple,
    conditions.DateTimeBetween: _between,
    conditions.TimeBetween: _between,
}
