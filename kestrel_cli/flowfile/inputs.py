"""Rules about declared inputs and outputs: types, choices, defaults, and that no two have one id
and no dependency is missing or goes round in circles.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, get_args

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.flaws import missing
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import OutputType

_NOT_IN_LISTS: Final = frozenset(("ARRAY", "SECRET", "MULTISELECT", "SELECT", "ENUM"))
_LISTS: Final = frozenset(("ARRAY", "MULTISELECT"))
_CHOICES: Final = frozenset(("SELECT", "MULTISELECT"))
# Texts that are a pattern beyond doubt.
_PLAIN: Final = r"[\w \-.:/@,]*"
_CHOSEN_FROM: Final = {"values", "options", "expression", "allowCustomValue"}
# How Kestra speaks of two of one id.
_NAMED: Final = {"task": "id with name", "trigger": "id with name", "preconditions": "with id"}
# A file input without a default from storage; Kestra's own spellings of a file's address.
_FILE_ADDRESSES: Final = ("file:", "kestra:", "nsfile:", "{{")


def check_inputs(inputs: Node | None, findings: Findings) -> None:
    """What is wrong with the inputs, beyond each property on its own."""
    nodes = _maps(inputs)
    for node in nodes:
        _type(node, findings)
        if _said(node, "type") == "FORM":
            _form(node, findings)
    check_unique("input", nodes, findings)
    _nested_names(nodes, findings)
    _dependencies(nodes, findings)


def check_outputs(outputs: Node | None, findings: Findings) -> None:
    """What is wrong with the outputs of a flow or of a Loop, beyond each property on its own."""
    nodes = _maps(outputs)
    for node in nodes:
        if kind := _said(node, "type"):
            _known_type(kind, node, findings)
        said = node.get("value")
        if said is not None and said.value is None:
            missing("value", node, findings)
        elif said is not None and not is_template(str(said.value)):
            from kestrel_cli.flowfile.literals import check_output

            check_output(node, findings)
    check_unique("output", nodes, findings)


def check_unique(kind: str, nodes: Iterable[Node], findings: Findings) -> None:
    """Every id that is taken already is an error."""
    first: dict[str, Node] = {}
    for node in nodes:
        at = node.get("id") or (node.get("name") if kind == "input" else None)
        if at is None or not isinstance(at.value, (str, int)):
            continue
        name = str(at.value)
        if name not in first:
            first[name] = at
            continue
        word = _NAMED.get(kind, "with name")
        hint = f"the first one is in line {first[name].line}"
        findings.error("duplicate-id", f"Duplicate {kind} {word} [{name}]", at, hint)


def _maps(listed: Node | None) -> list[Node]:
    return [node for node in listed.elements() if node.keys] if listed else []


def _form(form: Node, findings: Findings) -> None:
    """The children of a FORM are inputs; none of them is a FORM."""
    children = _maps(form.get("inputs"))
    for child in children:
        if _said(child, "type") == "FORM":
            message = f"{_name(child)}: a FORM cannot hold another FORM"
            findings.error("form", message, child.get("type") or child)
        else:
            _type(child, findings)
    check_unique("input", children, findings)


def _known_type(kind: str, node: Node, findings: Findings) -> None:
    types = get_args(OutputType)
    if kind not in types:
        near = nearest(kind, types)
        hint = f"did you mean `{near}`?" if near else f"the types are {', '.join(types)}"
        findings.error("output-type", f"Invalid type: {kind}", node.get("type") or node, hint)


def _said(node: Node, name: str) -> str:
    value = node.value.get(name)
    return value if isinstance(value, str) else ""


def _name(node: Node) -> str:
    return str(node.value.get("id", node.value.get("name", "?")))


def _type(node: Node, findings: Findings) -> None:
    kind, name = _said(node, "type"), _name(node)
    element = _said(node, "itemType")
    if kind in _LISTS and element in _NOT_IN_LISTS:
        at = node.get("itemType") or node
        findings.error("item-type", f"{name}: `itemType` cannot be {element}", at)
    _validator(node, findings)
    _choices(kind, name, node, findings)
    _defaults(node, findings)


def _choices(kind: str, name: str, node: Node, findings: Findings) -> None:
    default = _said(node, "defaults")
    if kind == "FILE" and default and not default.startswith(_FILE_ADDRESSES):
        message = (
            f"{name}: inputs of type 'FILE' only support `defaults` as local files using a file URI"
        )
        findings.error("file-default", message, node.get("defaults") or node)
    if kind == "MULTISELECT" and node.get("values") and node.get("options"):
        message = f"{name}: you can't define both `values` and `options`"
        # Kestra accepts the file and refuses every value of the input.
        findings.warning("choices", message, node.key("options"))
    _patterns(name, node, findings)
    if kind in _CHOICES and not any(node.value.get(one) for one in _CHOSEN_FROM):
        message = f"{name}: there are no `values` to choose from, so no value fits"
        findings.warning("choices", message, node.first())


def _validator(node: Node, findings: Findings) -> None:
    said = node.get("validator")
    if said is None or not isinstance(said.value, str):
        return
    if (problem := _flaw_of_pattern(said.value)) is not None:
        message = f"{_name(node)}: invalid pattern [{said.value}]"
        findings.error("pattern", message, said, problem)


def _patterns(name: str, node: Node, findings: Findings) -> None:
    """Kestra 1.3 takes what an input offers for patterns, though it never uses them as such."""
    for listed in ("values", "options") if findings.compat == 1 else ():
        offered = node.get(listed)
        for one in offered.elements() if offered else ():
            if (
                isinstance(one.value, str)
                and not re.fullmatch(_PLAIN, one.value)
                and _flaw_of_pattern(one.value)
            ):
                message = f"{name}: Kestra 1.3 refuses `{one.value}`: it is no pattern"
                hint = "a backslash before the special characters makes it one"
                findings.warning("choices", message, one, hint)


def _flaw_of_pattern(text: str) -> str | None:
    from kestrel_cli.errors import RenderError
    from kestrel_cli.expressions.java_regex import compiled

    try:
        compiled(text)
    except RenderError as problem:
        return problem.phrase
    return None


def _defaults(node: Node, findings: Findings) -> None:
    said = node.get("defaults")
    if said is None or said.value is None:
        return
    if node.value.get("required") is False:
        message = (
            "Inputs with a default value must be required, since the default is always applied."
        )
        hint = "leave out `required`, or call it `prefill` instead of `defaults`"
        findings.error("required", f"{_name(node)}: {message}", node.key("required"), hint)
    if node.get("prefill") is not None:
        message = "Inputs with a default value cannot also have a prefill."
        findings.error("prefill", f"{_name(node)}: {message}", node.key("prefill"))
    if not is_template(str(said.value)):
        from kestrel_cli.flowfile.literals import check_default

        check_default(node, said, findings)


def _dependencies(nodes: list[Node], findings: Findings) -> None:
    leaves = list(_leaves(nodes))
    needs = {name: needed for name, _, needed in leaves}
    for name, node, needed_ones in leaves:
        for needed in needed_ones:
            if needed not in needs:
                message = f"Input with id '{name}' depends on a non-existent input '{needed}'."
                near = nearest(needed, needs)
                hint = f"did you mean `{near}`?" if near else None
                findings.error("depends-on", message, node.key("dependsOn"), hint)
        around = _reached(name, needs)
        if name in around:
            message = f"Cycle dependency detected for input with id '{name}': [{', '.join(around)}]"
            findings.error("depends-on", message, node.key("dependsOn"))


def _nested_names(nodes: list[Node], findings: Findings) -> None:
    """`a` holds a value, `a.b` makes a map of it."""
    paths = {name: node for name, node, _ in _leaves(nodes)}
    for name, node in paths.items():
        parts = name.split(".")
        for count in range(1, len(parts)):
            above = ".".join(parts[:count])
            if above in paths:
                message = f"Input path '{above}' conflicts with '{name}'"
                hint = "one cannot be nested under the other: rename one of them"
                findings.error("nested-input", message, node.get("id") or node.first(), hint)


def _leaves(nodes: list[Node]) -> Iterator[tuple[str, Node, list[str]]]:
    """Each input that holds a value, and the ids it needs; those of a FORM as `form.child`."""
    for node in nodes:
        if _said(node, "type") != "FORM":
            yield _name(node), node, _needs(node)
            continue
        form, children = _name(node), _maps(node.get("inputs"))
        siblings = {_name(child) for child in children}
        for child in children:
            names = [f"{form}.{name}" if name in siblings else name for name in _needs(child)]
            yield f"{form}.{_name(child)}", child, names or _needs(node)


def _needs(node: Node) -> list[str]:
    depends = node.get("dependsOn")
    below = depends.get("inputs") if depends else None
    return [str(one.value) for one in below.elements()] if below else []


def _reached(start: str, needs: dict[str, list[str]]) -> list[str]:
    """Every input that `start` needs, directly or not, in the order it is reached."""
    found: dict[str, None] = {}
    waiting = list(needs[start])
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting.extend(needs.get(name, ()))
    return list(found)
