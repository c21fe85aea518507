"""Labels: a map, or a list of `key` and `value`. Values are text, numbers or booleans; keys that
begin with `system.` belong to Kestra.
"""

from collections.abc import Iterator

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node

_ALLOWED = frozenset("0123456789._-")
_OPEN_SYSTEM_LABEL = "system.readOnly"


def label_pairs(node: Node | None, findings: Findings) -> list[tuple[str, str]]:
    """Every label as text, in file order; what is wrong with them goes to `findings`."""
    if node is None or node.value is None:
        return []
    pairs = []
    for key, value, at in _entries(node, findings):
        if isinstance(value, (dict, list)) or value is None:
            message = f"Unsupported type for key: {key}, value: {_kind(value)}"
            findings.error("label", message, at, "a label's value is text, a number or a boolean")
            continue
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        _check(key, text, at, findings)
        pairs.append((key, text))
    return pairs


def no_system_labels(node: Node | None, findings: Findings) -> None:
    """Labels whose values are rendered later: all that is known of them now is their keys."""
    if node is None or node.items is None:
        return
    for key, value, at in _entries(node, findings):
        _not_of_system(key, str(value), at, findings)


def _not_of_system(key: str, text: str, at: Node, findings: Findings) -> bool:
    if not key.startswith("system.") or key == _OPEN_SYSTEM_LABEL:
        return True
    message = f"System labels can only be set by Kestra itself, offending label: {key}={text}"
    findings.error("label", message, at)
    return False


def _entries(node: Node, findings: Findings) -> Iterator[tuple[str, object, Node]]:
    if isinstance(node.items, dict):
        for key, value in node.items.items():
            yield key, value.value, node.key(key)
    elif isinstance(node.items, list):
        for item in node.items:
            said = item.get("key")
            if said is None or said.value is None or set(item.value) - {"key", "value"}:
                findings.error("label", "a label in a list has a `key` and a `value`", item)
            else:
                yield str(said.value), item.value.get("value"), said
    else:
        findings.error("wrong-value", "`labels` must be a map", node)


def _check(key: str, text: str, at: Node, findings: Findings) -> None:
    if not _not_of_system(key, text, at, findings):
        return
    if not text:
        findings.error("label", f"Label values cannot be empty, offending label: {key}", at)
    elif not key[:1].islower() or not all(one.isalpha() or one in _ALLOWED for one in key):
        message = f"`{key}` cannot be a label's key"
        hint = "a small letter, then letters, digits, `.`, `_` and `-`"
        findings.error("label", message, at, hint)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return "a map" if isinstance(value, dict) else "a list"
