"""Looks at the flows that a flow calls: are they there, do they get what they need, is there a way
back.

A flow that is not found is a warning only: a Kestra server may have it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowNotFound, UnusableFlow
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.folders import FlowKey
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import FlowCall, Loaded
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow, Input

_MOST_SHOWN: Final = 10
ON_A_SERVER: Final = "; a Kestra server may have it"

Report = Callable[[str, str, Node, str | None], None]


class Wanted(NamedTuple):
    """An input of a called flow."""

    type: str
    item_type: str | None
    is_needed: bool


def check_subflows(loaded: Loaded, library: Library) -> list[Diagnostic]:
    """Everything found about the flows that this one calls, in file order.

    What only the run knows, a name or inputs with an expression, is passed over; so are tasks that
    are disabled. The called flows are loaded, and those that they call.
    """
    findings = Findings(Source(loaded.flow.where.file, loaded.text))
    own = (loaded.flow.namespace, loaded.flow.id)
    for call in loaded.calls:
        if call.key is not None:
            _check(call, call.key, own, library, findings)
    return list(findings.all())


def _check(
    call: FlowCall, key: FlowKey, own: FlowKey, library: Library, findings: Findings
) -> None:
    node = call.node
    # A call that is never reached stops nothing, in Kestra neither.
    report = findings.error if call.is_certain else findings.warning
    at = node.get("flowId") or node
    try:
        called = library.find(*key)
    except FlowNotFound as missing:
        hint = missing.hint + ON_A_SERVER
        findings.warning("subflow-missing", str(missing), at, hint)
        return
    except UnusableFlow as unusable:
        report("subflow-invalid", str(unusable), at, unusable.hint)
        return
    if called.flow.disabled:
        findings.warning("subflow-disabled", "Cannot execute a flow which is disabled", at)
    _check_inputs(node, called.flow, findings, report)
    circle = _circle(own, key, library)
    if circle:
        path = " > ".join(_shortened([".".join(one) for one in circle]))
        hint = "without a condition that ends it, such a run never ends"
        findings.warning("recursive-flow", f"the flows call each other: {path}", at, hint)


def _circle(own: FlowKey, called: FlowKey, library: Library) -> list[FlowKey] | None:
    """The first way by which a flow comes to be called inside of itself."""
    path: dict[FlowKey, Iterator[FlowKey]] = {own: iter([called])}
    done: set[FlowKey] = set()
    while path:
        current = next(reversed(path))
        following = next(path[current], None)
        if following is None:
            del path[current]
            done.add(current)
        elif following in path:
            names = list(path)
            return [*names[names.index(following) :], following]
        elif following not in done:
            path[following] = iter(library.called_by(following))
    return None


def _shortened(names: list[str]) -> list[str]:
    """A way of names, without the middle of a long one."""
    left_out = len(names) - _MOST_SHOWN
    if left_out < 2:
        return names
    half = _MOST_SHOWN // 2
    return [*names[:half], f"({left_out} more)", *names[-half:]]


def _check_inputs(node: Node, flow: Flow, findings: Findings, report: Report) -> None:
    given = node.get("inputs")
    if given is not None and given.value is not None and not isinstance(given.items, dict):
        return  # an expression gives them
    said = given.items if given is not None and isinstance(given.items, dict) else {}
    wanted = dict(_wanted(flow))
    for name, value in said.items():
        if name in wanted:
            _check_value(name, wanted[name], value, report)
        elif not is_template(name) and not any(one.startswith(f"{name}.") for one in wanted):
            message = (
                f"Input {name} was provided for workflow {flow.namespace}.{flow.id} "
                "but isn't declared in the workflow inputs"
            )
            near = nearest(name, wanted)
            hint = f"did you mean `{near}`?" if near else "it is ignored"
            at = given.key(name) if given is not None else node
            findings.warning("undeclared-input", message, at, hint)
    if any(is_template(name) for name in said):
        return
    for name, one in wanted.items():
        if one.is_needed and not _is_given(name, said):
            hint = f"give it in `inputs`: the flow {flow.namespace}.{flow.id} needs it"
            at = node.key("inputs") if given is not None else node.key("flowId")
            report("missing-input", f"Missing required input:{name}", at, hint)


def _is_given(name: str, said: Mapping[str, Node]) -> bool:
    """By its own name or, for a dotted one, in a map."""
    parts = name.split(".")
    names = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return any(one in said and said[one].value is not None for one in names)


def _wanted(flow: Flow) -> Iterator[tuple[str, Wanted]]:
    """The inputs that hold values; the children of a FORM stand for it, as `form.child`."""
    for one in flow.inputs:
        if one.type != "FORM":
            yield one.id, _of(one)
        else:
            yield from ((f"{one.id}.{child.id}", _of(child)) for child in one.inputs or ())


def _of(one: Input) -> Wanted:
    needed = one.required and one.defaults is None and not one.autoSelectFirst
    return Wanted(one.type, one.itemType, needed and one.dependsOn is None)


def _check_value(name: str, wanted: Wanted, value: Node, report: Report) -> None:
    """A value without expression is known now, and so is whether it fits."""
    if value.value is None or is_template(str(value.value)) or wanted.type == "FILE":
        return
    from kestrel_cli.model.typed import FORMS, typed

    try:
        typed(wanted.type, value.value, item_type=wanted.item_type)
    except ValueError as problem:
        message = f"Invalid value for input `{name}`. Cause: {problem}"
        form = FORMS.get(wanted.type)
        hint = f"{wanted.type} wants {form}" if form else None
        report("wrong-input", message, value, hint)
