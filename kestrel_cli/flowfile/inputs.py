"""Rules about declared inputs (spec/engine.md 1.7 and 7)."""

from typing import Final

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.suggest import nearest

TYPES: Final = frozenset(
    (
        "ARRAY",
        "BOOL",
        "BOOLEAN",
        "DATE",
        "DATETIME",
        "DURATION",
        "EMAIL",
        "ENUM",
        "FILE",
        "FLOAT",
        "FORM",
        "INT",
        "JSON",
        "MULTISELECT",
        "SECRET",
        "SELECT",
        "STRING",
        "TIME",
        "URI",
        "YAML",
    )
)
_NOT_IN_LISTS: Final = frozenset(("ARRAY", "SECRET", "MULTISELECT", "SELECT", "ENUM"))
_LISTS: Final = frozenset(("ARRAY", "MULTISELECT"))
# A file input without a default from storage; Kestra's own spellings of a file's address.
_FILE_ADDRESSES: Final = ("file:", "kestra:", "nsfile:", "{{")


def check_inputs(inputs: Node | None, findings: Findings) -> None:
    """What is wrong with the inputs, beyond each property on its own."""
    nodes = [node for node in inputs.elements() if node.keys] if inputs else []
    for node in nodes:
        _type(node, findings)
    _dependencies(nodes, findings)


def _said(node: Node, name: str) -> str:
    value = node.value.get(name)
    return value if isinstance(value, str) else ""


def _name(node: Node) -> str:
    return str(node.value.get("id", node.value.get("name", "?")))


def _type(node: Node, findings: Findings) -> None:
    kind, name = _said(node, "type"), _name(node)
    if kind and kind not in TYPES:
        at = node.get("type") or node
        near = nearest(kind, TYPES)
        hint = f"did you mean `{near}`?" if near else f"the types are {', '.join(sorted(TYPES))}"
        findings.error("input-type", f"unknown input type `{kind}`", at, hint)
        return
    element = _said(node, "itemType")
    if kind in _LISTS and element in _NOT_IN_LISTS:
        at = node.get("itemType") or node
        findings.error("item-type", f"{name}: `itemType` cannot be {element}", at)
    elif kind == "ARRAY" and not element:
        findings.error("item-type", f"{name}: an ARRAY needs an `itemType`", node.first())
    _choices(kind, name, node, findings)


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
    if kind == "ENUM" and not node.value.get("values"):
        findings.error("choices", f"{name}: an ENUM needs `values` to choose from", node.first())


def _dependencies(nodes: list[Node], findings: Findings) -> None:
    needs: dict[str, list[str]] = {}
    for node in nodes:
        depends = node.get("dependsOn")
        below = depends.get("inputs") if depends else None
        needs[_name(node)] = [str(one.value) for one in below.elements()] if below else []
    for node in nodes:
        name = _name(node)
        for needed in needs[name]:
            if needed not in needs:
                message = f"Input with id '{name}' depends on a non-existent input '{needed}'."
                near = nearest(needed, needs)
                hint = f"did you mean `{near}`?" if near else None
                findings.error("depends-on", message, node.key("dependsOn"), hint)
        around = _reached(name, needs)
        if name in around:
            message = f"Cycle dependency detected for input with id '{name}': [{', '.join(around)}]"
            findings.error("depends-on", message, node.key("dependsOn"))


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
